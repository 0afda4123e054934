"""A page in a headless Chromium without a network, driven over the browser's DevTools pipe.

https://chromedevtools.github.io/devtools-protocol
"""

import base64
import fcntl
import itertools
import json
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


class Tab:
    """A tab of the browser; `events` are what it told, in order."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._unread = b""
        self._ids = itertools.count(1)
        self._address: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self("Target.createTarget", url="about:blank")
        attached = self("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._address = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self(f"{domain}.enable")
        rate = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self("Network.emulateNetworkConditions", offline=True, **rate)

    def __call__(self, method: str, **parameters: Any) -> Any:
        """What a method of the protocol gives."""
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters, **self._address}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> Any:
        while b"\0" not in self._unread:
            part = os.read(self._answers, 1 << 20)
            assert part, "the browser has ended"
            self._unread += part
        text, _, self._unread = self._unread.partition(b"\0")
        return json.loads(text)

    def open(self, url: str) -> None:
        """Show a page anew; come back when it is loaded."""
        self.events.clear()
        self("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def ask(self, script: str) -> Any:
        """The value of an expression of JavaScript."""
        found = self("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def see(self, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Give the window a size and a colour scheme, on a screen."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self("Emulation.setEmulatedMedia", media="screen", features=features)

    def pixel(self, x: float, y: float) -> tuple[int, ...]:
        """The colour at a place in the window: red, green and blue, 0 to 255."""
        clip = {"x": x, "y": y, "width": 1, "height": 1, "scale": 1}
        png = base64.b64decode(self("Page.captureScreenshot", clip=clip)["data"])
        packed, at = b"", 8
        while at < len(png):
            size = int.from_bytes(png[at : at + 4], "big")
            packed += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
            at += 12 + size
        # before the one pixel stands a filter that has nothing to refer to
        return tuple(zlib.decompress(packed)[1:4])

    def point(self, selector: str, *happens: str) -> None:
        """Move the pointer over an element, for what shall happen there."""
        place = self.ask(
            f"{{ const one = document.querySelector({json.dumps(selector)}); "
            " one.scrollIntoView({ block: 'center' });"
            " const { x, y, width, height } = one.getBoundingClientRect();"
            " ({ x: x + width / 2, y: y + height / 2 }) }"
        )
        for kind in ("mouseMoved", *happens):
            self("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def click(self, selector: str) -> None:
        """Click on an element."""
        self.point(selector, "mousePressed", "mouseReleased")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code = {"Tab": 9, "End": 35, " ": 32}[key]
        text = {"text": key} if key == " " else {}
        for kind in ("keyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text)

    def told(self, *methods: str) -> list[dict[str, Any]]:
        """The parameters of the events of some kinds."""
        return [event["params"] for event in self.events if event["method"] in methods]


@contextmanager
def browsing() -> Iterator[Tab]:
    """An empty tab of a new browser."""
    program = shutil.which("chromium")
    assert program, "this test needs Debian's chromium"
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        _pipes() as (commands, answers, theirs),
    ):
        line = f'exec "$0" "$@" 3<&{theirs[0]} 4>&{theirs[1]}'
        words = [*FLAGS, f"--user-data-dir={profile}"]
        browser = subprocess.Popen(
            ["bash", "-c", line, program, *words],
            pass_fds=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for end in theirs:
            os.close(end)
        try:
            tab = Tab(commands, answers)
            yield tab
            tab("Browser.close")
            browser.wait(timeout=30)
        finally:
            browser.kill()
            browser.wait()


@contextmanager
def _pipes() -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Our ends of the pipes for commands and answers, and those of the browser."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    # out of the way of 3 and 4, which the browser wants
    theirs = fcntl.fcntl(theirs_in, fcntl.F_DUPFD, 10), fcntl.fcntl(theirs_out, fcntl.F_DUPFD, 10)
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield ours_out, ours_in, theirs
    finally:
        os.close(ours_out)
        os.close(ours_in)
