"""`open`: the page of a job that people look at, in their browser."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from jobctl import registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Choice, about, name_job
from jobctl.commands.naming import job_named, word_of
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.errors import ExitCode, JobctlError, Unsupported
from jobctl.render.clean import clean
from jobctl.render.messages import note
from jobctl.render.streams import write


def open_page(
    word: str,
    shared: Shared,
    terminal: Terminal,
    browse: Callable[[str], bool],
    provider: str | None = None,
) -> ExitCode:
    """Show the page of a job in a browser; where nobody can look, its address is printed.

    Raises:
        Unsupported: the service tells none.
        JobctlError: there is no such job, or no proper answer.
    """
    word = word_of(word, terminal)
    if shared.curl:
        from jobctl.commands.curl import show_lines_of

        return show_lines_of([word], provider, shared, terminal)
    voice = Voice(shared, lambda text: note(terminal.err, text))
    with opened(Choice(shared, terminal.environ, voice)) as access:
        ref = job_named(access, word, provider)
        try:
            with about(ref.provider):
                job = access.provider(ref.provider).get(ref)
        except JobctlError as error:
            name_job(error, ref)
            raise
        profile = access.profile_of(registry.manifest(ref.provider))
        access.check_overrides()
        for text in access.warnings():
            voice.warn(text)
    page = job.web_url or ""
    if urlsplit(page).scheme not in ("http", "https"):
        title = registry.title(ref.provider)
        show = profile.command("get", str(ref))
        raise Unsupported(f"{title} tells no page of {ref}", hint=f"`{show}` shows what it tells")
    seen = False
    if terminal.out.isatty():
        with suppress(ValueError):  # BROWSER has a quote that is not closed
            seen = browse(page)
    if not seen:
        write(terminal.out, f"{clean(page)}\n")
    return ExitCode.OK
