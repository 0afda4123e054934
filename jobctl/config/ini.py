"""INI files, in which some vendors keep what signs in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from jobctl.errors import ConfigError


class Ini(NamedTuple):
    """An INI file of a vendor: where it is, which section counts, our names for what it holds."""

    path: str
    section: str
    names: Mapping[str, str] = MappingProxyType({})

    def read(self, text: str, path: Path) -> dict[str, str] | None:
        """What the section holds, under the names of our settings; None where there is no such one.

        Raises:
            ConfigError: the text is no INI file.
        """
        import configparser

        file = configparser.ConfigParser(interpolation=None)
        try:
            file.read_string(text)
            if not file.has_section(self.section):
                return None
            return {
                self.names.get(key, key): one.strip() for key, one in file[self.section].items()
            }
        except (configparser.Error, ValueError):
            # what configparser says may quote a secret
            raise self.lacking(path) from None

    def lacking(self, path: Path) -> ConfigError:
        """The error for a file that cannot be read so."""
        return ConfigError(f"{path} is no INI file with a section [{self.section}]")
