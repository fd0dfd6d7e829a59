"""What is asked of arXiv: one function per kind of address, each ending in values or in a clear error."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote, urlencode, urlsplit

from digest.arxiv.abstract_page import parse_abs
from digest.arxiv.api import parse_api_answer
from digest.arxiv.client import Answer, ArxivClient
from digest.arxiv.entries import WORKING_EXAMPLE, page_title
from digest.arxiv.feed import Feed, parse_feed
from digest.arxiv.listing import Listing, parse_listing
from digest.arxiv.pacing import Kind
from digest.errors import InvalidFeed, PaperNotFound, SourceUnavailable
from digest.model import ArxivId, Paper

_SHOW = 2000  # the most entries that a listing page takes
_NOT_MODIFIED = 304
_FORMS = {"rss": "RSS", "atom": "Atom"}
_UNKNOWN = re.compile(r"Invalid (?:archive or category|subject)")


class UnknownCategory(SourceUnavailable):
    """arXiv has no such archive or category."""


class ArxivEndpoints:
    """The addresses of arXiv over one client. Methods raise `SourceUnavailable` when they get no sense."""

    def __init__(self, client: ArxivClient) -> None:
        self._client = client
        self._settings = client.settings

    async def feed(
        self, form: str, category: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> tuple[Feed | None, Answer]:
        """A category's feed in the form "rss" or "atom"; None when it has not changed."""
        url = f"{self._settings.rss_base}/{form}/{quote(category)}"
        answer = await self._client.get(url, Kind.FEED, etag=etag, last_modified=last_modified)
        if answer.status == _NOT_MODIFIED:
            return None, answer
        try:
            feed = await asyncio.to_thread(parse_feed, answer.body, category=category)
        except InvalidFeed as error:
            what = str(error).removesuffix(WORKING_EXAMPLE).strip()
            raise SourceUnavailable(f"arXiv's {_FORMS[form]} feed cannot be used: {what}") from error
        _refuse(answer)
        return feed, answer

    async def new(self, category: str, *, skip: int = 0) -> Listing:
        """The page of the newest mailing, from entry `skip` on."""
        path = f"list/{quote(category)}/new?{urlencode({'skip': skip, 'show': _SHOW})}"
        return await self._page(path, category)

    async def catchup(self, category: str, day: date, *, page: int = 1) -> Listing:
        """One page of a day's mailing, of the last 90 days."""
        query = urlencode({"abs": "True", "page": page})
        return await self._page(f"catchup/{quote(category)}/{day.isoformat()}?{query}", category)

    async def papers(self, ids: Sequence[ArxivId]) -> tuple[Paper, ...]:
        """Metadata of at most 100 papers; unknown ones are left out."""
        query = urlencode({"id_list": ",".join(map(str, ids)), "max_results": len(ids)}, safe=",/")
        answer = await self._client.get(f"{self._settings.api_base}/api/query?{query}", Kind.API)
        try:
            papers = await asyncio.to_thread(parse_api_answer, answer.body)
        except InvalidFeed as error:
            raise SourceUnavailable(f"arXiv's API gave no answer that can be used: {error}") from error
        _refuse(answer)
        return papers

    async def abstract_page(self, paper: ArxivId) -> Paper | None:
        """A paper as its abstract page shows it; None where arXiv has no such paper."""
        answer = await self._client.get(f"{self._settings.page_base}/abs/{quote(str(paper))}", Kind.PAGE)
        if answer.status in (404, 410):
            return None
        _refuse(answer)
        try:
            return await asyncio.to_thread(parse_abs, answer.body)
        except InvalidFeed as error:
            raise SourceUnavailable(str(error)) from error

    async def pdf(self, paper: ArxivId) -> bytes:
        """The PDF of a paper. Raises `PaperNotFound` where arXiv has none."""
        url = f"{self._settings.pdf_base}/pdf/{quote(str(paper))}"
        answer = await self._client.get(url, Kind.PDF)
        if answer.status in (404, 410):
            raise PaperNotFound(
                f"arXiv has no PDF of {paper} (HTTP {answer.status}): unknown, withdrawn or not made yet."
            )
        if answer.status == 451:  # as a mirror or replay answers that may not pass the paper on
            raise PaperNotFound(f"The PDF of {paper} may not be passed on by this server (HTTP 451).")
        _refuse(answer)
        if b"%PDF-" not in answer.body[:1024]:
            what = f"a web page{page_title(answer.body)}" if b"<" in answer.body[:256] else "something else"
            raise SourceUnavailable(f"arXiv sent {what} instead of the PDF of {paper}.")
        return answer.body

    async def _page(self, path: str, category: str) -> Listing:
        answer = await self._client.get(f"{self._settings.page_base}/{path}", Kind.PAGE)
        try:
            listing = await asyncio.to_thread(parse_listing, answer.body, category)
        except InvalidFeed as error:
            if answer.status == 400 and _UNKNOWN.search(str(error)):
                raise UnknownCategory(f"arXiv has no category “{category}”; try cs.CV.") from error
            raise SourceUnavailable(str(error)) from error
        _refuse(answer)
        return listing


def _refuse(answer: Answer) -> None:
    """Raise for any status but success."""
    if answer.status != 200:
        raise SourceUnavailable(f"{urlsplit(answer.url).netloc} answered HTTP {answer.status}.")
