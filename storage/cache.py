"""Extracted texts, which age, and analyses, which stay. A value an older version wrote may be unreadable:
then it is not there, and is made anew."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from digest.errors import StoreError
from digest.fulltext import FullText
from digest.model import Analysis, ArxivId, Depth
from storage import rows
from storage.codec import from_json, to_json
from storage.driver import Row, Transaction

T = TypeVar("T")


def text(tx: Transaction, paper: ArxivId) -> FullText | None:
    row = tx.row(
        "SELECT body FROM texts WHERE paper = :paper AND version = :version",
        paper=paper.id,
        version=paper.version or 0,
    )
    return _readable(FullText, row)


def save_text(tx: Transaction, paper: ArxivId, read: FullText, *, at: datetime) -> None:
    tx.run(
        "INSERT INTO texts (paper, version, saved_at, body) VALUES (:paper, :version, :at, :body) "
        "ON CONFLICT (paper, version) DO UPDATE SET saved_at = excluded.saved_at, body = excluded.body",
        paper=paper.id,
        version=paper.version or 0,
        at=rows.moment(at),
        body=to_json(FullText, read),
    )


def prune_texts(tx: Transaction, *, before: datetime) -> int:
    return tx.run("DELETE FROM texts WHERE saved_at < :before", before=rows.moment(before))


def analysis(
    tx: Transaction, paper: ArxivId, *, language: str, depth: Depth, analyzer: str, prompt_version: str
) -> Analysis | None:
    row = tx.row(
        "SELECT body FROM analyses WHERE paper = :paper AND version = :version AND language = :language "
        "AND depth = :depth AND analyzer = :analyzer AND prompt_version = :prompt_version",
        paper=paper.id,
        version=paper.version or 0,
        language=language,
        depth=depth.value,
        analyzer=analyzer,
        prompt_version=prompt_version,
    )
    return _readable(Analysis, row)


def save_analysis(tx: Transaction, made: Analysis, *, language: str) -> None:
    tx.run(
        "INSERT INTO analyses (paper, version, language, depth, analyzer, prompt_version, created_at, body) "
        "VALUES (:paper, :version, :language, :depth, :analyzer, :prompt_version, :created_at, :body) "
        "ON CONFLICT (paper, version, language, depth, analyzer, prompt_version) "
        "DO UPDATE SET created_at = excluded.created_at, body = excluded.body",
        paper=made.paper.id,
        version=made.paper.version or 0,
        language=language,
        depth=made.depth.value,
        analyzer=made.analyzer,
        prompt_version=made.prompt_version,
        created_at=rows.moment(made.created_at),
        body=to_json(Analysis, made),
    )


def _readable(kind: type[T], row: Row | None) -> T | None:
    with suppress(StoreError):
        return None if row is None else from_json(kind, row["body"])
    return None
