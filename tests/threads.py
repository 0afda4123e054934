"""The same done by several threads, and machines that give few."""

import threading
from collections.abc import Callable

from jobctl.threads import Start, start


def few(number: int) -> Start:
    """A machine that gives so many threads."""
    left = iter(range(number))

    def give(work: Callable[[], None]) -> threading.Thread | None:
        return start(work) if next(left, None) is not None else None

    return give


def in_threads(number: int, do: Callable[[], None]) -> None:
    """Have so many threads do it at once; come back when all are through."""
    threads = [threading.Thread(target=do) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
