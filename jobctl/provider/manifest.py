"""What a provider is, as data: read by help, completion, profiles and documentation alike."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from jobctl.accounts import Account, Need
from jobctl.config import COMMON, Profile, Sections, Setting
from jobctl.errors import UsageError
from jobctl.models import JobRef, JobState
from jobctl.payload import is_sendable
from jobctl.provider.parts import IdPart, Listing, Option
from jobctl.provider.path import match
from jobctl.provider.refusal import Refusal

_LONGEST = 2000


class Manifest:
    """What is known of a service without asking it, nor importing how it is asked.

    `name` is the word users type; `jobctl.registry` sets it. `summary` tells in a sentence what the
    jobs are. `prefix` is the beginning of `paths` that the setting base_url may end with. `pages`
    are the addresses of a job's page for people; one without a host lies on that of base_url.
    `settings` are those that the account does not have, `needs` what must be set besides those that
    are `required`. `status_field` is the field of a body that holds the status. `id_fields` tells
    of parts of the id which field repeats them: what a body tells is compared with what was asked
    for, and rows of a list are named by it. `listing` says what the service's list can do,
    `unlisted` what helps where there is none. `fields` are the top-level fields that its records
    may have, `columns` what a table shows of them, by path, with `headings` for people and
    `meanings`, the words for what stands there. `largest_page` is how many records a page of
    results may have at most, None where all come at once. It `gives` results, logs, or both.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    docs: ClassVar[str]
    life: ClassVar[str] = ""
    account: ClassVar[Account]
    ids: ClassVar[tuple[IdPart, ...]]
    example: ClassVar[str]
    prefix: ClassVar[str] = ""
    paths: ClassVar[tuple[str, ...]]
    pages: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[tuple[Setting, ...]]
    needs: ClassVar[tuple[Need, ...]] = ()
    options: ClassVar[tuple[Option, ...]] = ()
    states: ClassVar[Mapping[str, JobState]]
    status_field: ClassVar[str] = "status"
    id_fields: ClassVar[Mapping[str, str]] = {}
    secrets: ClassVar[tuple[str, ...]] = ()
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {}
    pace: ClassVar[tuple[float, float]] = (1.0, 60.0)
    listing: ClassVar[Listing | None] = None
    unlisted: ClassVar[str] = "a job is known by the id it was started with"
    fields: ClassVar[tuple[str, ...]] = ()
    columns: ClassVar[tuple[str, ...]] = ()
    headings: ClassVar[Mapping[str, str]] = {}
    meanings: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    largest_page: ClassVar[int | None] = None
    gives: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def can(cls, verb: str) -> bool:
        """Whether it answers `get`, `list`, `results` or `logs`."""
        return verb == "get" or verb in cls.gives or (verb == "list" and cls.listing is not None)

    @classmethod
    def all_settings(cls) -> tuple[Setting, ...]:
        """The provider's settings, those of its account, and those that every provider has."""
        own = cls.settings + cls.account.settings
        names = {one.name for one in own}
        return own + tuple(one for one in COMMON if one.name not in names)

    @classmethod
    def sections(cls) -> Sections:
        """Where a profile has what the provider needs."""
        return Sections(cls.name, cls.account.name, cls.all_settings(), cls.account.vendor_files)

    @classmethod
    def needed(cls, profile: Profile) -> tuple[Need, ...]:  # noqa: ARG003
        """What must be set in a profile, whatever the way of signing in."""
        return *(one.name for one in cls.settings if one.required), *cls.needs

    @classmethod
    def server(cls, profile: Profile) -> str | None:
        """Where a profile's requests go, as far as its settings tell, unchecked."""
        return profile.get("base_url")

    @classmethod
    def shape(cls) -> str:
        """The form of a reference: `modelarts/TASK[/VERSION]`."""
        return cls.name + "".join(
            f"[/{part.name.upper()}]" if part.optional else f"/{part.name.upper()}"
            for part in cls.ids
        )

    @classmethod
    def least(cls) -> int:
        """How many parts an id has at least."""
        return sum(not part.optional for part in cls.ids)

    @classmethod
    def check(cls, ref: JobRef) -> JobRef:
        """The reference, if it can be a job of this provider.

        Raises:
            UsageError: a part is missing, is one too many, or does not look like an id.
        """
        most = math.inf if any(part.rest for part in cls.ids) else len(cls.ids)
        if not cls.least() <= len(ref.parts) <= most:
            hint = f"a job of {cls.name} is {cls.shape()}, e.g. {cls.name}/{cls.example}"
            if len(ref.parts) > most:
                last = len(cls.ids) - 1
                meant = JobRef(cls.name, (*ref.parts[:last], "/".join(ref.parts[last:])))
                hint += f"; a slash within a part is written %2F: {meant}"
            raise UsageError(f"{str(ref)!r} is no job of {cls.name}", hint=hint)
        cls.check_parts(tuple(cls.named(ref).values()), cls.ids)
        return ref

    @classmethod
    def check_parts(cls, texts: Sequence[str], parts: Sequence[IdPart]) -> None:
        """See that texts may be the first of some parts.

        Raises:
            UsageError: one does not look like it, or is longer than a URL has room for.
        """
        for part, text in zip(parts, texts, strict=False):
            fits = len(text) <= _LONGEST and re.fullmatch(part.pattern, text, re.ASCII)
            if not fits or not is_sendable(text):
                raise UsageError(
                    f"{text!r} is not a {part.name} of {cls.name}: {part.help}",
                    hint=f"for example {cls.name}/{cls.example}",
                )

    @classmethod
    def named(cls, ref: JobRef) -> dict[str, str]:
        """The parts of a job's id by their names; an optional one may lack."""
        return _named(cls.ids, ref.parts)

    @classmethod
    def places(cls) -> tuple[IdPart, ...]:
        """What says where to look for jobs to list."""
        listing = cls.listing
        return () if listing is None else listing.places or cls.ids[: listing.within[1]]

    @classmethod
    def placed(cls, text: str | None) -> tuple[str, ...]:
        """Where to look, one text for each of `places` that is told.

        Raises:
            UsageError: there are too many or too few, or one does not look like it.
        """
        places = cls.places()
        least = cls.listing.within[0] if cls.listing else 0
        most = math.inf if any(part.rest for part in places) else len(places)
        parts = JobRef.parse(text, cls.name).parts if text else ()
        if not least <= len(parts) <= most:
            names = "/".join(part.name.upper() for part in places)
            raise UsageError(
                f"jobctl list {cls.name} wants {names or 'nothing more'}",
                hint=f"see `jobctl list {cls.name} --help`",
            )
        told = tuple(_named(places, parts).values()) if parts else ()
        cls.check_parts(told, places)
        return told

    @classmethod
    def ref_of(cls, told: Mapping[str, str | None]) -> JobRef:
        """The job whose id has these parts by name.

        Raises:
            UsageError: it cannot be one of this provider.
        """
        parts: list[str] = []
        for part in cls.ids:
            text = told.get(part.name)
            if text is not None:
                parts += text.split("/") if part.rest else [text]
            elif not part.optional:
                raise UsageError(f"a job of {cls.name} has a {part.name}")
        return cls.check(JobRef(cls.name, tuple(parts)))

    @classmethod
    def match(cls, url: str) -> tuple[str, dict[str, str]] | None:
        """What stands before the path of a job's API URL, and the names in it; None for others."""
        return match(cls.paths, url)


def _named(parts: Sequence[IdPart], texts: Sequence[str]) -> dict[str, str]:
    """Texts by the parts they are of; the one that takes the rest has all that is left over."""
    rest = next((at for at, part in enumerate(parts) if part.rest), None)
    left = list(texts)
    if rest is not None:
        behind = max(len(left) - (len(parts) - rest - 1), rest + 1)
        left[rest:behind] = ["/".join(left[rest:behind])]
    return {part.name: text for part, text in zip(parts, left, strict=False)}
