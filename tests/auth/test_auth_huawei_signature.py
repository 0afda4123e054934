"""The signature, proved equal to the vendor's own signer over generated requests."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simulated import Hand

from jobctl.auth.huawei.flows import AkSk
from jobctl.auth.huawei.signing import signature

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
odd = st.sampled_from(
    ["", ".", "~", " ", "+", "%", "%2F", "a/b", "ü", "日本", "😀", "=", "&", "*", "'"]
)
words = text | odd
# what a header can carry; blanks at its ends are for the signer to trim
header_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - UTC below
    lambda time: time.strftime("%Y%m%dT%H%M%SZ")
)
hosts = st.builds(
    lambda name, port: f"{name}.myhuaweicloud.com{port}",
    st.sampled_from(["iva.cn-north-4", "modelarts.ap-southeast-1"]),
    st.just("") | st.integers(1, 65535).map(lambda port: f":{port}"),
)


class Credentials:
    """What the vendor's signer asks for."""

    def __init__(self, ak: str, sk: str) -> None:
        self.ak = ak
        self.sk = sk


def vendors(
    method: str,
    host: str,
    path: str,
    query: list[tuple[str, Any]],
    headers: dict[str, str],
    body: bytes,
    pair: tuple[str, str],
) -> SdkRequest:
    """The request as the vendor's SDK would send it."""
    request = SdkRequest(
        method=method,
        schema="https",
        host=host,
        resource_path=path,
        query_params=list(query),
        header_params=dict(headers),
        body=body,
    )
    return Signer(Credentials(*pair)).sign(request)


@settings(max_examples=200)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "get"]),
    host=hosts,
    segments=st.lists(words, max_size=5),
    slash=st.booleans(),
    safe=st.sampled_from(["", "~", ":@!$&'()*+,;=~"]),
    query=st.lists(st.tuples(words, words), max_size=6),
    repeated=st.tuples(words, st.lists(words, max_size=4)),
    token=st.none() | header_text,
    project=st.none() | header_text,
    body=st.just(b"") | st.binary(max_size=50) | words.map(str.encode),
    when=times,
    pair=st.tuples(keys, keys),
)
@example(
    method="GET",
    host="h",
    segments=["a+b", "ü ü", "%41"],
    slash=True,
    safe="+",
    query=[("b", ""), ("a", "2"), ("a", "10"), ("a", "")],
    repeated=("A", ["b", "a", "b"]),
    token="t",
    project="p",
    body=b"{}",
    when="20240229T235959Z",
    pair=("ak", "sk"),
)
def test_it_is_the_vendors_for_every_request(
    *,
    method: str,
    host: str,
    segments: list[str],
    slash: bool,
    safe: str,
    query: list[tuple[str, str]],
    repeated: tuple[str, list[str]],
    token: str | None,
    project: str | None,
    body: bytes,
    when: str,
    pair: tuple[str, str],
) -> None:
    path = "/" + "/".join(quote(one, safe=safe) for one in segments) + ("/" if slash else "")
    query = [(key, value) for key, value in query if key != repeated[0]]
    headers = {"Host": host, "X-Sdk-Date": when}
    headers |= {"Content-Type": "application/json;charset=utf-8"} if body else {}
    headers |= {"X-Security-Token": token} if token is not None else {}
    headers |= {"X-Project-Id": project} if project is not None else {}

    signed = vendors(method, host, path, [*query, repeated], headers, body, pair)

    expected = signed.header_params["Authorization"]
    wire = "&".join(
        f"{quote(key, safe='')}={quote(value, safe=safe.translate(_NO_BREAKS))}"
        for key, value in [*((repeated[0], one) for one in repeated[1]), *query]
    )
    for url in (f"{path}?{wire}", f"https://{host}{path}?{wire}#part", signed.uri):
        assert signature(method, url, headers, body, *pair) == expected


# these end a value
_NO_BREAKS = str.maketrans("", "", "&#")


@settings(max_examples=100)
@given(
    segments=st.lists(words, max_size=4),
    query=st.lists(st.tuples(words, words), max_size=5),
    token=st.none() | keys,
    project=st.none() | keys,
    body=st.just(b"") | words.map(str.encode),
    when=st.integers(0, 4_000_000_000),
    pair=st.tuples(keys, keys),
    port=st.just("") | st.integers(1, 65535).map(lambda port: f":{port}"),
)
def test_what_goes_over_the_wire_is_what_the_vendor_would_sign(
    *,
    segments: list[str],
    query: list[tuple[str, str]],
    token: str | None,
    project: str | None,
    body: bytes,
    when: int,
    pair: tuple[str, str],
    port: str,
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    auth = AkSk(*pair, token, iam="https://iam.test", project_id=project, clock=Hand(lambda: when))
    path = "/v2/" + "/".join(quote(one, safe="") for one in segments)
    wire = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in query)
    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        client.request(
            "POST" if body else "GET",
            f"https://iva.test{port}{path}" + (f"?{wire}" if query else ""),
            content=body or None,
            headers={"Content-Type": "application/json"} if body else {},
        )

    (sent,) = seen
    wire_path, _, wire_query = sent.url.raw_path.decode().partition("?")
    headers = {"Host": sent.headers["Host"], "X-Sdk-Date": sent.headers["X-Sdk-Date"]}
    headers |= {"Content-Type": "application/json"} if body else {}
    headers |= {"X-Security-Token": token} if token else {}
    headers |= {"X-Project-Id": project} if project else {}
    signed = vendors(sent.method, headers["Host"], wire_path, query, headers, body, pair)
    assert sent.headers["Authorization"] == signed.header_params["Authorization"]
    assert f"{wire_path}?{wire_query}" == signed.uri if query else wire_path == signed.uri
    assert headers["X-Sdk-Date"] == datetime.fromtimestamp(when, UTC).strftime("%Y%m%dT%H%M%SZ")
    assert headers["Host"] == "iva.test" + ("" if port == ":443" else port)


def test_lists_and_booleans_are_written_as_the_vendor_writes_them() -> None:
    headers = {"Host": "h", "X-Sdk-Date": "20240101T000000Z"}
    query = [("ids", ["b", "a"]), ("all", True), ("none", False), ("n", 7)]
    signed = vendors("GET", "h", "/v2", query, headers, b"", ("ak", "sk"))
    ours = signature("GET", "/v2?all=true&ids=b&ids=a&n=7&none=false", headers, b"", "ak", "sk")
    assert signed.header_params["Authorization"] == ours


def test_a_body_that_the_client_left_unsigned_is_read_as_the_vendor_writes_it() -> None:
    headers = {"Host": "h", "X-Sdk-Date": "20240101T000000Z", "Content-Type": "text/plain"}
    signed = vendors("PUT", "h", "/v2", [], headers, b"anything", ("ak", "sk"))
    given_headers = {
        name: value for name, value in signed.header_params.items() if name != "Authorization"
    }
    assert given_headers["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    ours = signature("PUT", "/v2", given_headers, b"something else", "ak", "sk")
    assert signed.header_params["Authorization"] == ours


def test_a_query_with_empty_parts_is_the_same_without_them() -> None:
    headers = {"Host": "h", "X-Sdk-Date": "20240101T000000Z"}
    signed = vendors("GET", "h", "/v2", [("a", "1"), ("b", "")], headers, b"", ("ak", "sk"))
    ours = signature("GET", "/v2?&b&&a=1&", headers, b"", "ak", "sk")
    assert signed.header_params["Authorization"] == ours
