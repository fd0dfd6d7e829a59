"""Analyses without a model: the paper's own sentences, chosen and put in their places."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from digest.analysis.contributions import own_list
from digest.analysis.languages import detect_language
from digest.analysis.links import own_links
from digest.analysis.moves import moves, turning_point
from digest.analysis.outline import Sentence, abstract_sentences, caption_sentences, prose
from digest.analysis.parts import (
    CONTRIBUTIONS,
    METHOD,
    METHOD_ANYWHERE,
    MOTIVATION,
    OVERVIEW,
    TESTED,
    PartCues,
)
from digest.analysis.selection import Pool, choose, rated, shared_out
from digest.analysis.tldr import announces, tldr_scores
from digest.analysis.verify import verify
from digest.clock import Clock, utc_now
from digest.fulltext import FullText, HiddenText, SectionRole
from digest.model import BRIEF_PARTS, Analysis, Basis, Claim, ClaimSection, Depth, Paper

VERSION = "extracts-2"
Role = SectionRole
Parts = dict[ClaimSection, tuple[Sentence, ...]]

# Papers of more sentences than this are books; their front matters most, and time must stay bounded.
_MOST_SENTENCES = 1_500


class ExtractiveAnalyzer:
    """Fills the whole schema with verbatim quotes; the embedded default, and the others' last resort."""

    name = "extractive"
    prompt_version = VERSION

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    async def analyze(
        self, paper: Paper, text: FullText | None, /, *, depth: Depth, language: str, note: str = ""
    ) -> Analysis:
        """Extracts in the paper's own language, whatever `language` asks, since extracts are not translated.

        The result's `language` says which it is.
        """
        analysis = await asyncio.to_thread(extract, paper, text, depth=depth, note=note)
        return replace(analysis, created_at=self._clock())


def extract(paper: Paper, text: FullText | None, *, depth: Depth = Depth.BRIEF, note: str = "") -> Analysis:
    """The extracts of one paper, verified; from the abstract where there is no usable full text."""
    usable = text if text is not None and text.paragraphs else None
    claims = tuple(_claims(paper, usable, depth))
    analysis = Analysis(
        paper=paper.id,
        title=paper.title or (text.title if text else ""),
        language=detect_language(_sample(paper, usable)),
        depth=depth,
        claims=claims,
        missing=missing_parts(claims),
        links=own_links(paper, text),
        warnings=hidden_warnings(text.hidden if text else ()),
        basis=_basis(text, usable, note),
        analyzer=ExtractiveAnalyzer.name,
        prompt_version=VERSION,
        created_at=utc_now(),
    )
    return verify(analysis, usable, paper)


def missing_parts(claims: Iterable[Claim]) -> tuple[ClaimSection, ...]:
    """The parts that extracts fill and that have no claim, in their order."""
    found = {claim.section for claim in claims}
    return tuple(section for section in BRIEF_PARTS if section not in found)


def hidden_warnings(hidden: Sequence[HiddenText]) -> tuple[str, ...]:
    """One warning naming the pages, if hidden text in the PDF addresses a model."""
    pages = sorted({each.page for each in hidden if each.instruction})
    if not pages:
        return ()
    return (f"⚠ hidden instructions found in this PDF, p. {', '.join(map(str, pages))} (ignored)",)


def _basis(text: FullText | None, usable: FullText | None, note: str) -> Basis:
    if usable is not None:
        told = " ".join(filter(None, (note, *usable.notes)))
        return Basis(kind="full text", pages=usable.pages, pages_read=usable.pages_read, note=told)
    reason = note or (" ".join(text.notes) if text else "")
    return Basis(kind="abstract", pages=text.pages if text else 0, note=reason)


def _sample(paper: Paper, text: FullText | None) -> str:
    if text is None:
        return f"{paper.title} {paper.abstract}"
    return " ".join(paragraph.text for paragraph in text.paragraphs[:60])


def _claims(paper: Paper, text: FullText | None, depth: Depth) -> Iterator[Claim]:
    """All parts, in the order of the schema."""
    sentences = _sentences(paper, text)
    parts = _from_abstract(sentences, paper) if text is None else _from_text(sentences, paper, text, depth)
    for section in ClaimSection:
        for sentence in parts.get(section, ()):
            yield Claim(
                section=section,
                text=sentence.text,
                quote=sentence.text,
                paragraph=sentence.paragraph,
                page=sentence.page,
            )


def _from_text(sentences: Sequence[Sentence], paper: Paper, text: FullText, depth: Depth) -> Parts:
    """The parts choose one after the other, since no sentence is used twice."""
    pool = Pool.of(sentences)
    parts: Parts = {ClaimSection.TLDR: _tldr(pool, paper.title or text.title)}
    parts[ClaimSection.CONTRIBUTIONS] = _contributions(pool, text, depth)
    body = {i for i, sentence in enumerate(pool.sentences) if sentence.role is not Role.ABSTRACT}
    shared = shared_out(pool, TESTED, among=body, above=0.8)
    parts |= {cues.part: choose(pool, shared[cues.part], _wanted(cues, depth)) for cues in TESTED}
    method = METHOD if any(s.role in METHOD.roles for s in pool.sentences) else METHOD_ANYWHERE
    asking, telling = _halves(pool, paper.title or text.title)
    for cues, usable in ((MOTIVATION, body | asking), (method, body), (OVERVIEW, body | telling)):
        found = rated(pool, cues, among=usable, above=0.3)
        parts[cues.part] = choose(pool, found, _wanted(cues, depth))
    return parts


def _halves(pool: Pool, title: str) -> tuple[set[int], set[int]]:
    """The abstract's sentences before the first about the paper's own work, and the rest."""
    abstract = [i for i, sentence in enumerate(pool.sentences) if sentence.role is Role.ABSTRACT]
    turn = turning_point([pool.sentences[i].text for i in abstract], title)
    return set(abstract[:turn]), set(abstract[turn:])


def _from_abstract(sentences: Sequence[Sentence], paper: Paper) -> Parts:
    """Every sentence of the abstract in the part that it belongs to by its wording and its place."""
    parts: dict[ClaimSection, tuple[Sentence, ...]] = {}
    if not sentences:
        return parts
    best = _tldr(Pool.of(sentences), paper.title)
    for sentence, part in zip(sentences, moves([s.text for s in sentences], paper.title), strict=True):
        if sentence not in best:
            parts[part] = (*parts.get(part, ()), sentence)
    return parts | {ClaimSection.TLDR: best}


def _sentences(paper: Paper, text: FullText | None) -> tuple[Sentence, ...]:
    """The body's sentences, each once; the abstract as announced stands in where the PDF's was not found."""
    if text is None:
        return _each_once(abstract_sentences(paper.abstract))
    body = prose(text)[:_MOST_SENTENCES]
    if not any(sentence.role is Role.ABSTRACT for sentence in body):
        body = abstract_sentences(paper.abstract) + body
    return _each_once(body + caption_sentences(text.captions))


def _each_once(sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.text, sentence)
    return tuple(first.values())


def _wanted(cues: PartCues, depth: Depth) -> int:
    return cues.deep if depth is Depth.DEEP else cues.brief


_TELLING = (Role.INTRODUCTION, Role.CONCLUSION)


def _tldr(pool: Pool, title: str) -> tuple[Sentence, ...]:
    """The best of the abstract and of what introduction and conclusion announce; else of any prose."""
    abstract = [s for s in pool.sentences if s.role is Role.ABSTRACT]
    others = [s for s in pool.sentences if s.role in _TELLING and announces(s.text)]
    offered = abstract + others if abstract else others or _first_prose(pool)
    if not offered:
        return ()
    scores = tldr_scores([s.text for s in offered], title, abstract=len(abstract) or len(offered))
    best = offered[max(range(len(offered)), key=lambda index: scores[index])]
    pool.taken.append(pool.sentences.index(best))
    return (best,)


def _first_prose(pool: Pool) -> list[Sentence]:
    return [s for s in pool.sentences if not s.caption][:40]


def _contributions(pool: Pool, text: FullText, depth: Depth) -> tuple[Sentence, ...]:
    """The paper's own list; where it has none, what it says it proposes, builds, releases or shows."""
    items = own_list(text)
    if not items:
        found = rated(pool, CONTRIBUTIONS, among=range(len(pool.sentences)), above=0.6)
        return choose(pool, found, _wanted(CONTRIBUTIONS, depth))
    listed = tuple(
        Sentence(text=i.text, role=Role.INTRODUCTION, order=n, paragraph=i.paragraph, page=i.page)
        for n, i in enumerate(items[:10])
    )
    _take_same(pool, listed)
    return listed


def _take_same(pool: Pool, listed: Sequence[Sentence]) -> None:
    """Keep the sentences of the list, or around its items, from being used again."""
    for index, sentence in enumerate(pool.sentences):
        if any(item.text in sentence.text or sentence.text in item.text for item in listed):
            pool.taken.append(index)
