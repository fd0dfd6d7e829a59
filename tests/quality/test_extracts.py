"""How good extracts and verification are, measured on real papers and abstracts; every figure is printed."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pymupdf
import pytest

from digest.analysis.extractive import extract
from digest.analysis.outline import Sentence, prose
from digest.analysis.quotes import Haystack
from digest.analysis.tldr import states, tldr_scores
from digest.analysis.verify import Checker
from digest.fulltext import FullText
from digest.model import Analysis, ArxivId, Claim, ClaimSection, Depth, Paper
from digest.reading.limits import Limits
from digest.reading.pdf import open_pdf, read_pdf

pytestmark = pytest.mark.quality

ROOT = Path(__file__).parents[2]
SHELVES = (ROOT / "bot/demo/data", ROOT / "tests/data/pdf", ROOT / "../shared/data/pdf")
S2ORC = ("acl_2020.acl-main.447.pdf", "1911.02782")
LONGEVAL = ("acl_2023.eacl-main.121.pdf", "2301.13298")
PAPERS = [pytest.param(S2ORC, id="S2ORC"), pytest.param(LONGEVAL, id="LongEval")]
SciTldrRow = dict[str, list[str]]


@cache
def read(name: str) -> FullText:
    for shelf in SHELVES:
        if (shelf / name).exists():
            return read_pdf((shelf / name).read_bytes(), Limits())
    pytest.skip(f"{name} is in none of {', '.join(str(shelf) for shelf in SHELVES)}")


def analysed(which: tuple[str, str], depth: Depth = Depth.BRIEF) -> tuple[Analysis, FullText]:
    name, identifier = which
    text = read(name)
    return extract(Paper(id=ArxivId(identifier), title=text.title), text, depth=depth), text


@pytest.mark.parametrize("which", PAPERS)
@pytest.mark.parametrize("depth", Depth)
def test_every_line_of_the_extracts_is_a_whole_sentence_in_its_place(
    which: tuple[str, str], depth: Depth
) -> None:
    analysis, text = analysed(which, depth)
    captions = " ".join(caption.text for caption in text.captions)
    for claim in analysis.claims:
        assert claim.verified
        assert re.fullmatch(r".+, p\. \d+(?:, (?:Table|Figure) \d+)?", claim.anchor)
        if claim.section is ClaimSection.CONTRIBUTIONS:
            continue
        assert re.match(r"[\"“(]?[A-Z0-9]", claim.text)
        assert re.search(r"[.!?][\"”)]?$", claim.text)
        if claim.paragraph is not None:
            assert claim.text not in captions
    print(
        f"{which[1]} {depth}: {len(analysis.claims)} claims, all anchored; missing {list(analysis.missing)}"
    )
    assert len(analysis.claims) >= 25


def test_longevals_contributions_are_its_own_list() -> None:
    analysis, _ = analysed(LONGEVAL)
    starts = (
        "a 162-paper survey",
        "LONGEVAL, a set of three",
        "an empirical validation",
        "A dataset with 3-way",
    )
    contributions = [claim.text for claim in analysis.of(ClaimSection.CONTRIBUTIONS)]
    assert len(contributions) == len(starts)
    assert all(text.startswith(start) for text, start in zip(contributions, starts, strict=True))


def test_s2orcs_contributions_are_what_it_says_it_releases() -> None:
    analysis, _ = analysed(S2ORC)
    contributions = " ".join(claim.text for claim in analysis.of(ClaimSection.CONTRIBUTIONS))
    assert (
        "we release structured, machine-readable full text extracted from PDFs for 8.1M papers"
        in contributions
    )
    assert "we provide 1.5M full text" in contributions


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (S2ORC, "https://github.com/allenai/s2orc"),
        (LONGEVAL, "https://github.com/martiansideofthemoon/longeval-summarization"),
    ],
)
def test_the_papers_own_code_is_linked_and_nobody_elses(which: tuple[str, str], expected: str) -> None:
    analysis, _ = analysed(which)
    assert [link.rstrip("/") for link in analysis.links] == [expected]


# tl;dr on SciTLDR


def rows() -> list[SciTldrRow]:
    path = ROOT / "tests/data/scitldr/A-dev-every-fifth.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def rouge(candidate: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """ROUGE-1, ROUGE-2 and ROUGE-L, F1."""
    grams = (
        (list(zip(*(each[i:] for i in range(n)), strict=False)) for each in (candidate, reference))
        for n in (1, 2)
    )
    one, two = (_f1(sum((Counter(a) & Counter(b)).values()), len(a), len(b)) for a, b in grams)
    return one, two, _f1(_common(candidate, reference), len(candidate), len(reference))


def _f1(hits: int, one: int, other: int) -> float:
    return 2 * hits / (one + other) if hits else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    previous = [0] * (len(other) + 1)
    for word in one:
        row = [0]
        for position, each in enumerate(other):
            row.append(previous[position] + 1 if word == each else max(previous[position + 1], row[-1]))
        previous = row
    return previous[-1]


def mean_rouge(choose: Callable[[Sequence[str], str], int]) -> tuple[float, ...]:
    """Against the best of a row's references, in percent."""
    scores = []
    for row in rows():
        source, title = row["source"], str(row["title"])
        chosen = words(source[choose(source, title)])
        against = [rouge(chosen, words(target)) for target in row["target"]]
        scores.append(tuple(max(each[i] for each in against) for i in range(3)))
    return tuple(round(100 * sum(each[i] for each in scores) / len(scores), 1) for i in range(3))


def ours(source: Sequence[str], title: str) -> int:
    scores = tldr_scores(source, title)
    return max(range(len(source)), key=lambda index: scores[index])


def test_the_tldr_beats_the_first_sentence_and_the_first_with_a_cue() -> None:
    first = mean_rouge(lambda source, _: 0)
    last = mean_rouge(lambda source, _: len(source) - 1)
    cue = mean_rouge(lambda source, _: next((i for i, text in enumerate(source) if states(text)), 0))
    chosen = mean_rouge(ours)
    print(
        f"SciTLDR, ROUGE-1/2/L: ours {chosen}, first cue {cue}, first sentence {first}, last sentence {last}"
    )
    assert chosen[0] > cue[0] > first[0] > last[0]
    assert chosen[0] >= 1.3 * first[0]


# Mutations


def sentences_of(which: tuple[str, str]) -> tuple[Haystack, tuple[Sentence, ...]]:
    text = read(which[0])
    return Haystack.of(text, Paper(id=ArxivId(which[1]), title=text.title)), prose(text)


@pytest.mark.parametrize("which", PAPERS)
def test_true_quotes_are_accepted_and_located(which: tuple[str, str]) -> None:
    haystack, sentences = sentences_of(which)
    located = sum(
        (place := haystack.find(each.text)) is not None and place.paragraph == each.paragraph
        for each in sentences
    )
    retyped = sum(haystack.find(retype(each.text)) is not None for each in sentences)
    print(f"{which[1]}: {len(sentences)} sentences, {located} located, {retyped} found when typed anew")
    assert located >= 0.98 * len(sentences)
    assert retyped >= 0.98 * len(sentences)


@pytest.mark.parametrize("which", PAPERS)
def test_no_sentence_of_a_paper_is_found_to_say_what_the_paper_does_not(which: tuple[str, str]) -> None:
    _, sentences = sentences_of(which)
    text = read(which[0])
    checker = Checker(text, Paper(id=ArxivId(which[1]), title=text.title), language="en")
    claims = [
        Claim(section=ClaimSection.RESULTS, text=f"{each.text} ", quote=each.text, paragraph=each.paragraph)
        for each in sentences
    ]
    checked = [checker.checked(claim) for claim in claims]
    print(f"{which[1]}: {sum(claim.verified for claim in checked)} of {len(checked)} sentences verified")
    assert [claim.text for claim in checked if claim.anchor and not claim.verified] == []


def retype(text: str) -> str:
    """As a model would copy it: straight quotes, other dashes, without author-year cites."""
    text = re.sub(r" \((?:[^()]*\d{4}[a-z]?)\)", "", text)
    return text.translate(str.maketrans("’“”–", '\'""-'))


@pytest.mark.parametrize("which", PAPERS)
def test_quotes_with_a_changed_number_or_word_are_refused(which: tuple[str, str]) -> None:
    haystack, sentences = sentences_of(which)
    dice = random.Random(which[1])
    vocabulary = sorted(
        {word for each in sentences for word in each.text.split() if len(word) > 4 and word.isalpha()}
    )
    whole = "".join(place.text for place in haystack.places).casefold()
    outcome: Counter[tuple[str, bool]] = Counter()
    for each in sentences:
        for kind, changed in (
            ("number", other_number(each.text, dice)),
            ("word", other_word(each.text, vocabulary, dice)),
        ):
            if (
                changed and changed.casefold() not in whole
            ):  # "Table 2" made into the "Table 3" of another sentence
                outcome[kind, haystack.find(changed) is None] += 1
    numbers, word_changes = (outcome[kind, True] + outcome[kind, False] for kind in ("number", "word"))
    print(f"{which[1]}: refused {outcome['number', True]} of {numbers} changed numbers,"
          f" {outcome['word', True]} of {word_changes} changed words")  # fmt: skip
    assert outcome["number", True] >= 0.95 * numbers
    assert outcome["word", False] == 0


def other_number(text: str, dice: random.Random) -> str:
    digits = [match.start() for match in re.finditer(r"\d", text)]
    if not digits:
        return ""
    at = dice.choice(digits)
    return text[:at] + dice.choice([digit for digit in "0123456789" if digit != text[at]]) + text[at + 1 :]


def other_word(text: str, vocabulary: Sequence[str], dice: random.Random) -> str:
    split = text.split()
    places = [index for index, word in enumerate(split) if len(word) > 3 and word.isalpha()]
    if not places:
        return ""
    at = dice.choice(places)
    other = dice.choice([word for word in vocabulary if word.casefold() != split[at].casefold()])
    return " ".join([*split[:at], other, *split[at + 1 :]])


def letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def printed_pages(name: str) -> list[str]:
    """The letters of each page as the PDF has them, without any of our reading."""
    path = next(shelf / name for shelf in SHELVES if (shelf / name).exists())
    flags = pymupdf.TEXTFLAGS_TEXT & ~pymupdf.TEXT_PRESERVE_LIGATURES
    with open_pdf(path.read_bytes()) as document:
        return [letters(page.get_text(flags=flags)) for page in document]


def begins_on(quote: str, page: str, following: str) -> bool:
    """Whether the quote's first letters are printed there; or a word or two at the page's end."""
    words = quote.split()
    return letters(quote)[:12] in page or any(
        letters("".join(words[:count])) in page and letters("".join(words[count:]))[:40] in following
        for count in (1, 2)
    )


@pytest.mark.parametrize("which", PAPERS)
def test_every_quote_begins_on_the_page_that_is_cited(which: tuple[str, str]) -> None:
    analysis, text = analysed(which, Depth.DEEP)
    pages = [*printed_pages(which[0]), ""]
    over = sum(len(paragraph.breaks) for paragraph in text.paragraphs)
    print(f"{which[1]}: {len(analysis.claims)} quotes, {over} page breaks within paragraphs")

    cited = [(claim.quote, claim.page or 0) for claim in analysis.claims]

    assert [(quote, at) for quote, at in cited if not begins_on(quote, pages[at - 1], pages[at])] == []
    assert over > 4
