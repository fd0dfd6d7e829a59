"""Anchors as they are shown ("§4.1, p. 5, Table 3"), and the things a text names by number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.analysis.quotes import Place
from digest.fulltext import FullText, Section

_KINDS = {
    "figure": "Figure", "figures": "Figure", "fig": "Figure", "figs": "Figure", "图": "Figure",
    "abbildung": "Figure",
    "table": "Table", "tables": "Table", "tab": "Table", "表": "Table", "tabelle": "Table",
    "algorithm": "Algorithm", "alg": "Algorithm", "算法": "Algorithm",
    "equation": "Equation", "equations": "Equation", "eq": "Equation", "eqs": "Equation", "eqn": "Equation",
    "公式": "Equation", "式": "Equation",
    "section": "Section", "sections": "Section", "sec": "Section", "§": "Section", "第": "Section",
    "appendix": "Appendix", "附录": "Appendix",
}  # fmt: skip
_NAMED = re.compile(
    r"""(?:\b(?P<kind>figures?|figs?|tables?|tab|algorithm|alg|equations?|eqs?|eqn|sections?|sec|appendix|abbildung
        |tabelle)\b\.?|(?P<sign>§|图|表|算法|公式|附录|第(?=\s*[\dA-Z.]+\s*[节章])))
        \s*§?\s*\(?(?P<number>\d+(?:\.\d+)*|[A-H](?:\.\d+)*\b|[IVX]+\b)""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """Something a text names by number: "Table 3", "Section 4.1", "Equation 5"."""

    kind: str
    number: str

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


def named_in(text: str) -> tuple[Named, ...]:
    """Figures, tables, algorithms, equations, sections and appendices named in a text, in order."""
    return tuple(dict.fromkeys(_named(text)))


def _named(text: str) -> Iterator[Named]:
    for match in _NAMED.finditer(text):
        number = match["number"]
        if number[0].isalpha() and not number[0].isupper():
            continue
        yield Named(_KINDS[(match["kind"] or match["sign"]).lower()], number)


def without_named(text: str) -> str:
    """The text without such names, so that their numbers are not taken for figures of the paper."""
    return _NAMED.sub(" ", text)


@dataclass(frozen=True, slots=True)
class Map:
    """What a paper has under which number, and which section each paragraph is in."""

    known: frozenset[Named]
    sections: dict[int, Section]

    @classmethod
    def of(cls, text: FullText | None) -> Map:
        if text is None:
            return cls(frozenset(), {})
        sections = {p.id: section for section in text.sections for p in section.paragraphs}
        return cls(frozenset(_known(text)), sections)

    def has(self, named: Named) -> bool:
        """Whether the paper has it; an appendix's section counts as both."""
        if named in self.known:
            return True
        if named.kind in ("Section", "Appendix"):
            return any(
                each.number == named.number for each in self.known if each.kind in ("Section", "Appendix")
            )
        return False

    def anchor(self, place: Place, quote: str) -> str:
        """Section (number, else title), page, and the first figure or table the quote names."""
        if place.caption:
            return f"{place.caption}, p. {place.page}"
        if place.paragraph is None:
            return "Abstract"
        section = self.sections[place.paragraph]
        label = f"§{section.number}" if section.number else section.title
        parts = [label] if label else []
        parts.append(f"p. {place.page}")
        shown = (each for each in named_in(quote) if each.kind in ("Figure", "Table", "Algorithm"))
        parts += [str(each) for each in shown if self.has(each)][:1]
        return ", ".join(parts)


def _known(text: FullText) -> Iterator[Named]:
    for section in text.sections:
        if section.number:
            kind = "Appendix" if section.number[0].isalpha() else "Section"
            yield Named(kind, section.number)
            yield Named(kind, section.number.partition(".")[0])
        for paragraph in section.paragraphs:
            yield from _named(paragraph.text)
            for number in re.findall(r"\((\d{1,3}(?:\.\d+)?[a-z]?)\)", paragraph.text):
                yield Named("Equation", number)
    for caption in text.captions:
        yield from _named(caption.label)
