"""One paced connection to arXiv: retries, conditional requests, size and time caps, and no other host."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from digest.arxiv.hosts import Hosts
from digest.arxiv.pacing import Kind, Pace
from digest.arxiv.settings import ArxivSettings
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.errors import SourceUnavailable

_MOST_REDIRECTS = 5
_MOST_REFUSALS = 3
_REFUSED_FOR = 3600.0  # seconds
_LONGEST_PAUSE = 86_400.0  # seconds; who asks for more is asked again after a day, as it may be a mistake
_BUSY_FOR = 300.0  # seconds after a row of answers 429 that did not say how long
_TRIES_OF_A_STALL = 2
_WORTH_A_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What arXiv answered: any status that a caller can make sense of."""

    url: str
    status: int
    body: bytes = b""
    etag: str | None = None
    last_modified: str | None = None
    date: str | None = None  # by the server's clock


class _TryAgain(Exception):
    """A passing fault. `wait` is what arXiv asked for in seconds, if it did; `most` caps the tries."""

    def __init__(
        self, message: str, *, wait: float | None = None, most: int = 99, busy: bool = False
    ) -> None:
        super().__init__(message)
        self.wait = wait
        self.most = most
        self.busy = busy


@dataclass(slots=True)
class _Closed:
    """A host that sent us away, until when, and how often it has refused in a row."""

    until: datetime | None = None
    refusals: int = 0
    why: str = ""


class ArxivClient:
    """Asks arXiv, one request at a time over everything that shares this client.

    `get` raises `SourceUnavailable` when arXiv refuses, stalls or breaks off; every other answer, 404
    included, is the caller's to judge. Use it as an async context manager.
    """

    def __init__(
        self,
        settings: ArxivSettings,
        *,
        clock: Clock = utc_now,
        sleep: Sleep = sleep,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._hosts = Hosts(settings.bases)
        gaps = {kind: settings.page_gap if kind is Kind.PAGE else settings.feed_gap for kind in Kind}
        self._pace = Pace(clock=clock, sleep=sleep, gaps=gaps)
        self._turn = asyncio.Lock()
        self._closed: dict[str, _Closed] = {}
        self._http = httpx.AsyncClient(
            headers={"User-Agent": settings.user_agent, "Accept-Encoding": "gzip, deflate"},
            timeout=settings.timeout,
            verify=_certificates(),
            trust_env=False,
            follow_redirects=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def get(
        self, url: str, kind: Kind, *, etag: str | None = None, last_modified: str | None = None
    ) -> Answer:
        """Fetch an address under one of the bases, with validators of an earlier answer if there are any."""
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        sent = {name: value for name, value in headers.items() if value}
        async with self._turn:
            return await self._get_patiently(url, kind, sent)

    async def _get_patiently(self, url: str, kind: Kind, headers: dict[str, str]) -> Answer:
        attempt = 0
        while True:
            attempt += 1
            self._refuse_while_closed(url)
            try:
                return await self._get_once(url, kind, headers)
            except _TryAgain as fault:
                wait = self._wait_after(fault, attempt)
                self._give_up(url, fault, attempt, wait)
            await self._sleep(wait)

    def _give_up(self, url: str, fault: _TryAgain, attempt: int, wait: float) -> None:
        """Raise `SourceUnavailable` unless another try is due."""
        if wait > self.settings.longest_wait:
            self._close(url, wait, str(fault))
            message = f"{fault}; it asks to wait {_duration(wait)}."
            raise SourceUnavailable(message, retry_after=wait) from fault
        if attempt < min(self.settings.tries, fault.most):
            return
        if fault.busy:
            self._close(url, fault.wait or _BUSY_FOR, str(fault))
        times = f", {attempt} times in a row" if attempt > 1 else ""
        retry_after = fault.wait or (_BUSY_FOR if fault.busy else None)
        raise SourceUnavailable(f"{fault}{times}.", retry_after=retry_after) from fault

    async def _get_once(self, url: str, kind: Kind, headers: dict[str, str]) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            self._hosts.check(url)
            await self._pace.turn(kind)
            answer, location = await self._exchange(url, kind, headers)
            if location is None:
                return answer
            url = urljoin(url, location)
        raise SourceUnavailable(
            f"arXiv redirected more than {_MOST_REDIRECTS} times, at last to {_shown(url)}."
        )

    async def _exchange(self, url: str, kind: Kind, headers: dict[str, str]) -> tuple[Answer, str | None]:
        """One request; the second value is where a redirect points."""
        host = urlsplit(url).netloc
        self._pace.arrived(kind)
        try:
            async with asyncio.timeout(self.settings.total_timeout):
                async with self._http.stream("GET", url, headers=headers) as response:
                    self._pace.arrived(kind)
                    self._judge(url, kind, response)
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        return Answer(url=url, status=response.status_code), response.headers["location"]
                    return await self._read(url, kind, response), None
        except TimeoutError as error:
            seconds = f"{self.settings.total_timeout:g}"
            raise _TryAgain(
                f"{host} did not finish the {kind} in {seconds} s", most=_TRIES_OF_A_STALL
            ) from error
        except httpx.TimeoutException as error:
            seconds = f"{self.settings.timeout:g}"
            message = f"{host} stalled: no byte of the {kind} in {seconds} s"
            raise _TryAgain(message, most=_TRIES_OF_A_STALL) from error
        except httpx.RemoteProtocolError as error:
            raise _TryAgain(f"The {kind} from {host} broke off") from error
        except httpx.DecodingError as error:
            raise _TryAgain(f"The {kind} from {host} cannot be unpacked") from error
        except httpx.TransportError as error:
            raise _TryAgain(f"{host} cannot be reached ({type(error).__name__})") from error

    async def _read(self, url: str, kind: Kind, response: httpx.Response) -> Answer:
        limit = self.settings.max_pdf_bytes if kind is Kind.PDF else self.settings.max_bytes
        too_large = SourceUnavailable(f"The {kind} at {_shown(url)} is larger than {limit / 2**20:g} MiB.")
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            raise too_large
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                raise too_large
        return Answer(
            url=url,
            status=response.status_code,
            body=bytes(body),
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            date=response.headers.get("date"),
        )

    def _judge(self, url: str, kind: Kind, response: httpx.Response) -> None:
        """Raise for the statuses that speak of arXiv's health rather than of what was asked."""
        status = response.status_code
        name = urlsplit(url).netloc
        host = self._closed.setdefault(name, _Closed())
        if status == 403:
            host.refusals += 1
            # One paper's PDF may be closed to all; anything else means that arXiv has shut us out.
            if kind is not Kind.PDF or host.refusals >= _MOST_REFUSALS:
                self._close(url, _REFUSED_FOR, f"{name} refuses us (HTTP 403)")
            raise SourceUnavailable(
                f"{name} refuses us (HTTP 403). Is CONTACT set? arXiv's terms ask for one.",
                retry_after=_REFUSED_FOR,
            )
        host.refusals = 0
        if status in _WORTH_A_RETRY:
            wait = self._retry_after(response.headers.get("retry-after", ""))
            said = "too many requests" if status == 429 else "a fault of its own"
            message = f"{name} answered HTTP {status}, {said}"
            raise _TryAgain(message, wait=wait, busy=status == 429)

    def _retry_after(self, value: str) -> float | None:
        """Seconds from a Retry-After of either form; None if there is none or it makes no sense."""
        if value.strip().isdecimal():
            return min(float(value.strip()[:9]), _LONGEST_PAUSE)
        try:
            at = parsedate_to_datetime(value)
            return min(max(0.0, (at - self._clock()).total_seconds()), _LONGEST_PAUSE)
        except (ValueError, TypeError):
            return None

    def _wait_after(self, fault: _TryAgain, attempt: int) -> float:
        """Full jitter up to a doubling bound; at least what arXiv asked for, and a little jitter on top."""
        if fault.wait is not None:
            return fault.wait + self._jitter(0, min(1.0, self.settings.backoff))
        bound = min(self.settings.backoff * 2 ** (attempt - 1), self.settings.longest_wait)
        return self._jitter(0, bound)

    def _close(self, url: str, seconds: float, why: str) -> None:
        host = self._closed.setdefault(urlsplit(url).netloc, _Closed())
        host.until = self._clock() + timedelta(seconds=seconds)
        host.why = why

    def _refuse_while_closed(self, url: str) -> None:
        """Fail at once for a host that told us to stay away for long, without asking again."""
        host = self._closed.get(urlsplit(url).netloc)
        if host is None or host.until is None:
            return
        left = (host.until - self._clock()).total_seconds()
        if left > 0:
            raise SourceUnavailable(f"{host.why}; not asked again for {_duration(left)}.", retry_after=left)
        host.until = None


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates, which take 30 ms to load: once per process."""
    return httpx.create_ssl_context(trust_env=False)


def open_client(settings: ArxivSettings, *, clock: Clock = utc_now, sleep: Sleep = sleep) -> ArxivClient:
    """A client to be entered with `async with`, which closes its connection."""
    return ArxivClient(settings, clock=clock, sleep=sleep)


def _shown(url: str) -> str:
    return url if len(url) <= 120 else url[:119] + "…"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
