"""The questions of each thread and their answers, in order."""

from __future__ import annotations

from digest.conversation import Answer
from storage.codec import from_json, to_json
from storage.driver import Transaction


def conversation(tx: Transaction, thread: str, *, limit: int) -> tuple[Answer, ...]:
    found = tx.rows(
        "SELECT body FROM answers WHERE thread = :thread ORDER BY number DESC LIMIT :limit",
        thread=thread,
        limit=limit,
    )
    return tuple(from_json(Answer, row["body"]) for row in reversed(found))


def add_answer(tx: Transaction, thread: str, answer: Answer) -> None:
    tx.run(
        "INSERT INTO answers (thread, number, body) SELECT :thread, COALESCE(MAX(number), 0) + 1, :body "
        "FROM answers WHERE thread = :thread",
        thread=thread,
        body=to_json(Answer, answer),
    )
