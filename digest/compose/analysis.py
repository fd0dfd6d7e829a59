"""An analysis as blocks: its numbered parts, what is missing, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from digest.compose.facts import dotted
from digest.document import Block, Bold, Bullets, Context, Heading, Italic, Link, Para, Span, Text, bullets
from digest.model import BRIEF_PARTS, Analysis, ArxivId, Claim, ClaimSection
from digest.readable import clean, readable
from digest.wording import Wording

PARTS = (
    ClaimSection.OVERVIEW,
    ClaimSection.MOTIVATION,
    ClaimSection.CONTRIBUTIONS,
    ClaimSection.METHOD,
)
EXPERIMENTS = (
    ClaimSection.METRICS,
    ClaimSection.DATASETS,
    ClaimSection.BASELINES,
    ClaimSection.SETUP,
    ClaimSection.RESULTS,
    ClaimSection.ABLATIONS,
)
AFTER_EXPERIMENTS = (
    ClaimSection.LIMITATIONS,
    ClaimSection.STEPS,
    ClaimSection.EQUATIONS,
    ClaimSection.REPRODUCTION,
    ClaimSection.CRITIQUE,
    ClaimSection.RELATED,
)


def is_extract(analysis: Analysis) -> bool:
    """Whether the claims are the paper's own sentences, chosen without a model."""
    return analysis.analyzer.startswith("extractive")


def parts(analysis: Analysis, words: Wording, *, level: int = 3, sources: bool = False) -> tuple[Block, ...]:
    """The five parts, the limitations and what a deep analysis adds, numbered; then what the paper lacks.

    With `sources`, each claim that is not itself a quotation is followed by the words it rests on.
    """
    labels = words.labels
    blocks: list[Block] = []
    for number, section in enumerate(PARTS, 1):
        claims = analysis.of(section)
        if claims:
            blocks.append(Heading(f"{number}. {labels.sections[section]}", level))
            blocks += claim_list(claims, analysis, words, sources=sources)
    experiments = _experiments(analysis, words, sources=sources)
    if experiments:
        blocks += [Heading(f"5. {labels.experiments}", level), *experiments]
    for number, section in enumerate(AFTER_EXPERIMENTS, 6):
        claims = analysis.of(section)
        if claims:
            blocks.append(Heading(f"{number}. {labels.sections[section]}", level))
            blocks += claim_list(claims, analysis, words, sources=sources)
    missing = missing_sentence(analysis, words)
    if missing:
        blocks.append(Para((Italic(missing),)))
    return tuple(blocks)


def _experiments(analysis: Analysis, words: Wording, *, sources: bool) -> list[Block]:
    blocks: list[Block] = []
    for section in EXPERIMENTS:
        claims = analysis.of(section)
        if claims:
            blocks.append(Bullets(((Bold(words.labels.sections[section]),),)))
            blocks += claim_list(claims, analysis, words, indent=1, sources=sources)
    return blocks


def claim_list(
    claims: Sequence[Claim], analysis: Analysis, words: Wording, *, indent: int = 0, sources: bool = False
) -> list[Block]:
    """Claims as a list, each with its anchor; a single one of the first level as a paragraph."""
    if len(claims) == 1 and indent == 0 and not sources:
        return [Para(claim_spans(claims[0], analysis.paper, words))]
    if not sources:
        return [bullets([claim_spans(claim, analysis.paper, words) for claim in claims], indent=indent)]
    blocks: list[Block] = []
    for claim in claims:
        blocks.append(bullets([claim_spans(claim, analysis.paper, words)], indent=indent))
        if claim.verified and claim.quote.strip() and not is_verbatim(claim):
            source = (Text(words.labels.quote + words.colon), Italic(f"“{readable(claim.quote)}”"))
            blocks.append(Bullets((source,), indent=indent + 1))
    return blocks


def is_verbatim(claim: Claim) -> bool:
    return clean(claim.text) == clean(claim.quote)


def claim_spans(claim: Claim, paper: ArxivId, words: Wording, *, limit: int = 0) -> tuple[Span, ...]:
    """The claim, in quotation marks if it is the paper's own words, and its anchor linked to the page.

    With `limit`, the text is cut to about that many characters.
    """
    text = readable(claim.text)  # quotes of an abstract have its LaTeX
    if limit:
        text = shortened(text, limit)
    if is_verbatim(claim) and claim.verified:
        text = f"“{text}”"
    mark = () if claim.verified else (Text("⚠ "),)
    return (*mark, Text(text), *anchor_spans(claim, paper, words))


def anchor_spans(claim: Claim, paper: ArxivId, words: Wording) -> tuple[Span, ...]:
    """The anchor in brackets, linked to its page of the PDF; nothing where the claim has none."""
    anchor = clean(claim.anchor) or (f"p. {claim.page}" if claim.page else "")
    if not anchor:
        return ()
    shown = words.anchor(anchor)
    opening, closing = words.brackets
    inner = (
        Link(shown, f"{paper.pdf_url}#page={claim.page}") if claim.page and paper.is_on_arxiv else Text(shown)
    )
    return (Text(opening), inner, Text(closing))


def shortened(text: str, limit: int) -> str:
    """The text cut at a word, with an ellipsis, if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > limit * 0.6 else head).rstrip(" ,;:，；：、") + "…"


def missing_sentence(analysis: Analysis, words: Wording) -> str:
    """What no claim was found for, said of what was read: the paper, its read parts or its abstract."""
    absent = [
        words.labels.missing[section]
        for section in (BRIEF_PARTS if is_extract(analysis) else analysis.depth.parts)
        if section is not ClaimSection.TLDR and not analysis.of(section)
    ]
    if not absent:
        return ""
    return _missing_template(analysis, words).format(
        parts=", ".join(absent) if words.space else "、".join(absent)
    )


def _missing_template(analysis: Analysis, words: Wording) -> str:
    """Extracts only say what they did not find: the paper may say it in words they do not know.

    So does an analysis with a note: some part of it did not come about as it should.
    """
    say = words.say
    if analysis.basis.kind == "abstract":
        return say.abstract_extracts_missing if is_extract(analysis) else say.abstract_missing
    if is_extract(analysis) or analysis.basis.note:
        return say.extracts_missing
    return say.partly_missing if analysis.basis.left_out else say.paper_missing


def warnings(analysis: Analysis, words: Wording) -> tuple[Block, ...]:
    """Hidden instructions and the like, where nobody can miss them."""
    sentences = [words.reason(clean(warning).lstrip("⚠ ")) for warning in analysis.warnings]
    return tuple(Para((Bold(f"⚠ {sentence}"),)) for sentence in sentences if sentence)


def footer(analysis: Analysis, words: Wording) -> Context:
    """What the analysis rests on, how much of it was found in the text, who wrote it and at what cost."""
    say = words.say
    first = dotted([basis(analysis, words), _verified(analysis, words), *_made_by(analysis, words)])
    lines = [first]
    if analysis.basis.left_out:
        sections = ", ".join(clean(section) for section in analysis.basis.left_out)
        lines.append((Text(say.left_out.format(sections=sections)),))
    if any(not claim.verified for claim in analysis.claims):
        lines.append((Text(say.unverified_mark),))
    return Context(tuple(span for index, line in enumerate(lines) for span in _after_break(index, line)))


def _after_break(index: int, line: tuple[Span, ...]) -> tuple[Span, ...]:
    return (Text("\n"), *line) if index else line


def basis(analysis: Analysis, words: Wording) -> str:
    """ "Extracts from the paper (no model configured), 15 of 15 pages read", "Abstract only: <why>"."""
    say, rests = words.say, analysis.basis
    note = words.reason(clean(rests.note)).rstrip(" .。")
    stands_in = is_extract(analysis) and analysis.retry_at is not None
    if rests.kind == "abstract":
        sentence = say.basis_abstract_extracts if is_extract(analysis) else say.basis_abstract
        sentence = say.basis_abstract_stand_in if stands_in else sentence
        return sentence + (words.colon + note if note else "")
    sentence = say.basis_extracts if is_extract(analysis) else say.basis_model
    sentence = say.basis_stand_in if stands_in else sentence
    read = say.read(rests.pages, read=rests.pages_read) if rests.pages else ""
    read_so_far = words.comma.join(part for part in (sentence, read) if part)
    return f"{read_so_far}{words.stop}{words.space}{note}" if note else read_so_far


def _verified(analysis: Analysis, words: Wording) -> str:
    if not analysis.claims:
        return ""
    return words.say.verified(len(analysis.claims), verified=analysis.verified)


def _made_by(analysis: Analysis, words: Wording) -> tuple[str, ...]:
    if is_extract(analysis):
        return ()
    usage = analysis.usage
    tokens = usage.prompt_tokens + usage.completion_tokens
    model = clean(analysis.analyzer.partition(":")[2] or analysis.analyzer)
    made = words.say.model.format(
        model=model, date=words.short_year(analysis.created_at.date()), tokens=f"{tokens:,}"
    )
    cost = words.say.cost.format(cost=f"{usage.cost:.2f}" if usage.cost >= 0.01 else f"{usage.cost:.4f}")
    return (made, cost) if usage.cost else (made,)
