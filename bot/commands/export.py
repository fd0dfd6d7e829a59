"""/export: papers as a file for other programs."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

from bot.commands.naming import MOST_NAMED, last_digest_papers, named, names_paper
from bot.commands.request import Attachment, Desk, Reply, Request, Verb, attached, note
from bot.commands.saved import known_paper, saved_by
from digest.errors import UserError
from digest.export import Format, export
from digest.model import ArxivId, Paper

MOST = 500  # papers in a file
_FORMS = {
    **{each.value: each for each in Format},
    "bibtex": Format.BIB,
    "markdown": Format.MD,
    "xlsx": Format.CSV,
    "excel": Format.CSV,
}
_SETS = ("saved", "last")
_MARK = "\ufeff"  # without it Excel takes a file for the letters of the machine's own language


async def export_papers(request: Request, desk: Desk) -> AsyncIterator[Reply]:
    """The saved papers, the last digest's or those named, as BibTeX, CSV or Markdown."""
    say = request.say
    words = [word for word in re.split(r"[\s,，、]+", request.words) if word]
    forms = [_FORMS[word.lower()] for word in words if word.lower() in _FORMS]
    which = [word for word in words if word.lower() not in _FORMS]
    name, papers = await _chosen(request, desk, which)
    if not papers:
        raise UserError(
            say("There is nothing to export: no papers are saved. For example: /export last bib")
            if name == "saved"
            else say("There is nothing to export: there was no digest with papers yet.")
        )
    form = forms[0] if forms else Format.BIB
    heading = say("{n} paper|{n} papers", n=len(papers))
    content = export(papers, form, heading=heading)
    if form is Format.CSV and request.channel.platform != "console":
        content = _MARK + content
    file = Attachment(name=f"papers-{name}.{form.value}", content=content)
    yield attached(request.channel, note(say("{papers}, as {name}.", papers=heading, name=file.name)), file)


async def _chosen(request: Request, desk: Desk, which: Sequence[str]) -> tuple[str, tuple[Paper, ...]]:
    """What the words choose, and a name for it; without words the saved papers, else the last digest's."""
    if len(which) > 1 and which[0].lower() in _SETS and all(names_paper(each) for each in which[1:]):
        raise UserError(
            request.say("Either a set or papers; try /export saved bib or /export 1911.02782 bib")
        )
    word = which[0].lower() if which else ""
    if len(which) > 1 or (which and word not in _SETS):
        which = which[1:] if word in _SETS else which
        return "named", await _named(request, desk, which)
    theirs = [ArxivId(each.paper) for each in await saved_by(request, desk)]
    if word == "saved" or (not word and theirs):
        return "saved", await _known(theirs, desk)
    papers = await last_digest_papers(request.channel.key, desk)
    return "last" if word or papers else "saved", await _known(papers, desk)


async def _named(request: Request, desk: Desk, which: Sequence[str]) -> tuple[Paper, ...]:
    if len(which) > MOST_NAMED:
        raise UserError(request.say("{n} papers are as many as can be named at once.", n=MOST_NAMED))
    for word in which:
        if not names_paper(word):
            raise UserError(
                request.say(
                    "“{word}” is no paper and no format; try /export saved bib, /export last csv or "
                    "/export 1911.02782 md",
                    word=word[:40],
                )
            )
    identifiers = [await named(word, request, desk) for word in which]
    return tuple([await desk.explain.paper(each.bare) for each in identifiers])


async def _known(papers: Sequence[ArxivId], desk: Desk) -> tuple[Paper, ...]:
    return tuple([await known_paper(each, desk) for each in papers[:MOST]])


def _takes(words: str) -> bool:
    several = [word for word in re.split(r"[\s,，、]+", words) if word]
    return all(word.lower() in (*_FORMS, *_SETS) or names_paper(word) for word in several)


VERBS = (
    Verb(
        name="export",
        usage="[saved | last | #n … | ids] [bib | csv | md]",
        summary="Papers as a file: BibTeX, CSV or Markdown.",
        examples=("/export saved bib", "/export last csv", "/export 1911.02782 2301.13298 md"),
        answer=export_papers,
        takes=_takes,
    ),
)
