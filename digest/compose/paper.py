"""One paper: the reply in a digest's thread, the note on a revision, the answer to /explain."""

from __future__ import annotations

from digest.compose.analysis import claim_spans, footer, is_extract, parts, warnings
from digest.compose.facts import about, html_url, phrases, places, title, why
from digest.document import (
    Block,
    Bold,
    Button,
    Buttons,
    Collapsible,
    Context,
    Document,
    Heading,
    Link,
    Para,
    Span,
    Text,
    context,
    para,
)
from digest.model import Analysis, ArxivId, ClaimSection, DigestItem, Paper
from digest.readable import readable
from digest.wording import Wording, wording


def paper_reply(item: DigestItem, *, number: int | None = None, language: str = "en") -> Document:
    """A paper in full: facts, why it matched, one line, the folded analysis and what it rests on.

    `number` is its place in the digest, from 1.
    """
    words = wording(language)
    announcement, analysis = item.match.announcement, item.analysis
    paper = announcement.paper
    heading = title(paper) if number is None else f"{number}. {title(paper)}"
    blocks: list[Block] = [Heading(heading, 2)]
    if analysis is not None:
        blocks += warnings(analysis, words)
    blocks += [Context(about(paper, analysis, words, announcement)), Context(places(paper.id, analysis))]
    if item.match.hits:
        blocks.append(Para(why(item.match, words)))
    blocks += _told(analysis, paper, words)
    blocks.append(actions(paper.id, words))
    return Document(tuple(blocks), summary=f"{title(paper)} ({paper.id})")


def _told(analysis: Analysis | None, paper: Paper, words: Wording) -> list[Block]:
    if analysis is None:
        return [*_abstract(paper, words), context(words.say.only_title)]
    blocks: list[Block] = in_one_line(analysis, words)
    folded = parts(analysis, words)
    if folded:
        label = words.labels.all_extracts if is_extract(analysis) else words.labels.full_analysis
        blocks.append(Collapsible(label, folded))
    return [*blocks, footer(analysis, words)]


def _abstract(paper: Paper, words: Wording) -> list[Block]:
    abstract = readable(paper.abstract)
    return [para(Bold(words.labels.abstract), words.colon, abstract)] if abstract else []


def in_one_line(analysis: Analysis, words: Wording) -> list[Block]:
    """The tl;dr, labelled; nothing where the analysis has none."""
    claims = analysis.of(ClaimSection.TLDR)
    if not claims:
        return []
    label: list[Span] = [Bold(words.labels.in_one_line), Text(words.colon)]
    said = [
        span
        for index, claim in enumerate(claims)
        for span in (*([Text(words.space)] if index else []), *claim_spans(claim, analysis.paper, words))
    ]
    return [Para((*label, *said))]


def actions(paper: ArxivId, words: Wording, *, explained: bool = False) -> Buttons:
    """What one can do with a paper. Commands: explain, ask, save, dismiss, each with the identifier.

    Where it is `explained` already, that is left out.
    """
    labels = words.labels
    return Buttons(
        (
            *(() if explained else (Button(labels.explain, command=f"explain {paper}"),)),
            Button(labels.ask, command=f"ask {paper}"),
            Button(labels.save, command=f"save {paper}"),
            Button(labels.irrelevant, command=f"dismiss {paper}"),
            Button("PDF", url=paper.pdf_url),
        )
    )


def revision_note(item: DigestItem, *, language: str = "en") -> Document:
    """A note for the old thread of a paper that has a new version."""
    words = wording(language)
    announcement = item.match.announcement
    paper = announcement.paper
    sentence = words.say.revision.format(
        version=paper.id.version or "?", date=words.weekday_date(announcement.day)
    )
    blocks: list[Block] = [para(Bold(sentence)), para(Link(title(paper), paper.id.abs_url))]
    comment = readable(paper.comment or "")
    if comment:
        blocks.append(context(words.labels.comment + words.colon, comment))
    links = (Link(str(paper.id), paper.id.abs_url), Text(" · "), Link("PDF", paper.id.pdf_url))
    blocks += [Context((*links, Text(" · "), Link("HTML", html_url(paper.id))))]
    if item.match.hits:
        blocks.append(Context((Text(words.say.why), *phrases(item.match.hits))))
    return Document(tuple(blocks), summary=f"{sentence} {title(paper)}".strip())


def explanation(analysis: Analysis, paper: Paper, *, language: str = "en") -> Document:
    """The answer to /explain: the whole analysis, unfolded, each claim with the words it rests on."""
    words = wording(language)
    blocks = [*_opening(analysis, paper, words), *_whole(analysis, words)]
    return Document(tuple(blocks), summary=_explained(paper, words))


def explanation_in_thread(
    analysis: Analysis, paper: Paper, *, language: str = "en"
) -> tuple[Document, Document]:
    """The same in two: a few lines with what can be done next, and the whole for the thread under them."""
    words = wording(language)
    opening = [
        *_opening(analysis, paper, words),
        context(words.say.whole_below),
        actions(paper.id, words, explained=True),
    ]
    summary = _explained(paper, words)
    return Document(tuple(opening), summary=summary), Document(_whole(analysis, words), summary=summary)


def _explained(paper: Paper, words: Wording) -> str:
    return f"{words.say.explanation}{words.colon}{title(paper)} ({paper.id})"


def _opening(analysis: Analysis, paper: Paper, words: Wording) -> list[Block]:
    return [
        Heading(title(paper), 1),
        *warnings(analysis, words),
        Context(about(paper, analysis, words)),
        Context(places(paper.id, analysis)),
        *in_one_line(analysis, words),
    ]


def _whole(analysis: Analysis, words: Wording) -> tuple[Block, ...]:
    return (*parts(analysis, words, level=2, sources=True), footer(analysis, words))
