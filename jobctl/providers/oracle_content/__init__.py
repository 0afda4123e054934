"""Oracle Content Management: extraction of an uploaded ZIP file into a folder.

https://docs.oracle.com/en/cloud/paas/content-cloud/rest-api-documents/op-documents-api-1.2-files-fileid-_extract-jobid-get.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from jobctl.accounts import check_address
from jobctl.config import Kind, Setting
from jobctl.errors import AuthError, NotFoundError
from jobctl.models import JobState
from jobctl.provider import IdPart, Manifest, Option, Refusal
from jobctl.providers.oracle_content.account import ACCOUNT

_NOT_YOURS = Refusal(
    NotFoundError,
    "no such job, or it belongs to another user: jobs are visible only to who started them, and"
    " a client-credentials token acts as the application, not as a person",
)
_NO_FILE = Refusal(NotFoundError, "check the id of the file and the profile")
_NO_RIGHT = Refusal(AuthError, "these credentials lack the right to read the file")
_SIGN_IN = Refusal(AuthError, "it redirects, as to a sign-in page: the token may have expired")


class About(Manifest):
    """See `Manifest`."""

    title = "Oracle Content Management"
    summary = "Extraction jobs of the Documents REST API: the entries of a ZIP file become files."
    docs = "https://docs.oracle.com/en/cloud/paas/content-cloud/rest-api-documents/op-documents-api-1.2-files-fileid-_extract-jobid-get.html"
    life = "discontinued since 2026-01-01: no live server will answer"
    account = ACCOUNT
    ids = (
        IdPart("file", "the id of the ZIP file, usually D and 43 hexadecimal digits"),
        IdPart("job", "the id of the extraction, usually ZX- and 45 digits"),
    )
    example = (
        "DC765D5CD846E67B395AE676435D1DBF0C5B3FCDE317"
        "/ZX-930F35D291CEA348255D1974A84CB3571643127919210"
    )
    prefix = "/documents/api/1.2"
    paths = (f"{prefix}/files/{{file}}/_extract/{{job}}",)
    settings = (
        Setting(
            "base_url",
            "the instance, such as https://NAME-ACCOUNT.cec.ocp.oraclecloud.com",
            required=True,
            check=check_address,
        ),
        Setting(
            "language",
            "the language of messages, such as en; else the service's choice",
            kind=Kind.WORD,
            harmless=True,
        ),
    )
    options = (
        Option(
            "no-skipped-details",
            "leave out the list of skipped entries",
            verbs=("get", "results"),
        ),
        Option(
            "no-ignored-details",
            "leave out the list of ignored entries",
            verbs=("get", "results"),
        ),
    )
    states: ClassVar[Mapping[str, JobState]] = {
        "PENDING": JobState.QUEUED,
        "PROCESSING": JobState.RUNNING,
        "SUCCEEDED": JobState.SUCCEEDED,
        "FAILED": JobState.FAILED,
        "ABORTED": JobState.CANCELLED,
    }
    status_field = "progress"
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (400, "-96"): _NOT_YOURS,
        (400, "-16"): _NO_FILE,
        (404, "-16"): _NO_FILE,
        (403, "-20"): _NO_RIGHT,
        # Errors that come with the status of a success.
        (200, "-96"): _NOT_YOURS,
        (200, "-16"): _NO_FILE,
        (200, "-20"): _NO_RIGHT,
        **{(status, None): _SIGN_IN for status in (301, 302, 303, 307, 308)},
    }
    unlisted = (
        "the answer that started a job has its Location, which can be pasted as it is;"
        " `jobctl history` shows the jobs seen lately"
    )
    gives = ("results",)
    fields = ("outcome", "id", "type", "error")
    columns = fields
