"""The formats that have one document at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import Any, TextIO

from jobctl.models import Job
from jobctl.render.clean import shown_on
from jobctl.render.listener import Listener, Verdict
from jobctl.render.query import Selector
from jobctl.render.streams import write


@dataclass(eq=False, repr=False)
class DocumentRenderer(Listener):
    """An object (null if the job was never seen) where one job was asked for, else an array."""

    out: TextIO
    document: Callable[[Job], dict[str, Any]]
    select: Selector
    encode: Callable[[Any], str]
    _: KW_ONLY
    single: bool

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        documents = [self.document(job) for job in jobs]
        alone = documents[0] if documents else None
        write(self.out, self.encode(self.select(alone if self.single else documents)))


def encoder(
    format: str,
    out: TextIO,
    environ: Mapping[str, str],
    columns: Sequence[str] | None = None,
) -> Callable[[Any], str]:
    """The function from a document to its text in json, yaml, csv, tsv or text."""
    if format == "json":
        from jobctl.render.json import pretty

        return pretty
    if format == "yaml":
        from jobctl.render.yaml import encode

        return encode
    show = shown_on(out, environ)
    if format == "text":
        from jobctl.render.text import encode as encode_text

        return partial(encode_text, show=show)
    from jobctl.render.sheet import encode as encode_rows

    return partial(encode_rows, format=format, show=show, columns=columns)
