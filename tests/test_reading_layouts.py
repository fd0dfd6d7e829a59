"""Papers set in the layouts of the field come back whole: headings, paragraphs, captions, references."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from digest.fulltext import FullText, SectionRole
from digest.reading.limits import Limits
from digest.reading.pdf import read_pdf
from tests import pdfs
from tests.typesetting import Press, Style, prose

TITLE = "Learning to Read Papers in Their Own Order"
NUMBERED = (
    "1 Introduction",
    "2 Related Work",
    "3 Method",
    "3.1 Encoder design",
    "3.2 Training",
    "4 Experiments",
    "4.1 Main results",
    "5 Conclusion",
)
ROMAN = (
    "I. INTRODUCTION",
    "II. RELATED WORK",
    "III. METHOD",
    "A. Encoder design",
    "B. Training",
    "IV. EXPERIMENTS",
    "A. Main results",
    "V. CONCLUSION",
)
PLAIN = ("Introduction", "Background", "Method", "Encoder design", "Results", "Main findings", "Discussion")


@dataclass(frozen=True, kw_only=True)
class Layout:
    style: Style
    headings: tuple[str, ...] = NUMBERED
    abstract: str = "heading"
    brackets: bool = False  # references by number
    figure: str = "Figure 1: "
    table: str = "Table 1: "


@dataclass(kw_only=True)
class Printed:
    """A paper and all that should be read from it."""

    pdf: bytes = b""
    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


LAYOUTS = {
    "two columns": Layout(style=Style()),
    "two columns drawn row by row": Layout(style=Style(interleaved=True)),
    "a narrow gutter": Layout(style=Style(gutter=11)),
    "an abstract over both columns": Layout(style=Style(), abstract="wide"),
    "line numbers": Layout(style=Style(line_numbers=True), brackets=True),
    "IEEE": Layout(
        style=Style(heading=("tiro", 10), subheading=("tiit", 10), centred=True, head="IEEE JOURNAL OF X"),
        headings=ROMAN,
        abstract="none",
        brackets=True,
        figure="Fig. 1. ",
        table="TABLE I. ",
    ),
    "LNCS": Layout(
        style=Style(columns=1, margin=120, head="Reading papers"),
        abstract="run-in",
        brackets=True,
        figure="Fig. 1. ",
        table="Table 1. ",
    ),
    "space between paragraphs": Layout(style=Style(columns=1, margin=108, indent=0, skip=5.5)),
    "headings without numbers": Layout(
        style=Style(columns=1, margin=90, heading=("hebo", 13), subheading=("hebo", 11)), headings=PLAIN
    ),
}


def printed(layout: Layout) -> Printed:
    """Set a paper of eight sections with a figure, a table, footnotes and references."""
    paper = Printed()
    press = Press(layout.style)
    press.wide(TITLE, "tibo", 18)
    press.wide("Ada Example and Ben Sample, University of Somewhere", "tiro", 11)
    _abstract(press, layout, paper)
    for number, heading in enumerate(layout.headings):
        sub = (
            heading[:2] in ("A.", "B.")
            or "." in heading[:2]
            or heading in ("Encoder design", "Main findings")
        )
        press.heading(heading, level=2 if sub else 1)
        paragraphs = [prose(4 + j % 3, seed=100 + 10 * number + j) for j in range(4)]
        for j, text in enumerate(paragraphs):
            press.paragraph(text, indent=j > 0)
            if j == 1 and number in (1, 2):
                _float(press, layout, paper, figure=number == 1)
        if number == 3:
            press.footnote("1", "Code is at https://example.org/code and so is the data.")
        paper.sections.append((heading, paragraphs))
    press.heading("REFERENCES" if layout.headings is ROMAN else "References")
    entries = [_entry(i, brackets=layout.brackets) for i in range(14)]
    for entry in entries:
        press.entry(entry, hang=14)
    paper.sections.append(("References", entries))
    paper.pdf = press.pdf()
    return paper


def _abstract(press: Press, layout: Layout, paper: Printed) -> None:
    text = prose(6, seed=7)
    match layout.abstract:
        case "heading":
            press.heading("Abstract")
            press.paragraph(text, size=9, indent=False)
        case "run-in":
            press.paragraph("Abstract. " + text, size=9, indent=False)
        case "wide":
            press.wide("Abstract", "tibo", 11)
            press.wide(text, "tiro", 9, centred=False)
        case _:
            press.wide(text, "tiro", 9, centred=False)
    paper.sections.append(("Abstract", [text]))


def _float(press: Press, layout: Layout, paper: Printed, *, figure: bool) -> None:
    if figure:
        paper.captions.append(layout.figure + prose(2, seed=5))
        press.figure(paper.captions[-1], ["input", "encoder layer", "output", "loss"])
    else:
        paper.captions.append(layout.table + prose(1, seed=6))
        rows = [
            ["Model", "BLEU", "ROUGE", "F1"],
            ["Ours", "41.2", "39.3", "88.1"],
            ["Base", "38.4", "37.0", "84.9"],
        ]
        press.table(rows, paper.captions[-1])


def _entry(i: int, *, brackets: bool) -> str:
    number = f"[{i + 1}] " if brackets else ""
    return (
        f"{number}Ann Author and Bob Writer. 20{i:02d}. {prose(1, seed=900 + i)} In Proceedings, pages 1-9."
    )


@pytest.fixture(scope="module", params=LAYOUTS, ids=str)
def case(request: pytest.FixtureRequest) -> tuple[Printed, FullText]:
    paper = printed(LAYOUTS[request.param])
    return paper, read_pdf(paper.pdf, Limits())


Case = tuple[Printed, FullText]


def test_the_title_is_found(case: Case) -> None:
    assert case[1].title == TITLE


def test_every_heading_is_found_and_nothing_else(case: Case) -> None:
    paper, text = case

    found = [
        f"{s.number.split('-')[-1]}{'.' if s.number.isalpha() or '-' in s.number else ''} {s.title}"
        for s in text.sections
    ]
    assert [f.strip(". ").upper() for f in found] == [heading.upper() for heading, _ in paper.sections]


def test_every_paragraph_comes_back_whole_and_in_order(case: Case) -> None:
    paper, text = case

    wanted = [paragraph for _, paragraphs in paper.sections for paragraph in paragraphs]
    found = [p.text for p in text.paragraphs]
    kept = [paragraph for paragraph in wanted if paragraph in found]
    # A paragraph that ends a column on a short line cannot be told from one that goes on.
    assert len(kept) >= len(wanted) - 1
    assert [found.index(each) for each in kept] == sorted(found.index(each) for each in kept)
    assert len(found) <= len(wanted) + 1


def test_captions_stand_apart_and_cells_labels_and_notes_are_in_no_paragraph(case: Case) -> None:
    paper, text = case

    assert [c.text for c in text.captions] == paper.captions
    assert [c.label.lower() for c in text.captions] in (["figure 1", "table 1"], ["figure 1", "table i"])
    prose_found = " ".join(p.text for p in text.paragraphs)
    assert not any(
        word in prose_found for word in ("encoder layer", "ROUGE", "88.1", "example.org", "IEEE JOURNAL")
    )


def test_paragraphs_are_numbered_through_the_paper_and_carry_their_page(case: Case) -> None:
    paragraphs = case[1].paragraphs

    assert [p.id for p in paragraphs] == list(range(1, len(paragraphs) + 1))
    assert [p.page for p in paragraphs] == sorted(p.page for p in paragraphs)


def test_a_printed_address_is_a_link(case: Case) -> None:
    assert "https://example.org/code" in case[1].links


def test_sections_know_their_part(case: Case) -> None:
    roles = [section.role for section in case[1].sections]

    assert roles[:2] == [SectionRole.ABSTRACT, SectionRole.INTRODUCTION]
    assert roles[-1] is SectionRole.REFERENCES
    assert SectionRole.METHOD in roles
    assert SectionRole.EXPERIMENTS in roles


def test_headings_set_like_the_text_are_found_by_the_bookmarks() -> None:
    press = Press(Style(heading=("tiro", 10), subheading=("tiro", 10)))
    press.wide(TITLE, "tibo", 18)
    titles = ["Abstract", "Why papers are long", "How to read them", "What we found", "References"]
    for number, title in enumerate(titles):
        press.heading(title)
        for j in range(4):
            press.paragraph(prose(5, seed=50 * number + j), indent=j > 0)
    text = read_pdf(press.pdf(bookmarks=True), Limits())

    assert [section.title for section in text.sections] == titles


def test_entries_of_a_table_of_contents_are_no_sections() -> None:
    press = Press(Style(columns=1, margin=90))
    press.wide(TITLE, "tibo", 18)
    titles = ["1 Introduction", "2 Method", "3 Experiments"]
    for page, title in enumerate(titles, start=3):
        press.paragraph(f"{title} . . . . . . . . . . . . . . . . {page}", font="tibo", indent=False)
    for number, title in enumerate(titles):
        press.heading(title)
        for j in range(5):
            press.paragraph(prose(5, seed=70 * number + j), indent=j > 0)
    text = read_pdf(press.pdf(), Limits())

    assert [f"{s.number} {s.title}".strip() for s in text.sections] == titles
    assert not any(". . ." in p.text for p in text.paragraphs)


def test_a_page_of_another_paper_begins_in_the_midst_of_a_section() -> None:
    press = Press(Style())
    press.paragraph(prose(9, seed=3), indent=False)
    press.heading("4.2 Ablations", level=2)
    press.paragraph(prose(6, seed=4), indent=False)
    text = read_pdf(press.pdf(), Limits())

    assert [(s.number, s.title) for s in text.sections] == [("", ""), ("4.2", "Ablations")]
    assert [p.text for p in text.paragraphs] == [prose(9, seed=3), prose(6, seed=4)]


def test_word_lists_of_a_small_table_are_no_prose() -> None:
    page = pdfs.prose_page()
    entries = (
        "Slow growth of the voice in early readers of long and tedious papers",
        "Hoarseness and a",
        "higher level of impatience with every further page of the appendix",
        "Marked changes of the temper due to footnotes in very small letters",
        "Boredom",
    )
    pdfs.lines_at(page, 72, 340, entries, size=9)
    quotation = (
        "A quotation is set in the same small letters, and yet it runs from line to line as all",
        "prose does. It ends with a stop, and so it stays with the text of the paper.",
    )
    pdfs.lines_at(page, 72, 450, quotation, size=9)
    pdfs.lines_at(page, 72, 500, pdfs.PROSE)

    text = " ".join(paragraph.text for paragraph in read_pdf(pdfs.saved(page.parent), Limits()).paragraphs)

    assert pdfs.PROSE[0] in text
    assert " ".join(quotation) in text
    assert not [entry for entry in entries if entry in text]
