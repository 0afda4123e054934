"""From a URL to the names in its path."""

import pytest

from jobctl.provider.path import literal, match


@pytest.mark.parametrize(
    ("path", "url", "found"),
    [
        ("/v1/{job}", "https://films.example/eu/v1/7/", ("https://films.example/eu", {"job": "7"})),
        ("/v1/{job}", "https://films.example/v2/7", None),
        (
            "/{version}/{+job}",
            "https://films.example/v2/projects/p/jobs/7",
            ("https://films.example", {"version": "v2", "job": "projects/p/jobs/7"}),
        ),
        (
            "/{+job}",
            "https://films.example/jobs/a%20b/?v=1&s=%2F#top",
            ("https://films.example", {"job": "jobs/a b?v=1&s=%2F"}),
        ),
        ("/v1/{job}", "https://films.example/v1/7?v=1", ("https://films.example", {"job": "7"})),
        ("/{version}/{+job}", "https://films.example/v2", None),
        ("/{+job}", "https://films.example", None),
    ],
)
def test_a_host_is_no_part_of_a_path_and_a_query_is_one_of_its_open_end(
    path: str, url: str, found: object
) -> None:
    assert match([path], url) == found


def test_a_path_of_names_alone_says_nothing() -> None:
    assert literal("/{version}/{+job}") == 0 < literal("/v1/{job}") < literal("/v1/jobs/{job}")
