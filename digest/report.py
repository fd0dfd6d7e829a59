"""The Markdown report of a day, in the form of the reports Paperboy's users already read.

An overview, then each paper whole: facts, why it matched, the abstract, and the numbered analysis with its
anchors and the words it rests on. The same digest always gives the same text.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from digest.compose.analysis import footer, is_extract, parts, warnings
from digest.compose.facts import address, dotted, identifier, own_links, readings, title, why
from digest.compose.notices import notices
from digest.compose.paper import in_one_line
from digest.compose.parent import numbers
from digest.document import (
    Block,
    Bold,
    Bullets,
    Code,
    Divider,
    Document,
    Heading,
    Para,
    Quote,
    Span,
    Text,
    bullets,
)
from digest.markdown import markdown
from digest.model import Analysis, Announcement, Digest, DigestItem, Match, Paper
from digest.readable import clean, readable
from digest.wording import Wording, wording


def report(digest: Digest, *, language: str | None = None, timezone: str = "UTC") -> str:
    """The day's report as Markdown, in `language` or else the digest's own."""
    return markdown(report_document(digest, language=language, timezone=timezone))


def report_document(digest: Digest, *, language: str | None = None, timezone: str = "UTC") -> Document:
    """The report as a tree, for other renderers."""
    words = wording(language or digest.language)
    heading = words.say.report_title.format(date=words.numeric(digest.local_date))
    blocks: list[Block] = [Heading(heading, 1), Quote((Text(words.say.report_made),))]
    blocks += _overview(digest, words, timezone)
    for number, item in digest.numbered():
        if isinstance(item, DigestItem):
            blocks += [Divider(), *_paper(number, item, words)]
    if digest.more:
        blocks += [Divider(), *_rest(digest, words)]
    return Document(tuple(blocks), summary=heading)


def _overview(digest: Digest, words: Wording, timezone: str) -> list[Block]:
    labels = words.labels
    lines: list[tuple[Span, ...]] = [
        _fact(labels.date, words.numeric(digest.local_date), words=words),
        _fact(labels.announced, words.join([words.numeric(day) for day in sorted(digest.days)]), words=words),
        _fact(labels.categories, ", ".join(digest.categories), words=words),
        _fact(labels.keywords, *_queries(digest), words=words),
        _fact(labels.number_found, numbers(digest, words), words=words),
        _fact(labels.scanned, f"{digest.scanned:,}", words=words),
    ]
    said = notices(digest, zone=ZoneInfo(timezone), words=words)
    return [
        Heading(labels.overview, 2),
        Bullets(tuple(line for line in lines if line)),
        *(Para((Text(sentence),)) for sentence in said),
    ]


def _queries(digest: Digest) -> list[Span | str]:
    line: list[Span | str] = []
    for query in digest.queries:
        line += [", "] if line else []
        line.append(Code(clean(query)))
    return line


def _fact(label: str, *value: Span | str, words: Wording) -> tuple[Span, ...]:
    """ "**Label**: value", or nothing where there is no value."""
    if not any(value):
        return ()
    spans = (Text(part) if isinstance(part, str) else part for part in value)
    return (Bold(label), Text(words.colon), *spans)


def _paper(number: int, item: DigestItem, words: Wording) -> list[Block]:
    announcement, analysis = item.match.announcement, item.analysis
    paper = announcement.paper
    blocks: list[Block] = [Heading(f"{number}. {title(paper)}", 2)]
    blocks += warnings(analysis, words) if analysis else ()
    blocks += [Heading(words.labels.basics, 3), _facts(item.match, analysis, words)]
    abstract = readable(paper.abstract)
    if abstract:
        blocks += [Heading(words.labels.abstract, 3), Para((Text(abstract),))]
    return [*blocks, *_analysis(analysis, words)]


def _facts(match: Match, analysis: Analysis | None, words: Wording) -> Bullets:
    announcement = match.announcement
    paper, labels = announcement.paper, words.labels
    lines = [
        _fact(labels.authors, ", ".join(clean(name) for name in paper.authors), words=words),
        _fact(labels.arxiv_id, identifier(paper.id), words=words),
        _fact(
            labels.submitted,
            words.numeric(paper.submitted) if paper.submitted else words.say.not_told,
            words=words,
        ),
        _fact(labels.announced, _announced(announcement, words), words=words),
        _fact(labels.categories, ", ".join(paper.categories or announcement.listed_in), words=words),
        _fact(labels.comment, readable(paper.comment or ""), words=words),
        _fact(labels.journal_ref, readable(paper.journal_ref or ""), words=words),
        _fact("DOI", *_doi(paper), words=words),
        _fact(labels.links, *dotted(readings(paper.id)), words=words),
        _fact(labels.code, *(dotted(own_links(analysis)) if analysis else ()), words=words),
        _fact(labels.matched, *why(match, words)[1:], words=words),
    ]
    return bullets([line for line in lines if line])


def _announced(announcement: Announcement, words: Wording) -> str:
    kind = words.bracketed(words.labels.types[announcement.type])
    return words.numeric(announcement.day) + kind


def _doi(paper: Paper) -> tuple[Span, ...]:
    return (address(f"https://doi.org/{paper.doi}"),) if paper.doi else ()


def _analysis(analysis: Analysis | None, words: Wording) -> list[Block]:
    if analysis is None:
        return [Para((Text(words.say.only_title),))]
    blocks: list[Block] = [Heading(_analysis_label(analysis, words), 3)]
    blocks += in_one_line(analysis, words)
    blocks += parts(analysis, words, level=4, sources=True)
    return [*blocks, Para(footer(analysis, words).spans)]


def _analysis_label(analysis: Analysis, words: Wording) -> str:
    labels = words.labels
    if analysis.basis.kind == "abstract":
        return labels.extracts_of_abstract if is_extract(analysis) else labels.analysis_of_abstract
    return labels.extracts if is_extract(analysis) else labels.analysis


def _rest(digest: Digest, words: Wording) -> list[Block]:
    lines = [
        (
            identifier(match.announcement.paper.id),
            Text(" "),
            Text(title(match.announcement.paper)),
            Text(words.bracketed(words.labels.types[match.announcement.type])),
        )
        for match in digest.more
    ]
    return [Heading(words.labels.not_analysed, 2), bullets(lines)]
