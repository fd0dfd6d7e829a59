"""What arXiv's pages have in common: labelled fields, subjects, printed dates."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from digest.arxiv.names import plain

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SUBJECT = re.compile(r"\(([a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?)\)\s*$")


def text_of(node: LexborNode | None) -> str:
    """The text of a node on one line; "" for no node."""
    return " ".join(node.text().split()) if node is not None else ""


def field_of(parent: LexborNode | None, selector: str) -> str:
    """A field without its label, with the real address where the page says "this https URL"."""
    node = parent.css_first(selector) if parent else None
    if node is None:
        return ""
    for label in node.css("span.descriptor"):
        label.decompose()
    for link in node.css("a.link-external"):
        words = text_of(link)
        if words.startswith("this ") and words.endswith(" URL"):
            link.replace_with(link.attributes.get("href") or "")
    for line_break in node.css("br"):
        line_break.replace_with(" ")
    return plain(node.text())


def subjects_of(parent: LexborNode | None, selector: str) -> tuple[str, ...]:
    """Category codes, the primary first: "Graphics (cs.GR); Robotics (cs.RO)"."""
    subjects = parent.css_first(selector) if parent else None
    codes = (_SUBJECT.search(subject) for subject in text_of(subjects).split(";"))
    return tuple(dict.fromkeys(code[1] for code in codes if code))


def printed_date(text: str) -> date | None:
    """The date in "30 June 2026" or "Tue, 30 Jun 2026", whatever the locale."""
    try:
        day, month, year = text.rpartition(", ")[2].split()
        return date(int(year), _MONTHS.index(month[:3]) + 1, int(day))
    except ValueError:
        return None
