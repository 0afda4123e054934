"""Where a provider's jobs lie: from a reference to a URL and back."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jobctl.accounts import url
from jobctl.config import Profile
from jobctl.errors import UsageError
from jobctl.models import JobRef
from jobctl.provider.manifest import Manifest
from jobctl.provider.path import filled, match_page, names_in, segment

if TYPE_CHECKING:
    import httpx


class Addresses(Manifest):
    """The URLs of a service, as a profile tells them."""

    profile: Profile
    client: httpx.Client

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        """The URL below which the service's paths lie: the setting of that name.

        Raises:
            ConfigError: a setting it is made of is missing or unusable.
        """
        # a host of that name stays
        return re.sub(f"(?<=[^:/])/*{re.escape(cls.prefix)}$", "", url(profile, "base_url"))

    @functools.cached_property
    def root(self) -> str:
        """The URL below which the service's paths lie."""
        return self.base_url(self.profile)

    def path_name(self, name: str) -> str:
        """What stands in a path for a name that is no part of the id: the setting of that name.

        Raises:
            JobctlError: it cannot be had.
        """
        return self.found(name) or self.profile.use(name, lambda text: segment(text, name))

    def found(self, name: str) -> str | None:
        """What the vendor can be asked for, as the account does it; None for all else.

        Raises:
            JobctlError: it cannot be had.
        """
        find = self.account.finds.get(name)
        return find and find(self.profile, self.client.auth, self.client)

    def url(self, ref: JobRef) -> str:
        """The API URL of a job.

        Raises:
            ConfigError: a setting would walk up the path.
        """
        return self.address(self.paths[len(ref.parts) - self.least()], ref.parts)

    def address(self, path: str, parts: Sequence[str] = ()) -> str:
        """The URL of a path whose names stand for settings and leading parts of an id.

        Raises:
            ConfigError: one would walk up the path.
        """
        asked = (path, *parts)
        if asked not in self._addresses:
            told = dict(zip((part.name for part in self.ids), parts, strict=False))
            names = {name: told.get(name) or self.path_name(name) for name in names_in(path)}
            self._addresses[asked] = self.root + filled(path, names)
        return self._addresses[asked]

    @functools.cached_property
    def _addresses(self) -> dict[tuple[str, ...], str]:
        """Those that were asked for: each page of a list asks for the same one."""
        return {}

    @classmethod
    def serves(cls, url: str, profile: Profile) -> bool:
        """Whether a job's API URL, or its page for people, is of the service that a profile names.

        Raises:
            ConfigError: the profile names none.
        """
        found = cls.match(url)
        if found is not None:
            return _place(found[0]) == _place(cls.base_url(profile))
        page = match_page(cls.pages, url)
        return page is not None and cls._has_page(page[0], url, profile)

    @classmethod
    def _has_page(cls, page: str, url: str, profile: Profile) -> bool:
        """Whether a page for people shows jobs of the service that a profile names.

        One with a host of its own shows those of the usual service.
        """
        base = cls.base_url(profile)
        if page.startswith("/"):
            return urlsplit(url).netloc == urlsplit(base).netloc
        usual = next(one.default for one in cls.all_settings() if one.name == "base_url")
        return usual in (None, profile.get("base_url"))

    def ref_of_url(self, url: str) -> JobRef:
        """The job that an API URL names, or the address of its page for people.

        Raises:
            UsageError: it is not the URL of a job, or not of this profile's service: credentials
                must not leave it, and another project's job may bear the same id.
        """
        base = self.root
        found = self.match(url)
        page = None if found else match_page(self.pages, url)
        if page is not None:
            found = base if self._has_page(page[0], url, self.profile) else url, page[1]
        if found is None:
            raise UsageError(
                "that URL is not the API URL of a job",
                hint=f"a job of {self.name} lies at {base}{self.paths[0]}",
            )
        root, names = found
        if _place(root) != _place(base):
            raise UsageError(
                f"that URL is not of {base}, where {self.name} of profile"
                f" {self.profile.name!r} lies",
                hint="choose its profile with --profile: credentials go to their own service only",
            )
        settings = [name for name in names if name not in {"_", *(part.name for part in self.ids)}]
        for name in settings:
            ours = self.profile.get(name)
            if ours not in (None, names[name]):
                raise UsageError(
                    f"that URL is of {name} {names[name]!r}, the profile of {ours!r}",
                    hint=f"choose its profile with --profile, or --set {name}={names[name]}",
                )
        return self.ref_of(names)


def _place(url: str) -> tuple[str, str, int | None, str]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ("", "", None, url)
    return (parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path.rstrip("/"))
