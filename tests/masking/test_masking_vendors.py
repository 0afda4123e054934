"""The vendors' spellings of a signed URL, and what looks like one and is none."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from jobctl.masking.bodies import redact
from jobctl.masking.records import without_secrets
from jobctl.masking.signatures import SIGNATURES
from jobctl.masking.texts import masked

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIiwiZXhwIjoxfQ.c2lnbmF0dXJl-_X"
HEX = "0123456789abcdef" * 4
# Of each vendor's documentation: `<...>` is what must not be shown, all else must stay.
SIGNED = {
    "AWS 4": "https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=<AKIAIOSFODNN7EXAMPLE%2F20261126%2Feu-west-1%2Fs3%2Faws4_request>"
    "&X-Amz-Date=20261126T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Security-Token=<IQoJb3JpZ2luX2VjEDo%2B%2F%3D%3D>&X-Amz-Signature=<"
    + HEX
    + ">&x-id=Get",
    "AWS 2": "https://s3.amazonaws.com/b/k?AWSAccessKeyId=<AKIAIOSFODNN7EXAMPLE>"
    "&Signature=<vjbyPxybdZaNmGa%2ByT272YEAiv4%3D>&Expires=1175139620&x-amz-security-token=<abc>",
    "Google 4": "https://storage.googleapis.com/b/cat.jpeg?X-Goog-Algorithm=GOOG4-RSA-SHA256"
    "&X-Goog-Credential=<me%40p.iam.gserviceaccount.com%2F20261126%2Fauto%2Fstorage%2Fgoog4_request>"
    "&X-Goog-Date=20261126T000000Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host"
    "&X-Goog-Signature=<247a2aa45f169edf>",
    "Google 2": "https://storage.googleapis.com/b/cat.jpeg?GoogleAccessId=<me@p.iam.example.com>"
    "&Expires=1458238630&Signature=<VVUgfqviDCov%2B2BjwTPvYQ%3D%3D>",
    "Google CDN": "https://cdn.example.com/video.mp4?Expires=1566268009&KeyName=my-key"
    "&Signature=<8NBSdQGzvDftrOIa3WHpp646Iis=>",
    "Google Media CDN": "https://media.example.com/video/edge-cache-token=Expires=1566268009"
    "&KeyName=my-key&Signature=<tY1O-mlHbV_BQWg>/manifest_12382131.m3u8",
    "Firebase": "https://firebasestorage.googleapis.com/v0/b/p.appspot.com/o/a%2Fb.png?alt=media"
    "&token=<6ba7b810-9dad-11d1-80b4-00c04fd430c8>",
    "Azure": "https://a.blob.core.windows.net/c/b.txt?sv=2022-11-02&st=2026-11-26T00%3A00%3A00Z"
    "&se=2026-11-27T00%3A00%3A00Z&sr=b&sp=r&spr=https&sig=<Z%2FRHIX5Xcg0Mq2rqI3OlWTjEg2tYk%3D>",
    "Alibaba 1": "https://b.oss-cn-hangzhou.aliyuncs.com/o.jpg?OSSAccessKeyId=<nz2pc56s936>"
    "&Expires=1141889120&Signature=<vjbyPxybdZaNmGa%2ByT272YEAiv>&security-token=<CAIS>",
    "Alibaba 2": "https://b.oss-cn-hangzhou.aliyuncs.com/o?x-oss-signature-version=OSS2"
    "&x-oss-expires=1141889120&x-oss-access-key-id=<nz2pc56s936>&x-oss-signature=<a8I0=>",
    "Alibaba 4": "https://b.oss-cn-hangzhou.aliyuncs.com/o?x-oss-date=20261126T000000Z"
    "&x-oss-expires=60&x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-signature=<2c6ca>"
    "&x-oss-credential=<AKIDEXAMPLE%2F20261126%2Fcn-hangzhou%2Foss%2Faliyun_v4_request>",
    "Huawei": "https://b.obs.cn-north-4.myhuaweicloud.com:443/o.jpg?AccessKeyId=<UDSIAMSTUBTEST>"
    "&Expires=1532779451&Signature=<0Akylf43Bm3mD1bh2rM3dmVp1Bo%3D>&x-obs-security-token=<gQpj>",
    "Tencent": "https://b-125.cos.ap-beijing.myqcloud.com/o?q-sign-algorithm=sha1&q-ak=<AKIDQjz3>"
    "&q-sign-time=1557902800;1557902860&q-key-time=1557902800;1557902860&q-header-list=host"
    "&q-url-param-list=&q-signature=<438023e4a4207299d87bb75d1c739c06cc9406bb>",
    "Volcengine": "https://b.tos-cn-beijing.volces.com/o?X-Tos-Algorithm=TOS4-HMAC-SHA256"
    "&X-Tos-Credential=<AKTP%2F20261126>&X-Tos-Expires=3600&X-Tos-Signature=<8c3c7>",
    "Oracle": "https://objectstorage.us-ashburn-1.oraclecloud.com/p/<lnXk-7Pq_rTq>/n/ns/b/bk/o/a/b.zip",
    "CloudFront": "https://d111111abcdef8.cloudfront.net/i.jpg?size=large"
    "&Policy=<eyANCiAgICEXAMPLEW1lbnQiOiBbeyANCiAgICAgICJSZXNvdXJj>&Signature=<nitfHRCrtziwO2Hw~CPKUFIQu-->"
    "&Key-Pair-Id=<K2JCJMDEHXQW5F>",
    "Cloudflare": "https://dl.example.com/cat.jpg?verify=<1484063787-9JQB8vP1z0yc5DEBnH6JGWM3mBmvIeMrn>",
    "Cloudflare Images": "https://imagedelivery.net/acc/img/public?exp=1631289275"
    "&sig=<6293f9144b4e9adc83416d1b059abcac750bf05b2c5c99ea72fd47cc9c2ace34>",
    "Cloudflare Stream": f"https://customer-a.cloudflarestream.com/<{JWT}>/manifest/video.m3u8",
    "Backblaze": "https://f001.backblazeb2.com/file/b/k.jpg?Authorization=<3_20261126_4a5_acct>",
    "Akamai": "https://media.example.com/v.m3u8?hdnts=<exp=1614564664~acl=/*~hmac=42b4464b2bb90639>",
    "Akamai, older": "https://media.example.com/v.m3u8?hdnea=<st=1~exp=2~acl=%2f*~hmac=ab>&b=1-2",
    "Akamai, by its name": "https://media.example.com/v.m3u8?__token__=<exp=1~acl=/a/b~hmac=ab12>",
    "Akamai, in the path": "https://media.example.com/hdntl=<exp=1~data=hdntl~hmac=ab12>/v.m3u8",
    "Dropbox": "https://www.dropbox.com/scl/fi/abc/a.pdf?rlkey=<fe2lk9o2q3dqp>&dl=0",
    "Dropbox, temporary": "https://uc1234.dl.dropboxusercontent.com/cd/0/get/<AAbbCC-_1>/file",
    "Dropbox, earlier": "https://dl.dropboxusercontent.com/apitl/1/<YXNkZmFzZGcyMzQyMzI0NjU2>",
    "Dropbox, by its API": "https://content.dropboxapi.com/apitl/1/<YXNkZmFzZGcyMzQyMzI0NjU2>",
    "Box": "https://dl.boxcloud.com/d/1/<b1!AbC-9.x_z>/download",
    "imgix": "https://a.imgix.net/i.jpg?w=300&s=<0123456789abcdef0123456789abcdef>",
    "SharePoint": "https://a.sharepoint.com/_layouts/15/download.aspx?UniqueId=7&tempauth=<v1.eyJz>&x=1",
    "a session in the path": "http://x.example/dl;v=1;jsessionid=<0A1B2C3D>?page=2",
    "on this machine": f"HTTP://127.0.0.1:8080/p/<lnXk-7Pq>/n/ns/b/bk/o/<{JWT}>",
    "in a server's log": f"GET /p/<lnXk-7Pq_rTq>/n/ns/b/bk/o/a.zip and /share/<{JWT}>/file",
    "Alibaba CDN": "https://cdn.example.com/v.mp4?auth_key=<1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f>",
    "Tencent Live": "http://live.example.com/app/s.flv?txSecret=<5aee8d35e4>&txTime=5C2A3CFF",
    "Tencent CDN": "http://cdn.example.com/1.jpg?sign=<1593077345-im1acp76sx9sdqe601v-0-5668aac>",
    "Qiniu": "http://cdn.example.com/k.jpg?e=1451491200&token=<MY_ACCESS_KEY:yN9WtB0lQheegAwva64yBuH3ZgU=>",
    "nginx": "https://dl.example.com/f?md5=<_e4Nc3iduzkWRm01TBBNYw>&expires=2147483647",
    "Discord": "https://cdn.discordapp.com/attachments/1/2/a.png?ex=65d903de&is=65c68ede&hm=<2481f30dd67f503f54d020ae3b5533b9>&",
    "Bunny": "https://b.b-cdn.net/bcdn_token=<HS256-abc_-1>&expires=1598024587/video.m3u8",
    "sig": "https://x.example/download?id=7&sig=<MEUCIQ>",
    "token": "https://x.example/download?id=7&token=<0a1b2c3d>",
    "a JWT in a path": f"https://x.example/v1/share/<{JWT}>/file.bin",
    "a JWT in a query": f"https://x.example/v1/file.bin?st=<{JWT}>&page=2",
}
UNSIGNED = [
    "https://x.example/list?page_token=CAUQAA&maxResults=100&sort_key=name&keyword=signature",
    "https://x.example/list?nextPageToken=abc&continuation-token=def&cursor=ghi&after=Y3Vyc29y",
    "https://x.example/chat?max_tokens=4096&tokens=12&tokenizer=bpe&token_type=bearer&prompt=key",
    "https://x.example/a?signed=true&design=flat&assignee=me&author=me&authority=x&sigma=0.5",
    "https://x.example/a?verify=true&sign=asc&policy=default&md5=0123456789abcdef&hm=1&ex=2",
    "https://x.example/a?auth=true&key=7&pass=no&code=404&token=none&secret=false&country_code=DE",
    "https://x.example/a?Expires=1606380154&KeyName=my-key&se=2026-11-26&sv=2022-11-02&sp=r",
    "https://x.example/p/7/n/8 https://x.example/p/draft/edit https://x.example/n/p/b/q",
    "GET /p/1/n/2/c /n/ .dropbox .boxcloud.com/s/1 https://x.imgix.net/a?s=80 a;key=7/b eyJ.eyJ.",
    "https://x.example/table/key=7/token/dt=2026-11-26/part-0.parquet#row=7",
    "https://x.example/eyJmaWx0ZXIiOiJhIn0/eyJ.eyJ.eyJ?state=eyJmaWx0ZXIiOiJhIn0",
    "https://dl.dropboxusercontent.com/s/abc/readme.txt ssh://git@github.com/a/b.git",
    "https://x.example:8080/a@b?mail=a@b.example&at=@ mailto:a@b.example a@b.example",
    "signature=invalid credential=none token=end_of_text key=value password=hidden code=12",
    "Really?yes=no; a&b=c; x=1?y=2:z=3; [link=http://x]L {{7*7}} (see http://x/?a=b).",
]


def parts(marked: str) -> tuple[str, str]:
    """The URL, and what shall be shown of it."""
    url, shown, rest = "", "", marked
    while "<" in rest:
        before, _, rest = rest.partition("<")
        secret, _, rest = rest.partition(">")
        url, shown = url + before + secret, f"{shown}{before}***"
    return url + rest, shown + rest


@pytest.mark.parametrize("vendor", SIGNED)
def test_of_a_signed_url_the_signature_is_masked_and_nothing_else(vendor: str) -> None:
    url, shown = parts(SIGNED[vendor])
    assert masked(url) == shown
    assert masked(f"see {url}, or ({url}).") == f"see {shown}, or ({shown})."
    assert masked(shown) == shown
    assert masked(url, show_signed_urls=True) == url
    assert redact({"a": [url]}) == {"a": [shown]}
    record = json.dumps({"u": url, "n": 1.5}).encode()
    assert without_secrets([record], show_signed_urls=False) == [
        json.dumps({"u": shown, "n": 1.5}).encode()
    ]


@pytest.mark.parametrize("vendor", SIGNED)
def test_it_is_found_in_another_url_and_in_json_in_a_text(vendor: str) -> None:
    url, shown = parts(SIGNED[vendor])
    secrets = [part.partition(">")[0] for part in SIGNED[vendor].split("<")[1:]]
    for told in (f"https://proxy.example/?u={quote(url, safe='')}&n=1", json.dumps({"u": url})):
        assert not [one for one in secrets if one in masked(told) or quote(one) in masked(told)]
    assert masked(json.dumps({"u": url})) == json.dumps({"u": shown})


@pytest.mark.parametrize("text", UNSIGNED)
def test_what_is_no_signature_stays(text: str) -> None:
    assert masked(text) == text
    assert without_secrets([json.dumps(text).encode()], show_signed_urls=False) == [
        json.dumps(text).encode()
    ]


def test_nothing_is_masked_in_a_thousand_ordinary_lines_of_logs() -> None:
    lines = (Path(__file__).parent / "log_lines.txt").read_text().splitlines()
    assert len(lines) == len(set(lines)) == 1000
    assert [line for line in lines if masked(line) != line] == []
    assert redact(lines) == lines
    records = [json.dumps(line).encode() for line in lines]
    assert without_secrets(records, show_signed_urls=False) == records


def test_each_row_of_the_table_has_a_name_or_a_path() -> None:
    assert [one.vendor for one in SIGNATURES if not (one.names or one.path)] == []
