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


def declared(text: str, name: str = "t") -> type[Declared]:
    """The provider class of a file's text."""
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.yaml")
        path.write_text(dedent(text))
        cls = provider_of(spec_of(path))
    assert issubclass(cls, Declared)
    return cls


def asked(
    cls: type[Declared], handler: Handler, elsewhere: Handler | None = None, **values: str
) -> Declared:
    """A provider whose service is `handler`; other hosts are `elsewhere`."""
    profile = sandbox_profile(
        provider=cls.name,
        account=cls.account.name,
        settings=cls.all_settings(),
        values=values,
        overrides={},
    )

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
