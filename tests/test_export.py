"""Papers for other programs: what BibTeX, spreadsheets and Markdown take, whatever the words in it."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from digest.export import Format, bibtex, csv_table, export, markdown, year
from digest.model import ArxivId, Paper
from tests.compose_samples import CODES, COMBAT, DOTS
from tests.hostile import texts


def test_a_bibtex_entry_has_what_arxiv_gives() -> None:
    paper = replace(COMBAT, title="CombatVLA: An Efficient Model", authors=("Peng Chen", "Pi Bu"))
    assert bibtex([replace(paper, doi="10.1000/x_1", journal_ref="ICCV 2025, 12-34")]).splitlines() == [
        "@misc{chen2025combatvla,",
        "  title         = {{CombatVLA: An Efficient Model}},",
        "  author        = {Peng Chen and Pi Bu},",
        "  year          = {2025},",
        "  eprint        = {2503.09527},",
        "  archivePrefix = {arXiv},",
        "  primaryClass  = {cs.CV},",
        r"  doi           = {10.1000/x\_1},",
        "  note          = {ICCV 2025, 12-34},",
        "  url           = {https://arxiv.org/abs/2503.09527},",
        "}",
    ]


def test_what_latex_would_act_on_is_escaped_and_braces_stay_balanced() -> None:
    paper = replace(DOTS, title=r"50% of $5 & #1_a^b~c {open \ close", authors=("Ann {X} Lee",))
    entry = bibtex([paper])
    assert r"50\% of \$5 \& \#1\_a\textasciicircum{}b" in entry
    assert entry.count("{") == entry.count("}")
    assert "Rényi sharpness" in bibtex([CODES])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ATLAS Collaboration, for the team", "{ATLAS Collaboration, for the team}"),
        ("Anders and Sons", "{Anders and Sons}"),
        ("Sandy Anderson", "Sandy Anderson"),
        (r"Erwin Schr\"odinger", "Erwin Schrödinger"),
    ],
)
def test_a_name_stays_one_name(name: str, written: str) -> None:
    assert f"  author        = {{{written}}},\n" in bibtex([replace(COMBAT, authors=(name,))])


def test_keys_are_unique_whatever_the_papers_are_called() -> None:
    same = [replace(COMBAT, id=ArxivId(f"2503.{n:05}")) for n in range(60)]
    nameless = [Paper(id=ArxivId(f"2501.{n:05}"), title="") for n in range(3)]
    keys = re.findall(r"@misc\{(.*),", bibtex([*same, *nameless]))
    assert keys[:3] == ["chen2025combatvla", "chen2025combatvlaa", "chen2025combatvlab"]
    assert keys[60:] == ["arxiv250100000", "arxiv250100001", "arxiv250100002"]
    assert len(set(keys)) == 63


def test_the_year_is_the_first_submissions_else_the_identifiers() -> None:
    assert year(COMBAT) == 2025
    assert year(Paper(id=ArxivId("hep-th/9901001"), title="x")) == 1999
    assert year(Paper(id=ArxivId("math.GT/0309136"), title="x")) == 2003
    assert year(Paper(id=ArxivId("2601.05611"), title="x")) == 2026
    assert year(Paper(id=ArxivId("2601.05611"), title="x", submitted=date(2025, 12, 31))) == 2025


def test_a_table_reads_back_as_it_was() -> None:
    paper = replace(COMBAT, title='A "quoted", title', comment="Two\nlines")
    text = csv_table([paper])
    assert text.count("\r\n") == 2
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["title"], row["comment"]) == ('A "quoted", title', "Two lines")
    assert row["authors"].startswith("Peng Chen; Pi Bu")
    assert row["pdf"] == "https://arxiv.org/pdf/2503.09527"


@pytest.mark.parametrize("title", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "＝1+1"])
def test_no_cell_is_a_formula(title: str) -> None:
    text = csv_table([replace(COMBAT, title=title, authors=(title,), comment=title)])
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["title"], row["authors"], row["comment"]) == (f"'{title}",) * 3


def test_markdown_is_a_list_of_links_and_nothing_acts() -> None:
    source = markdown([DOTS, COMBAT], heading="2 papers")
    page = MarkdownIt().render(source)
    assert page.startswith("<h1>2 papers</h1>")
    assert page.count("<li>") == 2
    assert '<a href="https://arxiv.org/abs/2503.09527">' in page
    assert "<b>" not in page


def test_a_paper_named_twice_is_exported_once() -> None:
    for form in Format:
        assert (
            export([COMBAT, COMBAT.__class__(id=COMBAT.id.bare, title="x")], form).count("abs/2503.09527")
            == 1
        )


@given(texts, texts)
def test_hostile_words_break_no_format(title: str, name: str) -> None:
    paper = Paper(id=ArxivId("2606.01234"), title=title, authors=(name,), comment=name, journal_ref=title)
    entry = bibtex([paper])
    assert entry.count("{") == entry.count("}")
    assert entry.count("@misc{") == 1 + title.count("@misc{")
    assert all(line.startswith(("@misc{", "  ", "}")) for line in entry.splitlines())
    rows = list(csv.reader(io.StringIO(csv_table([paper]), newline="")))
    assert [len(row) for row in rows] == [12, 12]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in rows[1])
    assert MarkdownIt().render(markdown([paper])).count("<li>") == 1
