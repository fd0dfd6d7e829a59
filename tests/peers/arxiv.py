"""arXiv on loopback that records what it is asked and misbehaves when told to.

async with Arxiv() as arxiv:
    arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    arxiv.misbehave("/rss/cs.CV", busy(retry_after=30), times=2)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from aiohttp import web

from bot.demo.arxiv_feeds import feed_error
from bot.demo.arxiv_server import ArxivServer
from digest.arxiv import ArxivSettings
from digest.model import Announcement, AnnounceType, ArxivId, Paper

TUESDAY = date(2026, 6, 30)

Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeTime:
    """A clock that stands still but for its own sleep; `waits` are the sleeps in seconds."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.waits: list[float] = []

    def clock(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)

    def go(self, day: date, hour: int = 13) -> None:
        """Go to an hour (UTC) of a day."""
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@dataclass(frozen=True)
class Request:
    """One request as arXiv saw it."""

    at: datetime
    path: str
    headers: Mapping[str, str]


@dataclass
class _Misbehaviour:
    path: str
    query: str
    fault: Fault
    times: int


class Arxiv(ArxivServer):
    """A small arXiv, at 13:00 UTC of Tuesday 30 June 2026 unless `time` says otherwise."""

    def __init__(self, *, time: FakeTime | None = None, page_size: int = 2000) -> None:
        self.time = time or FakeTime(datetime(2026, 6, 30, 13, tzinfo=UTC))
        super().__init__(clock=self.time.clock, page_size=page_size)
        self.requests: list[Request] = []
        self._faults: list[_Misbehaviour] = []

    def settings(self, **changes: object) -> ArxivSettings:
        """Settings for a client of this arXiv, without gaps unless given."""
        values: dict[str, object] = {"feed_gap": 0.0, "page_gap": 0.0, "backoff": 1.0, **changes}
        return ArxivSettings(rss_url=self.url, api_url=self.url, url=self.url, **values)  # type: ignore[arg-type]

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.requests]

    def misbehave(self, path: str, fault: Fault, *, query: str = "", times: int = 10**9) -> None:
        """Answer paths that start so, with a query that holds `query`, with a fault for a number of times."""
        self._faults.append(_Misbehaviour(path, query, fault, times))

    def behave(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def stay_stale(self, category: str, since: date) -> None:
        """Serve the feeds of a category with the batch of an earlier day under today's dates."""

        async def stale(request: web.Request) -> web.StreamResponse:
            form = request.path.split("/")[1]
            return web.Response(
                body=self.render_feed(form, category, since), content_type=f"application/{form}+xml"
            )

        for form in ("rss", "atom"):
            self.misbehave(f"/{form}/{category}", stale)

    async def answering(self, request: web.Request) -> web.StreamResponse | None:
        self.requests.append(Request(self.time.now, request.path_qs, dict(request.headers)))
        for each in self._faults:
            matches = request.path.startswith(each.path) and each.query in request.query_string
            if matches and each.times > 0:
                each.times -= 1
                return await each.fault(request)
        return None


def new(identifier: str, title: str, *, day: date = TUESDAY, **fields: object) -> Announcement:
    """A new paper of cs.CV, or as `fields` of `Paper` say."""
    return _announced(AnnounceType.NEW, identifier, title, day, fields)


def cross(identifier: str, title: str, *, day: date = TUESDAY, **fields: object) -> Announcement:
    """A cross-list from cs.RO."""
    return _announced(
        AnnounceType.CROSS, identifier, title, day, {"categories": ("cs.RO", "cs.CV"), **fields}
    )


def revised(identifier: str, title: str, *, day: date = TUESDAY, **fields: object) -> Announcement:
    """Version 2 of a paper of cs.CV."""
    return _announced(AnnounceType.REPLACE, f"{identifier}v2", title, day, fields)


def batch(number: int, *, day: date = TUESDAY, first: int = 1) -> tuple[Announcement, ...]:
    """So many new papers, fewer than 3,000, with ids that no other day has."""
    return tuple(
        new(f"26{day:%m}.{day.day * 3000 + n:05d}", f"Paper {n}", day=day)
        for n in range(first, first + number)
    )


def _announced(
    kind: AnnounceType, identifier: str, title: str, day: date, fields: Mapping[str, object]
) -> Announcement:
    parsed = ArxivId.parse(identifier)
    values: dict[str, object] = {
        "abstract": f"We present {title}.",
        "authors": ("Ada Lovelace", "Alan Turing"),
        "categories": ("cs.CV",),
        **fields,
    }
    paper = Paper(id=ArxivId(parsed.id, parsed.version or 1), title=title, **values)  # type: ignore[arg-type]
    return Announcement(paper=paper, type=kind, day=day)


# Faults


def status(code: int, text: str = "", *, headers: Mapping[str, str] | None = None) -> Fault:
    """Any status with a plain body."""

    async def fault(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=text, headers=headers)

    return fault


def busy(retry_after: int | str | None = None) -> Fault:
    """429 as arXiv words it, with or without Retry-After in seconds or as an HTTP date."""
    return status(
        429, "Rate exceeded.", headers={} if retry_after is None else {"Retry-After": str(retry_after)}
    )


def feed_error_400(request_reason: str = "Bad category") -> Fault:
    """400 with a valid feed that names an error."""

    async def fault(request: web.Request) -> web.StreamResponse:
        query = request.path.rsplit("/", 1)[1]
        return web.Response(
            status=400, body=feed_error(query, request_reason), content_type="application/rss+xml"
        )

    return fault


def html(title: str = "arXiv is busy") -> Fault:
    """A web page where something else was asked for, with status 200."""

    async def fault(request: web.Request) -> web.StreamResponse:
        page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>Please wait.</body></html>"
        return web.Response(text=page, content_type="text/html")

    return fault


def body(content: bytes, content_type: str = "application/rss+xml") -> Fault:
    """Any bytes."""

    async def fault(request: web.Request) -> web.StreamResponse:
        return web.Response(body=content, content_type=content_type)

    return fault


def cut_off(content: bytes, sent: int) -> Fault:
    """The first bytes of a body whose Content-Length promises all of it; then the connection closes."""

    async def fault(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[:sent])
        assert request.transport is not None
        request.transport.close()
        return response

    return fault


def redirect(location: str, code: int = 302) -> Fault:
    """A redirect to anywhere."""
    return status(code, headers={"Location": location})


def stall() -> Fault:
    """Nothing at all, until the client gives up."""

    async def fault(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return fault
