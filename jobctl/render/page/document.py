"""What stands around the records of a page: what it is about, how much of it, ways to choose."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from jobctl import __version__
from jobctl.models import Failure, Job, JobRef, rfc3339
from jobctl.render.page.drawing import colour
from jobctl.render.page.tally import Tally
from jobctl.render.page.text import joined, text
from jobctl.render.words import counted, told

_STYLE, _SCRIPT = (
    Markup(Path(__file__).with_name(name).read_text(encoding="utf-8"))  # noqa: S704 - files of ours
    for name in ("page.css", "page.js")
)

_MANY = 1000
_NOTED, _MANY_KINDS = 5, 20
# Nothing else in the place of an address is one.
_LEADS_OUT = re.compile("https?://")

_HEAD = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src '{style_hash}'; script-src '{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{ref}: results</title>
<style>{style}</style>
</head>
<body>
<header>
<p class="quiet">Results of</p>
<h1>{ref}</h1>
{about}{links}<p class="quiet">Made <time datetime="{made}">{day}</time> by jobctl {version}</p>
{incomplete}<dl class="counts">
{counts}</dl>
{notes}{failures}</header>
{controls}<main>
<table class="{classes}">
<thead><tr><th class="number">#</th><th class="title">Record</th><th class="group">Group</th>\
<th class="found number">Found</th><th class="best number">Confidence</th>\
<th class="message">Message</th></tr></thead>
""")
_TAIL = Markup("""</table>
<p id="none"{}>{}</p>
</main>
<script>{}</script>
</body>
</html>
""")
_ABOUT = Markup('<p><strong class="state {0}">{0}</strong> {1}</p>\n')
_LINKS = Markup('<p class="links">{}</p>\n')
_LINK = Markup('<a href="{}" rel="noreferrer">{}</a>\n')
_INCOMPLETE = Markup("""<p class="incomplete"><strong>Incomplete:</strong> the run ended before \
all records had come. These are the ones that came.</p>
""")
_COUNT = Markup("<div><dt>{}</dt><dd>{:,}</dd></div>\n")
_NOTES = Markup('<ul class="notes">\n{}</ul>\n')
_NOTE = Markup("<li>{}</li>\n")
_FOLDED = Markup("<details><summary>{}</summary>{}</details>\n")
_FACTS = Markup('<dl class="facts">\n{}</dl>')
_FAILURE = Markup("<div><dt>{}</dt><dd>{}</dd></div>\n")

_CONTROLS = Markup("""<form class="controls">
<div class="filters"><label>Filter <input type="search" id="words" autocomplete="off"></label>
{}<output id="shown"></output></div>
{}</form>
""")
_GROUPS = Markup("""<label>Group <select id="group"><option value="">all</option>{}</select></label>
""")
_OPTION = Markup("<option>{}</option>")
_LEAST = Markup("""<div><label>Confidence at least <input type="range" id="least" min="0" max="1" \
step="0.01" value="0"></label> <output id="floor" for="least" class="number">0.00</output></div>
""")
_LABELS = Markup("""<label><input type="checkbox" id="labels" checked> Labels</label>
""")
_LEGEND = Markup("""<fieldset><legend>Kinds</legend>
{}</fieldset>
""")
_KIND = Markup("""<label class="k{}"><input type="checkbox" value="{}" checked><i></i> {} \
<span class="quiet">{:,}</span></label>
""")


def head(
    ref: JobRef,
    tally: Tally,
    *,
    job: Job | None,
    notes: Sequence[str],
    complete: bool,
    made: datetime,
) -> Markup:
    """All that stands above the records."""
    # where the records say what failed, it needs no other place
    failures = job.failures if job is not None and len(job.failures) > tally.failed else ()
    return _HEAD.format(
        style_hash=_hash(_STYLE),
        script_hash=_hash(_SCRIPT),
        style=_STYLE,
        version=__version__,
        ref=text(str(ref)),
        about=_about(job),
        links=_links(job),
        made=rfc3339(made),
        day=f"{made:%Y-%m-%d %H:%M %Z}",
        incomplete="" if complete else _INCOMPLETE,
        counts=_counts(tally, len(failures)),
        notes=_notes([*notes, *_remarks(tally)]),
        failures=_failures(failures),
        controls=_controls(tally),
        classes=" ".join(["records", *_classes(tally)]),
    )


def tail(tally: Tally) -> Markup:
    """All that stands below the records."""
    if tally.records:
        return _TAIL.format(Markup(" hidden"), "No record matches.", _SCRIPT)
    return _TAIL.format("", "There are no records.", _SCRIPT)


def _hash(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _about(job: Job | None) -> Markup:
    if job is None:
        return Markup("")
    said = [job.name, told(job)]
    return _ABOUT.format(job.state.value, " · ".join(text(one) for one in said if one))


def _links(job: Job | None) -> Markup:
    """Where the job is to be seen: its page for people, and what the API says of it."""
    known = () if job is None else ((job.web_url, "Page of the job"), (job.url, "In the API"))
    links = [_LINK.format(url, name) for url, name in known if url and _LEADS_OUT.match(url)]
    return _LINKS.format(joined(links)) if links else Markup("")


def _counts(tally: Tally, failures: int) -> Markup:
    counts = [_count(tally.records, "record")]
    counts += [_COUNT.format(text(name), number) for name, number in tally.groups.items()]
    counts += [_count(failures, "failure", " of the job")] if failures else []
    counts += [_count(tally.features, "feature")] if tally.features else []
    counts += [_count(tally.pictures, "picture")] if tally.pictures else []
    return joined(counts)


def _count(number: int, noun: str, what: str = "") -> Markup:
    return _COUNT.format(f"{noun}{'' if number == 1 else 's'}{what}", number)


def _notes(notes: Sequence[str]) -> Markup:
    if not notes:
        return Markup("")
    items = [_NOTE.format(text(one)) for one in notes]
    first, more = items[:_NOTED], items[_NOTED:]
    if not more:
        return _NOTES.format(joined(first))
    rest = _FOLDED.format(counted(len(more), "more note"), _NOTES.format(joined(more)))
    return _NOTES.format(joined(first)) + rest


def _failures(failures: Sequence[Failure]) -> Markup:
    if not failures:
        return Markup("")
    told = (_FAILURE.format(text(one.item) or "-", text(one.message)) for one in failures)
    title = f"{counted(len(failures), 'failure')} of the job"
    return _FOLDED.format(title, _FACTS.format(joined(told)))


def _remarks(tally: Tally) -> Iterator[str]:
    if tally.missing:
        yield (
            f"{tally.missing:,} of {tally.missing + tally.pictures:,} pictures are not among those"
            " given, or are no JPEG, PNG, GIF or WebP of at most 32 MiB."
        )
    if tally.empty:
        yield (
            "The service does not tell the proportions of its pictures: a frame without its picture"
            " is 4:3, whatever the picture is."
        )


def _controls(tally: Tally) -> Markup:
    filters = []
    if len(tally.groups) > 1:
        filters.append(_GROUPS.format(joined(_OPTION.format(text(one)) for one in tally.groups)))
    if tally.confident:
        filters.append(_LEAST)
    if not tally.kinds:
        return _CONTROLS.format(joined(filters), "")
    kinds = (
        _KIND.format(colour(tally.places[kind]), tally.places[kind], text(kind), number)
        for kind, number in tally.kinds.items()
    )
    legend = _LEGEND.format(joined(kinds))
    if len(tally.kinds) > _MANY_KINDS:
        legend = _FOLDED.format(counted(len(tally.kinds), "kind"), legend)
    return _CONTROLS.format(joined([*filters, _LABELS]), legend)


def _classes(tally: Tally) -> Iterator[str]:
    """What the style has to know: which columns are empty, and whether there are many records."""
    if tally.records > _MANY:
        yield "large"
    columns = {
        "group": tally.groups,
        "found": tally.features + tally.scores,
        "best": tally.confident,
        "message": tally.messages,
    }
    yield from (f"without-{name}" for name, there in columns.items() if not there)
