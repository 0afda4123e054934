"""`providers new`: a provider file proposed from a sample, written and checked."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from jobctl import files, payload, registry
from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.checking import show_job, unsaid
from jobctl.commands.config import place_of
from jobctl.config.private import write_private
from jobctl.declared.draft import Page, Sample, check_sign_in, draft
from jobctl.declared.language import NAME
from jobctl.declared.load import spec_of
from jobctl.declared.pages import links_of
from jobctl.declared.place import Place, place, within
from jobctl.errors import UsageError
from jobctl.http import MAX_BODY
from jobctl.models import JobRef
from jobctl.render.messages import say


class Told(NamedTuple):
    """What the command line tells already; None is asked for, or left out where nothing is asked.

    `body` and `page` are files or URLs; `path` is that of the job, with its id in it or with names
    for the parts of it; `words` are those that the status can be, with commas.
    """

    name: str | None = None
    body: str | None = None
    id: str | None = None
    base_url: str | None = None
    path: str | None = None
    words: str | None = None
    status: str | None = None
    sign_in: str | None = None
    page: str | None = None
    page_path: str | None = None
    to: Path | None = None
    overwrite: bool = False
    asks: bool = True


class _Had(NamedTuple):
    """A sample as it was had; `base_url` and `address` are those of a URL."""

    document: Any
    base_url: str | None = None
    address: str | None = None
    links_on: bool = False


def new(told: Told, terminal: Terminal) -> None:
    """Propose a provider file, write it, and show the job that the sample makes of it.

    Raises:
        UsageError: an answer is lacking or cannot be, or the file is there already.
        UnavailableError: a URL gives no sample.
    """
    asker = Asker(terminal, asks=told.asks)
    question = "A sample of the answer about a job, file or URL"
    if told.body == "":  # a variable of the shell may be unset
        raise UsageError("--body is lacking", hint=question)
    [had] = _sampled(asker, told.body, "--body", question)
    job = asker.ask(told.id, "--id", "The job's id in it", check=_check_id)
    given = told.base_url or had.base_url
    base_url = asker.ask(given, "--base-url", "Where the API lies", check=_check_base_url)
    # of a URL that the base's path begins with, what follows is the path
    below = (had.address or "").removeprefix(urlsplit(base_url).path.rstrip("/"))
    path = told.path or below or None
    question = "The path of the job, with its id"
    where = place(asker.ask(path, "--path", question, check=lambda text: place(text, job)), job)
    name = _name(asker, told, base_url)
    sample = Sample(
        name,
        base_url,
        where,
        had.document,
        _words(asker, told),
        told.status,
        asker.ask(
            told.sign_in,
            "--auth",
            "Sign-in: none, bearer, basic, header:NAME, query:NAME",
            "none",
            check_sign_in,
        ),
        _page(asker, told, where),
    )
    text = draft(sample)
    path_of_file = told.to or place_of(terminal).parent / "providers" / f"{name}.yaml"
    _write(asker, told, path_of_file, text, terminal)
    for secret in where.secrets:
        note = f"the parameter {secret} may let somebody in: it was left out; see --auth"
        say(terminal.err, "note", note)
    spec = spec_of(path_of_file)
    for lack in unsaid(spec):
        say(terminal.err, "warning", f"{lack}: --words tells words, or write it in the file")
    show_job(spec, json.dumps(had.document).encode(), 200, terminal, json=False)


def _check_id(text: str) -> None:
    JobRef.parse(text, "")


def _check_base_url(text: str) -> None:
    from jobctl.http import check_url

    check_url(text, "--base-url")


def _words(asker: Asker, told: Told) -> list[str]:
    """The words of the status, as far as they are told.

    Raises:
        UsageError: the command line tells none with its option.
    """
    question = "The words its status can be, with commas; none if you do not know them"
    words = re.findall(r"[^\s,]+", asker.ask(told.words, "--words", question, ""))
    if told.words is not None and not words:
        raise UsageError("--words holds no word", hint="write it like running,done,failed")
    return words


def _sampled(
    asker: Asker, given: str | None, option: str, question: str, default: str | None = None
) -> list[_Had]:
    """The sample that is told; none where nothing is, and nothing is the default."""
    samples: list[_Had] = []

    def check(source: str) -> None:
        if source:
            samples.append(_had(source))

    asker.ask(given, option, question, default, check)
    return samples


def _had(source: str) -> _Had:
    """A sample from a file, or from a URL that is asked once, without credentials.

    Raises:
        UsageError: there is none.
    """
    if not re.match(r"https?://", source, re.IGNORECASE):
        try:
            content = files.read(Path(source), MAX_BODY)
        except OSError as error:
            raise UsageError(f"{source} cannot be read: {error.strerror}") from None
        document = payload.json_or_none(content)
        if document is None:
            raise UsageError(f"{source} holds no JSON")
        return _Had(document)
    from jobctl.http import check_url, connect, read_json

    try:
        parts = urlsplit(source)
    except ValueError:
        raise UsageError("the URL of the sample is none") from None
    base_url = check_url(f"{parts.scheme}://{parts.netloc}", "the URL of the sample")
    address = parts.path + (f"?{parts.query}" if parts.query else "")
    with connect(base_url, None, patience=0) as client:
        response = client.get(base_url + address)
    if response.status_code != httpx.codes.OK:
        raise UsageError(
            f"{parts.hostname} answers {response.status_code}: this is no sample",
            hint="save an answer in a file, as curl and your credentials get it, and name that",
        )
    links_on = "next" in links_of(response.headers.get("link"))
    return _Had(read_json(response), base_url, address, links_on)


def _name(asker: Asker, told: Told, base_url: str) -> str:
    """The provider's name: what the file is called.

    Raises:
        UsageError: it is none, it is not the file's, or it is that of a built-in provider.
    """
    labels = (urlsplit(base_url).hostname or "").split(".")
    host = labels[-2] if len(labels) > 1 and labels[-2].isalpha() else None
    given = told.name or (told.to.stem if told.to else None)

    def check(name: str) -> None:
        if not re.fullmatch(NAME, name):
            raise UsageError(f"{name!r} cannot be the name of a provider", hint=f"write {NAME}")
        if told.to and told.to.name != f"{name}.yaml":
            raise UsageError(
                f"{told.to} is no place for {name}", hint=f"the file is called {name}.yaml"
            )
        if registry.known(name) and registry.origin(name) == "built-in":
            raise UsageError(f"the provider {name!r} is built in and cannot be replaced")

    return asker.ask(given, "NAME", "The provider's name", host, check)


def _page(asker: Asker, told: Told, where: Place) -> Page | None:
    question = "A page of the service's list, file or URL; empty for none"
    found = _sampled(asker, told.page, "--list", question, "")
    if not found:
        return None
    [had] = found
    usual = where.path.rpartition("/")[0]
    default = usual if "{" in where.path.rpartition("/")[2] else None
    path = told.page_path or had.address
    address = asker.ask(path, "--list-path", "The path of the list", default)
    is_template = "{" in address
    page = Place(address, {}, where.parts) if is_template else within(address, where.parts)
    return Page(page, had.document, had.links_on)


def _write(asker: Asker, told: Told, path: Path, text: str, terminal: Terminal) -> None:
    is_there = files.exists(path)
    if is_there and not told.overwrite and not asker.agrees(f"{path} is there: overwrite it?"):
        raise UsageError(f"{path} is there already", hint="--overwrite writes it anew")
    try:
        # whoever could write it could have credentials sent elsewhere
        write_private(Path(os.path.realpath(path)), text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    say(terminal.err, "note", f"{path} was {'overwritten' if is_there else 'written'}")
