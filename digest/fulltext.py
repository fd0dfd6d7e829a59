"""What a PDF says, in reading order: sections, numbered paragraphs, captions, and what it hides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SectionRole(StrEnum):
    """What part a section plays in a paper."""

    ABSTRACT = "abstract"
    INTRODUCTION = "introduction"
    RELATED_WORK = "related work"
    METHOD = "method"
    EXPERIMENTS = "experiments"
    CONCLUSION = "conclusion"
    LIMITATIONS = "limitations"
    BACK_MATTER = "back matter"  # acknowledgements, ethics, author contributions
    REFERENCES = "references"
    APPENDIX = "appendix"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph in reading order. `id` counts from 1 through the whole paper, `page` from 1.

    `breaks` are the places where it goes over to a further page: (offset in `text` of the first word that
    begins there, page), in order.
    """

    id: int
    page: int  # where it begins
    text: str
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section with its own paragraphs; subsections are sections with longer numbers ("4.1")."""

    number: str  # "4.1", "A.2", or "" where the paper has none
    title: str
    page: int
    role: SectionRole = SectionRole.OTHER
    paragraphs: tuple[Paragraph, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A caption of a figure, table or algorithm, kept apart from the prose. `label` is "Table 3"."""

    label: str
    page: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenText:
    """Text in the PDF that a reader of the page cannot see. Never given to an analyzer."""

    page: int
    text: str
    reason: str  # "white", "tiny", "invisible", "transparent", "covered", "clipped", "off-page", "no ink"
    instruction: bool  # worded as an instruction to a model or reviewer


@dataclass(frozen=True, slots=True, kw_only=True)
class FullText:
    """What reading a PDF gave. `notes` are sentences for people; no sections means no usable text."""

    pages: int
    title: str = ""
    sections: tuple[Section, ...] = ()
    captions: tuple[Caption, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    links: tuple[str, ...] = ()  # http(s) link targets in the PDF, in order of first sight
    pages_read: int = 0
    notes: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(p for section in self.sections for p in section.paragraphs)
