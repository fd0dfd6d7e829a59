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
async def test_a_question_that_no_paper_speaks_of_is_answered_only_where_it_is_said_to_paperboy(
    bot: BotUnderTest, text: str
) -> None:
    assert await bot.hears(text, paper="2606.30001v1") == []
    private = await bot.room("slack:T1/D1", private=True)
    for room, mentioned in ((None, True), (private, False)):
        said = shown(await bot.hears(text, in_=room, paper="2606.30001v1", mentioned=mentioned))
        assert "No passage of the paper matches" in said


@pytest.mark.parametrize(
    "text",
    [
        *("I'll present this on Friday", "I like Table 2", "section 4 is about evaluation", "Good question!"),
        *("let me read the related work", "we should cite this paper", "the authors released their code"),
        *("I disagree with the results", "no time for papers this week", "data is on the cluster"),
    ],
)
async def test_a_remark_is_answered_only_where_it_is_said_to_paperboy_though_the_paper_speaks_of_it(
    bot: BotUnderTest, text: str
) -> None:
    bot.arxiv.replay(DATA)
    assert await bot.hears(text, paper="1911.02782v3") == []
    assert "▏ " in shown(await bot.hears(text, paper="1911.02782v3", mentioned=True))


@pytest.mark.parametrize(
    "text",
    [
        *("Bo, can you read this?", "What do you think, Ada?", "Shall we meet at 3?"),
        *("我们下午三点开会？", "大家觉得呢？"),
    ],
)
async def test_a_question_to_somebody_else_in_a_papers_thread_is_not_answered(
    bot: BotUnderTest, text: str
) -> None:
    bot.arxiv.replay(DATA)
    assert await bot.hears(text, paper="1911.02782v3") == []


async def test_a_question_that_the_paper_speaks_of_is_answered_to_whoever_asks(bot: BotUnderTest) -> None:
    bot.arxiv.know(new("2606.30009", "Unread", abstract="The dataset has nine tasks.").paper)
    assert "nine tasks" in shown(await bot.hears("how many tasks?", paper="2606.30009v1"))


async def test_an_unaddressed_question_with_a_slip_in_its_number_is_told_so(bot: BotUnderTest) -> None:
    said = shown(await bot.hears("2606.999 which data?", paper="2606.30001v1"))
    assert "is not an arXiv identifier" in said


@pytest.mark.parametrize("text", ["what can you do?", "What do you do", "你能做什么？"])
async def test_whoever_asks_what_paperboy_can_do_is_given_the_help(bot: BotUnderTest, text: str) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    for paper in (None, "2606.30001v1"):
        for room, mentioned in ((None, True), (private, False)):
            said = shown(await bot.hears(text, in_=room, paper=paper, mentioned=mentioned))
            assert said.startswith("Paperboy reads arXiv for you. You can say:")
        assert await bot.hears(text, paper=paper) == []
    assert not is_slow(text)


@pytest.mark.parametrize(
    "text", ["what's new today?", "What’s new?", "anything new today", "今天有什么新论文？"]
)
async def test_whoever_asks_what_is_new_is_told_of_the_last_digest(bot: BotUnderTest, text: str) -> None:
    bot.arxiv.replay(DATA)
    await bot.hears("/explain 1911.02782")
    assert "`/digest last`" in shown(await bot.hears(text, mentioned=True))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("explain in Chinese please", "zh"),
        ("Can you explain this paper in English?", "en"),
        ("translate it into Chinese", "zh"),
        ("请用中文解释一下", "zh"),
    ],
)
async def test_a_paper_wanted_in_another_language_is_offered_so(
    bot: BotUnderTest, text: str, language: str
) -> None:
    said = shown(await bot.hears(text, paper="2606.30001v1"))
    assert said == f"Did you mean a command? For example: `/explain 2606.30001v1 lang:{language}`"


async def test_marks_without_a_word_are_met_with_the_help_in_private(bot: BotUnderTest) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    said = shown(await bot.hears("???", in_=private, paper="2606.30001v1"))
    assert said == "Say what to do. `/help` tells what there is."


@pytest.mark.parametrize("text", ["hi", "Hi bot!", "hello there", "你好"])
async def test_a_greeting_in_private_is_returned(bot: BotUnderTest, text: str) -> None:
    private = await bot.room("slack:T1/D1", private=True)
    said = shown(await bot.hears(text, in_=private, paper="2606.30001v1"))
    assert said.startswith("Hello, I am Paperboy.")
