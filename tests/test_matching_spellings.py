"""Compounds written joined, with a hyphen or apart, and names with their versions, are one phrase."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.matching import SubscriptionIndex, and_form, canonical, fold, parse_query
from digest.matching.spellings import MAX_SPELLINGS, spellings
from digest.model import ArxivId, Hit, Paper
from tests.labelled import labelled


def _hits(query: str, abstract: str, title: str = "A title") -> tuple[Hit, ...]:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("me", parse_query(query))
    paper = Paper(id=ArxivId("2606.30001"), title=title, abstract=abstract, categories=("cs.LG",))
    return index.match(paper).get("me", ())


_COMPOUNDS = [
    ("spatio-temporal prediction", "spatiotemporal prediction"),
    ("multivariate time series forecasting", "multi-variate time-series forecasting"),
    ("multi-modal pre-training", "multimodal pretraining"),
    ("non-linear co-evolution", "nonlinear coevolution"),
    ("neuro-symbolic model", "neurosymbolic models"),
    ("semi-supervised", "semisupervised"),
    ("multi-agent reinforcement learning", "multiagent reinforcement learning"),
    ("re-ranking", "reranking"),
    ("hyper-parameter", "hyperparameters"),
    ("biomedical", "bio-medical"),
    ("fine tuning", "finetuning"),
    ("data set", "datasets"),
    ("time series", "timeseries"),
    ("multi-GPU", "multigpu"),
    ("automl", "auto-ML"),
    ("multi mod*", "multimodality"),
    ("spatiotemp*", "spatio-temporally"),
    ("dinov2", "DINO-v2"),
    ("title:multi-view", "multiview"),
]


@pytest.mark.parametrize(("one", "other"), _COMPOUNDS)
def test_a_compound_is_found_however_it_is_written(one: str, other: str) -> None:
    plain = one.removeprefix("title:").rstrip("*")
    for text in (other, other.replace("-", " "), plain):
        assert _hits(one, text, title=text), (one, text)
    assert _hits(other, plain if not one.endswith("*") else other)


@pytest.mark.parametrize("version", ["GPT4", "GPT-4", "GPT 4", "gpt_4", "gpt4"])
@pytest.mark.parametrize("query", ["gpt4", "gpt-4", "GPT 4"])
def test_a_name_and_its_version_are_one_joined_or_apart(query: str, version: str) -> None:
    assert _hits(query, f"We ask {version} models.")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ('"spatio-temporal"', "spatiotemporal"),
        ('"pretraining"', "pre-training"),
        ('"gpt4"', "GPT-4"),
        ("gpt4", "GPT-4.5"),
        ("gpt4", "GPT, 40"),
        ("infinite", "in finite time"),
        ("overstate", "over state spaces"),
        ("3d", "3 d"),
        ("multimodal", "multi-model"),
        ("multi task", "task multi"),
        ("vla multi NOT multimodal", "vla multi modal"),
    ],
)
def test_other_words_and_quoted_phrases_stay_as_they_are_written(query: str, text: str) -> None:
    assert not _hits(query, text)


def test_a_hit_tells_the_subscribers_spelling_and_quotes_the_papers() -> None:
    (hit,) = _hits("spatio-temporal prediction", "We study SpatioTemporal prediction of traffic.")
    assert hit.phrase == "spatio-temporal prediction"
    assert hit.snippet == "We study SpatioTemporal prediction of traffic."


def test_a_snippet_shows_the_first_place_in_any_spelling() -> None:
    text = f"Multi-modal agents. {'More and more of it. ' * 20}A multimodal agent."
    (hit,) = _hits("multimodal agent", text)
    assert hit.snippet.startswith("Multi-modal agents")


def test_queries_in_two_spellings_ask_the_same() -> None:
    assert canonical(parse_query("multi-modal LLMs")) == canonical(parse_query("multimodal llm"))
    assert canonical(parse_query('"multi-modal"')) != canonical(parse_query('"multimodal"'))


def test_a_loosened_phrase_keeps_its_compounds() -> None:
    loose = and_form(parse_query("spatio-temporal traffic prediction"))
    assert loose == "spatio-temporal AND traffic AND prediction"
    assert and_form(parse_query("multi-modal")) is None


def test_a_spelling_that_another_still_uses_is_not_forgotten() -> None:
    index: SubscriptionIndex[str] = SubscriptionIndex()
    index.add("ada", parse_query("multi-modal"))
    index.add("alan", parse_query("multimodal"))
    index.remove("ada")
    paper = Paper(id=ArxivId("2606.30001"), title="T", abstract="multi modal", categories=("cs.LG",))
    assert index.keys(paper) == {"alan"}
    index.remove("alan")
    assert not index.scan(paper)


_PART = st.sampled_from(
    [
        *("pre", "non", "re", "co", "sub", "multi", "uni", "bi", "counter", "unter", "un", "micro", "over"),
        *("modal", "linear", "task", "gpt", "4", "4.5", "3d", "key", "point", "wise", "data", "set", "fine"),
        *(
            "tuning",
            "fitting",
            "a",
            "robot",
            "multimodal",
            "pretraining",
            "keypoint",
            "gpt4",
            "v2",
            "mpv",
            "大",
        ),
    ]
)


@settings(deadline=None)
@given(st.lists(st.lists(_PART, min_size=1, max_size=3).map("".join), min_size=1, max_size=5))
def test_no_spelling_belongs_to_two_phrases(words: list[str]) -> None:
    phrase = tuple(fold(" ".join(words)).split())
    same = spellings(phrase)
    assert phrase in same
    assert len(same) == len(set(same)) <= MAX_SPELLINGS
    for each in same:
        assert spellings(each) == same


def test_every_phrase_found_in_a_real_paper_has_its_snippet() -> None:
    queries = [query.removeprefix("title:") for pair in _COMPOUNDS for query in pair]
    index: SubscriptionIndex[str] = SubscriptionIndex()
    for query in queries:
        index.add(query, parse_query(query))
    hits = [hit for _, each in labelled() for found in index.match(each.paper).values() for hit in found]
    assert len(hits) > 500
    assert all(hit.snippet for hit in hits)
