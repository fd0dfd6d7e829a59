"""`FullText` as JSON and back."""

from __future__ import annotations

from typing import Any

from digest.fulltext import Caption, FullText, HiddenText, Paragraph, Section, SectionRole


def to_json(text: FullText) -> dict[str, Any]:
    """The public form, as `paperboy read --json` prints it."""
    return {
        "pages": text.pages,
        "title": text.title,
        "sections": [
            {
                "number": section.number,
                "title": section.title,
                "page": section.page,
                "paragraphs": [{"id": p.id, "page": p.page, "text": p.text} for p in section.paragraphs],
            }
            for section in text.sections
        ],
        "hidden": [
            {"page": h.page, "text": h.text, "reason": h.reason, "instruction": h.instruction}
            for h in text.hidden
        ],
        "notes": list(text.notes),
        "captions": [{"label": c.label, "page": c.page, "text": c.text} for c in text.captions],
    }


def to_cache(text: FullText) -> dict[str, Any]:
    """The complete form, for the cache and the worker's pipe: also roles, breaks, links and pages read."""
    whole = to_json(text)
    for section, value in zip(whole["sections"], text.sections, strict=True):
        section["role"] = value.role.value
        for written, paragraph in zip(section["paragraphs"], value.paragraphs, strict=True):
            if paragraph.breaks:
                written["breaks"] = [list(each) for each in paragraph.breaks]
    return whole | {"links": list(text.links), "pages_read": text.pages_read}


def from_cache(data: dict[str, Any]) -> FullText:
    """Read what `to_cache` wrote. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return FullText(
        pages=int(data["pages"]),
        title=str(data["title"]),
        sections=tuple(_section(section) for section in data["sections"]),
        captions=tuple(Caption(label=c["label"], page=c["page"], text=c["text"]) for c in data["captions"]),
        hidden=tuple(
            HiddenText(page=h["page"], text=h["text"], reason=h["reason"], instruction=h["instruction"])
            for h in data["hidden"]
        ),
        links=tuple(map(str, data["links"])),
        pages_read=int(data["pages_read"]),
        notes=tuple(map(str, data["notes"])),
    )


def _section(data: dict[str, Any]) -> Section:
    return Section(
        number=str(data["number"]),
        title=str(data["title"]),
        page=int(data["page"]),
        role=SectionRole(data["role"]),
        paragraphs=tuple(map(_paragraph, data["paragraphs"])),
    )


def _paragraph(data: dict[str, Any]) -> Paragraph:
    breaks = tuple((int(offset), int(page)) for offset, page in data.get("breaks", ()))
    return Paragraph(id=data["id"], page=data["page"], text=data["text"], breaks=breaks)
