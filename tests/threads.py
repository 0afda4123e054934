"""The same done by several threads."""

import threading
from collections.abc import Callable


def in_threads(number: int, do: Callable[[], None]) -> None:
    """Have so many threads do it at once; come back when all are through."""
    threads = [threading.Thread(target=do) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
