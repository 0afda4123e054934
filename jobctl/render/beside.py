"""Names of files that lie beside another one for a while."""

import hashlib
from pathlib import Path

_LONGEST = 255  # bytes that a name may have on most file systems


def beside(path: Path, suffix: str) -> Path:
    """The file of the same name with a suffix; a name that leaves no room for it is shortened."""
    name = path.name.encode(errors="surrogateescape")
    room = _LONGEST - len(suffix.encode())
    if len(name) > room:
        digest = hashlib.sha256(name).hexdigest()[:8]
        start = name[: max(room - len(digest) - 1, 0)].decode(errors="ignore")
        return path.with_name(f"{start}~{digest}{suffix}")
    return path.with_name(f"{path.name}{suffix}")
