"""Where arXiv is and how gently to ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

_PUBLIC = "https://arxiv.org"
_PUBLIC_EXPORT = "https://export.arxiv.org"
_TAIL = re.compile(r"/+$|/+(?:rss|atom|api/query|api|pdf|abs|list|catchup)/*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArxivSettings:
    """Base addresses, gaps and limits; all times in seconds, all sizes in bytes.

    The gaps are arXiv's wishes: one request per 3 s (https://info.arxiv.org/help/api/tou.html) and 15 s
    between pages of arxiv.org (its robots.txt). Bases may end in "/rss", "/atom", "/api/query" or a slash.
    """

    rss_url: str = "https://rss.arxiv.org"
    api_url: str = _PUBLIC_EXPORT
    url: str = _PUBLIC
    pdf_url: str = ""  # empty: export.arxiv.org for the public arXiv, else `url`
    contact: str = ""
    feed_gap: float = 3.0
    page_gap: float = 15.0
    timeout: float = 30.0  # without a byte
    total_timeout: float = 180.0  # of one request, whole
    tries: int = 4
    backoff: float = 5.0  # first upper bound of the jittered wait; doubles with each try
    longest_wait: float = 120.0  # a longer Retry-After is handed to the caller
    max_bytes: int = 32 * 2**20
    max_pdf_bytes: int = 64 * 2**20

    @property
    def rss_base(self) -> str:
        return _base(self.rss_url)

    @property
    def api_base(self) -> str:
        return _base(self.api_url)

    @property
    def page_base(self) -> str:
        return _base(self.url)

    @property
    def pdf_base(self) -> str:
        if self.pdf_url:
            return _base(self.pdf_url)
        return _PUBLIC_EXPORT if self.page_base == _PUBLIC else self.page_base

    @property
    def bases(self) -> tuple[str, ...]:
        return (self.rss_base, self.api_base, self.page_base, self.pdf_base)

    @property
    def user_agent(self) -> str:
        """`Paperboy/0.1.0 (+mailto:team@example.org)`: arXiv blocks agents it cannot write to."""
        try:
            number = version("paperboy-bot")
        except PackageNotFoundError:
            number = "0"
        contact = "".join(c for c in self.contact if " " < c < "\x7f" and c not in "()")
        if "@" in contact and ":" not in contact:
            contact = f"mailto:{contact}"
        return f"Paperboy/{number} (+{contact})" if contact else f"Paperboy/{number} (arXiv digest bot)"


def _base(url: str) -> str:
    """The address without trailing slashes and without the path that we add ourselves."""
    url = url.strip()
    while _TAIL.search(url):
        url = _TAIL.sub("", url)
    return url
