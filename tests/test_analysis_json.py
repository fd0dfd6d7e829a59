"""Analyses as JSON, and papers that come from a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from digest.analysis import analysis_from_json, analysis_to_json, paper_of
from digest.analysis.extractive import extract
from digest.model import Analysis, ArxivId, Basis, Claim, ClaimSection, Depth, Usage
from tests.written_papers import GRIPPER, full_text, paper


def _written_by_a_model() -> Analysis:
    return Analysis(
        paper=ArxivId("hep-th/9901001", 2),
        title="弦与膜",
        language="zh-CN",
        depth=Depth.DEEP,
        claims=(
            Claim(
                section=ClaimSection.RESULTS,
                text="准确率为 91.3%。",
                quote="an accuracy of 91.3%",
                paragraph=7,
                page=3,
                anchor="§4.1, p. 3",
                verified=True,
            ),
        ),
        missing=(ClaimSection.LIMITATIONS,),
        links=("https://github.com/a/b",),
        warnings=("⚠ hidden instructions found in this PDF, p. 2 (ignored)",),
        basis=Basis(kind="full text", pages=9, pages_read=8, left_out=("Appendix B",), note="cut"),
        analyzer="openai:some-model",
        prompt_version="3",
        usage=Usage(prompt_tokens=9, cached_tokens=4, completion_tokens=2, cost=0.003),
        created_at=datetime(2026, 6, 30, 12, 30, 1, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize("analysis", [_written_by_a_model(), extract(paper(), full_text(GRIPPER))])
def test_an_analysis_survives_its_way_through_json(analysis: Analysis) -> None:
    assert analysis_from_json(json.loads(json.dumps(analysis_to_json(analysis)))) == analysis


def test_the_json_names_what_scripts_rely_on() -> None:
    form = analysis_to_json(_written_by_a_model())
    assert form["id"] == "hep-th/9901001v2"
    assert form["claims"][0] == {
        "section": "experiments.results",
        "text": "准确率为 91.3%。",
        "quote": "an accuracy of 91.3%",
        "paragraph": 7,
        "page": 3,
        "anchor": "§4.1, p. 3",
        "verified": True,
    }
    assert form["missing"] == ["limitations"]
    assert form["tokens"] == {"prompt": 9, "cached": 4, "completion": 2}


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("2301.13298v1.pdf", ArxivId("2301.13298", 1)),
        ("hep-th_9901001.PDF", ArxivId("hep-th_9901001")),
        ("my draft.pdf", ArxivId("my draft")),
        ("notes", ArxivId("notes")),
    ],
)
def test_a_files_paper_is_known_by_its_identifier_or_its_name(name: str, identifier: ArxivId) -> None:
    known = paper_of(full_text(GRIPPER, title="GripNet"), name=name)
    assert (known.id, known.title) == (identifier, "GripNet")
    assert known.abstract.startswith("Grasping unseen objects")


def test_a_paper_from_a_file_can_go_through_json_too() -> None:
    text = full_text(GRIPPER, title="")
    analysis = extract(paper_of(text, name="my draft.pdf"), text)
    assert analysis.title == "my draft"
    assert analysis_from_json(analysis_to_json(analysis)) == analysis
