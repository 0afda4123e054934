"""Ways of signing in, each a flow that httpx drives.

Importing this package, or `jobctl.auth.huawei`, loads no httpx: providers name their settings
before anything is asked.
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
