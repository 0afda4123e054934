"""Every mistake of a file is told, at once, with its line and column; none is a traceback."""

from pathlib import Path

import pytest

from jobctl.declared.load import spec_of
from jobctl.errors import ConfigError

GOOD = """\
title: T
settings:
  base_url: https://t.example
  word: {default: a, choices: [a, b]}
  key: {secret: true}
ids: [{name: job}]
get: {path: "/{job}"}
job:
  status: s
  states: {running: [r]}
"""


def mistakes(tmp_path: Path, text: str | bytes, name: str = "t.yaml") -> list[str]:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        spec_of(path)
    return [line.removeprefix(f"{path}:") for line in caught.value.message.splitlines()]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: T\n", "", "1:1: the file lacks 'title'"),
        ("title: T\n", "title:\n", "1:1: title has no value"),
        ("title: T", "titel: T", "1:1: the file has no key 'titel'; did you mean title?"),
        ("title: T", "title: [T]", "1:8: title must be a text"),
        ("choices: [a, b]", "choices: [b]", "4:19: 'a' is none of the choices of word"),
        ("choices: [a, b]", "help: a, b", "4:31: word has no key 'b'; a comma in a text begins"),
        ("default: a", "default: '{wrd}'", "4:19: there is no 'wrd' here; did you mean word?"),
        ("default: a", "default: '{word}'", "4:3: the default of word needs itself"),
        ("default: a", "typ: integer", "4:10: word has no key 'typ'; did you mean type?"),
        ("default: a", "type: float", "4:16: type cannot be 'float'; known: string, integer"),
        ("secret: true", "secret: maybe", "5:17: secret must be true or false"),
        ("secret: true", 'secret: "true"', "5:17: secret must be true or false"),
        ("secret: true", "tool: gh.tokn", "5:15: tool cannot be 'gh.tokn'"),
        ("secret: true", "tool: gh.token", "5:15: gh.token is a secret: write `secret: true`"),
        ("secret: true", "env: [K], pattern: '['", "5:28: pattern is no regular"),
        ("key:", "Key:", "5:3: 'Key' cannot be a name here"),
        ("https://t.example", "http://t.example", "3:13: plain http goes to this machine alone"),
        ("https://t.example", "'https://'", "3:13: write a URL that begins with https://"),
        ("https://t.example", "ftp://t.example", "3:13: write a URL that begins with https://"),
        ("https://t.example", "'https://{key}.example'", "3:13: 'key' is a secret, and a secret"),
        ("https://t.example", "file:///etc/passwd", "3:13: write a URL that begins with https://"),
        ("[{name: job}]", "[]", "6:6: ids is empty"),
        ("[{name: job}]", "[{nam: job}]", "6:8: ids has no key 'nam'; did you mean name?"),
        ("[{name: job}]", "[{name: job}, {name: job}]", "6:27: two id parts are called 'job'"),
        ("[{name: job}]", "[{name: job}, {name: x}]", "6:27: `get` does not use the id part 'x'"),
        ("[{name: job}]", "[{name: 'a b'}]", "6:14: name cannot be 'a b'"),
        ("[{name: job}]", "[{name: job, pattern: '['}]", "6:28: pattern is no regular"),
        ("{name: job}", "{name: x, optional: true}, {name: job}", "6:14: only the last id"),
        ("{name: job}", "{name: x, rest: true}, {name: job, rest: true}", "6:37: only one id part"),
        ("  key:", "  allow_http: 'true'\n  key:", "5:3: every provider has allow_http"),
        ("  key:", "  max_pages: {default: x}\n  key:", "5:3: every provider has max_pages"),
        ("]\nget", "]\npages: ['http://x/{job}']\nget", "7:9: a page begins with https://"),
        ("]\nget", "]\npages: ['/{job}/{x}']\nget", "7:9: 'x' is no part of the id"),
        ("]\nget", "]\npages: ['/{_}']\nget", "7:9: a page names each part of the id"),
        ("]\nget", "]\npages: ['/{job}/{job}']\nget", "7:9: a page names each part once"),
        ('"/{job}"', '"{job}"', "7:13: path is no path: it begins with no slash"),
        ('"/{job}"', '"/a/../{job}"', "7:13: path is no path: '.' and '..' are no part of one"),
        ('"/{job}"', '"/a/%2E%2e/{job}"', "7:13: path is no path: '.' and '..' are no part of one"),
        ('"/{job}"', '"/a/..\\\\{job}"', "7:13: path is no path: '.' and '..' are no part of one"),
        ('"/{job}"', '"/{job}\\r\\nX: y"', "7:13: path is no path: it holds a control character"),
        ('"/{job}"', '"/{job}", base_url: "http://x"', "7:33: plain http goes to this machine"),
        ('"/{job}"', '"/{job}", base_url: "file:///etc"', "7:33: write a URL that begins with"),
        ("]\nget", "]\nauth: {oauth2: {token_url: 'http://x'}}\nget", "7:28: plain http goes"),
        ("]\nget", "]\nauth: {login: {url: 'http://x', token: t}}\nget", "7:21: plain http goes"),
        ('"/{job}"', '"/{job}?a=1"', "7:13: path is no path: what follows '?' stands"),
        ('"/{job}"', '"/{job}/{key}"', "7:13: 'key' is a secret, and a secret stands in no path"),
        ('"/{job}"', '"/{job!r}"', "7:13: path is no path: '{' at letter 2: write {name}"),
        ('"/{job}"', '"/{0.__class__}"', "7:13: path is no path: '{' at letter 2"),
        ('{path: "/{job}"}', "[]", "7:6: get is empty"),
        ('{path: "/{job}"}', "x", "7:6: get must be names and values or a list"),
        ('"/{job}"', '"/{job}", body: {a: "{b"}', "7:33: body is no template: '{' at letter 1"),
        ('"/{job}"', '"/{job}", body: {}, form: {}', "7:33: a request has body or form, not both"),
        ('path: "/{job}"', 'query: {a: "{job}"}', "7:7: a request lacks 'path'"),
        ('"/{job}"', '"/{job}", pick: {a: b}', "7:23: 'pick' chooses among the elements at 'at'"),
        ('"/{job}"', '"/{job}", variables: {}', "7:23: 'variables' are those of 'graphql'"),
        ('"/{job}"', '"/{job}", accept: many', "7:31: accept must be a whole number"),
        ('"/{job}"', '"/{job}", accept: 1', "7:31: accept is too small"),
        ('"/{job}"', '"/{job}", method: PUT', "7:31: method cannot be 'PUT'; known: GET, POST"),
        ("status: s", "status: 's['", "9:11: status: JMESPath 's[': Invalid jmespath"),
        ("status: s", 'status: "\\x1e"', r"9:11: status: JMESPath '\x1e': Bad jmespath"),
        ("status: s", "status: 'f(s)'", "9:11: status: JMESPath 'f(s)': there is no function 'f'"),
        ("status: s", "status: ''", "9:3: status has no value"),
        ("  status: s\n", "", "9:3: job lacks 'status'"),
        ("[r]", "[r, R]", "10:25: the word 'R' is there twice"),
        ("running: [r]", "running: [r], failed: [' r ']", "10:35: the word ' r ' is there twice"),
        ("running: [r]", "failed: '*'", "10:20: every other word can only be queued or running"),
        ("running: [r]", "done: [r]", "10:12: states has no key 'done'; known: queued, running"),
        ("job:", "account: A\njob:", "8:10: account cannot be 'A'"),
        ("job:", "auth: {bearer: tokn}\njob:", "8:16: there is no setting 'tokn'"),
        ("job:", "auth: {}\njob:", "8:7: auth is empty"),
        ("job:", "auth: {bearer: key, query: {}}\njob:", "8:7: auth must be one of bearer"),
        ("job:", "pace: {first: soon}\njob:", "8:15: first: 'soon' is not a duration"),
        ("job:", "list: {path: /, paging: {size: s}}\njob:", "8:26: paging is one of page, offset"),
        ("job:", "list: {path: /, paging: {cursor: c}}\njob:", "8:26: a cursor wants 'at'"),
        ("job:", "list: {path: /, paging: {}}\njob:", "8:25: paging is empty"),
        ("job:", "list: {path: /, records: 'x['}\njob:", "8:26: records: JMESPath 'x['"),
        ('{path: "/{job}"}', "{}", "7:6: get is empty"),
        ("job:", "list: {path: /, within: [x]}\njob:", "8:26: there is no 'x'"),
        ("job:", "list: {path: /, ids: {x: y}}\njob:", "8:23: there is no id part 'x'"),
        ("job:", "errors: [{status: 1}]\njob:", "8:10: errors lacks 'is'"),
        ("status: s", "status: s\n  progress: {percent: {at: p, of: x}}", "10:35: of must be"),
        ("status: s", "status: s\n  progress: {percent: {at: p, of: 0}}", "10:35: of is too small"),
        ("status: s", "status: s\n  detail: {'': ''}", "10:12: '' has no value"),
        ("status: s", 'status: s\n  detail: {"a\\nb": []}', "10:20: 'a\\nb' must be a text"),
        ("title: T", "title: &a T", "1:8: anchors are not allowed"),
        ("title: T", "title: *a", "1:8: aliases are not allowed"),
        ("title: T", "title: !!python/name:os.system T", "1:8: tags are not allowed"),
        ("title: T", "title: T\ntitle: U", "2:1: 'title' is there twice"),
        ("title: T", "title: 'T", "1:8: the quote that opens here is not closed"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    found = mistakes(tmp_path, GOOD.replace(old, new, 1))
    assert any(line.startswith(told) for line in found)


def test_all_mistakes_come_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = GOOD.replace("title", "titel").replace('"/{job}"', '"/{jb}"').replace("[r]", "[r, r]")
    found = mistakes(tmp_path, text)
    assert [line.split(":")[0] for line in found] == ["1", "1", "6", "7", "10"]


def test_mistakes_of_one_place_come_in_the_order_of_its_words(tmp_path: Path) -> None:
    text = GOOD + "pages: ['/{job}/{x}/{b}/{z}/{a}/{y}/{c}']\n"
    told = [f"11:9: '{one}' is no part of the id" for one in "xbzayc"]
    assert mistakes(tmp_path, text) == told


def test_what_yaml_can_and_such_a_file_cannot_is_told_with_all_the_rest(tmp_path: Path) -> None:
    deep = "[" * 70 + "]" * 70
    text = f"""\
title: !!str T
titel: &a U
docs: *a
life: {deep}
settings: {{base_url: https://t.example, base_url: {{x: *a}}}}
ids: [{{name: job, help: "\\0"}}]
get: {{path: "/{{jb}}", [a]: b, *a : c}}
job: {{status: 's[', states: {{running: [r, r]}}}}
"""
    found = mistakes(tmp_path, text)
    for told in (
        "1:8: tags are not allowed; quote a value that begins with '!'",
        "2:1: the file has no key 'titel'; did you mean title?",
        "2:8: anchors are not allowed; quote",
        "3:7: aliases are not allowed; write the value again",
        "4:70: this is nested too deeply",
        "5:41: 'base_url' is there twice",
        "5:55: aliases are not allowed",
        "4:7: life must be a text",
        "6:25: this holds a character",
        "7:22: a name must be a single word",
        "7:30: aliases are not allowed",
        "8:15: status: JMESPath",
    ):
        assert sum(line.startswith(told) for line in found) == 1
    # of what could not be read nobody knows whether the rest fits it
    assert len(found) == 12
    text = GOOD.replace("T", "!x T", 1).replace("{job}", "{jb}") + "title: U\n"
    assert [line.partition(": ")[2][:12] for line in mistakes(tmp_path, text)] == [
        "tags are not", "`get` does n", "there is no ", "'title' is t",
    ]  # fmt: skip


def test_what_was_wrong_before_nobody_could_read_on_is_told_too(tmp_path: Path) -> None:
    found = mistakes(tmp_path, "title: !x T\ndocs: *a\nlife: 'x\n")
    assert [line.partition(";")[0] for line in found] == [
        "1:8: tags are not allowed",
        "2:7: aliases are not allowed",
        "3:7: the quote that opens here is not closed",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "1:1: the file lacks 'title'"),
        (b"# nothing\n", "1:1: the file lacks 'title'"),
        (b"[1, 2]", "1:1: the file must be names and values"),
        (b"\x00\x01\x02", "1:1: a control character is not allowed here"),
        (b"\xff\xfe\x00", "1:1: is not valid UTF-16-LE"),
        (b"a: " + b"x" * (10 << 20), " is larger than 1 MiB"),
        (b"a: " + b"[" * 100 + b"]" * 100, "1:67: this is nested too deeply"),
        (b"a: " + b"[" * 5_000, "1:67: this is nested too deeply"),
        (b"a: 1\n---\nb: 2\n", "2:1: a second document begins here"),
    ],
    ids=["empty", "comment", "array", "binary", "utf-16", "large", "deep", "abyss", "two"],
)
def test_what_is_no_provider_file_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    assert any(line.startswith(told) for line in mistakes(tmp_path, content))


def test_a_file_that_is_not_there_or_has_no_proper_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        spec_of(tmp_path / "none.yaml")
    assert "cannot be the name of a provider" in mistakes(tmp_path, GOOD, "T_1.yaml")[0]


def test_words_are_texts_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(GOOD.replace("[r]", "[NO, on, 0o17, 1_000, 2024-05-01, true]"))
    assert list(spec_of(path).meaning.states) == ["no", "on", "0o17", "1_000", "2024-05-01", "true"]


@pytest.mark.parametrize(
    "away",
    [
        'headers: {X: "{key}"}',
        'list: {path: /, query: {x: "{key}"}}',
        'results: {path: /, body: {x: ["{key}"]}}',
        'logs: {path: /, base_url: "https://evil.example", auth: {bearer: key}}',
        'auth: {login: {url: "https://evil.example", form: {k: "{key}"}, token: t}}',
        'auth: {oauth2: {token_url: "https://evil.example", client_id: a, client_secret: "{key}"}}',
    ],
)
def test_what_a_tool_keeps_secret_goes_to_base_url_alone(tmp_path: Path, away: str) -> None:
    text = GOOD.replace("{secret: true}", "{secret: true, tool: gh.token}")
    told = "5:29: gh.token signs in at base_url: 'key' goes elsewhere"
    assert told in mistakes(tmp_path, f"{text}{away}\n")
    word = text.replace("default: a, choices: [a, b]", "default: '{key}'")
    assert told in mistakes(tmp_path, word)


@pytest.mark.parametrize(
    "auth",
    [
        "{bearer: key}",
        "{basic: key}",
        '{headers: {X: "{key}"}}',
        '{query: {x: "{key}"}}',
        '{login: {path: /, form: {k: "{key}"}, token: t}}',
        '{oauth2: {token_url: "{base_url}/t", client_id: a, client_secret: "{key}"}}',
    ],
)
def test_what_a_tool_keeps_secret_signs_in_at_base_url(tmp_path: Path, auth: str) -> None:
    path = tmp_path / "t.yaml"
    text = GOOD.replace("{secret: true}", "{secret: true, tool: gh.token}")
    path.write_text(f"{text}auth: {auth}\n")
    assert spec_of(path).settings[2].tool == "gh.token"
