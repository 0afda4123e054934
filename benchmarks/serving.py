"""What the benchmarks ask, in a process of its own: a service of theirs, or nginx."""

from __future__ import annotations

import asyncio
import getpass
import shutil
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_CONFIG = """\
user {user}; worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000; {places}
  server {{
    listen 127.0.0.1:{port};
    location / {{ root {folder}; rewrite ^ /$arg_offset.json break; }}
    location /same/ {{ root {folder}; rewrite ^ /0.json break; }}
  }}
}}
"""


class Answer(NamedTuple):
    """A body of JSON, the status, and further lines of the head, each with its end."""

    body: bytes = b""
    status: str = "200 OK"
    headers: str = ""


async def serve(answer: Callable[[str], Awaitable[Answer]]) -> None:
    """Answer each GET by its path and query, for ever; the URL is printed."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            body, status, headers = await answer(head.split(b" ", 2)[1].decode())
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def served(file: str, *words: object) -> Iterator[str]:
    """The URL of the service that a program is with `--serve` and these words."""
    with subprocess.Popen(
        [sys.executable, file, "--serve", *map(str, words)], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """The URL of an nginx that serves `N.json` of a folder for `?offset=N`, wherever below it.

    Below `/same` it serves the first for ever.
    """
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
    assert program is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = "".join(
        f"{kind}_temp_path {folder}/{kind}; "
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    # as root it would become nobody, who cannot read the pages
    user = getpass.getuser()
    config.write_text(_CONFIG.format(folder=folder, port=port, places=places, user=user))
    with subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except ConnectionRefusedError:
                    assert server.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
