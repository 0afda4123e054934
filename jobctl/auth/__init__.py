"""Ways of signing in, each a flow that httpx drives.

Importing this package loads no httpx: whoever names a way to sign in need not take it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobctl.auth.header import Header, Headers, basic, bearer

__all__ = ["Header", "Headers", "basic", "bearer"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jobctl.auth import header

    return getattr(header, name)
