"""Schemas for strict servers, and JSON out of whatever a model writes."""

import json
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from digest.analysis.budget import Prices
from digest.analysis.openai_answers import Transcript, clean, counted, json_object, read_answer
from digest.analysis.openai_schema import response_format, schema_in_words, strict_schema
from digest.ports import Finish
from tests.peers.openai_rules import least, strict_fault


class Kind(StrEnum):
    TABLE = "table"
    FIGURE = "figure"


class Claim(BaseModel):
    """A claim with its quote."""

    text: Annotated[str, Field(min_length=1, max_length=300)]
    quote: str = ""
    page: int | None = None
    kind: Kind = Kind.TABLE
    basis: Literal["body"] = "body"


class Experiments(BaseModel):
    title: str  # a field with the name of a keyword
    default: str
    results: Annotated[list[Claim], Field(max_length=8)]


class Paper(BaseModel):
    overview: list[Claim]
    experiments: Experiments | None
    missing: Annotated[list[str], Field(description="Fields the paper says nothing of")]


class Tree(BaseModel):
    children: list["Tree"]


class Open(BaseModel):
    scores: dict[str, float]


@pytest.mark.parametrize("bounds", [True, False])
def test_a_strict_schema_is_what_strict_servers_take(bounds: bool) -> None:
    asked = response_format(Paper, bounds=bounds)

    assert strict_fault({"response_format": asked}) == ""
    assert asked["json_schema"]["name"] == "Paper"
    text = json.dumps(asked)
    assert "$ref" not in text
    assert "$defs" not in text
    assert ("maxLength" in text) is bounds
    assert ("maxItems" in text) is bounds


def test_fields_named_like_keywords_stay() -> None:
    experiments = strict_schema(Experiments)

    assert list(experiments["properties"]) == ["title", "default", "results"]
    assert experiments["required"] == ["title", "default", "results"]


def test_the_least_answer_to_a_strict_schema_is_valid() -> None:
    answer = least(strict_schema(Paper))
    assert isinstance(Paper.model_validate(answer), Paper)


@pytest.mark.parametrize("model", [Tree, Open])
def test_a_model_that_no_strict_schema_describes_is_told_to_its_author(model: type[BaseModel]) -> None:
    with pytest.raises(TypeError, match=r"strict schema"):
        strict_schema(model)


def test_a_schema_in_words_writes_shared_parts_once_and_wants_every_field() -> None:
    words = schema_in_words(Paper)
    schema = json.loads(words[words.index("{") :])

    assert words.count('"quote":') == 1
    assert schema["$defs"]["Claim"]["required"] == ["text", "quote", "page", "kind", "basis"]
    assert list(schema["$defs"]["Experiments"]["properties"])[:2] == ["title", "default"]


FOUND = {
    "plain": '{"a": 1, "b": 2}',
    "fenced": '```json\n{"a": 1, "b": 2}\n```',
    "after prose": 'In set {x} notation: {"a": 1, "b": 2} — done {',
    "after another": '{"x": 0} {"a": 1, "b": 2}',
    "thought": '<think>{"a": 0, "b": 0}</think>{"a": 1, "b": 2}',
    "in a list": '[{"a": 1, "b": 2}]',
    "after a smaller one": '{"a": 0} {"a": 1, "b": 2}',
    "wrapped": '{"answer": {"a": 1, "b": 2}}',
    "with commas too many": '{"a": 1, "b": 2,\n}',
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_the_object_with_all_fields_is_found(text: str) -> None:
    assert json_object(text, {"a", "b"}) == {"a": 1, "b": 2}


def test_an_object_that_lacks_fields_is_better_than_none() -> None:
    assert json_object('{"a": [{"text": ",]"},],}', {"a", "b"}) == {"a": [{"text": ",]"}]}


NOT_FOUND = ["", "no", "{", '{"a": NaN}', '{"a": 1', '<think>{"a": 1}', '{"x": 1}', '{"a": [{"c": 1}, {"d"']
NOT_FOUND.append("{" * 100_000)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_no_json_object_is_none(text: str) -> None:
    assert json_object(text, {"a"}) is None


def test_raw_line_breaks_and_halves_of_characters_in_strings_are_borne() -> None:
    assert json_object('{"a": "x\ny\\ud83d z\\u0000"}', {"a"}) == {"a": "x\ny� z"}


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.lists(inner), max_leaves=8))
def test_any_value_survives_the_way_through_a_chatty_answer(value: object) -> None:
    text = f"Here: ```json\n{json.dumps({'a': value})}\n``` Bye {{}}."
    assert json_object(text, {"a"}) == json.loads(json.dumps({"a": value}).replace("\\u0000", ""))


@given(st.text(alphabet=st.characters(codec=None)))
def test_clean_text_can_always_be_stored(text: str) -> None:
    assert "\0" not in clean(text)
    clean(text).encode("utf-8")


def test_a_character_that_a_stream_tears_apart_is_put_together() -> None:
    transcript = Transcript()
    for piece in ("a\ud83c", "\udf93b"):
        transcript.add({"choices": [{"delta": {"content": piece}}]})

    assert transcript.whole().text == "a🎓b"


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("stop", Finish.STOP),
        ("eos", Finish.STOP),
        ("end_turn", Finish.STOP),
        ("tool_calls", Finish.STOP),
        ("something new", Finish.STOP),
        ("length", Finish.LENGTH),
        ("MAX_TOKENS", Finish.LENGTH),
        ("content_filter", Finish.REFUSED),
        ("SAFETY", Finish.REFUSED),
        ("error", None),
        (None, None),
    ],
)
def test_reasons_to_end_are_understood(reason: str | None, finish: Finish | None) -> None:
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": reason}]}
    assert read_answer(body).finish == finish


@pytest.mark.parametrize(
    "body",
    [{}, {"choices": None}, {"choices": []}, {"choices": [None]}, {"choices": [{"message": 3, "delta": []}]}],
)
def test_an_answer_of_any_shape_is_read(body: dict[str, object]) -> None:
    assert read_answer(body).text == ""


def test_content_in_parts_is_joined_without_thoughts() -> None:
    parts = [
        {"type": "thinking", "thinking": []},
        {"type": "text", "text": "A"},
        {"type": "text", "text": "B"},
    ]
    assert read_answer({"choices": [{"message": {"content": parts}}]}).text == "AB"


def test_reasoning_that_only_the_total_counts_is_paid_for() -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 160}
    tokens = counted(usage, Prices(prompt=1, completion=2), sent=0, got=0)

    assert (tokens.prompt_tokens, tokens.completion_tokens) == (100, 60)
    assert tokens.cost == pytest.approx(220e-6)


def test_a_server_that_counts_nothing_is_estimated() -> None:
    tokens = counted(None, Prices(), sent=3500, got=350)
    assert (tokens.prompt_tokens, tokens.completion_tokens) == (1000, 100)
