"""Answers of the export API (https://info.arxiv.org/help/api/user-manual.html) as papers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.arxiv.entries import moment, paper, read_entries
from digest.arxiv.feed import refuse_error
from digest.model import ArxivId, Paper

BATCH = 100  # identifiers in one request


def parse_api_answer(body: bytes) -> tuple[Paper, ...]:
    """The papers of an Atom answer, with version, comment, journal reference, DOI and date of version 1.

    Unknown identifiers are simply absent. Raises `InvalidFeed` with arXiv's reason for an error entry.
    """
    raw = read_entries(body)
    refuse_error(raw)
    papers = ((entry, paper(entry)) for entry in raw.entries)
    return tuple(
        replace(found, submitted=first.date() if (first := moment(entry.get("published_parsed"))) else None)
        for entry, found in papers
        if found and entry.get("title")
    )


def batches(ids: Sequence[ArxivId]) -> Iterator[tuple[ArxivId, ...]]:
    """The distinct identifiers in batches of one request each."""
    distinct = tuple(dict.fromkeys(ids))
    for start in range(0, len(distinct), BATCH):
        yield distinct[start : start + BATCH]
