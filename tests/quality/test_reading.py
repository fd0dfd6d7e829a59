"""How well real papers are read, measured and printed: headings, order of paragraphs, ligatures, hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from digest.fulltext import FullText
from digest.reading.limits import Limits
from digest.reading.pdf import read_pdf

pytestmark = pytest.mark.quality

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared/data/pdf"
S2ORC = ROOT / "bot/demo/data/acl_2020.acl-main.447.pdf"
LONGEVAL = ROOT / "bot/demo/data/acl_2023.eacl-main.121.pdf"
BOOK = SHARED / "samplefiles_GeoTopo-komprimiert.pdf"
BOOK_TRUTH = SHARED / "samplefiles_GeoTopo_groundtruth.txt"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared PDFs are not beside this checkout")

# As printed in the papers, in order, numbers and titles.
HEADINGS = {
    S2ORC: """Abstract|1 Introduction|2 Constructing the corpus|2.1 Processing PDFs
        |2.2 Processing LATEX source|2.3 Selecting canonical metadata|2.4 Assembling the corpus
        |2.5 Filtering paper clusters
        |2.6 Linking bibliographies to papers|3 The S2ORC dataset|4 Evaluation|5 Pretraining BERT on S2ORC
        |6 Applications of S2ORC|7 Related work|8 Conclusion|Acknowledgements|References
        |A Background & Terminology|B PDF filters|C The paper clustering problem|D S2ORC evaluation criteria
        |E Training corpus sizes for other language models|F Numeric representations in S2ORC-SCIBERT""",
    LONGEVAL: """Abstract|1 Introduction|2 Survey of human evaluation practices
        |3 The LONGEVAL guidelines for faithfulness human evaluation
        |3.1 RQ1: Does inter-annotator agreement improve using fine-grained annotations?
        |3.2 RQ2: Can we reduce annotator workload by partially annotating a long summary?
        |3.3 RQ3: Is it useful to align summary units to sentences in the source document?
        |3.4 To what extent do our findings generalize to short-form summarization?|4 Related Work
        |5 Conclusion|Limitations|Ethical Considerations|Acknowledgments|References|Appendix
        |A Bootstrap analysis of inter-annotator variance|B Human evaluation details
        |B.1 FINE-grained evaluations of SQuALITY and PubMed summaries
        |B.2 COARSE-grained evaluation of PubMed summaries|B.3 Crowdworkers or expert annotators?
        |C Additional Survey Statistics|D Automatic summarization metrics used for evaluation
        |E Learning effect while annotating long-form summaries
        |F Partial summary annotation with pearson correlation|G Metric correlations using Kendall’s Tau""",
}
# Copied by hand from the printed pages: each runs on over a column or a page.
ACROSS_COLUMNS = {
    S2ORC: (
        "Digital archives like arXiv, PubMed Central, CiteSeerX",
        "false positives resulting from superscripts or equation references being recognized as inline",
        "we use majority voting to select",
        "provided abstract coverage is",
    ),
    LONGEVAL: (
        "human evaluation of long-form summarization was time-consuming, challenging, and expensive",
        "Annotators are shown 50 perturbed and 50 un-perturbed summaries",
        "Our experiments are",
        "we first attempt to understand current human evaluation practices",
    ),
}
PAPERS = [pytest.param(S2ORC, id="S2ORC"), pytest.param(LONGEVAL, id="LongEval")]


@cache
def read(path: Path) -> FullText:
    return read_pdf(path.read_bytes(), Limits())


@cache
def words_of(path: Path) -> str:
    return " ".join(p.text for p in read(path).paragraphs)


def letters(text: str) -> str:
    """What no hyphen, space, ligature, accent or mark can change."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFKD", text).casefold())


def long_blocks(path: Path) -> list[str]:
    """The letters of the PDF library's own blocks of body text, if 250 or more: no cells, no labels."""
    flags = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_PRESERVE_LIGATURES
    with pymupdf.open(path) as document:
        blocks = [_spans(b) for page in document for b in page.get_text("dict", flags=flags)["blocks"]]
    sizes: Counter[int] = Counter()
    for span in (span for spans in blocks for span in spans):
        sizes[round(span["size"])] += len(span["text"])
    usual = sizes.most_common(1)[0][0]
    body = [spans for spans in blocks if all(abs(span["size"] - usual) < 0.4 for span in spans[:8])]
    texts = [letters("".join(span["text"] for span in spans)) for spans in body]
    return [text for text in texts if len(text) >= 250]


def _spans(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [span for line in block["lines"] for span in line["spans"]]


@pytest.mark.parametrize("path", PAPERS)
def test_the_headings_are_found_completely(path: Path) -> None:
    wanted = [" ".join(heading.split()) for heading in HEADINGS[path].split("|")]
    found = [f"{section.number} {section.title}".strip() for section in read(path).sections]
    print(f"\n{path.stem}: {len(set(wanted) & set(found))} of {len(wanted)} headings, {len(found)} found")

    assert found == wanted


@pytest.mark.parametrize("path", PAPERS)
def test_long_paragraphs_are_read_in_order(path: Path) -> None:
    text = letters(words_of(path))
    probes = [
        block[i : i + 60] for block in long_blocks(path) for i in (20, len(block) // 2, len(block) - 90)
    ]
    place, missed = 0, []
    for probe in probes:
        here = text.find(probe, place)
        place = max(place, here)
        missed += [probe] if here < 0 else []
    print(f"\n{path.stem}: {len(probes) - len(missed)} of {len(probes)} probes found in order; not: {missed}")

    assert len(probes) > 100
    assert len(missed) <= 0.05 * len(probes)


@pytest.mark.parametrize("path", PAPERS)
def test_sentences_run_on_over_columns_and_pages(path: Path) -> None:
    for sentence in ACROSS_COLUMNS[path]:
        assert sentence in words_of(path)


@pytest.mark.parametrize("path", PAPERS)
def test_no_ligature_and_hardly_a_broken_word_is_left(path: Path) -> None:
    text = words_of(path)
    ligatures = len(re.findall("[\ufb00-\ufb06]", text))
    broken = re.findall(r"\w+- \w+", text)
    print(
        f"\n{path.stem}: {ligatures} ligatures, {len(broken)} words with a hyphen and a space: {broken[:5]}"
    )

    assert ligatures == 0
    assert len(broken) <= 3


@pytest.mark.parametrize("path", PAPERS)
def test_no_caption_foot_or_page_number_is_in_the_prose(path: Path) -> None:
    text = read(path)
    prose = [p.text for s in text.sections if s.role != "references" for p in s.paragraphs]

    assert not [p for p in prose if re.match(r"(Figure|Table) \d+:", p)]
    assert not [
        p for p in prose if "Proceedings of the 5" in p or re.search(r"\b(49[67]\d|49[78]\d|16[56]\d)$", p)
    ]
    assert not [p for p in prose if re.match(r"\d+ ?https?:", p)]
    assert len({c.label for c in text.captions}) == len(text.captions) > 10


@pytest.mark.parametrize(("path", "entries"), [(S2ORC, 55), (LONGEVAL, 66)], ids=["S2ORC", "LongEval"])
def test_references_are_one_paragraph_an_entry(path: Path, entries: int) -> None:
    references = next(s for s in read(path).sections if s.role == "references").paragraphs
    whole = sum(
        bool(re.search(r"\b(19|20)\d\d[a-z]?\.", p.text)) and p.text.rstrip().endswith(".")
        for p in references
    )
    print(f"\n{path.stem}: {len(references)} entries, {whole} with a year and an end")

    assert len(references) == entries
    assert whole >= 0.98 * entries


@needs_shared
def test_the_words_of_a_book_agree_with_its_ground_truth() -> None:
    truth = set(re.findall(r"[^\W\d_]{4,}", BOOK_TRUTH.read_text().casefold()))
    found = set(re.findall(r"[^\W\d_]{4,}", words_of(BOOK).casefold()))
    right, whole = len(found & truth) / len(found), len(found & truth) / len(truth)
    print(f"\nGeoTopo: {right:.1%} of {len(found)} words are right, {whole:.1%} of {len(truth)} are there")

    assert right > 0.95
    assert whole > 0.8
