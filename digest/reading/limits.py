"""How much of the machine one PDF may take, and the one word that both ends of the pipe know."""

from __future__ import annotations

from dataclasses import dataclass

RECEIVED = b"!"  # the worker's word that it has the whole PDF; what happens after is the PDF's doing


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of the reading worker.

    `seconds` is the wall and CPU time of one PDF; after two thirds of it no further page is begun, so that
    a slow PDF gives its first pages rather than nothing. `memory` is address space in bytes,
    `rss` the resident bytes above which a worker is replaced after a PDF.
    """

    seconds: float = 30.0
    pages: int = 300
    bytes: int = 100 * 1024 * 1024
    memory: int = 1024 * 1024 * 1024
    rss: int = 72 * 1024 * 1024
    pdfs: int = 100  # per worker
