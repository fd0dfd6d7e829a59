"""Identifiers in the spellings people paste, and what is none of arXiv's."""

from __future__ import annotations

import pytest

from digest.errors import InvalidIdentifier
from digest.model import ArxivId


@pytest.mark.parametrize(
    "text",
    [
        "1911.02782",
        "arXiv:1911.02782",
        "oai:arXiv.org:1911.02782",
        "10.48550/arXiv.1911.02782",
        "arxiv.org/abs/1911.02782",
        "https://arxiv.org/abs/1911.02782",
        "http://export.arxiv.org:80/pdf/1911.02782.pdf",
        "https://www.arxiv.org/html/1911.02782?context=cs.CL#S1",
        "HTTPS://ARXIV.ORG/abs/1911.02782",
        "https://browse.arxiv.org/abs/1911.02782/",
        "https://doi.org/10.48550/arXiv.1911.02782",
        "https://dx.doi.org/10.48550/ARXIV.1911.02782",
        "https://www.alphaxiv.org/abs/1911.02782",
        "https://huggingface.co/papers/1911.02782",
        "https://ar5iv.labs.arxiv.org/html/1911.02782",
        "<https://arxiv.org/abs/1911.02782|arxiv.org/abs/1911.02782>",
        "seen on https://lab.example/news: 1911.02782",
        "1911.02782.",
        "1911.02782。",
        '"1911.02782"',
        "`1911.02782`",
        "“1911.02782.”",
        "『1911.02782』。",
        "arXiv：1911.02782",
        "１９１１．０２７８２",
    ],
)
def test_any_spelling_names_the_paper(text: str) -> None:
    assert ArxivId.parse(text) == ArxivId("1911.02782")


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/abs/1911.02782",
        "https://arxiv.org.evil.example/abs/1911.02782",
        "https://notarxiv.org/abs/1911.02782",
        "https://arxiv.org@evil.example/abs/1911.02782",
        "https://evil.example/?paper=1911.02782",
        "ftp://evil.example/1911.02782.pdf",
        "<https://evil.example/1911.02782|x>",
    ],
)
def test_a_url_of_another_site_is_not_taken_for_a_paper(text: str) -> None:
    with pytest.raises(InvalidIdentifier, match=r"is not an arXiv identifier. Try 1911\.02782"):
        ArxivId.parse(text)


def test_a_mirror_may_name_papers_by_its_own_addresses() -> None:
    assert ArxivId.parse("http://127.0.0.1:8080/abs/1911.02782v2", any_site=True) == ArxivId("1911.02782", 2)


@pytest.mark.parametrize("text", ["foo", "“foo”", '"foo"', " `foo` "])
def test_what_is_no_identifier_is_shown_in_one_pair_of_quotation_marks(text: str) -> None:
    with pytest.raises(InvalidIdentifier, match=r"^“foo” is not an arXiv identifier\."):
        ArxivId.parse(text)
