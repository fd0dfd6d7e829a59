"""Both languages say the same things, with the same facts in them."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from digest.model import AnnounceType, ClaimSection, Field
from digest.wording import CHINESE, ENGLISH, Plural, Wording, wording

_NAMES = [field.name for field in fields(ENGLISH.say)]


def places(template: str | Plural) -> set[str]:
    """The facts a template speaks of; "+12 more" and "of 14 in all" are the same fact."""
    sources = (template.one, template.other) if isinstance(template, Plural) else (template,)
    found = {name for source in sources for _, name, _, _ in Formatter().parse(source) if name}
    return {"n" if name == "total" else name for name in found}


@pytest.mark.parametrize("name", _NAMES)
def test_a_sentence_has_the_same_facts_in_both_languages(name: str) -> None:
    assert places(getattr(CHINESE.say, name)) == places(getattr(ENGLISH.say, name))


@pytest.mark.parametrize("name", _NAMES)
def test_one_and_many_have_the_same_facts(name: str) -> None:
    template = getattr(ENGLISH.say, name)
    if isinstance(template, Plural):
        assert places(template.one) == places(template.other)


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
def test_everything_has_a_name(words: Wording) -> None:
    assert set(words.labels.sections) == set(words.labels.missing) == set(ClaimSection)
    assert set(words.labels.types) == set(AnnounceType)
    assert set(words.labels.fields) == set(Field)
    assert all(getattr(words.labels, field.name) for field in fields(words.labels))


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh", "zh-CN"),
        ("zh-CN", "zh-CN"),
        ("zh_CN.UTF-8", "zh-CN"),
        ("ZH-Hans", "zh-CN"),
        ("中文", "zh-CN"),
        ("en", "en"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_language_tag_finds_its_wording_or_english(tag: str, code: str) -> None:
    assert wording(tag).code == code


def test_dates_are_in_words() -> None:
    day = date(2026, 6, 3)

    assert ENGLISH.long(day) == "Wednesday 3 June 2026"
    assert ENGLISH.weekday_date(day) == "Wednesday 3 June"
    assert ENGLISH.short(day) == "3 June"
    assert ENGLISH.short_year(day) == "3 June 2026"
    assert CHINESE.long(day) == "2026年6月3日 星期三"
    assert CHINESE.numeric(day) == "2026年06月03日"


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Paris", "Wednesday 1 July, 09:00 CEST"),
        ("America/Sao_Paulo", "Wednesday 1 July, 04:00 UTC-03"),
        ("UTC", "Wednesday 1 July, 07:00 UTC"),
    ],
)
def test_a_moment_is_told_in_its_zone(zone: str, told: str) -> None:
    assert ENGLISH.moment_of(datetime(2026, 7, 1, 7, 0, tzinfo=UTC), ZoneInfo(zone)) == told


def test_lists_are_in_words() -> None:
    assert ENGLISH.join(["a", "b", "c"]) == "a, b and c"
    assert CHINESE.join(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert ENGLISH.join(["a"]) == "a"
    assert ENGLISH.join([]) == ""


@pytest.mark.parametrize(
    ("anchor", "chinese"),
    [
        ("§4.1, p. 5", "第4.1节，第5页"),
        ("§B.2, p. 15", "第B.2节，第15页"),
        ("Table 3, p. 7", "表3，第7页"),
        ("§5, p. 7, Figure 2", "第5节，第7页，图2"),
        ("Eq. (3), pp. 4–5", "公式3，第4–5页"),
        ("Abstract, p. 1", "摘要，第1页"),
        ("Limitations, p. 10", "Limitations，第10页"),
    ],
)
def test_anchors_are_translated(anchor: str, chinese: str) -> None:
    assert CHINESE.anchor(anchor) == chinese
    assert ENGLISH.anchor(anchor) == anchor


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "arXiv has no PDF of 2606.1v1 (HTTP 404): unknown, withdrawn or not made yet.",
            "arXiv 没有 2606.1v1 的 PDF（HTTP 404）：编号不存在、已撤稿或尚未生成。",
        ),
        (
            "The PDF of 2606.1v1 may not be passed on by this server (HTTP 451).",
            "此服务器不得转发 2606.1v1 的 PDF（HTTP 451）。",
        ),
        (
            "export.arxiv.org answered HTTP 503, a fault of its own, 3 times in a row.",
            "export.arxiv.org 返回 HTTP 503（服务器故障），连续 3 次。",
        ),
        (
            "arxiv.org refuses us (HTTP 403); not asked again for 20 min.",
            "arxiv.org 拒绝访问（HTTP 403）；20 分钟内不再请求。",
        ),
        ("127.0.0.1:8080 cannot be reached (ConnectError).", "无法连接 127.0.0.1:8080（ConnectError）。"),
        (
            "Only the first 3 of 9 pages were read. Page 5 holds no text; the file may be damaged.",
            "只读了 9 页中的前 3 页。第 5 页没有文字；文件可能已损坏。",
        ),
        (
            "Pages 1-2, 5 and 7 more are damaged; some of the text may be missing.",
            "第 1-2, 5 等页已损坏，文字可能不全。",
        ),
        ("今天没有公告。", "今天没有公告。"),
    ],
)
def test_why_something_was_not_had_is_told_in_the_readers_language(english: str, chinese: str) -> None:
    assert CHINESE.reason(english) == chinese
    assert ENGLISH.reason(english) == english
