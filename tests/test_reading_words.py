"""Characters and line ends: ligatures, accents, hyphens, exponents and marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.reading.characters import clean, is_garbled
from digest.reading.limits import Limits
from digest.reading.pdf import read_pdf
from digest.reading.words import Vocabulary, joined, joined_with_starts
from tests import pdfs


def join(*lines: str, document: tuple[str, ...] = ()) -> str:
    return joined(lines, Vocabulary((*document, *lines)))


@pytest.mark.parametrize(
    ("lines", "document", "text"),
    [
        (("a trans-", "former model"), (), "a transformer model"),
        (("the fine-", "grained labels"), ("all fine-grained labels are",), "the fine-grained labels"),
        (("a pre-", "training step"), ("the pretraining of the pretraining is",), "a pretraining step"),
        (("with GPT-", "4 and others"), (), "with GPT-4 and others"),
        (("the vision-", "Language model"), (), "the vision-Language model"),
        (("by Bryan Mc-", "Cann and others"), ("by Bryan McCann and",), "by Bryan McCann and others"),
        (("both pre-", "and post-training"), (), "both pre- and post-training"),
        (("a text-", "mining tool"), ("some text here is mining data",), "a text-mining tool"),
        (("with automatically-", "detected cites"), (), "with automatically-detected cites"),
        (("a publicly-", "available set"), (), "a publicly-available set"),
        (("a newly-", "made set"), (), "a newly-made set"),
        (
            ("by analy-", "tical and paraly-", "sing means, supply-", "ing all"),
            (),
            "by analytical and paralysing means, supplying all",
        ),
        (("see https://example.org/a-", "long/path now"), (), "see https://example.org/a-long/path now"),
        (("see https://example.org/", "path now"), (), "see https://example.org/path now"),
        (("this –", "as said –"), (), "this – as said –"),
        (("mod\u00ad", "ern"), (), "modern"),
        (("强化学", "习方法"), (), "强化学习方法"),
        (("two plain", "lines"), (), "two plain lines"),
    ],
)
def test_words_broken_at_line_ends_are_made_whole(
    lines: tuple[str, ...], document: tuple[str, ...], text: str
) -> None:
    assert join(*lines, document=document) == text


@pytest.mark.parametrize(
    ("lines", "starts"),
    [
        (("one", "two three", "four"), {"one": 0, "two": 4, "four": 14}),
        (("a trans-", "former", "model"), {"a": 0, "former": 7, "model": 14}),
        (("mod\u00ad", "ern", "with GPT-", "4"), {"mod": 0, "ern": 3, "with": 7, "4": 16}),
        (("强化学", "习方法"), {"强": 0, "习": 3}),
    ],
)
def test_each_lines_start_in_the_joined_text_is_known(lines: tuple[str, ...], starts: dict[str, int]) -> None:
    text, found = joined_with_starts(lines, Vocabulary(lines))

    assert found == list(starts.values())
    assert all(text.startswith(word, start) for word, start in starts.items())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("eﬃcient ﬁne ﬂow aﬀord", "efficient fine flow afford"),
        ("Universit´e de Montr´eal, G¨odel, Erd˝os", "Université de Montréal, Gödel, Erdős"),
        ("𝑥 + 𝒚 = 𝟏", "x + y = 1"),
        ("10² ½ ，全角", "10² ½ ，全角"),
        ("a\u00a0b\u2009c", "a b c"),
        ("tab\tand  spaces", "tab and spaces"),
        ("non\u2011breaking", "non-breaking"),
    ],
)
def test_characters_are_made_plain_only_where_nothing_is_lost(raw: str, text: str) -> None:
    assert clean(raw) == text


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_and_leaves_nothing_invisible(text: str) -> None:
    once = clean(text)

    assert clean(once) == once
    assert not any(ord(c) < 32 or 0x200B <= ord(c) <= 0x200F or 0xE0000 <= ord(c) < 0xE0080 for c in once)


def test_text_of_a_font_without_a_map_is_recognised() -> None:
    assert is_garbled('"7+%-#$ &*!)(+ 0/.,-')
    assert is_garbled("\ufffd\ufffd\ufffdabc")
    assert is_garbled(" ".join(["xkcd", "qwrt", "pfgh", "zxcv"] * 20))
    assert not is_garbled("We introduce a corpus of 81.1M papers (Lo et al., 2020), with 8.1M full texts.")
    assert not is_garbled("")


def test_footnote_marks_go_and_exponents_are_told() -> None:
    page = pdfs.prose_page()
    x = 72.0
    for text, size, rise in (
        ("We use the corpus", 10, 0),
        ("12", 6, 4),
        (" with a learning rate of 10", 10, 0),
        ("-5", 6, 4),
        (" and the usual warm-up of the model.", 10, 0),
    ):
        page.insert_text((x, 600 - rise), text, fontsize=size)
        x += pdfs.width(text, size)
    text = read_pdf(pdfs.saved(page.parent), Limits())

    assert "We use the corpus with a learning rate of 10^-5 and the usual" in text.paragraphs[-1].text
