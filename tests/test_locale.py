"""Every sentence that commands say, said in Chinese too, with the same facts in it."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from string import Formatter

import pytest

import bot.commands
from bot.commands import VERBS
from bot.commands.setting_table import SETTINGS
from bot.locale import in_language
from bot.locale.zh import SENTENCES
from bot.locale.zh_errors import ERRORS
from bot.platforms.slack import posting as slack
from bot.platforms.slack.calls import VOID, Refused
from bot.platforms.slack.start import token_error
from bot.platforms.telegram import calls as telegram
from bot.platforms.telegram.connection import NOT_ACCEPTED
from digest.channel import Who
from digest.document import Bold, Code, Text, plain
from tests.bot_under_test import BotUnderTest, shown
from tests.peers.arxiv import new

_FOLDER = Path(bot.commands.__file__).parent
_SLACK = _FOLDER.parent / "platforms/slack/sentences.py"


def said() -> Iterator[str]:
    """The sentences in the source of the commands, and those in their tables."""
    for path in (*sorted(_FOLDER.glob("*.py")), _SLACK):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _says(node.func) and node.args:
                sentence = node.args[0]
                assert isinstance(sentence, ast.Constant), f"{path.name}:{node.lineno} says no constant"
                yield sentence.value
    yield from (verb.summary for verb in VERBS if not verb.hidden)
    yield from (text for each in SETTINGS.values() for text in (each.label, each.named))


def _says(function: ast.expr) -> bool:
    """Whether it is `say(...)`, `x.say(...)` or `say.spans(...)`."""
    if isinstance(function, ast.Attribute) and function.attr == "spans":
        return _says(function.value)
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return name == "say"


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_sentence_is_said_in_chinese() -> None:
    sentences = set(said())
    assert len(sentences) > 150
    assert sorted(sentences - SENTENCES.keys()) == []


def test_no_translation_is_of_a_sentence_that_nobody_says() -> None:
    assert sorted(SENTENCES.keys() - set(said())) == []


@pytest.mark.parametrize("english", SENTENCES)
def test_a_translation_holds_the_same_facts(english: str) -> None:
    chinese = SENTENCES[english]
    for half in english.split("|") if "{n}" in english or "|" in english else [english]:
        assert places(half) <= places(chinese)
    assert places(chinese) == set().union(*(places(half) for half in english.split("|")))
    commands = re.compile(r"/[a-z]+|\d{4}\.\d+|cs\.[A-Z]+")
    assert sorted(commands.findall(english)) == sorted(commands.findall(chinese))
    assert chinese.strip()


def test_one_and_many_are_told_apart() -> None:
    say = in_language("en")
    sentence = "{n} subscription|{n} subscriptions"
    assert [say(sentence, n=n) for n in (0, 1, 2, 12_000)] == [
        "0 subscriptions",
        "1 subscription",
        "2 subscriptions",
        "12,000 subscriptions",
    ]


def test_values_can_be_spans_and_are_never_templates() -> None:
    say = in_language("en")
    spans = say.spans("{who} said {what}", who="{what}|x", what=Code("/help"))
    assert spans == (Text("{what}|x"), Text(" said "), Code("/help"))
    assert plain(say.spans("{a}{b}", a=(Bold("1"), Text("2")), b=3)) == "123"


def test_a_language_without_a_catalogue_is_answered_in_english() -> None:
    assert in_language("de")("You are welcome.") == "You are welcome."
    assert in_language("zh-Hans")("You are welcome.") == in_language("zh-CN")("You are welcome.")


async def test_every_error_that_is_worded_elsewhere_is_said_in_chinese(bot: BotUnderTest) -> None:
    room = await bot.room("telegram:-100", language="zh-CN")
    told = set()
    for text in ERRORS_SAID:
        answer = shown(await bot.hears(text, in_=room, standing=Who.ADMINS))
        assert re.search(r"[\u4e00-\u9fff]", answer), (text, answer)
        told |= {english for english, chinese in ERRORS.items() if matches(chinese, answer)}
    refused = shown(await bot.hears("/subscribe vla", in_=room))
    assert "只有管理员可以修改" in refused
    assert len(told) > len(ERRORS) - 10, sorted(ERRORS.keys() - told)


@pytest.mark.parametrize(
    "because",
    [
        *telegram.GONE,
        telegram.NO_TOPIC,
        *(str(slack.meaning(Refused("chat.postMessage", error), bot="paperboy")) for error in slack._GONE),
    ],
)
def test_why_a_platform_paused_a_channel_is_said_in_chinese(because: str) -> None:
    said = in_language("zh-CN").error(because)
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", said), said


@pytest.mark.parametrize(
    "because",
    [
        NOT_ACCEPTED,
        *(str(token_error(Refused("x", error), "SLACK_BOT_TOKEN")) for error in VOID),
        *(
            str(token_error(Refused("x", error), "SLACK_APP_TOKEN"))
            for error in ("invalid_auth", "not_allowed_token_type", "missing_scope", "link_disabled")
        ),
    ],
)
def test_why_a_platform_takes_nothing_from_us_is_said_in_chinese(because: str) -> None:
    said = in_language("zh-CN").error(because).replace("Bot User OAuth Token", "")
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", said), said


def matches(chinese: str, answer: str) -> bool:
    parts = (part for part, _, _, _ in Formatter().parse(chinese))
    return re.search(".*?".join(map(re.escape, parts)), answer.replace("\n", ""), re.DOTALL) is not None


ERRORS_SAID = (
    "/settings categories ,", "/settings categories cs", "/settings categories cs.R0",
    "/settings categories zzzzzz!", "/settings language klingon", "/settings timezone Mars",
    "/settings time noon", "/settings days someday", "/settings cap 0", "/settings mode x",
    "/settings who x", "/settings rich x", "/digest pause x", "/digest pause until 2001-01-01",
    "/digest pause 900d", "/explain x", "/explain 2606.99999", "/subscribe " + "x" * 4_500,
    "/subscribe /vla", "/subscribe ,", "/subscribe " + ", ".join(f"word{n}" for n in range(101)),
    "/subscribe a\x07b", '/subscribe "open', "/subscribe titel:vla", "/subscribe zzzz:vla",
    "/subscribe OR vla", "/subscribe AND vla", "/subscribe vla AND", "/subscribe vla NOT",
    "/subscribe NOT vla", "/subscribe " + " AND ".join(f"word{n}" for n in range(21)), "/subscribe the",
    "/subscribe vla NOT vla", "/subscribe title:", "/subscribe (vla", "/subscribe " + "word " * 61,
    "/subscribe vl*", "/subscribe https://example.org", '/subscribe ""', "/subscribe *", "/subscribe !!!",
    "/subscribe v*la x", "/subscribe author:X", "/subscribe cat:zzzzzz!", "/subscribe like:x",
)  # fmt: skip


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        yield bot


async def test_whom_a_terminal_has_no_name_for_is_spoken_to_in_chinese(bot: BotUnderTest) -> None:
    room = await bot.room("console:here", language="zh-CN")
    await bot.hears("/digest pause", in_=room, name="you")
    paused = await bot.parts.store.channel(room.key)
    assert paused is not None
    assert paused.paused_because == "由 您 操作"


def test_an_error_of_arxivs_is_told_in_chinese() -> None:
    assert in_language("zh-CN").error("arxiv.org answered HTTP 410.") == "arxiv.org 返回 HTTP 410。"


# What stays English: names, queries, commands, and the examples in them.
_NAMES = re.compile(
    r"/[a-z]+[^。，；：\u4e00-\u9fff]*|arXiv|Paperboy|PDF|HTTP|AGPL\S*|Markdown|BibTeX|CSV|Telegram|Ada|vla|UTC|AND|NOT|OR"
    r"|\b(?:mode|title|cat|author|word|on|off|thread|compact|weekly|members|admins|creator|mon-fri|zh-CN|bib|csv|md)\b"
    r"|Event-VLA|cs\.\w+|2606\.\S+|papers-\S+|Thank you to arXiv.*|open-access\S*|or-later|<\S+>"
)


@pytest.mark.parametrize(
    "text",
    [
        "/hello", "/subscribe", "/subscribe vla", "/subscriptions", "/unsubscribe all", "/unsubscribe 77",
        "/digest preview", "/digest pause 7d", "/digest resume", "/digest 7", "/digest last", "/settings",
        "/settings cap 5", "/save 2606.30001", "/saved", "/dismiss 2606.30001", "/export", "/status",
        "/about", "/menu", "/77", "what now?", "/more", "/ask", "/explain", "/explain #1",
        "/ask 2606.30001 有斑马鱼吗",
    ],
)  # fmt: skip
async def test_a_channel_in_chinese_is_answered_in_chinese(bot: BotUnderTest, text: str) -> None:
    await bot.room(language="zh-CN", announces_changes=True)
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    answer = shown(await bot.hears(text, name="Ada"))
    left = re.findall(r"[A-Za-z]{3,}", _NAMES.sub(" ", answer))
    assert left == [], answer
