"""Real papers with topic labels, as announcements (tests/data/labels/ATTRIBUTION.md)."""

from __future__ import annotations

import gzip
import json
from datetime import date
from functools import cache
from pathlib import Path

from digest.model import Announcement, AnnounceType, ArxivId, Paper

_FILE = Path(__file__).parent / "data/labels/topic_labels.jsonl.gz"


@cache
def labelled() -> tuple[tuple[str, Announcement], ...]:
    """988 pairs of a label and a new announcement."""
    rows = map(json.loads, gzip.decompress(_FILE.read_bytes()).splitlines())
    return tuple(
        (
            row["label"],
            Announcement(
                paper=Paper(
                    id=ArxivId(row["id"]),
                    title=row["title"],
                    abstract=row["summary"],
                    authors=tuple(row["authors"]),
                    categories=tuple(row["categories"]),
                ),
                type=AnnounceType.NEW,
                day=date.fromisoformat(row["day"]),
            ),
        )
        for row in rows
    )
