"""Which paper is meant: any spelling of an identifier, a place in a digest, or the one at hand."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bot.commands.request import Desk, Request
from digest.errors import InvalidIdentifier, UserError
from digest.model import ArxivId

_DOI = re.compile(r"\b10\.\d{4,9}/")  # https://www.doi.org/the-identifier/resources/handbook/
_FIELD = re.compile(r"(?!arxiv|doi|oai)[a-z]+[:：](?!//)", re.IGNORECASE)
_NUMBER = re.compile(r"[#＃]\s*(\d{1,30})(?!\S)")
# "#3: which data?", "＃3：数据": no blank need follow the mark that ends the number; "#3.5" has no such mark.
_NUMBER_FIRST = re.compile(r"[#＃]\s*(?P<digits>\d{1,30})(?:\s*(?![.,]\d)[:：,，.。)）、]|(?!\S))")
_MISTYPED = re.compile(r"(?:arxiv[:.])?\d{3,5}\.\d{3,6}(?:v\d*)?", re.IGNORECASE)
_YEAR_AND_MONTH = re.compile(r"(?:arxiv[:.])?\d\d(?:0[1-9]|1[0-2])\d?\.", re.IGNORECASE)
_STOPS = ":：,，、;；.。"
MOST_NAMED = 50  # asked of arXiv one by one


def names_paper(word: str) -> bool:
    """Whether a word names a paper: an identifier, a URL, or #n."""
    if _NUMBER.fullmatch(word):
        return True
    try:
        ArxivId.parse(word)
    except InvalidIdentifier:
        return False
    return True


def is_one_paper(text: str) -> bool:
    """Whether a text is one paper's name and nothing else; `like:1911.02782` is a query."""
    return len(text.split()) == 1 and names_paper(text) and _FIELD.match(text) is None


def first_word(words: str) -> tuple[str, str]:
    """The first word without the punctuation that sets it off, and what follows it."""
    head, *rest = words.split(maxsplit=1) or [""]
    return head.rstrip(_STOPS), "".join(rest).strip()


def number_first(words: str) -> tuple[str, str] | None:
    """The number of a paper that the words begin with, and what is said of that paper; None without one."""
    found = _NUMBER_FIRST.match(words)
    return (found["digits"], words[found.end() :].strip()) if found else None


def is_meant_for_paper(word: str) -> bool:
    """Whether a word names a paper, or looks so much like an identifier that it is one mistyped."""
    plain = unicodedata.normalize("NFKC", word).strip("\"'`“”‘’")
    return names_paper(word) or _MISTYPED.fullmatch(plain) is not None


def may_be_number(word: str) -> bool:
    """Whether a word that is no identifier begins as one does, with the year and the month."""
    return _YEAR_AND_MONTH.match(word) is not None


def papers_named(words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a list that name papers, each once, and those that name none."""
    joined = re.sub(r"([#＃]|arxiv[:：])\s+(?=\d)", r"\1", words, flags=re.IGNORECASE)
    each = [word for word in re.split(r"[\s,，、;；]+", joined) if word]
    return (
        tuple(dict.fromkeys(word for word in each if is_meant_for_paper(word))),
        tuple(word for word in each if not is_meant_for_paper(word)),
    )


async def named(words: str, request: Request, desk: Desk) -> ArxivId:
    """The paper that the words name. Raises `UserError` where they name none."""
    number = _NUMBER.match(words)
    if number is not None:
        return await numbered(number[1], request, desk)
    try:
        return ArxivId.parse(words)
    except InvalidIdentifier as error:
        if re.fullmatch(r"\d{1,3}", words.strip()):
            raise UserError(
                request.say(
                    "“{number}” is not an arXiv identifier; paper {number} of the last digest is "
                    "#{number}, with the number sign.",
                    number=words.strip(),
                )
            ) from error
        if _DOI.search(words) is None:
            raise
        raise UserError(
            request.say(
                "Of DOIs I know arXiv's own alone, such as 10.48550/arXiv.1911.02782; try the paper's number"
            )
        ) from error


async def numbered(digits: str, request: Request, desk: Desk) -> ArxivId:
    """The paper with that number in the digest it was said under, else in the newest that has any."""
    say, day = request.say, request.digest
    if day is None:
        papers = await last_digest_papers(request.channel.key, desk)
    else:
        papers = await _digest_papers(request.channel.key, day, desk)
    if 1 <= int(digits) <= len(papers):
        return papers[int(digits) - 1]
    if day is not None:
        raise UserError(
            say(
                "The digest of {day} has {n} paper, no #{number}; try #1 or an identifier.|"
                "The digest of {day} has {n} papers, no #{number}; try #1 or an identifier.",
                day=say.words.short(day),
                n=len(papers),
                number=digits[:12],
            )
            if papers
            else say(
                "The digest of {day} had no papers; give an identifier, such as 1911.02782.",
                day=say.words.short(day),
            )
        )
    if papers:
        raise UserError(
            say(
                "The last digest has {n} paper, no #{number}; try #1 or an identifier.|"
                "The last digest has {n} papers, no #{number}; try #1 or an identifier.",
                n=len(papers),
                number=digits[:12],
            )
        )
    if await desk.store.digest_runs(channel=request.channel.key):
        raise UserError(say("The last digest had no papers; give an identifier, such as 1911.02782."))
    raise UserError(
        say("There is no digest yet to take a number from; give an identifier, such as 1911.02782.")
    )


async def last_digest_papers(channel: str, desk: Desk) -> tuple[ArxivId, ...]:
    """The papers of the channel's newest digest that has any, in its order."""
    for run in await desk.store.digest_runs(channel=channel):
        papers = await _digest_papers(channel, run.local_date, desk)
        if papers:
            return papers
    return ()


async def _digest_papers(channel: str, day: date, desk: Desk) -> tuple[ArxivId, ...]:
    """The papers of the channel's digest of a local date, in its order."""
    digest = await desk.store.digest(channel, day)
    return tuple(match.announcement.paper.id for match in digest.matches) if digest else ()


async def at_hand(request: Request, desk: Desk) -> ArxivId | None:
    """The paper of the thread or message, else the one last talked about; none under a digest."""
    if request.paper is not None or request.digest is not None:
        return request.paper
    return await last_paper(request.channel.key, desk)


async def last_paper(channel: str, desk: Desk) -> ArxivId | None:
    """The paper last explained or asked about in a channel."""
    known = await desk.store.meta(f"last_paper/{channel}")
    return ArxivId.parse(known) if known else None


async def remember_paper(paper: ArxivId, request: Request, desk: Desk) -> None:
    """Keep a paper as the one last talked about here."""
    await desk.store.set_meta(f"last_paper/{request.channel.key}", str(paper))
