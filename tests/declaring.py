"""A provider made of the text of a file, with a service that a test plays."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import httpx

from jobctl.auth.cache import TokenCache
from jobctl.config import sandbox_profile
from jobctl.declared.load import provider_of, spec_of
from jobctl.declared.provider import Declared
from jobctl.models import JobRef
from jobctl.provider import Elsewhere

Handler = Callable[[httpx.Request], httpx.Response]
BASE = "https://t.example"
_PLAINEST = {
    "title": "T",
    "settings": "{base_url: https://t.example}",
    "ids": "[{name: job}]",
    "get": '{path: "/{job}"}',
    "job": "{status: state, states: {running: [r], succeeded: [s]}}",
}


def provider_file(folder: str | Path, text: str, name: str = "t") -> Path:
    """A file with that text, and the plainest of what it must have and the text leaves out."""
    path = Path(folder, f"{name}.yaml")
    lines = dedent(text).splitlines()
    keys = {line.partition(":")[0] for line in lines}
    lines += [f"{key}: {told}" for key, told in _PLAINEST.items() if key not in keys]
    path.write_text("\n".join(lines))
    return path


def declared(text: str, name: str = "t") -> type[Declared]:
    """The provider class of a `provider_file`."""
    with TemporaryDirectory() as folder:
        cls = provider_of(spec_of(provider_file(folder, text, name)))
    assert issubclass(cls, Declared)
    return cls


def asked(
    cls: type[Declared], handler: Handler, elsewhere: Handler | None = None, **values: str
) -> Declared:
    """A provider whose service is `handler`; other hosts are `elsewhere`."""
    profile = sandbox_profile(cls.sections(), values)

    def other(url: str, auth: httpx.Auth | None) -> Elsewhere:
        assert elsewhere is not None
        place = httpx.URL(url)
        client = httpx.Client(transport=httpx.MockTransport(elsewhere), auth=auth)
        return Elsewhere(client, f"{place.scheme}://{place.netloc.decode()}")

    client = httpx.Client(
        transport=httpx.MockTransport(handler),
        auth=cls.auth(profile, TokenCache()),
        headers=cls.headers(profile),
    )
    return cls(profile, client, elsewhere=other if elsewhere else None)


def ref(cls: type[Declared], id: str) -> JobRef:
    """A job of the provider."""
    return cls.check(JobRef.parse(id, cls.name))
