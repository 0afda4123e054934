"""What ModelArts and VAS have in common: Huawei Cloud's regions and its gateway."""

from pathlib import Path

import pytest
from contract import answering, make, opened, profile, sandbox

from jobctl import registry
from jobctl.errors import ConfigError, JobctlError
from jobctl.models import JobRef
from jobctl.sandbox import Lives

JOBS = {"modelarts": "T/V", "vas": "face-detect/T"}
both = pytest.mark.parametrize("name", JOBS)
prefixes = pytest.mark.parametrize("prefix", ["APIGW", "APIG"])


def refused(name: str, status: int, code: str) -> JobctlError:
    """The error that an answer of the gateway becomes."""
    handler, _ = answering(name, (status, {"error_code": code, "error_msg": "words"}))
    with pytest.raises(JobctlError) as caught:
        make(name, handler).get(JobRef.parse(f"{name}/{JOBS[name]}"))
    return caught.value


@pytest.mark.parametrize(
    ("name", "values", "url"),
    [
        ("modelarts", {"region": "eu-west-101"}, "https://modelarts.eu-west-101.myhuaweicloud.com"),
        (
            "modelarts",
            {"region": "ap-southeast-1"},
            "https://modelarts.ap-southeast-1.myhuaweicloud.cn",
        ),
        (
            "modelarts",
            {"region": "ap-southeast-1", "base_url": "https://modelarts.eu-de.otc.t-systems.com/"},
            "https://modelarts.eu-de.otc.t-systems.com",
        ),
        ("vas", {"region": "cn-north-4"}, "https://iva.cn-north-4.myhuaweicloud.com"),
        ("vas", {"region": "ap-southeast-1"}, "https://iva.ap-southeast-1.myhuaweicloud.com"),
        ("vas", {"base_url": "https://a.example/, https://b.example"}, "https://a.example"),
    ],
)
def test_the_base_url_is_the_setting_else_the_regions(
    name: str, values: dict[str, str], url: str
) -> None:
    assert registry.find(name).base_url(profile(name, **values)) == url


@both
def test_the_vendors_variable_for_the_region_gives_the_base_url(name: str, tmp_path: Path) -> None:
    cls = registry.find(name)
    several = {
        "HW_REGION_NAME": "cn-north-4",
        f"HUAWEICLOUD_SDK_REGION_{name.upper()}_CN_NORTH_4": "https://a.example,https://b.example",
    }
    assert cls.base_url(opened(name, tmp_path, "profiles: {}", several)) == "https://a.example"
    text = "profiles: {default: {huawei: {region: cn-north-4}}}"
    one = {f"HUAWEICLOUD_SDK_REGION_{name.upper()}_CN_NORTH_4": "https://a.example"}
    assert cls.base_url(opened(name, tmp_path, text, one)) == "https://a.example"


@both
def test_without_region_and_base_url_the_region_is_asked_for(name: str) -> None:
    with pytest.raises(ConfigError, match="region"):
        registry.find(name).base_url(profile(name))


@both
@prefixes
@pytest.mark.parametrize("number", ["0101", "0103"])
def test_an_api_that_is_not_published_is_no_missing_job(
    name: str, prefix: str, number: str
) -> None:
    error = refused(name, 404, f"{prefix}.{number}")
    assert (error.exit_code, error.transient) == (6, False)
    assert str(error.hint).startswith("this API is not published here")


@both
@prefixes
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_time_of_signature_asks_to_check_the_clock(
    name: str, prefix: str, status: int
) -> None:
    error = refused(name, status, f"{prefix}.0303")
    assert error.exit_code == 4
    assert "clock" in str(error.hint)


@pytest.mark.parametrize(
    "job",
    [
        "modelarts/nothing",
        "modelarts/kM7j9TSa611ZzBThzSr/nothing",
        "vas/video-analyze/nothing",
        "vas/no-such-service/1",
    ],
)
def test_the_sandbox_knows_no_other_jobs(job: str) -> None:
    ref = JobRef.parse(job)
    with pytest.raises(JobctlError) as caught:
        make(ref.provider, sandbox(ref.provider, Lives())).get(ref)
    assert caught.value.exit_code == 5
