"""What to keep when something is learnt again: of a paper, of a category's day."""

from __future__ import annotations

from dataclasses import replace

from digest.model import ArxivId, CategoryDay, DayState, Paper


def united(known: Paper, told: Paper) -> Paper:
    """One paper from what is known and what a source tells now; nothing known is lost.

    The newer version's title and abstract win; of the same version, the fuller. A source that knows no
    version tells of the one we have.
    """
    newer, older = (told, known) if _version(told, known) >= (known.id.version or 0) else (known, told)
    same = _version(told, known) == (known.id.version or 0)
    return Paper(
        id=ArxivId(known.id.id, max(known.id.version or 0, told.id.version or 0) or None),
        title=newer.title or older.title,
        abstract=_fuller(newer.abstract, older.abstract) if same else newer.abstract or older.abstract,
        authors=_authors(newer.authors, older.authors),
        categories=_categories(newer.categories, older.categories),
        comment=newer.comment or older.comment,
        journal_ref=newer.journal_ref or older.journal_ref,
        doi=newer.doi or older.doi,
        licence=newer.licence or older.licence,
        submitted=newer.submitted or older.submitted,
    )


def _version(told: Paper, known: Paper) -> int:
    return told.id.version or known.id.version or 0


def _fuller(newer: str, older: str) -> str:
    return older if len(older) > len(newer) else newer


def _authors(newer: tuple[str, ...], older: tuple[str, ...]) -> tuple[str, ...]:
    # Listings cut long author lists at 100: such a list is a beginning of the one we have.
    cut = len(older) > len(newer) and older[: len(newer)] == newer
    return older if cut else newer


def _categories(newer: tuple[str, ...], older: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(newer + older))


_RANK = {DayState.FAILED: 0, DayState.LATE: 0, DayState.EMPTY: 1, DayState.TRUNCATED: 2, DayState.COMPLETE: 3}


def later(known: CategoryDay | None, told: CategoryDay) -> CategoryDay:
    """The ledger row after another fetch of the same category and day.

    A failed or late attempt does not undo what was got: only its time, note and next try are taken, and
    those of a final row stay.
    """
    if known is None:
        return told
    validators = replace(
        told,
        etag=told.etag or known.etag,
        last_modified=told.last_modified or known.last_modified,
        counts=told.counts or known.counts,
        source=told.source or known.source,
    )
    if _RANK[told.state] >= _RANK[known.state]:
        return validators
    if known.state.is_final:
        return replace(known, checked_at=max(known.checked_at, told.checked_at))
    return replace(known, checked_at=told.checked_at, next_try=told.next_try, note=told.note or known.note)
