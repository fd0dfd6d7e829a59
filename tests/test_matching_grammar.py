"""The language of subscriptions: what is understood, how it is echoed, what is refused and how."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InvalidQuery
from digest.matching import Query, TermKind, and_form, canonical, in_words, operator_hint, parse_query


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("vla, vision language action", "“vla” or “vision language action”"),
        ('"world model" NOT survey', "exactly “world model” but not “survey”"),
        ("vla -survey", "“vla” but not “survey”"),
        ("vision-language -survey", "“vision-language” but not “survey”"),
        ("vla cat:cs.ro", "“vla” and category cs.RO"),
        ("vla AND NOT title:survey", "“vla” but not “survey” in the title"),
        ("quanti*", "“quanti…”"),
        ("title:vision lang*", "“vision lang…” in the title"),
        (
            'au:"Li, Fei-Fei" AND ti:"world models"',
            "author Li, Fei-Fei and exactly “world models” in the title",
        ),
        ("author:Li Fei-Fei, cat:cs", "author Li Fei-Fei or any cs category"),
        ("cat:cs.*", "any cs category"),
        ("cat:hep-th, cs.RO", "category hep-th or category cs.RO"),
        ("like:https://arxiv.org/abs/2503.09527v2", "papers like 2503.09527"),
        ("a world OR agent AND robot", "“a world”, or “agent” and “robot”"),
        (
            "“smart quotes”，大模型、多模态；x y | z",
            "exactly “smart quotes” or “大模型” or “多模态” or “x y” or “z”",
        ),
        ("「大模型」", "exactly “大模型”"),
        ("A* search, C++", "“A* search” or “C++”"),
        (" , vla,, ", "“vla”"),
        ("vision\nlanguage\taction", "“vision language action”"),
        ("question and answer", "“question and answer”"),
        ("GPT-4: a survey", "“GPT-4: a survey”"),
        ("Re: agents", "“Re: agents”"),
        ("10:30 news", "“10:30 news”"),
        ("see https://x.org/vla", "“see https://x.org/vla”"),
        ("std::vector", "“std::vector”"),
        ("abs:world model", "“world model” in the abstract"),
        (
            'abstract:"world model" NOT ti:survey',
            "exactly “world model” in the abstract but not “survey” in the title",
        ),
        ("vla NOT title:vla", "“vla” but not “vla” in the title"),
        ("the robot AND the", "“the robot” and “the”"),
        ("like:arXiv:2503.09527", "papers like 2503.09527"),
    ],
)
def test_a_query_is_echoed_in_words(query: str, words: str) -> None:
    assert in_words(parse_query(query)) == words


def test_words_together_are_one_phrase_and_remember_how_they_were_written() -> None:
    (clause,) = parse_query("Vision-Language  Action").clauses
    (term,) = clause.required
    assert (term.kind, term.words) == (TermKind.WORDS, ("vision", "language", "action"))
    assert term.written == "Vision-Language  Action"


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "empty"),
        (" \n", 0, "empty"),
        (",，", 0, "no words"),
        ("NOT survey", 0, "NOT alone"),
        ("-survey", 0, "NOT alone"),
        ("vla, NOT survey", 5, "NOT alone"),
        ('vla, "world model', 5, "never closed"),
        ("vla “world model", 4, "never closed"),
        ('5" wafer', 1, "never closed"),
        ("vla AND", 4, "AND needs"),
        ("AND vla", 0, "AND needs"),
        ("vla AND AND x", 4, "AND needs"),
        ("vla AND , x", 4, "AND needs"),
        ("vla NOT", 4, "NOT needs"),
        ("NOT", 0, "NOT needs"),
        ("vla AND NOT", 8, "NOT needs"),
        ("vla OR", 4, "OR needs"),
        ("OR vla", 0, "OR needs"),
        ("vla OR OR x", 4, "OR needs"),
        ('vla, ""', 5, "no word between"),
        ('title:"  "', 6, "no word between"),
        ("🤖", 0, "no letter or digit"),
        ("vla, ---", 5, "no letter or digit"),
        ("*", 0, "needs letters before"),
        ("vla, vl*", 5, "at least 3 letters"),
        ("la*ng", 2, "at the end of a phrase"),
        ("lang* model", 4, "at the end of a phrase"),
        ("cat:robots", 4, "not an arXiv category"),
        ("cat:cs.R0", 4, "did you mean cs.RO?"),
        ("cat:", 0, "nothing after it"),
        ("cat: AND vla", 0, "nothing after it"),
        ("like:robots", 5, "not an arXiv identifier"),
        ("like:", 0, "nothing after it"),
        ("author:", 0, "nothing after it"),
        ("author:L", 7, "family name"),
        ("tittle:agents", 0, "did you mean “title:”?"),
        ("(vla OR x) AND y", 0, "Parentheses"),
        ("foo:bar", 0, "the fields are title:, abstract:, author:, cat: and like:"),
        ('vla AND note:"a bar"', 8, "no field “note:”"),
        ("/explain 2503.09527", 0, "begins with a slash: that is a command"),
        (" /subscribe", 1, "begins with a slash"),
        ("vla NOT vla", 0, "both asked for and excluded"),
        ("robot, vla models NOT VLA-model", 7, "both asked for and excluded"),
        ("big vla model NOT vlas", 0, "no paper can match"),
        ("title:vla NOT vla", 0, "no paper can match"),
        ("cat:cs.RO AND x NOT cs.RO", 0, "no paper can match"),
        ("the", 0, "nearly every paper"),
        ("We, vla", 0, "nearly every paper"),
        ('"of the"', 0, "nearly every paper"),
        ("title:a NOT survey", 0, "nearly every paper"),
        ("http://x.y", 0, "addresses are not searched"),
        ("vla, me@mit.edu", 5, "addresses are not searched"),
        ("a\x00b", 1, "U+0000"),
        ("vla\x1b[31m", 3, "U+001B"),
        ("x" * 4_001, 4_000, "4,000"),
        (", ".join(f"word{n}" for n in range(101)), 0, "100"),
        (" AND ".join(f"word{n}" for n in range(21)), 0, "20"),
    ],
)
def test_a_bad_query_is_refused_with_its_place_and_an_example_that_works(
    query: str, position: int, says: str
) -> None:
    with pytest.raises(InvalidQuery, match=re.escape(says)) as caught:
        parse_query(query)
    if says != "100":
        assert caught.value.position == position
    example = re.search(r"Try: (.*)$|Try [^:]*: (.*)$|each like (.*)$", str(caught.value))
    assert example is not None
    parse_query(next(filter(None, example.groups())))


@settings(deadline=None)
@given(st.text(max_size=50) | st.text('ab AND OR NOT ,"“-*:()catlikeauthortitle 大，\n', max_size=50))
def test_anything_typed_is_a_query_or_refused(text: str) -> None:
    query = _parsed(text)
    if isinstance(query, InvalidQuery):
        assert 0 <= query.position <= len(text)
        assert "Try" in str(query)
        return
    assert in_words(query)
    assert canonical(query)
    looser = and_form(query)
    assert looser is None or parse_query(looser)


def _parsed(text: str) -> Query | InvalidQuery:
    try:
        return parse_query(text)
    except InvalidQuery as error:
        return error


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vla, vision language action", "Vision-Language Actions ,  VLAs"),
        ("vla AND robot NOT survey", "robots AND VLA -surveys"),
        ('author:"Li Fei-Fei"', "author:fei-fei li"),
        ("cat:cs.RO", "cs.ro"),
        ("like:2503.09527v1", "like:arXiv:2503.09527"),
    ],
)
def test_queries_that_ask_the_same_have_one_canonical_form(one: str, other: str) -> None:
    assert canonical(parse_query(one)) == canonical(parse_query(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [("vla", '"vla"'), ("vla", "title:vla"), ("x bc", "x, bc"), ("vla NOT x", "vla AND x"), ("abc", "abc*")],
)
def test_queries_that_ask_for_different_papers_differ_in_canonical_form(one: str, other: str) -> None:
    assert canonical(parse_query(one)) != canonical(parse_query(other))


@pytest.mark.parametrize(
    ("query", "looser"),
    [
        ("vision language action", "vision AND language AND action"),
        ("vla, mixture-of-experts NOT survey", "vla, mixture AND experts NOT survey"),
        ("title:world models AND cat:cs.RO", "title:world AND title:models AND cat:cs.RO"),
        ("A* search (RRT) in C++", '"A*" AND search AND RRT AND C++'),
        ("vla", None),
        ('"world model"', None),
        ("大模型", None),
    ],
)
def test_a_phrase_can_be_loosened_to_its_words(query: str, looser: str | None) -> None:
    assert and_form(parse_query(query)) == looser


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("vla and rag", "Did you mean AND in capitals? vla AND rag"),
        ("x or y", "Did you mean OR in capitals? x OR y"),
        ("world model not survey", "Did you mean NOT in capitals? world model NOT survey"),
        (
            "vla And rag, agents and not surveys",
            "Did you mean AND and AND NOT in capitals? vla AND rag, agents AND NOT surveys",
        ),
        ("vla AND a or b", "Did you mean OR in capitals? vla AND a OR b"),
        ('"question and answer"', None),
        ("vla AND rag", None),
        ("android notes", None),
        ("vla not vla", None),
        ("not surveys", None),
    ],
)
def test_operators_in_small_letters_are_hinted_at(query: str, hint: str | None) -> None:
    assert operator_hint(parse_query(query)) == hint
    if hint is not None:
        parse_query(hint.partition("? ")[2])
