"""A small arXiv on this machine: feeds, listings, catch-up, the API and PDFs of announcements it is given.

`paperboy demo` replays recorded days with it, and the tests add arXiv's limits and faults (tests/peers).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.demo import arxiv_feeds, arxiv_pages
from digest.arxiv.calendar import CATCHUP_WINDOW, announcement_day
from digest.arxiv.feed import parse_feed
from digest.clock import Clock, utc_now
from digest.errors import InvalidIdentifier
from digest.model import Announcement, ArxivId, Paper
from digest.union import strongest

_SHOW = frozenset({25, 50, 100, 250, 500, 1000, 2000})
_FEED_FILE = re.compile(r"(?P<category>[a-z-]+(?:\.[A-Za-z-]+)?)[-_.].*?\.(?P<form>rss|atom)\.xml(?:\.gz)?")
_XML = {"rss": "application/rss+xml", "atom": "application/atom+xml", "api": "application/atom+xml"}


class ArxivServer:
    """arXiv as `clock` sees it, on a free port of 127.0.0.1, inside `async with`. `url` serves as every base.

    A day is mailed once anything was announced on it, in any category; of later days nothing is shown.
    """

    def __init__(self, *, clock: Clock = utc_now, page_size: int = 2000) -> None:
        self.url = ""
        self.keeps_pdfs_back = False  # answer 451 for papers whose PDFs may not be passed on
        self._clock = clock
        self._page_size = page_size  # of catch-up pages; arXiv's is 2,000
        self._announced: dict[str, dict[date, list[Announcement]]] = {}
        self._mailed: set[date] = set()
        self._papers: dict[str, Paper] = {}
        self._pdfs: dict[str, bytes] = {}
        self._recorded: dict[tuple[str, date], bytes] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._first])
        app.router.add_get("/{form:rss|atom}/{category}", self._feed)
        app.router.add_get("/list/{category}/new", self._new)
        app.router.add_get("/catchup/{category}/{day}", self._catchup)
        app.router.add_get("/api/query", self._api)
        app.router.add_get("/abs/{id:.+}", self._abs)
        app.router.add_get("/pdf/{id:.+}", self._pdf)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def today(self) -> date:
        """The date in New York."""
        return announcement_day(self._clock())

    # What is announced

    def announce(self, category: str, *announcements: Announcement, day: date | None = None) -> None:
        """Announce papers in a category, on `day` or on their own days; with no papers, only know it."""
        days = self._announced.setdefault(category, {})
        for each in announcements:
            dated = replace(each, day=day or each.day, listed_in=(category,))
            days.setdefault(dated.day, []).append(dated)
            self._mailed.add(dated.day)
            self.know(dated.paper)

    def mail(self, day: date) -> None:
        """Mail a day on which the categories here may have nothing."""
        self._mailed.add(day)

    def know(self, paper: Paper) -> None:
        """Let the API answer for a paper, announced here or not."""
        former = self._papers.get(paper.id.id)
        if former is None or (paper.id.version or 1) >= (former.id.version or 1):
            self._papers[paper.id.id] = paper

    def add_pdf(self, paper: str, body: bytes) -> None:
        """Serve a PDF for an identifier; one without version stands for every version."""
        self._pdfs[paper] = body

    def replay(self, folder: Path) -> None:
        """Announce what is recorded in a folder, and serve its feeds byte by byte on their days.

        The folder is like data/ beside this file: `cs.CV_2026-06-30.rss.xml.gz` and the like,
        `comments_*.json.gz` (by identifier), and `pdfs.json` (identifier to file name).
        """
        comments: dict[str, str] = {}
        for path in folder.glob("comments_*.json.gz"):
            comments |= json.loads(gzip.decompress(path.read_bytes()))
        for path in sorted(folder.iterdir()):
            if match := _FEED_FILE.fullmatch(path.name):
                self._replay_feed(path, match["form"], match["category"], comments)
        index = folder / "pdfs.json"
        for paper, name in json.loads(index.read_text()).items() if index.exists() else ():
            self.add_pdf(paper, (folder / name).read_bytes())

    def _replay_feed(self, path: Path, form: str, category: str, comments: Mapping[str, str]) -> None:
        body = path.read_bytes()
        raw = gzip.decompress(body) if path.suffix == ".gz" else body
        for each in parse_feed(raw).announcements:
            comment = comments.get(each.paper.id.id)
            self.announce(category, replace(each, paper=replace(each.paper, comment=comment)))
            self._recorded[f"/{form}/{category}", each.day] = raw

    # Answers

    async def answering(self, request: web.Request) -> web.StreamResponse | None:
        """An answer that stands before the ordinary one: None here; tests put faults in its place."""
        return None

    @web.middleware
    async def _first(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        return await self.answering(request) or await handler(request)

    async def _feed(self, request: web.Request) -> web.Response:
        form, category = request.match_info["form"], request.match_info["category"]
        if category not in self._announced:
            reason = f"Bad category: {category}. This server knows {', '.join(sorted(self._announced))}."
            return _xml(arxiv_feeds.feed_error(category, reason), "rss", status=400)
        body = self._recorded.get((request.path, self.today)) or self.render_feed(form, category, self.today)
        etag = f'"{sha256(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return _xml(body, form, etag=etag)

    def render_feed(self, form: str, category: str, of: date) -> bytes:
        """A feed with the batch of a day, always dated today, as arXiv's are."""
        render = arxiv_feeds.rss if form == "rss" else arxiv_feeds.atom
        return render(category, self.batch(category, of), day=self.today, built=self._clock())

    def batch(self, category: str, day: date) -> tuple[Announcement, ...]:
        """What was announced in a category on a day, each paper once."""
        return strongest(self._announced.get(category, {}).get(day, ()))

    async def _new(self, request: web.Request) -> web.Response:
        category = request.match_info["category"]
        if category not in self._announced:
            return _html(arxiv_pages.error_page(f"Invalid archive or category: {category}"), status=400)
        skip, show = request.query.get("skip", "0"), request.query.get("show", "2000")
        if not skip.isdecimal() or not show.isdecimal() or int(show) not in _SHOW:
            valid = ", ".join(map(str, sorted(_SHOW)))
            return _html(arxiv_pages.error_page(f"Invalid show value. Valid values: {valid}"), status=400)
        day = self._newest_mailing()
        page = arxiv_pages.new_page(
            category, self.batch(category, day), day=day, skip=int(skip), show=int(show)
        )
        return _html(page)

    async def _catchup(self, request: web.Request) -> web.Response:
        category = request.match_info["category"]
        if refusal := self._catchup_refusal(category, request):
            return _html(arxiv_pages.error_page(refusal), status=400)
        day = date.fromisoformat(request.match_info["day"])
        later = sorted(mailed for mailed in self._mailed if day < mailed <= self.today)
        page = arxiv_pages.catchup_page(
            category,
            self.batch(category, day),
            day=day,
            next_day=later[0] if later else None,
            with_abstracts=request.query.get("abs") == "True",
            number=int(request.query.get("page", "1")),
            size=self._page_size,
        )
        return _html(page)

    def _catchup_refusal(self, category: str, request: web.Request) -> str | None:
        try:
            day = date.fromisoformat(request.match_info["day"])
        except ValueError:
            return "Invalid date format. Use format: YYYY-MM-DD"
        if category not in self._announced:
            return "Invalid subject. Subject must be an archive, category or 'grp_physics'"
        if not set(request.query) <= {"abs", "page"}:
            return "Unexpected parameters. Only accepted parameters are: 'page', and 'abs'"
        if not request.query.get("page", "1").isdecimal():
            return "Invalid page value. Page value should be a positive integer"
        if day > self.today:
            return f"Invalid date: {day}. Can't request date later than today"
        if day < self.today - CATCHUP_WINDOW - timedelta(days=1):
            return f"Invalid date: {day}. Catchup only allowed for past 90 days"
        return None

    async def _api(self, request: web.Request) -> web.Response:
        wanted = [text.strip() for text in request.query.get("id_list", "").split(",") if text.strip()]
        most = int(request.query.get("max_results", "10"))
        found: list[Paper] = []
        for text in wanted:
            try:
                identifier = ArxivId.parse(text)
            except InvalidIdentifier:
                return _xml(arxiv_feeds.api_error(f"incorrect id format for {text}"), "api", status=400)
            if paper := self._papers.get(identifier.id):
                found.append(replace(paper, id=identifier if identifier.version else paper.id))
        return _xml(arxiv_feeds.api_answer(request.query_string, found[:most]), "api")

    async def _abs(self, request: web.Request) -> web.Response:
        paper = self._known(request.match_info["id"])
        if paper is None:
            message = f"Article {request.match_info['id']} not found"
            return _html(arxiv_pages.error_page(message), status=404)
        return _html(arxiv_pages.abs_page(paper))

    async def _pdf(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"].removesuffix(".pdf")
        body = self._pdfs.get(wanted) or self._pdfs.get(re.sub(r"v\d+$", "", wanted))
        if body is None:
            known = self.keeps_pdfs_back and self._known(wanted) is not None
            return _html(arxiv_pages.error_page(f"No PDF for {wanted}"), status=451 if known else 404)
        return web.Response(body=body, content_type="application/pdf")

    def _known(self, text: str) -> Paper | None:
        try:
            return self._papers.get(ArxivId.parse(text).id)
        except InvalidIdentifier:
            return None

    def _newest_mailing(self) -> date:
        return max((day for day in self._mailed if day <= self.today), default=self.today)


def _xml(body: bytes, form: str, *, status: int = 200, etag: str = "") -> web.Response:
    headers = {"ETag": etag} if etag else {}
    return web.Response(body=body, status=status, content_type=_XML[form], headers=headers)


def _html(page: str, *, status: int = 200) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html")
