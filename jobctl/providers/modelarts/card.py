"""A sample before and after, as a person looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jobctl import payload
from jobctl.models import Card, Picture

# What stands elsewhere on the card, and URLs that tell no more than the sources they sign.
_LEFT_OUT = frozenset(
    {"result_property", "result_description", "signed_origin_source", "signed_new_source"}
)


def card_of(sample: Mapping[str, Any], words: Mapping[str, str]) -> Card:
    """One of the samples of a version; `words` are those for what became of it."""
    became = payload.text(sample.get("result_property"))
    sources = [
        (caption, payload.text(sample.get(name)))
        for caption, name in (("before", "origin_source"), ("after", "new_source"))
    ]
    pictures = tuple(Picture(caption, (source,)) for caption, source in sources if source)
    names = [source.rpartition("/")[2] for one in pictures for source in one.names]
    return Card(
        title=next(filter(None, names), payload.text(sample.get("sample_id"))),
        group=words.get(became or "", became),
        message="; ".join(_descriptions(sample.get("result_description"))) or None,
        facts={name: value for name, value in sample.items() if name not in _LEFT_OUT},
        pictures=pictures,
    )


def _descriptions(value: Any) -> Iterator[str]:
    """What was done to the sample: texts in lists in a list, as documented, or fewer lists."""
    for outer in value if isinstance(value, list) else [value]:
        for inner in outer if isinstance(outer, list) else [outer]:
            words = payload.text(inner)
            if words:
                yield words
