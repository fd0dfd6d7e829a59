"""A digest's messages: what they say of papers, and that hostile papers stay papers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from rich.cells import cell_len

from bot.platforms.html import page
from bot.platforms.terminal import render_lines
from digest.compose import compose, explanation, late_arrivals, more, paper_reply, parent, revision_note
from digest.compose.analysis import shortened
from digest.compose.facts import is_late, some_authors
from digest.document import Buttons, Document, Heading, Link
from digest.markdown import markdown
from digest.model import (
    Analysis,
    AnnounceType,
    ArxivId,
    Basis,
    ClaimSection,
    DigestItem,
    Field,
    Hit,
    Paper,
)
from digest.report import report
from digest.wording import wording
from tests.compose_samples import (
    BY_MODEL,
    CODES,
    COMBAT,
    DIGEST,
    EXTRACTS,
    ITEMS,
    LATENT,
    TUESDAY,
    claim,
    match,
    row,
)
from tests.hostile import texts


def text(document: Document) -> str:
    return "\n".join(render_lines(document, 400, color=False))


def reply(analysis: Analysis | None, *, language: str = "en", paper: Paper = COMBAT) -> str:
    return text(paper_reply(DigestItem(match=match(paper), analysis=analysis), language=language))


def test_the_title_line_tells_the_date_and_the_kinds_of_papers_apart() -> None:
    heading = parent(DIGEST).blocks[0]

    assert heading == Heading(
        "arXiv digest · Tuesday 30 June 2026 · 4 papers: 2 new, 1 cross-listed, 1 revision", 1
    )


def test_times_are_told_in_the_channels_zone() -> None:
    assert "next digest Wednesday 1 July, 09:00 CEST" in text(parent(DIGEST, timezone="Europe/Paris"))
    assert "next digest Wednesday 1 July, 15:00 CST" in text(parent(DIGEST, timezone="Asia/Shanghai"))


def test_a_paper_has_its_link_label_keywords_and_one_line_in_the_parent() -> None:
    shown = text(parent(DIGEST))

    assert "1. CombatVLA: An Efficient" in shown
    assert "revised, cross-listed · `vla`, `vision language action` · cs.CV · 2503.09527v2" in shown
    assert "50 times faster than earlier agents. (§5.3, p. 7, Table 3)" in shown


def test_the_parent_names_further_matches_and_offers_the_rest() -> None:
    many = tuple(match(replace(COMBAT, id=ArxivId(f"2606.{number:05}", 1))) for number in range(1, 26))

    document = parent(replace(DIGEST, more=many))

    assert "25 more matched:" in text(document)
    assert "and 15 more" in text(document)
    assert any(isinstance(block, Buttons) and block.buttons[0].command == "more" for block in document.blocks)
    assert "28. CombatVLA" in text(more(replace(DIGEST, more=many)))


def test_without_threads_there_is_the_parent_only() -> None:
    assert compose(DIGEST, threads=False).replies == ()
    assert [reply.paper for reply in compose(DIGEST).replies] == [COMBAT.id, LATENT.id, CODES.id]


def test_a_later_part_of_a_digest_numbers_its_papers_on() -> None:
    assert "\n 4. CombatVLA" in text(late_arrivals(DIGEST, start=4))
    assert text(compose(DIGEST, start=4).replies[0].document).startswith("4. CombatVLA")
    assert "7. DoT" in text(more(DIGEST, start=4))


def test_an_extract_is_quoted_and_shown_once() -> None:
    sentence = EXTRACTS.claims[1].text

    assert reply(EXTRACTS).count(sentence) == 1
    assert f"“{sentence}” (Abstract)" in reply(EXTRACTS)


def test_a_claim_links_its_anchor_to_the_page() -> None:
    blocks = explanation(BY_MODEL, COMBAT).blocks
    links = [
        span
        for block in blocks
        for item in getattr(block, "items", ())
        for span in item
        if isinstance(span, Link)
    ]

    assert Link("§6, p. 8", "https://arxiv.org/pdf/2503.09527v2#page=8") in links


def test_an_unverified_claim_is_marked_and_counted() -> None:
    shown = reply(BY_MODEL)

    assert "⚠ A benchmark of 914 questions." in shown
    assert "9/10 claims verified against the text" in shown
    assert "⚠ = not found in the text" in shown


def test_hidden_instructions_are_warned_of_before_anything_is_claimed() -> None:
    lines = reply(BY_MODEL).split("\n")

    assert lines[1] == "⚠ hidden instructions found in this PDF, p. 3 (ignored)"


@pytest.mark.parametrize(
    ("analysis", "sentence"),
    [
        (BY_MODEL, "The parts that were read do not say: metrics, baselines, setup and compute, ablations."),
        (
            replace(BY_MODEL, basis=Basis(kind="full text", pages=18, pages_read=18)),
            "The paper does not say: metrics, baselines, setup and compute, ablations.",
        ),
        (
            replace(BY_MODEL, analyzer="extractive"),
            "No passage found on: metrics, baselines, setup and compute, ablations.",
        ),
        (
            replace(BY_MODEL, basis=Basis(kind="abstract")),
            "The abstract does not say: metrics, baselines, setup and compute, ablations.",
        ),
        (EXTRACTS, "Nothing found in the abstract on: overview, contributions, method,"),
    ],
)
def test_what_is_missing_is_said_of_what_was_read(analysis: Analysis, sentence: str) -> None:
    assert sentence in reply(analysis)


@pytest.mark.parametrize(
    ("analysis", "footer"),
    [
        (
            replace(BY_MODEL, analyzer="extractive", basis=Basis(kind="full text", pages=15, pages_read=15)),
            "Extracts from the paper (no model configured), 15 of 15 pages read · 9/10 claims verified",
        ),
        (
            EXTRACTS,
            "Abstract only, in extracts (no model configured): arXiv has no PDF of this version · 2/2 claims",
        ),
        (
            replace(BY_MODEL, basis=Basis(kind="abstract", note="The PDF is locked with a password.")),
            "Abstract only: The PDF is locked with a password · 9/10 claims verified",
        ),
        (BY_MODEL, "example-model · 30 June 2026 · 22,856 tokens · $0.02"),
        (BY_MODEL, "Not read: Appendix A, Appendix B."),
    ],
)
def test_the_footer_says_what_the_analysis_rests_on(analysis: Analysis, footer: str) -> None:
    assert footer in reply(analysis)


def test_why_only_the_abstract_was_read_is_told_in_the_channels_language() -> None:
    refused = Basis(
        kind="abstract", note="The PDF of 2606.1v1 may not be passed on by this server (HTTP 451)."
    )
    told = reply(replace(BY_MODEL, basis=refused), language="zh-CN")
    assert "仅基于摘要：此服务器不得转发 2606.1v1 的 PDF（HTTP 451）" in told


def test_a_paper_without_an_analysis_shows_its_abstract() -> None:
    shown = reply(None, paper=CODES)

    assert "Abstract: We show an O(n log n) bound; it costs $5 and $6. # Not a heading" in shown
    assert "Not analysed" in shown


def test_a_reply_offers_what_one_can_do_with_the_paper() -> None:
    buttons = paper_reply(ITEMS[0]).blocks[-1]

    assert isinstance(buttons, Buttons)
    assert [(button.label, button.command or button.url) for button in buttons.buttons] == [
        ("Explain", "explain 2503.09527v2"),
        ("Ask", "ask 2503.09527v2"),
        ("Save", "save 2503.09527v2"),
        ("Not relevant", "dismiss 2503.09527v2"),
        ("PDF", "https://arxiv.org/pdf/2503.09527v2"),
    ]


def test_a_hit_is_shown_in_bold_however_its_words_are_joined() -> None:
    hits = (
        Hit(phrase="vision language action", field=Field.ABSTRACT, snippet="a Vision–Language-Action model"),
    )

    shown = markdown(paper_reply(DigestItem(match=match(COMBAT, *hits))))

    assert "Matched `vision language action` in the abstract: “a **Vision–Language-Action** model”" in shown


def test_anchors_are_written_as_the_language_writes_them() -> None:
    assert "（第5.3节，第7页，表3）" in reply(BY_MODEL, language="zh-CN")


def test_authors_are_shortened_after_three() -> None:
    english, chinese = wording("en"), wording("zh")
    crowd = replace(COMBAT, authors=tuple(f"Author {number}" for number in range(1, 575)))

    assert some_authors(LATENT, english) == "Chengen Xie, Bin Sun"
    assert some_authors(COMBAT, english) == "Peng Chen, Pi Bu +10"
    assert some_authors(crowd, english) == "Author 1, Author 2 +572"
    assert some_authors(crowd, chinese) == "Author 1, Author 2 等 574 人"


def test_a_revision_note_names_the_version_and_its_day() -> None:
    assert text(revision_note(ITEMS[0])).startswith("Version 2 was announced Tuesday 30 June.\n\nCombatVLA:")


def test_late_arrivals_name_the_category_and_what_it_brought() -> None:
    brought = replace(DIGEST, ledger=(row("cs.RO"),), items=ITEMS[1:2], more=())
    nothing = replace(brought, items=(), scanned=87)

    assert text(late_arrivals(brought)).startswith("cs.RO of Tuesday 30 June arrived late: 1 paper: 1 new.")
    assert (
        text(late_arrivals(nothing))
        == "cs.RO of Tuesday 30 June arrived late: 87 papers scanned, none matched."
    )


@pytest.mark.parametrize(
    ("day", "days", "weekdays", "late"),
    [
        (TUESDAY, (TUESDAY,), (0, 1, 2, 3, 4), False),
        (date(2026, 6, 29), (date(2026, 6, 29),), (0, 1, 2, 3, 4), False),
        (date(2026, 6, 26), (date(2026, 6, 26),), (0, 1, 2, 3, 4), True),
        (date(2026, 6, 29), (date(2026, 6, 29), TUESDAY), (0, 1, 2, 3, 4), True),
        (date(2026, 6, 25), (date(2026, 6, 25), TUESDAY), (1,), False),
    ],
)
def test_a_day_is_late_when_an_earlier_digest_should_have_told_it(
    day: date, days: tuple[date, ...], weekdays: tuple[int, ...], late: bool
) -> None:
    assert is_late(day, replace(DIGEST, days=days, weekdays=weekdays)) is late


def test_a_long_line_is_cut_at_a_word() -> None:
    assert shortened("one two three four", 15) == "one two three…"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"
    assert shortened("short", 10) == "short"


@settings(max_examples=60, deadline=None)
@given(title=texts, author=texts, abstract=texts, comment=texts, quote=texts, phrase=texts)
def test_hostile_papers_stay_papers_on_every_surface(
    title: str, author: str, abstract: str, comment: str, quote: str, phrase: str
) -> None:
    paper = replace(COMBAT, title=title, authors=(author,) * 4, abstract=abstract, comment=comment)
    analysis = replace(
        BY_MODEL,
        claims=(
            claim(ClaimSection.OVERVIEW, quote),
            claim(ClaimSection.RESULTS, title, quote, anchor=author),
        ),
        warnings=(comment,),
        links=(quote,),
        basis=Basis(kind="abstract", note=comment),
    )
    found = match(paper, Hit(phrase=phrase, field=Field.TITLE, snippet=title), kind=AnnounceType.CROSS)
    digest = replace(DIGEST, items=(DigestItem(match=found, analysis=analysis),), queries=(phrase,))

    messages = compose(digest, timezone="Asia/Tokyo")

    for document in (messages.parent, messages.replies[0].document):
        assert all(
            cell_len(line) <= 60 and line.isprintable() for line in render_lines(document, 60, color=False)
        )
        page([document]).encode()
    written = report(digest, language="zh")
    written.encode()
    headings = [token.tag for token in MarkdownIt().parse(written) if token.type == "heading_open"]
    assert headings == [
        "h1",
        "h2",
        "h2",
        "h3",
        *(["h3"] if "### 原文摘要" in written else []),
        "h3",
        "h4",
        "h4",
        "h2",
    ]
