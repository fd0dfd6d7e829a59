"""What people said and what waits for an answer, what they saved and what they thought of papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digest.people import Incoming, Opinion, Saved
from storage import rows
from storage.codec import from_json, to_json
from storage.driver import Row, Transaction


def accept(tx: Transaction, incoming: Incoming) -> bool:
    accepted = tx.run(
        "INSERT INTO inbox (id, channel, received_at, answered_at, tries, body) "
        "VALUES (:id, :channel, :received_at, NULL, 0, :body) ON CONFLICT (id) DO NOTHING",
        id=rows.clean(incoming.id),
        channel=incoming.channel,
        received_at=rows.moment(incoming.received_at),
        body=to_json(Incoming, incoming),
    )
    return accepted == 1


def incoming(tx: Transaction, id: str) -> Incoming | None:  # noqa: A002 - it is the column's name
    row = tx.row("SELECT * FROM inbox WHERE id = :id AND answered_at IS NULL", id=rows.clean(id))
    return None if row is None else _incoming_of(row)


def unanswered(tx: Transaction) -> tuple[Incoming, ...]:
    found = tx.rows("SELECT * FROM inbox WHERE answered_at IS NULL ORDER BY received_at, id")
    return tuple(map(_incoming_of, found))


def begin_answer(tx: Transaction, id: str) -> int:  # noqa: A002
    row = tx.row(
        "UPDATE inbox SET tries = tries + 1 WHERE id = :id AND answered_at IS NULL RETURNING tries",
        id=rows.clean(id),
    )
    return 0 if row is None else int(row["tries"])


def postpone_answer(tx: Transaction, id: str) -> None:  # noqa: A002
    tx.run("UPDATE inbox SET tries = tries - 1 WHERE id = :id AND tries > 1", id=rows.clean(id))


def finish_answer(tx: Transaction, id: str, at: datetime) -> None:  # noqa: A002
    tx.run("UPDATE inbox SET answered_at = :at WHERE id = :id", id=rows.clean(id), at=rows.moment(at))


def prune_talk(tx: Transaction, before: datetime) -> int:
    gone = tx.run(
        "DELETE FROM inbox WHERE received_at < :before AND answered_at IS NOT NULL",
        before=rows.moment(before),
    )
    return gone + tx.run("DELETE FROM messages WHERE said_at < :before", before=rows.moment(before))


def _incoming_of(row: Row) -> Incoming:
    return replace(from_json(Incoming, row["body"]), channel=row["channel"], tries=row["tries"])


def note_message(tx: Transaction, channel: str, message: str, *, paper: str, at: datetime) -> None:
    tx.run(
        "INSERT INTO messages (channel, message, paper, said_at) VALUES (:channel, :message, :paper, :at) "
        "ON CONFLICT (channel, message) DO UPDATE SET paper = excluded.paper",
        channel=channel,
        message=message,
        paper=paper,
        at=rows.moment(at),
    )


def paper_of_message(tx: Transaction, channel: str, message: str) -> str | None:
    row = tx.row(
        "SELECT paper FROM messages WHERE channel = :channel AND message = :message",
        channel=channel,
        message=message,
    )
    return str(row["paper"]) if row else None


def save_paper(tx: Transaction, saved: Saved) -> bool:
    added = tx.run(
        "INSERT INTO saved (channel, person, paper, saved_at) VALUES (:channel, :person, :paper, :at) "
        "ON CONFLICT (channel, person, paper) DO NOTHING",
        channel=saved.channel,
        person=saved.person,
        paper=saved.paper,
        at=rows.moment(saved.saved_at),
    )
    return added == 1


def forget_paper(tx: Transaction, channel: str, person: str, paper: str) -> bool:
    gone = tx.run(
        "DELETE FROM saved WHERE channel = :channel AND person = :person AND paper = :paper",
        channel=channel,
        person=person,
        paper=paper,
    )
    return gone == 1


def saved_papers(tx: Transaction, *, channel: str | None, person: str | None) -> tuple[Saved, ...]:
    found = tx.rows(
        "SELECT * FROM saved WHERE channel = coalesce(:channel, channel) "
        "AND person = coalesce(:person, person) ORDER BY saved_at, paper",
        channel=channel,
        person=person,
    )
    return tuple(
        Saved(
            channel=row["channel"],
            person=row["person"],
            paper=row["paper"],
            saved_at=datetime.fromisoformat(row["saved_at"]),
        )
        for row in found
    )


def judge_paper(tx: Transaction, opinion: Opinion) -> None:
    tx.run(
        "INSERT INTO opinions (channel, person, paper, liked) VALUES (:channel, :person, :paper, :liked) "
        "ON CONFLICT (channel, person, paper) DO UPDATE SET liked = excluded.liked",
        channel=opinion.channel,
        person=opinion.person,
        paper=opinion.paper,
        liked=int(opinion.liked),
    )


def withdraw_opinion(tx: Transaction, channel: str, person: str, paper: str) -> bool:
    gone = tx.run(
        "DELETE FROM opinions WHERE channel = :channel AND person = :person AND paper = :paper",
        channel=channel,
        person=person,
        paper=paper,
    )
    return gone == 1


def opinions(tx: Transaction, channel: str) -> tuple[Opinion, ...]:
    found = tx.rows("SELECT * FROM opinions WHERE channel = :channel ORDER BY paper, person", channel=channel)
    return tuple(
        Opinion(channel=row["channel"], person=row["person"], paper=row["paper"], liked=bool(row["liked"]))
        for row in found
    )


def remember_command(tx: Transaction, token: str, command: str) -> None:
    tx.run(
        "INSERT INTO commands (token, command) VALUES (:token, :command) ON CONFLICT (token) DO NOTHING",
        token=token,
        command=rows.clean(command),
    )


def command(tx: Transaction, token: str) -> str | None:
    row = tx.row("SELECT command FROM commands WHERE token = :token", token=token)
    return str(row["command"]) if row else None
