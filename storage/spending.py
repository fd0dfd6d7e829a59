"""What models took, per UTC day, channel, person and model."""

from __future__ import annotations

from datetime import date

from digest.model import Usage
from storage.driver import Transaction


def record(tx: Transaction, usage: Usage, *, day: date, channel: str, person: str, model: str) -> None:
    tx.run(
        "INSERT INTO spending (day, channel, person, model, prompt_tokens, cached_tokens, completion_tokens, "
        "cost) VALUES (:day, :channel, :person, :model, :prompt, :cached, :completion, :cost) "
        "ON CONFLICT (day, channel, person, model) DO UPDATE SET "
        "prompt_tokens = spending.prompt_tokens + excluded.prompt_tokens, "
        "cached_tokens = spending.cached_tokens + excluded.cached_tokens, "
        "completion_tokens = spending.completion_tokens + excluded.completion_tokens, "
        "cost = spending.cost + excluded.cost",
        day=day.isoformat(),
        channel=channel,
        person=person,
        model=model,
        prompt=usage.prompt_tokens,
        cached=usage.cached_tokens,
        completion=usage.completion_tokens,
        cost=usage.cost,
    )


def total(tx: Transaction, *, since: date, until: date, channel: str | None, person: str | None) -> Usage:
    row = tx.row(
        "SELECT COALESCE(SUM(prompt_tokens), 0) AS prompt, COALESCE(SUM(cached_tokens), 0) AS cached, "
        "COALESCE(SUM(completion_tokens), 0) AS completion, COALESCE(SUM(cost), 0) AS cost FROM spending "
        "WHERE day BETWEEN :since AND :until "
        "AND channel = COALESCE(:channel, channel) "
        "AND person = COALESCE(:person, person)",
        since=since.isoformat(),
        until=until.isoformat(),
        channel=channel,
        person=person,
    )
    assert row is not None
    return Usage(
        prompt_tokens=row["prompt"],
        cached_tokens=row["cached"],
        completion_tokens=row["completion"],
        cost=float(row["cost"]),
    )
