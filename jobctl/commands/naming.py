"""What the words of a command line name: jobs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.commands.access import Access
from jobctl.errors import TimedOutError, UsageError
from jobctl.models import JobRef
from jobctl.render.streams import read
from jobctl.threads import within

_REMEMBERED = re.compile(r"@([1-9][0-9]{0,3}|last)", re.ASCII)


def words_of(jobs: Sequence[str], terminal: Terminal) -> Iterator[str]:
    """The jobs asked for; `-` stands for the lines of standard input.

    Raises:
        UsageError: there are none.
    """
    found = False
    for word in jobs:
        lines = read(terminal.stdin).splitlines() if word == "-" else [word]
        for line in lines:
            text = line.strip() if word == "-" else line
            if word != "-" or (text and not text.startswith("#")):
                found = True
                yield text
    if not found:
        raise UsageError("there are no jobs on standard input")


def word_of(job: str, terminal: Terminal, timeout: float | None = None) -> str:
    """The only job asked for; `-` stands for the line of standard input that names it.

    Raises:
        UsageError: there is none, or more than one.
        TimedOutError: standard input has no end within so many seconds, if not 0.
    """
    if job != "-":
        return job
    try:
        words = within(timeout or None, lambda: list(words_of([job], terminal)))
    except TimeoutError:
        raise TimedOutError("timed out before the job was known") from None
    if len(words) > 1:
        raise UsageError(
            f"there are {len(words)} jobs on standard input, and one is wanted",
            hint="`xargs -n 1 jobctl ...` asks for one after another",
        )
    return words[0]


def job_named(access: Access, word: str, provider: str | None) -> JobRef:
    """The job that a word names: a provider's id, a full reference, an API URL, or `@1`.

    Raises:
        UsageError: it names no job of the provider, or of any.
    """
    if _REMEMBERED.fullmatch(word):
        return _remembered(access, word, provider)
    if "://" in word:
        return access.provider(provider or _claimant(access, word)).ref_of_url(word)
    whole = provider is None or _is_whole(word, provider)
    ref = JobRef.parse(word, None if whole else provider)
    return registry.manifest(ref.provider).check(ref)


def _claimant(access: Access, url: str) -> str:
    """The provider whose job a URL is: the one that is there, else one whose path it has."""
    claims = registry.claiming(url)
    there = (name for name in claims if access.serves(name, url))
    likely = (name for name, said in claims.items() if said)
    found = next(there, None) or next(likely, None)
    if found is None:
        raise UsageError(f"{url!r} is not the API URL of a job")
    return found


def _is_whole(word: str, provider: str) -> bool:
    """Whether a word is a full reference, not an id that begins with the provider's name."""
    manifest = registry.manifest(provider)
    return word.startswith(f"{provider}/") and manifest.least() <= word.count("/") <= len(
        manifest.ids
    )


def _remembered(access: Access, word: str, provider: str | None) -> JobRef:
    """The job that a number of `jobctl history` stands for: of the profile in use, or refused."""
    from jobctl.history import history

    number = 1 if word == "@last" else int(word[1:])
    entries = history(access.choice.environ).newest(number)
    if number > len(entries):
        there = f"the history goes to @{len(entries)}" if entries else "no job has been seen so far"
        raise UsageError(f"there is no {word}: {there}", hint="`jobctl history` shows the numbers")
    entry = entries[number - 1]
    if provider not in (None, entry.provider):
        raise UsageError(f"{word} is {entry.ref}, no job of {provider}")
    if access.remembered and entry.profile != access.profile:
        raise UsageError(
            f"{word} is {entry.ref}, seen with profile {entry.profile!r}, not {access.profile!r}",
            hint=f"add {shlex.join(['--profile', entry.profile])}, or write the reference",
        )
    return registry.manifest(entry.provider).check(JobRef.parse(entry.ref))
