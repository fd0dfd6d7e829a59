from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.channel import Channel
from digest.document import Block, Document
from digest.errors import StoreError
from digest.fulltext import FullText
from digest.model import Analysis, CategoryDay, Digest
from storage.codec import from_json, to_json


@pytest.mark.parametrize("kind", [Document, FullText, Analysis, Digest, Channel, CategoryDay])
def test_every_stored_value_comes_back_as_it_was(kind: type) -> None:
    @settings(max_examples=10, deadline=None)
    @given(st.from_type(kind))
    def holds(value: object) -> None:
        text = to_json(kind, value)
        text.encode()
        assert "\0" not in text
        back = from_json(kind, text)
        assert to_json(kind, back) == text
        assert back == value or "NaN" in text  # which is not equal to itself

    holds()


@dataclass(frozen=True)
class Now:
    name: str
    added: int = 7
    day: date | None = None


def test_a_field_added_later_takes_its_default_and_one_removed_is_ignored() -> None:
    assert from_json(Now, '{"name": "x", "removed": [1]}') == Now("x")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": 5}', '{"name": "x", "added": "7"}', '{"name": "x", "day": "soon"}']
)
def test_what_is_no_such_value_is_refused_with_its_beginning(text: str) -> None:
    with pytest.raises(StoreError, match="A stored Now cannot be read"):
        from_json(Now, text)


def test_a_block_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(StoreError, match="Document"):
        from_json(Document, '{"blocks": [{"_": "Hologram"}], "summary": ""}')


def test_a_block_knows_its_kind() -> None:
    assert '"_":"Divider"' in to_json(Document, Document(_one_of_each()))


def _one_of_each() -> tuple[Block, ...]:
    from digest.document import Divider, para

    return (Divider(), para("x"))
