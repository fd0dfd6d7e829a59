"""What people say without a slash: thanks, a word to somebody else, a link, a wish in a sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands import is_slow
from bot.demo.replay import DATA
from tests.bot_under_test import BotUnderTest, shown
from tests.peers.arxiv import new


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        yield bot


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("subscribe to robots please", "/subscribe robots"),
        ("please subscribe me to world models", "/subscribe world models"),
        ("Can you unsubscribe us from robots, please?", "/unsubscribe robots"),
        ("can you show me the status", "/status"),
        ("list my subscriptions", "/subscriptions"),
        ("could you explain 2301.13298", "/explain 2301.13298"),
        ("export the saved ones", "/export saved bib"),
        ("send me the digest at 8", "/digest now"),
        ("how do I pause the digest?", "/digest pause 7d"),
    ],
)
async def test_a_wish_in_a_sentence_is_answered_with_the_command(
    bot: BotUnderTest, text: str, command: str
) -> None:
    said = shown(await bot.hears(text))
    assert said == f"Did you mean a command? For example: `{command}`"
    assert await bot.parts.store.subscriptions() == ()


async def test_a_wish_to_subscribe_is_no_question_about_the_paper_at_hand(bot: BotUnderTest) -> None:
    said = shown(await bot.hears("please subscribe me to robots", paper="2606.30001v1"))
    assert "`/subscribe robots`" in said


async def test_words_that_begin_with_a_verb_are_still_a_command(bot: BotUnderTest) -> None:
    assert "Subscribed, #1" in shown(await bot.hears("subscribe world model"))


@pytest.mark.parametrize(
    "text", ["thanks!", "ok 👍🏽", "Cool.", "谢谢", ":tada:", "🎉", "!!!", "@Ada what do you think?"]
)
async def test_what_people_say_to_each_other_is_not_answered(bot: BotUnderTest, text: str) -> None:
    assert await bot.hears(text, paper="2606.30001v1") == []
    assert await bot.hears(text) == []
    assert not is_slow(text)


async def test_thanks_in_private_are_returned(bot: BotUnderTest) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    for text in ("thanks!", "👍", "thank you :tada:"):
        assert shown(await bot.hears(text, in_=private)) == "You are welcome."


@pytest.mark.parametrize("text", ["1911.02782", "https://arxiv.org/abs/1911.02782v3", "arXiv:1911.02782"])
async def test_a_paper_without_a_word_is_explained(bot: BotUnderTest, text: str) -> None:
    bot.arxiv.replay(DATA)
    assert "S2ORC" in shown(await bot.hears(text))
    assert is_slow(text)


async def test_a_query_for_the_like_of_a_paper_is_not_that_paper(bot: BotUnderTest) -> None:
    assert "not a command" in shown(await bot.hears("like:1911.02782", mentioned=True))


@pytest.mark.parametrize(
    "text", ["lol", "nice digest!", "never mind", "哈哈", "???", "hi all", "this is a good one", "真不错"]
)
async def test_chatter_that_no_paper_speaks_of_is_answered_only_where_it_is_said_to_paperboy(
    bot: BotUnderTest, text: str
) -> None:
    for paper in ("2606.30001v1", None):
        assert await bot.hears(text, paper=paper) == []
        assert len(await bot.hears(text, paper=paper, mentioned=True)) == 1
    private = await bot.room("slack:T1/D1", private=True)
    assert len(await bot.hears(text, in_=private, paper="2606.30001v1")) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("which zebrafish", "zebrafish?", "and how many zebrafish", "Explain the zebrafish"),
        *("zebrafish please", "I wonder about zebrafish", "斑马鱼有多少", "请说斑马鱼", "有斑马鱼吗"),
    ],
)
async def test_a_question_or_a_wish_is_answered_though_no_paper_speaks_of_it(
    bot: BotUnderTest, text: str
) -> None:
    assert "No passage of the paper matches" in shown(await bot.hears(text, paper="2606.30001v1"))


async def test_a_remark_on_what_the_paper_speaks_of_is_answered(bot: BotUnderTest) -> None:
    bot.arxiv.know(new("2606.30009", "Unread", abstract="The dataset has nine tasks.").paper)
    assert "nine tasks" in shown(await bot.hears("the tasks of the dataset", paper="2606.30009v1"))


async def test_marks_without_a_word_are_met_with_the_help_in_private(bot: BotUnderTest) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    said = shown(await bot.hears("???", in_=private, paper="2606.30001v1"))
    assert said == "Say what to do. `/help` tells what there is."


@pytest.mark.parametrize("text", ["hi", "Hi bot!", "hello there", "你好"])
async def test_a_greeting_in_private_is_returned(bot: BotUnderTest, text: str) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    said = shown(await bot.hears(text, in_=private, paper="2606.30001v1"))
    assert said.startswith("Hello, I am Paperboy.")
