"""Waiting for the end of one job, for commands that want it over first."""

from __future__ import annotations

from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access
from jobctl.commands.look import clock_of
from jobctl.commands.look.audience import Audience
from jobctl.commands.look.following import Following
from jobctl.commands.look.request import LookRequest
from jobctl.commands.voice import Voice
from jobctl.errors import ExitCode
from jobctl.models import JobRef
from jobctl.signals import deferred
from jobctl.stream.watch import Limits


def await_end(
    access: Access, ref: JobRef, limits: Limits, shared: Shared, terminal: Terminal, voice: Voice
) -> ExitCode:
    """Wait for the end of a job; what the exit code tells if it does not come.

    Raises:
        JobctlError: the job was given up.
    """
    asked = LookRequest([str(ref)], wait=True, limits=limits, shared=shared)
    audience = Audience((), voice.warn)
    following = Following(asked, terminal, clock_of(shared.tape), voice, audience)
    with deferred(), following.ended_in_order():
        following.follow(access, asked.jobs)
    for text in following.last_words():
        voice.warn(text)
    outcome = following.outcome
    for error in outcome.given_up():
        raise error
    access.wait_no_more()
    if outcome.signal is not None:
        return outcome.signal
    return ExitCode.TIMEOUT if outcome.timed_out else ExitCode.OK
