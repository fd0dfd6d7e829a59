"""Getting papers from arXiv: feeds, listing pages, the export API, PDFs, and when each of them is due.

`source` is the way in. `feed`, `listing` and `api` turn what arXiv sends into values; `client` asks for it
politely. The names below are imported on first use, so that `digest.arxiv.calendar` costs no HTTP client.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.arxiv.client import ArxivClient, open_client
    from digest.arxiv.settings import ArxivSettings
    from digest.arxiv.source import ArxivSource

__all__ = ["ArxivClient", "ArxivSettings", "ArxivSource", "open_client"]

_HOMES = {
    "ArxivClient": "digest.arxiv.client",
    "ArxivSettings": "digest.arxiv.settings",
    "ArxivSource": "digest.arxiv.source",
    "open_client": "digest.arxiv.client",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
