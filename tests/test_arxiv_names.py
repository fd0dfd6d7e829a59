"""Author lists and TeX accents."""

from __future__ import annotations

import pytest

from digest.arxiv.names import plain, split_authors


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("A. Weil (Univ. A, Paris), C. Doe (MIT (Boston, MA))", ("A. Weil", "C. Doe")),
        (
            "Martin King, Jr., William Gates III, R. Roe, Ph.D.",
            ("Martin King, Jr.", "William Gates III", "R. Roe, Ph.D."),
        ),
        ("A. One (1), B. Two (1 and 2) ((1) CNRS, Lyon, (2) ETH)", ("A. One", "B. Two")),
        ("The LHCb Collaboration: R. Aaij, C. Abellan", ("The LHCb Collaboration", "R. Aaij", "C. Abellan")),
        ("Xiaodong (Chris) Liu, B. Two and C. Three", ("Xiaodong (Chris) Liu", "B. Two", "C. Three")),
        ("A. Open (Univ. B, C. Next, D. Last", ("A. Open", "C. Next", "D. Last")),
        ("", ()),
    ],
)
def test_authors_part_at_commas_outside_of_affiliations(line: str, names: tuple[str, ...]) -> None:
    assert split_authors(line) == names


@pytest.mark.parametrize(
    ("tex", "name"),
    [
        (r"Andr\'e Weil", "André Weil"),
        (r"Paul Erd\H{o}s", "Paul Erdős"),
        (r"Bj\o rn \O{}stergaard", "Bjørn Østergaard"),
        (r"{\L}ukasz Kaiser", "Łukasz Kaiser"),
        (r"Fran\c{c}ois Chollet", "François Chollet"),
        (r"Anton\'{\i}n Dvo\v{r}\'ak", "Antonín Dvořák"),
        (r"{\AA}sa M{\"u}ller", "Åsa Müller"),
        (r"\.{I}lker \c Sahin Stra\ss e", "İlker Şahin Straße"),
    ],
)
def test_tex_accents_in_names_become_characters(tex: str, name: str) -> None:
    assert split_authors(tex) == (name,)


@pytest.mark.parametrize(
    "text",
    [
        r"\url{https://x.org} and \textbf{bold} \beta",
        r"$\'a \o$",
        r"He said \"hello\" twice",
        "Q\\&A costs 5\\%",
    ],
)
def test_other_tex_and_math_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


def test_line_breaks_become_blanks() -> None:
    assert plain("  A title\n   broken over\tlines ") == "A title broken over lines"
