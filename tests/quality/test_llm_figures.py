"""The figures of analyses by a model, on the two shipped papers, with models that run from a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

import pytest

from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm import LlmAnalyzer
from digest.analysis.tokens import estimate
from digest.ask import remembered
from digest.conversation import Answer, AnswerKind
from digest.errors import ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.fulltext import FullText, SectionRole
from digest.model import Analysis, ArxivId, Depth, Paper
from digest.ports import Turn
from tests.faithful import CUT_OFF, REFUSED, ScriptedModel, completion, faithful
from tests.faithful import Answer as Scripted
from tests.quality.test_extracts import PAPERS, read
from tests.written_papers import GRIPPER, full_text
from tests.written_papers import paper as written

pytestmark = pytest.mark.quality

NOW = datetime(2026, 6, 30, tzinfo=UTC)


async def analysed(
    which: tuple[str, str], model: ScriptedModel, depth: Depth = Depth.BRIEF
) -> tuple[Analysis, FullText]:
    name, identifier = which
    text = read(name)
    paper = Paper(id=ArxivId(identifier, 1), title=text.title)
    writer = LlmAnalyzer(model, fallback=ExtractiveAnalyzer(), secret=b"of this installation")
    return await writer.analyze(paper, text, depth=depth, language="en"), text


@pytest.mark.parametrize("which", PAPERS)
@pytest.mark.parametrize("depth", Depth)
async def test_a_full_analysis_carries_twenty_anchors_that_resolve(
    which: tuple[str, str], depth: Depth
) -> None:
    analysis, text = await analysed(which, ScriptedModel(otherwise=faithful), depth)
    numbers = {f"§{section.number}" for section in text.sections if section.number}
    titles = {section.title for section in text.sections} | {caption.label for caption in text.captions}
    for claim in analysis.claims:
        place = claim.anchor.partition(", p. ")[0]
        assert place in numbers | titles | {"Abstract"}
        assert claim.page is None or 1 <= claim.page <= text.pages
    anchors = [claim.anchor for claim in analysis.claims if claim.anchor]
    print(f"{which[1]} {depth}: {len(anchors)} anchors, {len(set(anchors))} different, all resolving")
    assert len(anchors) >= 20
    assert analysis.verified == len(analysis.claims)


@pytest.mark.parametrize("which", PAPERS)
async def test_little_more_is_sent_than_the_body_itself(which: tuple[str, str]) -> None:
    model = ScriptedModel(otherwise=faithful)
    _, text = await analysed(which, model)
    sections = [s for s in text.sections if s.role is not SectionRole.REFERENCES]
    body = sum(estimate(p.text) for s in sections for p in s.paragraphs)
    body += sum(estimate(caption.text) for caption in text.captions)
    sent = sum(estimate(turn.text) for turn in model.calls[0])
    print(f"{which[1]}: {sent} tokens sent for a body of {body}: {sent / body:.3f}x")
    assert sent <= 1.15 * body


@pytest.mark.parametrize("which", PAPERS)
async def test_a_follow_up_sends_nothing_again_but_the_question(which: tuple[str, str]) -> None:
    model = ScriptedModel(otherwise=faithful)
    analysis, _ = await analysed(which, model)
    await analysed(which, model, Depth.DEEP)
    prefix = sum(estimate(turn.text) for turn in model.calls[0][:3])
    told = Answer(
        paper=analysis.paper,
        question="Why?",
        kind=AnswerKind.NOT_SAID,
        language="en",
        analyzer=model.name,
        created_at=NOW,
    )
    question: Sequence[Turn] = (*model.calls[0][:3], *remembered([told]))
    await model.complete(question, max_tokens=100)
    least = min(usage.cached_tokens for usage in model.usages[1:])
    print(f"{which[1]}: at least {least} of a prefix of {prefix} tokens cached in /explain and a question")
    assert least >= 0.95 * prefix


FAULTS: dict[str, Scripted] = {
    "cut off": CUT_OFF,
    "refused": REFUSED,
    "garbled": completion("Sure, here you go."),
    "empty": completion({}),
    "outage": ModelUnavailable("busy", retry_after=300),
    "key": ModelMisconfigured("no key"),
    "too long": ContextExceeded("too long", limit=None),
    "small": ContextExceeded("too long", limit=9_000),
}


async def test_no_script_of_faults_leaves_an_analysis_cut_off_or_wanting_without_a_word() -> None:
    text = full_text(GRIPPER)
    scripts: list[tuple[list[Scripted], Scripted]] = []
    for one, other in product(FAULTS.values(), repeat=2):
        scripts.append(([one, other], faithful))
        scripts.append(([one, faithful], other))
        scripts.append(([CUT_OFF, one, faithful], other))
    bad = 0
    for script, after in scripts:
        model = ScriptedModel(*script, otherwise=after)
        writer = LlmAnalyzer(model, fallback=ExtractiveAnalyzer(), secret=b"x")
        analysis = await writer.analyze(written("GripNet"), text, depth=Depth.BRIEF, language="en")
        bad += not (_is_whole(analysis) and _is_told(analysis))
    print(f"{len(scripts)} scripts of faults: {bad} analyses cut off or wanting without a word")
    assert bad == 0


def _is_whole(analysis: Analysis) -> bool:
    return bool(analysis.claims) and all(
        claim.text.strip() and not re.search(r"(?:…|\.\.\.|,)$", claim.text) for claim in analysis.claims
    )


def _is_told(analysis: Analysis) -> bool:
    """Every part is there, or missing by name; and whatever is not the model's is said not to be."""
    told = {claim.section for claim in analysis.claims} | set(analysis.missing)
    if analysis.analyzer == "extractive":
        return bool(analysis.basis.note) and analysis.retry_at is not None
    complete = told >= set(analysis.depth.parts)
    return complete and (not analysis.missing or bool(analysis.basis.note))
