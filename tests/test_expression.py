"""JMESPath: what is selected, and that nothing is a defect of jobctl."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.expression import Expression

DOCUMENT: dict[str, Any] = {"state": "running", "list": [3, 1, None], "none": None, "text": "ä"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)
WORDS = st.sampled_from(
    """
    state list none text a [ ] ( ) { } . , : * @ & | || && ! == != < <= > >= [] [? [*] [-1] [::0]
    [99999999999999999999] [99999999999999999999:] [::99999999999999999999] `1e999` `-1e999` `{`
    `1` `[1,"a",null]` ` " ' 'x' "list" 0 1 -1 &state &@ # $ \\ \x00 \ud800 ä abs( avg( ceil(
    contains( floor( join( keys( length( map( max( max_by( merge( min( not_null( reverse( sort(
    sort_by( starts_with( sum( to_array( to_number( to_string( type( values(
    """.split()  # noqa: SIM905 - a word of 60 a line would be hard to read
)


def test_what_it_selects_may_hold_or_not() -> None:
    assert Expression("list[0]", "here")(DOCUMENT) == 3
    assert [
        Expression(text, "here").holds(DOCUMENT)
        for text in ("state=='running'", "list[1]", "`0`", "none", "nothing", "`[]`", "''", "`{}`")
    ] == [True, True, True, False, False, False, False, False]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("state[", "--query 'state[': Invalid jmespath"),
        ("[" * 20_000, "it is nested too deep"),
        ("(" * 20_000, "it is nested too deep"),
        ("a" + "[0" * 20_000, "--query 'a[0[0"),
        ("!" * 20_000, "it is nested too deep"),
        ("a" + " | a" * 20_000, "it is nested too deep"),
        ("ceil(`1e999`)", "cannot convert float infinity to integer"),
        ("list[::0]", "slice step cannot be zero"),
        ("list[0:" + "9" * 5000 + "]", "Exceeds the limit"),
        *((f"list[{one}]", "64 bits") for one in ("9" * 20, "-" + "9" * 20, "9" * 20 + ":")),
        ("sort(list)", "sort"),
        ("sorted(list)", "there is no function 'sorted'; did you mean sort?"),
        ("sort()", "sort() takes 1 argument, not 0"),
        *((one, "& stands before") for one in ("&a", "[&a]", "{b: &a}", "to_array(&a)", "a|&a")),
        ("split(text)", "split() takes 2 arguments, not 1"),
        ("'text' | " + "join('', [@,@]) | " * 40 + "@", "it takes too many steps"),
        ("[@,@][] | " * 40 + "@", "it takes too many steps"),
        ("[@,@] | " * 60 + "to_string(@)", "it takes too many steps"),
        ("{a: @, b: @} | " * 60 + "@", "it takes too many steps"),
        ("join('', [text,text]) | " * 2 + "@", "invalid type for value: None"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_expression_or_does_not_fit_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        Expression(text, "--query")(DOCUMENT)
    assert told in refused.value.message
    assert len(refused.value.message) < 1000


def test_a_large_document_deserves_more_steps_than_a_small_one() -> None:
    text = f"items[*].[{', '.join(['a'] * 20)}]"
    found = Expression(text, "here")({"items": [{"a": "b" * 9}] * 3_000})
    assert found == [["b" * 9] * 20] * 3_000


@pytest.mark.parametrize("text", ["list[9223372036854775807]", "list[-9223372036854775807]"])
def test_an_index_beyond_all_lists_finds_nothing(text: str) -> None:
    assert Expression(text, "--query")(DOCUMENT) is None


@given(st.lists(WORDS, max_size=9).map("".join) | st.text(max_size=9), JSON)
def test_no_expression_is_a_defect(text: str, document: Any) -> None:
    with suppress(UsageError):
        Expression(text, "--for").holds(document)


def test_texts_can_be_split_and_read_as_json() -> None:
    document = {"path": "a/b//c", "json": '{"x": [1]}', "broken": "{", "nan": "NaN", "none": None}
    found = {
        text: Expression(text, "here")(document)
        for text in (
            "split(path, '/')", "split(path, '')[0]", "parse_json(json).x[0]", "parse_json(broken)",
            "parse_json(nan)", "parse_json(none)", "not_null(none, path)", "split(path, '/')[-1]",
        )
    }  # fmt: skip
    assert list(found.values()) == [["a", "b", "", "c"], "a", 1, None, None, None, "a/b//c", "c"]
    with pytest.raises(UsageError):
        Expression("split(none, '/')", "here")(document)
