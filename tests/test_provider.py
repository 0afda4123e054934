"""What serves every provider that does not say otherwise."""

from jobctl.models import Card
from jobctl.provider import Provider


def test_a_record_of_which_nothing_is_known_is_shown_by_its_fields() -> None:
    assert Provider.card({"a": 1}) == Card(facts={"a": 1})
    assert Provider.card("text") == Card()
