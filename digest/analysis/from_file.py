"""What a PDF from a file tells of its paper, where no arXiv record is at hand."""

from __future__ import annotations

from pathlib import PurePath

from digest.analysis.outline import blocks, roles
from digest.errors import InvalidIdentifier
from digest.fulltext import FullText, SectionRole
from digest.model import ArxivId, Paper


def paper_of(text: FullText, *, name: str) -> Paper:
    """The paper of a PDF file called `name`.

    Its identifier is the one in the name ("2301.13298v1.pdf"), else the name itself without the suffix.
    """
    stem = PurePath(name).stem if name.lower().endswith(".pdf") else name
    return Paper(id=_identifier(stem), title=text.title or stem, abstract=_abstract(text))


def _identifier(stem: str) -> ArxivId:
    try:
        return ArxivId.parse(stem)
    except InvalidIdentifier:
        return ArxivId(stem)


def _abstract(text: FullText) -> str:
    return " ".join(
        block.text
        for section, role in zip(text.sections, roles(text.sections), strict=True)
        if role is SectionRole.ABSTRACT
        for block in blocks(section)
    )
