"""`auth token`: a bearer token for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, about
from jobctl.commands.auth import access_to
from jobctl.errors import UsageError
from jobctl.render.streams import write

if TYPE_CHECKING:
    import httpx


def token(provider: str, shared: Shared, terminal: Terminal, clock: Clock | None = None) -> None:
    """Show a valid token.

    Raises:
        UsageError: the way of signing in has none.
        JobctlError: there is none to be had.
    """
    with about(provider), access_to(shared, terminal, clock=clock) as access:
        write(terminal.out, f"{_token(access, provider)}\n")


def _token(access: Access, provider: str) -> str:
    account = access.account(provider)
    signed = None
    if account.auth is not None:
        client = access.client(account)
        signed = _signed(account.auth, client, account.base_url)
        cached = getattr(account.auth, "cached", None)  # those that ask for tokens have it
        kept = cached and cached()
        if kept:
            return str(kept.value)
    kind, _, rest = (signed.headers.get("Authorization", "") if signed else "").partition(" ")
    if kind == "Bearer":
        return rest
    ready = signed and signed.headers.get("X-Auth-Token")
    if ready:
        return str(ready)
    way = account.provider.account.way(account.profile)
    how = f"signs in by {way.name}: {way.help}" if way else "asks nobody to sign in"
    raise UsageError(
        f"{provider} {how}, so there is no token",
        hint=f"{account.profile.command('api', provider, 'PATH')} asks it for other things",
    )


def _signed(auth: httpx.Auth, client: httpx.Client, url: str) -> httpx.Request:
    """A request as it would be sent to the service, which is not asked."""
    request = client.build_request("GET", url)
    steps = auth.sync_auth_flow(request)
    try:
        asked = next(steps)
        while asked is not request:
            asked = steps.send(client.send(asked, auth=None))
    finally:
        steps.close()
    return request
