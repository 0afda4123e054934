"""What jobs, pages and errors say is masked, whoever made them; what a user asked for stays."""

from typing import Any

from jobctl.errors import NotFoundError
from jobctl.masking.documents import mask_error, masked_job, masked_jobs, masked_notes
from jobctl.masking.secrets import hide
from jobctl.models import Failure, Job, JobRef, JobState, Page

SECRET = "planted-in-documents"
TEXT = f"see {SECRET} at https://x.example/a?sig=planted"
MASKED = "see *** at https://x.example/a?sig=***"
REF = JobRef("cognite", (SECRET,))
JOB = Job(
    ref=REF,
    state=JobState.FAILED,
    status=TEXT,
    name=TEXT,
    message=TEXT,
    error_code=TEXT,
    failures=(Failure(TEXT, TEXT, TEXT),),
    url=f"https://x.example/{SECRET}",
    web_url=TEXT,
    detail={TEXT: [TEXT, {TEXT: 1}]},
    warnings=(TEXT,),
    raw=TEXT.encode(),
)


def test_every_text_of_a_job_is_masked_and_what_was_asked_for_stays() -> None:
    hide(SECRET)
    shown = masked_job(JOB, REF)
    assert (shown.ref, shown.url, shown.raw) == (REF, JOB.url, JOB.raw)
    assert (shown.status, shown.name, shown.message) == (MASKED, MASKED, MASKED)
    assert (shown.error_code, shown.web_url, shown.warnings) == (MASKED, MASKED, (MASKED,))
    assert shown.failures == (Failure(MASKED, MASKED, MASKED),)
    assert shown.state is JobState.FAILED
    assert shown.detail == {MASKED: [MASKED, {MASKED: 1}]}


def test_of_a_job_that_nobody_named_even_the_id_is_masked() -> None:
    hide(SECRET)
    (shown,) = masked_jobs(Page([JOB], notes=(TEXT,))).items
    assert str(shown.ref) == "cognite/***"
    assert shown.url == "https://x.example/***"


def test_a_job_that_says_nothing_stays_as_it_is() -> None:
    plain = Job(ref=JobRef("vas", ("1",)), state=JobState.RUNNING, status=None)
    assert masked_job(plain) == plain


def test_the_notes_of_a_page_are_masked_and_its_records_left_for_later() -> None:
    hide(SECRET)
    page: Page[Any] = Page([b"{}"], notes=(TEXT, "plain"), total=1, next=("2",))
    assert masked_notes(page) == page._replace(notes=(MASKED, "plain"))


def test_every_text_of_an_error_is_masked_in_place() -> None:
    hide(SECRET)
    error = NotFoundError(TEXT, hint=TEXT, request_id=TEXT, http_status=404)
    mask_error(error)
    assert (error.message, error.hint, error.request_id) == (MASKED, MASKED, MASKED)
    assert (str(error), error.http_status) == (MASKED, 404)
