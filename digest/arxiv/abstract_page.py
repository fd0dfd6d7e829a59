"""/abs/{id} as a paper: what stands in for the API when that is overloaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.arxiv.entries import page_title
from digest.arxiv.markup import field_of, printed_date, subjects_of, text_of
from digest.arxiv.names import plain
from digest.errors import InvalidFeed, InvalidIdentifier
from digest.model import ArxivId, Paper

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_SUBMITTED = re.compile(r"Submitted on (\d{1,2} \w{3} \d{4})")
_VERSION = re.compile(r"this version, v(\d+)")


def parse_abs(body: bytes) -> Paper:
    """The paper on an abstract page, in the version that the page shows.

    Raises `InvalidFeed` when the bytes are another page.
    """
    from selectolax.lexbor import LexborHTMLParser  # 2 MB that a process waiting for the day does without

    tree = LexborHTMLParser(body)
    page = tree.css_first("#abs")
    identifier = _identifier(tree, page)
    if page is None or identifier is None:
        raise InvalidFeed(f"This is no abstract page of arXiv{page_title(body)}.")
    submitted = _SUBMITTED.search(text_of(page.css_first(".dateline")))
    licence = tree.css_first(".abs-license a")
    return Paper(
        id=identifier,
        title=field_of(page, "h1.title") or str(identifier),
        abstract=field_of(page, "blockquote.abstract"),
        authors=tuple(plain(link.text()) for link in page.css(".authors a")),
        categories=subjects_of(page, "td.subjects"),
        comment=field_of(page, "td.comments") or None,
        journal_ref=field_of(page, "td.jref") or None,
        doi=text_of(page.css_first("td.doi a")).removeprefix("https://doi.org/") or None,
        licence=licence.attributes.get("href") if licence else None,
        submitted=printed_date(submitted[1]) if submitted else None,
    )


def _identifier(tree: LexborHTMLParser, page: LexborNode | None) -> ArxivId | None:
    """The identifier with the version shown: as the page asks to cite it, else from its title."""
    cited = text_of(page.css_first("td.arxividv a") if page else None)
    version = _VERSION.search(text_of(page.css_first(".dateline") if page else None))
    for spelling in (cited, text_of(tree.css_first("title")).partition("]")[0].lstrip("[")):
        try:
            found = ArxivId.parse(spelling)
        except InvalidIdentifier:
            continue
        return ArxivId(found.id, found.version or (int(version[1]) if version else None))
    return None
