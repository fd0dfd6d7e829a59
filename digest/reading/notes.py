"""What people are told of a reading: which pages gave no text, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest.fulltext import Section
from digest.reading.characters import is_garbled
from digest.reading.lines import Source

_JUDGED = 4  # paragraphs of each section suffice to tell whether its letters mean anything
_BLANK = 2  # pages without text say nothing of a sound file: a blank back, a figure by itself


def unreadable_pages(source: Source) -> tuple[int, ...]:
    """The pages that were looked at and gave no text, unless they are the few blank ones of a sound file."""
    empty = tuple(page.number for page in source.read if not page.lines)
    sound = not source.repaired and not source.failed and not source.broken
    return () if sound and len(empty) <= _BLANK and len(empty) < len(source.read) else empty


def notes_of(source: Source, sections: Sequence[Section]) -> tuple[str, ...]:
    """One sentence for each thing that keeps the text from being the whole paper."""
    text = " ".join(p.text for section in sections for p in section.paragraphs[:_JUDGED])
    notes = [*_of_pages(source, some_text=bool(text))]
    if not text:
        notes.append("The PDF has no text layer: its pages are images or empty.")
    elif is_garbled(text):
        notes.append("The PDF's fonts do not say which letters they show, so its text may be nonsense.")
    return tuple(notes)


def _of_pages(source: Source, *, some_text: bool) -> Iterator[str]:
    if source.failed:
        yield f"Damaged pages were left out: {_shown(source.failed)}."
    if source.crowded:
        yield f"Pages with more text than a page can show were cut: {_shown(source.crowded)}."
    last = len(source.read) + len(source.failed)
    if last < source.pages:
        yield f"Only the first {last} of {source.pages} pages were read."
    empty = unreadable_pages(source) if some_text else ()
    broken = tuple(page for page in source.broken if page not in empty)
    if empty:
        why = "the file may be damaged" if source.repaired else "they are images, empty or damaged"
        yield _about(empty, "holds no text", "hold no text") + f"; {why}."
    if broken:
        yield _about(broken, "is damaged", "are damaged") + "; some of the text may be missing."
    if source.repaired and not empty and not broken:
        yield "The file is damaged and was repaired for reading; some of its text may be missing."


def _about(pages: Sequence[int], one: str, many: str) -> str:
    return f"Page {pages[0]} {one}" if len(pages) == 1 else f"Pages {_shown(pages)} {many}"


def _shown(pages: Sequence[int]) -> str:
    """Pages as people write them, runs drawn together: "1-6, 9"; of more than ten runs, the first ten."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1][1:] = [page]
        else:
            runs.append([page])
    more = f" and {len(runs) - 10} more" if len(runs) > 10 else ""
    return ", ".join("-".join(map(str, run)) for run in runs[:10]) + more
