"""Oracle Content Management as documented: extraction jobs, and the token endpoint of its identity.

https://docs.oracle.com/en/cloud/paas/content-cloud/rest-api-documents/op-documents-api-1.2-files-fileid-_extract-jobid-get.html
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jobctl.sandbox import Lives, Scenario, first_of, marked, respond
from jobctl.sandbox.identity import CLIENT, SECRET, Identity, by_a_command, of_a_job

if TYPE_CHECKING:
    import httpx

_FILE = "DC765D5CD846E67B395AE676435D1DBF0C5B3FCDE317"
_MOVING = "ZX-930F35D291CEA348255D1974A84CB3571643127919210"
_SKIPPING = "ZX-E83150A29A911D33321FE8A9A6C5814F1643066913096"

SCENARIOS = (
    Scenario(f"{_FILE}/{_MOVING}", "pending, 25 %, completed"),
    Scenario(f"{_FILE}/{_SKIPPING}", "completed with three skipped entries (partial)"),
)
_TOKEN, _USER, _PASSWORD = "sandbox-access-token", "sandbox-user", "sandbox-password"
_SCOPE = "https://sandbox.cec.ocp.oraclecloud.com:443/urn:opc:cec:all"
_IDENTITY = Identity(_TOKEN, "/oauth2/v1/token", "/oauth2/v1/device", _SCOPE)
_PROOFS = (
    f"Bearer {_TOKEN}",
    f"Basic {b64encode(f'{_USER}:{_PASSWORD}'.encode()).decode()}",
)
_PAGE = "<!DOCTYPE html><html><title>Sign In</title><body>Sign in to Oracle Cloud</body></html>"
_SKIPPED = "Entry skipped - existing file with same name in folder"


def _error(code: str, key: str, message: str) -> dict[str, str]:
    return {
        "errorCode": code,
        "errorKey": key,
        "errorMessage": message,
        "errorType": "file",
        "title": message,
        "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
    }


_NO_JOB = _error("-96", "!csCloudBulkExtractionRequestJobNotValid", "Extraction job ID not valid.")
_NO_ITEM = _error("-16", "!csItemNotFound", "The item does not exist.")
_GENERAL = _error("-1", "!csGeneralFailure", "General failure.")
_SIGN_IN = {"Location": "https://idcs-0.identity.oraclecloud.com/ui/v1/signin"}
# Job -> what it plays, which begins with the status; the body; headers.
_REFUSED: Mapping[str, tuple[str, Any, dict[str, str]]] = {
    "200-error": ("200 that holds an error", _GENERAL, {}),
    "200-html": ("200 with a sign-in page", _PAGE, {}),
    "302": ("302 to a sign-in page", None, _SIGN_IN),
    "400-26": (
        "400, a link that has expired",
        _error("-26", "!csLinkExpired", "The link is invalid or expired."),
        {},
    ),
    "400-96": ("400, no such job or another user's", _NO_JOB, {}),
    "401": ("401 without a body", None, {}),
    "403-20": (
        "403, no right to read the file",
        _error("-20", "!csNoReadAccess", "You do not have read access."),
        {},
    ),
    "403": ("403 without a body", None, {}),
    "404-16": ("404, no such file", _NO_ITEM, {}),
    "429": ("429 for ever", None, {"Retry-After": "2"}),
    "500": ("500 for ever, a general failure", _GENERAL, {}),
    "502": ("502 for ever, as a page of a proxy", "<html><body>Bad Gateway</body></html>", {}),
    "503": (
        "503 for ever, with the least of bodies",
        {"errorCode": "-1", "errorMessage": "Service unavailable."},
        {},
    ),
    "504": ("504 for ever, without a body", None, {}),
}
ERRORS = tuple(Scenario(f"ERROR/{job}", plays) for job, (plays, _, _) in _REFUSED.items())


def ways(root: str) -> dict[str, dict[str, str]]:
    """See `jobctl.sandbox`; tokens are had of the sandbox, too."""
    place = {"base_url": root}
    client = place | {"identity_url": root, "client_id": CLIENT, "scope": _SCOPE}
    return {
        "client_credentials": client | {"client_secret": SECRET},
        "token": place | {"token": _TOKEN},
        "external": place | by_a_command(_TOKEN),
        "device_code": client,
        "federated": client | of_a_job(root),
        "basic": place | {"username": _USER, "password": _PASSWORD},
    }


settings = first_of(ways)


def _api(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
    if request.headers.get("authorization") not in _PROOFS:
        return respond(401)
    found = re.fullmatch(r"/documents/api/1\.2/files/([^/]+)/_extract/([^/]+)", path)
    if not found:
        return respond(404, _NO_ITEM)
    if request.method != "GET":
        return respond(405)
    file, job = found.groups()
    if file == "ERROR" and job in _REFUSED:
        plays, body, headers = _REFUSED[job]
        return respond(int(plays[:3]), body, headers)
    if file != _FILE:
        return respond(404, _NO_ITEM)
    if job not in (_MOVING, _SKIPPING):
        return respond(400, _NO_JOB)
    body = _body(job, lives)
    for name, query in (
        ("skippedItems", "includeSkippedItemDetails"),
        ("ignoredItems", "includeIgnoredItemDetails"),
    ):
        if request.url.params.get(query) == "false":
            body.pop(name, None)
    return respond(200, body)


answer = marked(
    _IDENTITY.before(_api), {"x-oracle-dms-ecid": "00000000-0000-4000-8000-000000000096"}
)


def _body(job: str, lives: Lives) -> dict[str, Any]:
    """Pending for 0.8 s, then at 25 % until the end after 2.4 s; numbers and booleans are text."""
    counts = ("Created", "Ignored", "NameAdjusted", "Overwritten", "Processed", "Skipped")
    body: dict[str, Any] = {
        "completed": "false",
        "completedPercentage": "0",
        "errorCode": "0",
        "message": "",
        "progress": "PENDING",
        "type": "file",
    } | {f"files{name}": "0" for name in (*counts, "Versioned")}
    done = {
        "completed": "true",
        "completedPercentage": "100",
        "message": "Zip processing completed",
        "progress": "SUCCEEDED",
    }
    if job == _SKIPPING:
        names = ("exif-xmp.jpg", "Mugs.jpg", "Mugs.png")
        entries = [{"id": name, "type": "file", "error": _SKIPPED} for name in names]
        return body | done | {"filesSkipped": "3", "skippedItems": entries}
    age = lives.age(job)
    if age < 0.8:
        return body
    message = "Processing entry 6image/./exif-xmp.jpg"
    body |= {"progress": "PROCESSING", "completedPercentage": "25", "message": message}
    body |= {"filesIgnored": "1"}
    if age < 2.4:
        return body
    entry = {"id": "__MACOSX/._exif-xmp.jpg", "type": "file", "error": "Entry ignored"}
    return body | done | {"filesCreated": "3", "filesProcessed": "3", "ignoredItems": [entry]}
