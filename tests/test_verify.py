"""Verification: what the paper does not say is not verified, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.analysis import verify
from digest.analysis.numbers import missing_numbers, values_in
from digest.analysis.quotes import Haystack
from digest.fulltext import FullText, Paragraph, Section
from digest.model import Analysis, Basis, Claim, ClaimSection, Depth
from tests.written_papers import full_text, paper

TEXT = full_text("""
# Abstract
We introduce S2ORC,1 a large corpus of 81.1M English-language academic papers. It is not without limitations.

# 2 Corpus
Our PDF coverage is 35.6%, or 28.9M papers [12]. We process 1,500 papers from Saier and Färber (2020) in ten
days. The fi rst filter removes papers with fewer than 100 charac- ters of text.

# 4.1 Results
The fine-grained scores outperform coarse scores by 7.2 points (Lopez, 2009), as Table 3 shows. The loss is
given by Equation (5). Our model does not outperform the baseline on PubMed, whatever the learning rate of
1e-5 may be.

Table 3: Accuracy of every model on SQuALITY, where 0.89 is the highest correlation.

# A.2 Prompts
We used the same prompt for all models.

# References
Nobody. A thousand and one citations of 4711 papers. 2019.
""")
KNOWN = paper("S2ORC", "Announced only: we index everything twice.")


def checked(
    quote: str,
    *,
    text: str | None = None,
    paragraph: int | None = None,
    of: FullText | None = TEXT,
    language: str = "en",
) -> Claim:
    claim = Claim(section=ClaimSection.RESULTS, text=text or quote, quote=quote, paragraph=paragraph)
    return verify(replace(_analysis(claim), language=language), of, KNOWN).claims[0]


def _analysis(*claims: Claim) -> Analysis:
    return Analysis(
        paper=KNOWN.id,
        title=KNOWN.title,
        language="en",
        depth=Depth.BRIEF,
        claims=claims,
        basis=Basis(kind="full text", pages=5, pages_read=5),
        analyzer="someone",
        created_at=datetime(2026, 6, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "quote",
    [
        "We introduce S2ORC,1 a large corpus of 81.1M English-language academic papers.",
        "We introduce S2ORC, a large corpus of 81.1M English-language academic papers",
        "a large corpus of 81.1M English- language academic papers",
        "Our PDF coverage is 35.6%, or 28.9M papers.",
        "Our PDF coverage is 35.6%, or 28.9M papers [12].",
        "papers from Saier and F ̈arber (2020)",
        "The first filter removes papers with fewer than 100 characters of text.",
        "the fine-grained scores outperform coarse scores by 7.2 points",
        "The fine-grained scores outperform coarse scores by 7.2 points, as Table 3 shows.",
        "The ﬁne‑grained scores outperform coarse scores by 7.2 points",
        "“Our model does not outperform the baseline on PubMed”",
        "Our model does not outperform baseline on PubMed, whatever the learning rate of 1e-5 may be.",
        "We process 1500 papers from Saier",
        "The fine-grained scores outperform … as Table 3 shows.",
        "Accuracy of every model on SQuALITY, where 0.89 is the highest correlation.",
        "we index everything twice",
    ],
)
def test_true_quotes_are_found_however_they_were_typeset(quote: str) -> None:
    assert checked(quote).verified


@pytest.mark.parametrize(
    "quote",
    [
        "We introduce S2ORC, a large corpus of 8.11M English-language academic papers.",
        "a large corpus of 81.1B English-language academic papers",
        "Our PDF coverage is 35.6%, or 28.9M papers [13].",
        "Our PDF coverage is 36.5%, or 28.9M papers.",
        "papers from Saier and Färber (2021) in ten days",
        "The fine-grained scores outperform coarse scores by 72 points",
        "5.6%, or 28.9M papers",
        "The fine-grained scores underperform coarse scores by 7.2 points",
        "Our model does outperform the baseline on PubMed",
        "Our model … outperform the baseline on PubMed",
        "The coarse-grained scores outperform fine scores by 7.2 points",
        "the learning rate of 1e-6 may be",
        "A thousand and one citations of 4711 papers.",
        "It is without limitations.",
        "papers",
        "",
        "…",
    ],
)
def test_what_the_paper_does_not_say_is_refused(quote: str) -> None:
    claim = checked(quote)
    assert (claim.verified, claim.paragraph, claim.page, claim.anchor) == (False, None, None, "")


@pytest.mark.parametrize(
    ("quote", "anchor", "paragraph"),
    [
        ("We introduce S2ORC, a large corpus", "Abstract, p. 1", 1),
        ("Our PDF coverage is 35.6%", "§2, p. 2", 2),
        ("outperform coarse scores by 7.2 points (Lopez, 2009), as Table 3 shows", "§4.1, p. 3, Table 3", 3),
        ("We used the same prompt for all models.", "§A.2, p. 4", 4),
        ("where 0.89 is the highest correlation", "Table 3, p. 3", None),
        ("we index everything twice", "Abstract", None),
    ],
)
def test_an_anchor_is_where_the_quote_really_stands(quote: str, anchor: str, paragraph: int | None) -> None:
    claim = checked(quote, paragraph=999)
    assert (claim.anchor, claim.paragraph) == (anchor, paragraph)


def test_a_quote_that_stands_twice_keeps_the_paragraph_it_names() -> None:
    twice = full_text("# 1 One\nThe model is small and fast.\n\n# 2 Two\nThe model is small and fast.")
    assert checked("The model is small and fast.", paragraph=2, of=twice).anchor == "§2, p. 2"
    assert checked("The model is small and fast.", of=twice).anchor == "§1, p. 1"


@pytest.mark.parametrize(
    "text",
    [
        "语料库包含8110万篇论文（第2节）。",
        "The PDF coverage is 35.6 percent (28.9 million papers).",
        "It takes 10 days to process 1,500 papers.",
        "S2ORC 覆盖 28.9M 篇论文，其中 0.89 为最高相关系数（表3，公式5，附录A.2）。",
        "Coverage is 35.6%, see Section 4.1 and Tab. 3.",
    ],
)
def test_numbers_are_found_in_any_notation(text: str) -> None:
    assert checked("Our PDF coverage is 35.6%, or 28.9M papers", text=text).verified


@pytest.mark.parametrize(
    "text",
    [
        "The PDF coverage is 53.6 percent.",
        "It covers 28.9B papers.",
        "论文覆盖率为 36.5%。",
        "Coverage is 35.6%, see Section 7.",
        "Coverage is 35.6% (Table 9).",
        "Coverage is 35.6%（图2）。",
        "Coverage is 35.6%, by Equation 12.",
        "GPT-7 covers 35.6%.",
        "It takes 7 weeks to cover 35.6%.",
    ],
)
def test_numbers_tables_and_sections_that_are_not_in_the_paper_are_refused(text: str) -> None:
    claim = checked("Our PDF coverage is 35.6%, or 28.9M papers", text=text)
    assert not claim.verified
    assert claim.anchor == "§2, p. 2"  # the quote is still where it is


def test_a_small_number_must_stand_near_the_quote() -> None:
    everywhere = values_in("In 2019 we used 17 machines.")
    assert missing_numbers("17 models", "We train models.", everywhere) == ("17",)
    assert missing_numbers("17 models", "We train 17 models.", everywhere) == ()
    assert missing_numbers("since 2019", "We train models.", everywhere) == ("2019",)
    assert missing_numbers("381 models", "We train models.", values_in("All 381 of them.")) == ()


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("It is twice as fast.", "a speed of 2x"),
        ("速度提高到两倍。", "It doubles the speed."),
        ("A hundred-fold gain.", "a 100× gain"),
        ("It is five times faster.", "a fivefold gain"),
        ("Half of the papers have it.", "50% of papers"),
        ("约一半论文有全文。", "half of the papers"),
        ("Two thirds of the papers have it.", "66.7% of the papers"),
        ("三分之二的论文有全文。", "two-thirds of the papers"),
        ("九成论文有全文。", "ninety percent of the papers"),
        ("百分之九十的论文有全文。", "0.9 of the papers"),
        ("One in ten fails.", "10% of runs fail"),
        ("八千万篇论文。", "80M papers"),
        ("十三个模型。", "Thirteen models"),
        ("We use twenty-one models.", "21 models"),
        ("It has half a million entries.", "500,000 entries"),
        ("两个模型，十分不同，万一失败，二十多个，生成三成分。", "Some models."),
        ("One or two of ten models; several hundred; the second half; a third model.", "Some models."),
    ],
)
def test_numbers_in_words_are_found_in_any_form(text: str, near: str) -> None:
    assert missing_numbers(text, near, frozenset()) == ()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("It is twice as fast.", "twice"),
        ("It triples the accuracy.", "triples"),
        ("A 50-fold gain.", "50"),
        ("A hundred-fold gain.", "A hundred-fold"),
        ("It is ten times faster.", "ten times"),
        ("Half of the papers have it.", "Half"),
        ("Two thirds of the papers have it.", "Two thirds"),
        ("Ninety percent of the papers have it.", "Ninety percent"),
        ("It fails for one in ten papers.", "one in ten"),
        ("Thirteen models fail.", "Thirteen"),
        ("三分之二的论文有全文。", "三分之二"),
        ("速度是两倍。", "两倍"),
        ("速度提高五倍。", "五倍"),
        ("九成论文有全文。", "九成"),
        ("百分之九十的论文有全文。", "百分之九十"),
        ("八千万篇论文。", "八千万"),
        ("十三个模型失败。", "十三"),
        ("一半论文有全文。", "一半"),
        ("准确率翻倍。", "翻倍"),
    ],
)
def test_numbers_in_words_that_the_quoted_passage_does_not_give_are_refused(text: str, missing: str) -> None:
    near = "We compare two models and 81.1M papers of three fields."
    assert missing_numbers(text, near, values_in("Elsewhere 2, 3, 5, 10, 13, 50, 90 and 100.")) == (missing,)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Google proposed this coverage in Paris.", "en"),
        ("The coverage was measured by Stanford researchers.", "en"),
        ("The coverage was measured by Stanford researchers.", ""),
        ("OpenAI measured the coverage.", "en"),
        ("Google 在论文中提出了该语料库。", "zh-CN"),
        ("该语料库由Stanford提出。", "zh-CN"),
        ("このコーパスは Wikipedia から作られた。", "ja"),
        ("이 말뭉치는 Wikipedia 에서 만들어졌다.", "ko"),
        ("Le corpus a été mesuré à Paris.", "fr"),
    ],
)
def test_a_name_that_stands_nowhere_in_the_paper_is_refused(text: str, language: str) -> None:
    assert not checked("Our PDF coverage is 35.6%, or 28.9M papers", text=text, language=language).verified


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Coverage of the PubMed and the SQuALITY papers.", "en"),
        ("The PDFs of all English papers, as Färber has them.", "en"),
        ("Coverage: Most papers have it. “Others” do not; Whatever they are.", "en"),
        ("该语料库基于PubMed，使用fine-grained scores与filtering。", "zh-CN"),
        ("Der Anteil ist in dieser Arbeit hoch, nach der Methode des Hauses.", "de"),
        ("Der Anteil ist in dieser Arbeit hoch, nach der Methode des Hauses.", ""),
        ("The paper has an Introduction to Limited Learning by Ada Lovelace.", "en"),
    ],
)
def test_names_of_the_paper_pass_however_they_are_inflected(text: str, language: str) -> None:
    written = full_text("""
# 1 Introduction
Our PDF coverage is 35.6% on PubMed and SQuALITY, in English, by Saier and F ̈arber. It does not cover others.
We filter fine- grained scores with Limited Learning.
""")
    known = replace(KNOWN, authors=("Ada Lovelace",))
    claim = Claim(section=ClaimSection.RESULTS, text=text, quote="Our PDF coverage is 35.6%")
    analysis = replace(_analysis(claim), language=language)
    assert verify(analysis, written, known).claims[0].verified


def test_an_acronym_passes_where_the_passage_spells_it_out() -> None:
    written = full_text("# 1 One\nWe train a convolutional neural network.\n\n# 2 Two\nIt is small and fast.")
    assert checked("We train a convolutional neural network.", text="It is a CNN.", of=written).verified
    assert not checked("It is small and fast.", text="It is a CNN.", of=written).verified


TWO_SIDES = full_text("""
# 1 Results
Our model outperforms every baseline on PubMed. It is fast and small.

# 2 Limits
The reader lacks a table model and remains unable to see figures.

# 3 Data
We release the whole corpus, but annotators did not see it. Readers may use it.
""")


@pytest.mark.parametrize(
    "text",
    [
        "It is not true that the model outperforms every baseline.",
        "The model doesn't outperform the baselines.",
        "The model never outperforms the baselines.",
        "The model fails to outperform the baselines.",
        "It is fast without outperforming any baseline.",
        "模型并非优于所有基线。",
        "模型不能超过基线。",
        "模型没有超过基线。",
        "模型未能超过基线。",
        "模型无法超过基线。",
    ],
)
def test_a_claim_that_denies_what_its_passage_says_is_refused(text: str) -> None:
    assert not checked("Our model outperforms every baseline", text=text, of=TWO_SIDES).verified


@pytest.mark.parametrize("text", ["It is not true that the corpus is released.", "语料库并非全文发布。"])
def test_denying_the_quote_as_a_whole_is_refused_whatever_else_its_paragraph_denies(text: str) -> None:
    assert not checked("We release the whole corpus", text=text, of=TWO_SIDES).verified


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        (
            "Our model outperforms every baseline",
            "The model is not only fast; it wins with no fewer than all.",
        ),
        (
            "Our model outperforms every baseline",
            "模型在不同基线上非常快，不仅小，而且未来可用于无监督与非线性任务。",
        ),
        ("The reader lacks a table model", "The reader does not have a table model."),
        ("The reader lacks a table model", "模型不能识别图。"),
        ("Readers may use it.", "Annotators never saw it."),
    ],
)
def test_a_denial_passes_where_the_passage_denies_or_nothing_is_denied(quote: str, text: str) -> None:
    assert checked(quote, text=text, of=TWO_SIDES).verified


def test_without_full_text_quotes_are_looked_for_in_the_abstract() -> None:
    assert checked("we index everything twice", of=None).anchor == "Abstract"
    assert not checked("Our PDF coverage is 35.6%", of=None).verified


def test_a_quote_may_run_over_a_page_break_but_not_over_a_heading() -> None:
    text = full_text("# 1 One\nThe model reads every\n\npage of the paper twice.\n\n# 2 Two\nThen it stops.")
    assert checked("The model reads every page of the paper", of=text).anchor == "§1, p. 1"
    assert not checked("page of the paper twice. Then it stops.", of=text).verified


@pytest.mark.parametrize(
    ("quote", "page"),
    [
        ("We read every page twice, as others did.", 4),
        ("Reading aloud (Ada, 2019) helps the whole team", 4),
        ("Reading aloud helps the whole team", 4),
        ("helps the whole team of readers.", 5),
        ("The second page says so.", 5),
        ("The third page agrees.", 6),
    ],
)
def test_a_quote_is_cited_from_the_page_on_which_it_begins(quote: str, page: int) -> None:
    words = (
        "We read every page twice, as others did. Reading aloud (Ada, ",
        "2019)  helps the whole team of readers. The second page says so. ",
        "The third page agrees.",
    )
    breaks = ((len(words[0]), 5), (len(words[0] + words[1]), 6))
    paragraph = Paragraph(id=1, page=4, text="".join(words), breaks=breaks)
    text = FullText(pages=6, sections=(Section(number="2", title="Two", page=4, paragraphs=(paragraph,)),))

    claim = checked(quote, of=text)

    assert (claim.paragraph, claim.page, claim.anchor) == (1, page, f"§2, p. {page}")


def test_a_quote_may_begin_after_a_word_that_ends_in_an_accent() -> None:
    text = full_text("# 1 One\nIn the Poincaré ball every hierarchy finds its room.")

    assert checked("ball every hierarchy finds its room", of=text).verified


def test_verifying_twice_changes_nothing() -> None:
    claims = [checked("Our PDF coverage is 35.6%", paragraph=4), checked("An invention of 99 models.")]
    once = verify(_analysis(*claims), TEXT, KNOWN)
    assert verify(once, TEXT, KNOWN) == once


WORDS = st.sampled_from(
    [
        *(
            "the",
            "model",
            "scores",
            "improve",
            "on",
            "every",
            "large",
            "corpus",
            "while",
            "small",
            "ones",
            "lag",
        ),
        *(
            "never",
            "fails",
            "because",
            "annotators",
            "agree",
            "17",
            "37",
            "0.5",
            "92.4%",
            "3B",
            "trials",
            "do",
        ),
    ]
)
WRITTEN = st.lists(WORDS, min_size=20, max_size=60)


@st.composite
def quoted(draw: st.DrawFn) -> tuple[str, list[str], int]:
    """A written paragraph, the words of a quote from it, and the place of one of them."""
    words = draw(WRITTEN)
    start = draw(st.integers(0, len(words) - 12))
    length = draw(st.integers(8, 12))
    return " ".join(words), words[start : start + length], draw(st.integers(0, length - 1))


def found(written: str, quote: str) -> bool:
    return Haystack.of(full_text(f"# 1 One\n{written}"), paper()).find(quote) is not None


@settings(max_examples=100, deadline=None)
@given(quoted())
def test_any_piece_of_a_paragraph_is_found(case: tuple[str, list[str], int]) -> None:
    written, quote, _ = case
    assert found(written, " ".join(quote))


@settings(max_examples=200, deadline=None)
@given(quoted(), st.sampled_from(["hardly", "18", "93.4%", "unlike", "4B"]))
def test_a_changed_word_or_number_is_never_found(case: tuple[str, list[str], int], other: str) -> None:
    written, quote, place = case
    changed = " ".join([*quote[:place], other, *quote[place + 1 :]])
    assert not found(written, changed)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=60))
def test_no_quote_whatever_breaks_the_check(written: str, quote: str) -> None:
    text = replace(TEXT, title=written)
    claim = Claim(section=ClaimSection.TLDR, text=written, quote=quote)
    assert len(verify(_analysis(claim), text, paper(written, written)).claims) == 1
