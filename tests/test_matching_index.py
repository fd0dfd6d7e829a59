"""The index over all subscriptions: who asked for a paper, and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import InvalidQuery
from digest.matching import SubscriptionIndex, parse_query
from digest.matching.names import is_named, name_forms, name_words
from digest.model import ArxivId, Field, Hit, Paper


def _paper(
    title: str = "A title",
    abstract: str = "An abstract.",
    *,
    authors: tuple[str, ...] = (),
    categories: tuple[str, ...] = ("cs.CV",),
    number: str = "2606.30001",
) -> Paper:
    return Paper(id=ArxivId(number), title=title, abstract=abstract, authors=authors, categories=categories)


def _hits(query: str, paper: Paper) -> tuple[Hit, ...]:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("me", parse_query(query))
    found = index.match(paper)
    assert index.keys(paper) == set(found)
    return found.get("me", ())


def _finds(query: str, text: str) -> bool:
    return bool(_hits(query, _paper(abstract=text)))


@pytest.mark.parametrize("text", ["OpenVLA", "CombatVLA", "VLAs", "OpenVLAs", "Event-VLA", "(VLA)", "VLA's"])
@pytest.mark.parametrize("query", ["vla", "VLA", "vlas", "Vla"])
def test_an_acronym_is_found_alone_in_the_plural_and_at_the_end_of_a_name(query: str, text: str) -> None:
    assert _finds(query, f"We train {text} on robots.")


@pytest.mark.parametrize(
    "text", ["MS-VLAM", "NetVLAD", "OpenGVLab", "Vladimir", "github.com/NVLA/VLA", "EVLA"]
)
def test_an_acronym_is_not_found_inside_another_word(text: str) -> None:
    assert not _finds("vla", f"We use {text} on robots.")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("vision language action", "a vision-\nlanguage–action model"),
        ("Vision_Language/Action", "Vision, Language, & Action"),
        ("language model", "large language models are"),
        ("language models", "a language model is"),
        ("vla model", "the OpenVLA models"),
        ("open vla model policy robot", "an Open-VLA model policy robot"),
        ('"language models"', "Language  MODELS"),
        ("quanti*", "post-training Quantization"),
        ("vision lang*", "vision-language"),
        ("vlam*", "MS-VLAM"),
        ("大模型", "基于大模型的推理"),
        ("模型*", "大模型"),
        ("π0", r"we extend $\pi_0$ with"),
        ("pi0", "the π₀ policy"),
        ("C++", "a C++ library"),
        ("A* search", r"A$^*$ search"),
        ("schrodinger bridge", r"Schr\"odinger bridges"),
        ("alzheimer disease", "Alzheimer's disease"),
        ("gpt 4o", "GPT-4o"),
        ("vla", "VLA2"),
        ("it's", "and it’s fast"),
        ("vla policy", "the OpenVLA2 policy"),
        ("gpt model", "GPT4 models"),
        ("qwen", "Qwen2.5-VL"),
        ("lora", "LoRA2"),
        ("vla AND robot", "robots with a VLA"),
        ("vla NOT survey", "a VLA"),
        ("absent, vla", "a VLA"),
    ],
)
def test_a_query_finds(query: str, text: str) -> None:
    assert _finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ra", "LoRA adapters"),
        ("it's", "it and its"),
        ("ra", "LoRA2 adapters"),
        ("3", "3D"),
        ("d", "3D"),
        ('"vla"', "VLA2"),
        ("gpt 3", "GPT3.5"),
        ("language model", "languages model"),
        ('"language model"', "language models"),
        ('"vla"', "OpenVLA"),
        ("class", "clas"),
        ("gpt 3", "GPT-3.5"),
        ("vision action", "vision language action"),
        ("vla AND robot", "a VLA"),
        ("vla NOT survey", "a survey of VLA"),
        ("vla -title:abstract -survey", "a VLA survey"),
        ("quant*", "a quark"),
        ("c", "C++"),
        ("型大", "大模型"),
    ],
)
def test_a_query_does_not_find(query: str, text: str) -> None:
    assert not _finds(query, text)


def test_a_phrase_does_not_run_from_the_title_into_the_abstract() -> None:
    assert not _hits("world model", _paper("The world", "Model of it."))


def test_keywords_are_not_sought_in_names_categories_and_comments() -> None:
    paper = Paper(
        id=ArxivId("2606.30001"),
        title="T",
        abstract="A",
        authors=("Vla Robot",),
        comment="vla",
        categories=("cs.RO",),
    )
    assert not _hits("vla, robot, cs ro", paper)


def test_a_hit_in_title_and_abstract_tells_of_the_title() -> None:
    (hit,) = _hits("Event VLA", _paper("Event-VLA: act fast", "Event-VLA acts."))
    assert hit == Hit(phrase="Event VLA", field=Field.TITLE, snippet="Event-VLA: act fast")


def test_title_terms_look_at_nothing_else() -> None:
    assert _hits("title:world models", _paper("A World Model"))
    assert _hits('title:"world model"', _paper("A World Model"))
    assert _hits("title:worl*", _paper("A World Model"))
    assert not _hits("title:world model, title:worl*", _paper("A model", "of the world model"))


def test_abstract_terms_look_at_nothing_else() -> None:
    paper = _paper("A survey", "We train a world model on robots.")
    (hit,) = _hits("abs:world models", paper)
    assert (hit.field, hit.phrase) == (Field.ABSTRACT, "abs:world models")
    assert _hits('abstract:"world model" AND abs:robo*', paper)
    assert not _hits('abs:survey, abs:"survey", abs:surv*', paper)
    assert _hits("world NOT abs:survey", paper)


def test_an_abstract_term_quotes_the_abstract_where_the_title_has_the_phrase_too() -> None:
    (hit,) = _hits("abs:world model", _paper("A world model", "Our world model acts."))
    assert hit == Hit(phrase="abs:world model", field=Field.ABSTRACT, snippet="Our world model acts.")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cat:cs.RO", True),
        ("cat:CS.ro", True),
        ("cat:cs", True),
        ("cat:cs.*", True),
        ("cs.RO", True),
        ("cat:math", False),
    ],
)
def test_a_category_is_found_among_all_of_a_papers_categories(query: str, *, found: bool) -> None:
    hits = _hits(query, _paper(categories=("eess.SY", "cs.RO")))
    assert bool(hits) is found
    if found:
        assert (hits[0].field, hits[0].snippet) == (Field.CATEGORY, "cs.RO")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Li Fei-Fei", "Fei-Fei Li"),
        ("Li, Fei-Fei", "Feifei Li"),
        ("feifei li", "Fei-Fei Li"),
        ("Fei-Fei Li", "F.-F. Li"),
        ("F. Li", "Fei-Fei Li"),
        ("Li", "Fei-Fei Li"),
        ("Yann LeCun", "Y. LeCun"),
        ("Y LeCun", "Yann A. LeCun"),
        ("Schrodinger", "Erwin Schrödinger"),
        ("李飞飞", "李飞飞"),
        ("O'Brien", "Conan O’Brien"),
        ("ATLAS", "ATLAS Collaboration"),
    ],
)
def test_an_author_is_found_in_any_order_and_by_initials(asked: str, name: str) -> None:
    (hit,) = _hits(f'author:"{asked}"', _paper(authors=("Ada Lovelace", name)))
    assert (hit.field, hit.snippet) == (Field.AUTHOR, name)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Li", "L. Zhang"),
        ("Li", "Lin Zhang"),
        ("Fei-Fei Li", "Fei Zhang"),
        ("Wei Li", "Weili Zhang"),
        ("Yann LeCun", "Yoshua LeCun"),
        ("John Smith Jones", "John Smith"),
    ],
)
def test_an_author_of_another_name_is_not_found(asked: str, name: str) -> None:
    assert not is_named(name_words(asked), name_forms(name_words(name)))
    assert not _hits(f'author:"{asked}"', _paper(authors=(name,)))


def test_everyone_gets_a_phrase_as_they_wrote_it() -> None:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("ada", parse_query("World-Model"))
    index.add("alan", parse_query("world models AND vla"))
    index.add("kurt", parse_query("world model NOT vla"))
    found = index.match(_paper("A VLA with a world model"))
    assert {key: [hit.phrase for hit in hits] for key, hits in found.items()} == {
        "ada": ["World-Model"],
        "alan": ["world models", "vla"],
    }


def test_a_query_added_under_the_same_key_replaces_the_first() -> None:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("me", parse_query("vla"))
    index.add("me", parse_query("robot"))
    assert len(index) == 1
    assert not index.match(_paper("VLA"))
    assert index.match(_paper("Robots"))


def test_scanning_names_each_phrase_once_whoever_asked() -> None:
    index: SubscriptionIndex[int] = SubscriptionIndex()
    for key, query in enumerate(("vla", "VLA", "vlas", "robot AND vla", "absent")):
        index.add(key, parse_query(query))
    assert index.scan(_paper("A VLA")) == {("vla",)}


def _is_taken(query: str) -> bool:
    """Whether a query is not at odds with itself, as `robot NOT robot` is."""
    try:
        parse_query(query)
    except InvalidQuery:
        return False
    return True


_VOCABULARY = ["robot", "model", "policy", "world", "vla"]
_PHRASE = st.lists(st.sampled_from(_VOCABULARY), min_size=1, max_size=5).map(" ".join)
_QUERY = (
    st.lists(_PHRASE, min_size=1, max_size=3).map(" AND ".join)
    | st.tuples(_PHRASE, st.sampled_from(["", "title:"]), _PHRASE).map(
        lambda parts: f"{parts[0]} NOT {parts[1]}{parts[2]}"
    )
    | _PHRASE.map(lambda phrase: f'"{phrase}"')
    | _PHRASE.map(lambda phrase: f"{phrase}*")
).filter(_is_taken)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), _QUERY)), max_size=15),
    st.lists(st.sampled_from(_VOCABULARY), max_size=30).map(" ".join),
)
def test_any_order_of_adding_and_removing_ends_in_the_same_index(
    changes: list[tuple[int, str | None]], text: str
) -> None:
    changed: SubscriptionIndex[int] = SubscriptionIndex()
    left: dict[int, str] = {}
    for key, query in changes:
        if query is None:
            changed.remove(key)
            left.pop(key, None)
        else:
            changed.add(key, parse_query(query))
            left[key] = query
    fresh: SubscriptionIndex[int] = SubscriptionIndex()
    for key, query in left.items():
        fresh.add(key, parse_query(query))
    paper = _paper(text[:20], text)
    assert changed.match(paper) == fresh.match(paper)
    assert len(changed) == len(fresh)
    for key in left:
        changed.remove(key)
    assert not changed.scan(paper)


def test_many_phrases_are_found_as_few_are() -> None:
    words = [f"q{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(400)]
    index: SubscriptionIndex[str] = SubscriptionIndex()
    sizes = (1, 2, 3, 4, 6)
    queries = [" ".join(words[n : n + size]) for size in sizes for n in range(400 - size)]
    for query in queries:
        index.add(query, parse_query(query))
    text = " ".join(words[100:140])
    assert index.keys(_paper(abstract=text)) == {query for query in queries if query in text}


@pytest.mark.parametrize("others", [0, 4_000])
def test_a_long_phrase_and_its_end_come_and_go_alone(others: int) -> None:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    for number in range(others):
        index.add(f"other {number}", parse_query(f"absent word{number}"))
    paper = _paper(abstract="we see one big tall green tree")
    index.add("long", parse_query("one big tall green tree"))
    index.add("never", parse_query("no big tall green tree"))
    assert index.keys(paper) == {"long"}
    index.add("end", parse_query("big tall green tree"))
    assert index.keys(paper) == {"long", "end"}
    index.remove("end")
    assert index.keys(paper) == {"long"}
    index.add("end", parse_query("big tall green tree"))
    index.remove("long")
    index.remove("never")
    assert index.keys(paper) == {"end"}
    index.remove("end")
    assert not index.scan(paper)


def test_papers_like_an_example_are_found_and_the_words_they_share_told() -> None:
    example = _paper(
        "Grasping with tactile gloves", "Tactile gloves help grasping fabrics.", number="2503.09527"
    )
    near = _paper("Tactile gloves", "Gloves for grasping soft fabrics.")
    far = _paper("Proof nets", "Cut elimination in linear logic.")
    index: SubscriptionIndex[str] = SubscriptionIndex({example.id: example}.get)
    index.add("me", parse_query("like:2503.09527"))
    (hit,) = index.match(near)["me"]
    assert "gloves" in hit.snippet
    assert not index.match(far)


def test_an_unknown_example_finds_nothing_until_it_is_learned() -> None:
    example = _paper("Tactile gloves", "Grasping fabrics.", number="2503.09527")
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("me", parse_query("like:2503.09527"))
    assert not index.match(example)
    assert index.unknown_examples == (ArxivId("2503.09527"),)
    index.learn(example)
    assert index.match(example)
    assert index.unknown_examples == ()


@pytest.mark.parametrize("where", [0, 300, 900, 1_900])
def test_a_snippet_shows_the_hit_in_the_original_words_and_is_cut_between_words(where: int) -> None:
    filler = "lorem ipsum dolor sit amet " * 80
    cut = filler.index(" ", where) + 1
    abstract = f"{filler[:cut]}our Vision-\nLanguage–Action (OpenVLA) {filler[cut:]}"
    (hit,) = _hits("vision language action", _paper(abstract=abstract))
    assert "Vision- Language–Action" in hit.snippet
    shown = hit.snippet.strip("… ")
    assert shown in " ".join(abstract.split())
    assert set(shown.split()) <= set(abstract.split())
    assert 80 <= len(hit.snippet) <= 124
    assert hit.snippet.startswith("…") is (where > 0)


def test_a_snippet_of_a_text_without_spaces_is_cut_anywhere() -> None:
    (hit,) = _hits("大模型", _paper(abstract="的" * 300 + "大模型" + "的" * 300))
    assert "大模型" in hit.snippet
    assert len(hit.snippet) <= 124
