"""A Document on a terminal: right width, right styles, and no words that act."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.platforms.terminal import render_lines
from bot.platforms.wrap import Run, wrapped
from digest.document import (
    Bold,
    Bullets,
    Button,
    Buttons,
    Code,
    Document,
    Heading,
    Link,
    Table,
    bullets,
    context,
    para,
)
from tests.documents import documents
from tests.hostile import texts

_OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\x07]*\x1b\\")
_ABS = "https://arxiv.org/abs/2503.09527v2"


def plain(*blocks: object, width: int = 80, thread: bool = False) -> Sequence[str]:
    return render_lines(Document(tuple(blocks)), width, color=False, thread=thread)  # type: ignore[arg-type]


def styled(*blocks: object, width: int = 80) -> str:
    return "\n".join(render_lines(Document(tuple(blocks)), width, color=True))  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None)
@given(document=documents, width=st.sampled_from((24, 80)), color=st.booleans(), thread=st.booleans())
def test_no_words_can_act_on_the_terminal_or_leave_its_width(
    document: Document, width: int, color: bool, thread: bool
) -> None:
    for line in render_lines(document, width, color=color, thread=thread):
        shown = _OURS.sub("", line)
        assert shown.isprintable()
        assert cell_len(shown) <= width


@settings(max_examples=60, deadline=None)
@given(text=texts, width=st.integers(4, 40))
def test_wrapping_keeps_every_character_but_spaces_at_the_breaks(text: str, width: int) -> None:
    lines = ["".join(run.text for run in line) for line in wrapped([Run(text)], width)]

    assert re.sub(r"[\s·]", "", "".join(lines)) == re.sub(r"[\s·]", "", text)


def test_plain_output_has_no_escape_sequences() -> None:
    lines = plain(Heading("Title"), para(Bold("x"), Code("y"), Link("2503.09527v2", _ABS)))

    assert not any("\x1b" in line for line in lines)


def test_markup_of_rich_is_plain_text() -> None:
    assert plain(para("[red]not red[/red] [link=x]")) == ("[red]not red[/red] [link=x]",)


def test_a_terminal_that_takes_them_gets_links() -> None:
    assert f";{_ABS}\x1b\\2503.09527v2\x1b]8;;\x1b\\" in styled(para(Link("2503.09527v2", _ABS)))


def test_an_address_with_control_characters_is_no_link() -> None:
    assert "evil" not in styled(para(Link("x", "https://a.example/\x1b\\evil")))


def test_plain_output_writes_an_address_out_unless_the_identifier_tells_it() -> None:
    title = Link("CombatVLA", _ABS)
    code = Link("code", "https://combatvla.github.io/")

    assert plain(para(title, " · ", Link("2503.09527v2", _ABS), " · ", code)) == (
        "CombatVLA · 2503.09527v2 · code <https://combatvla.github.io/>",
    )


def test_a_thread_stands_behind_a_rail() -> None:
    lines = plain(Heading("Title", 2), context("facts"), para("text"), thread=True)

    assert lines == ("│", "│ Title", "│ facts", "│", "│ text")


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    lines = plain(
        para("本文提出了一个专为三维动作角色扮演游戏战斗优化的高效模型。实验表明它超越了现有模型。"), width=28
    )

    assert [cell_len(line) <= 28 for line in lines] == [True] * len(lines)
    assert not any(line.startswith(("。", "，")) for line in lines)
    assert cell_len(lines[0]) >= 26


def test_a_page_number_stays_with_its_page() -> None:
    assert plain(para("It is fifty times faster (p. 7)"), width=28)[1] == "(p. 7)"
    assert (
        plain(para("It is fifty times faster (", Link("§4, p. 7", _ABS + "#page=7"), ")"), width=33)[1]
        == "p. 7)"
    )


def test_a_chinese_date_stays_in_one_piece() -> None:
    assert plain(para("首次提交于星期二的论文公告日期是6月30日"), width=34)[1] == "6月30日"


def test_lists_hang_nest_and_number_on() -> None:
    lines = plain(
        bullets([["one two three four"]], ordered=True, start=9),
        bullets([["inner"]], indent=1),
        width=20,
    )

    assert lines == (" 9. one two three", "    four", "  • inner")


def test_a_table_fits_the_width_by_wrapping_its_widest_column() -> None:
    lines = plain(
        Table(
            ("Category", "State"), (("cs.AI", "complete"), ("cs.RO", "could not be fetched: arXiv refused"))
        ),
        width=30,
    )

    assert max(map(cell_len, lines)) <= 30
    assert lines[0] == "Category  State"
    assert lines[3:] == ("cs.RO     could not be", "          fetched: arXiv", "          refused")


def test_only_commands_that_can_be_typed_here_are_shown() -> None:
    buttons = Buttons((Button("Explain", command="explain 1"), Button("Save", command="save 1")))

    assert plain(buttons) == ("/explain 1",)


@pytest.mark.parametrize("width", [0, 1, 5])
def test_a_terminal_of_no_width_still_gets_lines(width: int) -> None:
    assert plain(para("Vision-Language-Action"), width=width)


def test_an_empty_list_is_nothing() -> None:
    assert plain(Bullets(())) == ()
