"""Settings: what there is to set, where each value comes from, and what must never be shown."""

from jobctl.config.file import Configuration, profile_names_quickly
from jobctl.config.opening import open_profile, profile_name, sandbox_profile
from jobctl.config.profile import Origin, Profile, Sections, Where
from jobctl.config.settings import COMMON, Kind, Setting, variable

__all__ = [
    "COMMON",
    "Configuration",
    "Kind",
    "Origin",
    "Profile",
    "Sections",
    "Setting",
    "Where",
    "open_profile",
    "profile_name",
    "profile_names_quickly",
    "sandbox_profile",
    "variable",
]
