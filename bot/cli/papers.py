"""Commands about papers and files: preview, read, explain."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.words import counted
from digest.errors import FullTextError, InvalidFeed, UserError

if TYPE_CHECKING:
    from bot.config import Settings
    from digest.conversation import Answer
    from digest.document import Document
    from digest.fulltext import FullText
    from digest.model import Analysis, Announcement, Match


_FEED_BYTES = 64 * 2**20  # the largest feed arXiv has is of some 5 MB


@click.command()
@click.argument("query")
@click.option(
    "--feed",
    "feeds",
    multiple=True,
    required=True,
    metavar="FILE",
    help="An RSS or Atom file; - for standard input.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, best first.")
def preview(query: str, feeds: tuple[str, ...], as_json: bool) -> None:
    """Show what QUERY finds in feed files, best first.

    \b
    paperboy preview 'vla, vision language action' --feed cs.RO.xml
    paperboy preview 'diffusion AND policy NOT survey' --feed cs.RO.xml --feed cs.CV.xml
    curl -s https://rss.arxiv.org/rss/cs.RO | paperboy preview vla --feed -
    """
    from digest.matching import in_words, matches, operator_hint, parse_query

    parsed = parse_query(query)
    announcements = [each for feed in feeds for each in _announcements(feed)]
    found = matches([query], announcements)
    if as_json:
        from bot.cli.digest_json import match_to_json

        for match in found:
            click.echo(json.dumps(match_to_json(match), ensure_ascii=False))
        return
    click.echo(f"Looking for {in_words(parsed)}: {len(found)} of {counted(len(announcements), 'paper')}.\n")
    for match in found:
        _show_match(match)
    hint = None if found else operator_hint(parsed)
    if hint is not None:
        click.echo(hint)


def _announcements(feed: str) -> tuple[Announcement, ...]:
    from bot.files import STDIN, read_file, read_stdin
    from digest.arxiv.feed import parse_feed

    given = read_stdin(most=_FEED_BYTES) if feed == STDIN else read_file(Path(feed), most=_FEED_BYTES)
    try:
        return parse_feed(given).announcements
    except InvalidFeed as error:
        raise InvalidFeed(f"{'Standard input' if feed == STDIN else feed}: {error}") from error


def _show_match(match: Match) -> None:
    from digest.readable import readable

    announcement = match.announcement
    click.echo(
        f"{announcement.paper.id.id:<12} {announcement.type.value:<13} {readable(announcement.paper.title)}"
    )
    for hit in match.hits:
        click.echo(f"{'':<12} [{hit.phrase}] in {hit.field.value}: {readable(hit.snippet)}")


@click.command()
@click.argument("file", metavar="FILE.pdf")
@click.option("--json", "as_json", is_flag=True, help="The whole reading as JSON.")
def read(file: str, as_json: bool) -> None:
    """Show what reading a PDF gives: sections, numbered paragraphs, hidden text.

    \b
    paperboy read paper.pdf
    paperboy read paper.pdf --json | jq '.sections[].title'
    """
    from digest.fulltext import FullText
    from digest.reading.jsonform import to_json

    try:
        text, refused = asyncio.run(_read(Path(file))), None
    except FullTextError as error:
        text, refused = FullText(pages=0, notes=(str(error),)), error
    if as_json:
        click.echo(json.dumps(to_json(text), ensure_ascii=False, indent=1))
    elif refused is None:
        _show_text(text)
    if refused is not None:
        raise UserError(f"{file}: {refused}")


async def _read(path: Path) -> FullText:
    from bot.cli.start import start
    from bot.files import MIB, read_file
    from bot.parts import open_reader

    settings = start()
    pdf = read_file(path, most=settings.pdf_megabytes * MIB, setting="PDF_MEGABYTES")
    async with open_reader(settings) as reader:
        return await reader.read(pdf)


def _show_text(text: FullText) -> None:
    click.echo(
        f"{text.title or '(no title found)'}\n{text.pages_read} of {counted(text.pages, 'page')} read\n"
    )
    for section in text.sections:
        words = sum(len(paragraph.text.split()) for paragraph in section.paragraphs)
        heading = " ".join(part for part in (section.number, section.title) if part)
        paragraphs = counted(len(section.paragraphs), "paragraph")
        click.echo(f"  p. {section.page:<4} {heading:<64} {paragraphs:>14} {counted(words, 'word'):>12}")
    for hidden in text.hidden:
        kind = "hidden instruction" if hidden.instruction else "hidden text"
        click.echo(f"  ⚠ {kind} on p. {hidden.page} ({hidden.reason}): {hidden.text[:160]}")
    for note in text.notes:
        click.echo(f"  Note: {note}")


@click.command()
@click.argument("paper", metavar="ID|FILE.pdf")
@click.option("--json", "as_json", is_flag=True, help="The analysis as JSON, claims with anchors.")
@click.option("--language", default=None, help="en, zh, de, ...; default: LANGUAGE.")
@click.option("--analyzer", default=None, help="extractive or openai:MODEL; default: ANALYZER.")
def explain(paper: str, as_json: bool, language: str | None, analyzer: str | None) -> None:
    """Analyse one paper: any spelling of an arXiv identifier, or a PDF file.

    \b
    paperboy explain 1911.02782
    paperboy explain https://arxiv.org/abs/2301.13298v1 --json
    paperboy explain ./draft.pdf
    """
    settings = _settings(language, analyzer)
    analysis, document = asyncio.run(_explain(paper, _file(paper), settings))
    if analysis.retry_at is not None:
        click.echo(f"paperboy: {analysis.basis.note}", err=True)
    if as_json:
        from digest.analysis import analysis_to_json

        click.echo(json.dumps(analysis_to_json(analysis), ensure_ascii=False, indent=1))
    else:
        from bot.platforms.terminal import print_document

        print_document(document)


async def _explain(paper: str, file: Path | None, settings: Settings) -> tuple[Analysis, Document]:
    from bot.cli.progress import progress
    from bot.parts import Parts, explain_file
    from digest.compose import explanation
    from digest.model import ArxivId

    with progress() as told:
        if file is not None:
            asked, analysis = await explain_file(settings, file, watch=told)
        else:
            identifier = ArxivId.parse(paper)
            # Somebody is waiting: fail sooner than the daily digest would.
            settings = settings.model_copy(update={"arxiv_tries": min(settings.arxiv_tries, 2)})
            async with Parts(settings, alone=False, watch=told) as parts:
                asked = await parts.explain.paper(identifier)
                analysis = await parts.explain.explain(asked, language=settings.language, progress=told)
    return analysis, explanation(analysis, asked, language=settings.language)


def _settings(language: str | None, analyzer: str | None) -> Settings:
    """The settings, with what the command line says instead."""
    from bot.cli.start import start
    from bot.values import parse_analyzer, parse_language

    overrides: dict[str, Any] = {}
    if language is not None:
        overrides["language"] = parse_language(language)
    if analyzer is not None:
        overrides["analyzer"] = parse_analyzer(analyzer)
    return start(**overrides)


@click.command()
@click.argument("paper", metavar="ID")
@click.argument("question", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON, claims with anchors.")
@click.option("--language", default=None, help="en, zh, de, ...; default: LANGUAGE.")
@click.option("--analyzer", default=None, help="extractive or openai:MODEL; default: ANALYZER.")
def ask(
    paper: str, question: tuple[str, ...], as_json: bool, language: str | None, analyzer: str | None
) -> None:
    """Ask a paper a question; the answer comes from the paper alone.

    \b
    paperboy ask 1911.02782 How many papers have full text?
    """
    answer, document = asyncio.run(_ask(paper, " ".join(question), _settings(language, analyzer)))
    if not as_json:
        from bot.platforms.terminal import print_document

        print_document(document)
        return
    from digest.analysis.to_json import claim_to_json

    shown = {
        "id": str(answer.paper),
        "question": answer.question,
        "kind": answer.kind.value,
        "claims": [claim_to_json(claim) for claim in answer.claims],
        "note": answer.note,
    }
    click.echo(json.dumps(shown, ensure_ascii=False, indent=1))


async def _ask(paper: str, question: str, settings: Settings) -> tuple[Answer, Document]:
    from bot.cli.progress import progress
    from bot.parts import Parts
    from digest.compose import answered
    from digest.model import ArxivId

    identifier = ArxivId.parse(paper)
    with progress() as told:
        async with Parts(settings, alone=False, watch=told) as parts:
            asked = await parts.explain.paper(identifier)
            answer = await parts.ask.answer(asked, question, language=settings.language, progress=told)
            await parts.purse.spend(answer.usage, model=answer.analyzer)
    return answer, answered(answer, asked, has_model=parts.ask.has_model)


def _file(paper: str) -> Path | None:
    """The file that is meant, if it is not an identifier."""
    path = Path(paper)
    if "://" in paper:
        return None
    return path if paper.lower().endswith(".pdf") or ("/" in paper and _exists(path)) else None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False
