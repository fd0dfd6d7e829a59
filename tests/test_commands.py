"""What people say and what they hear back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands import VERBS, split
from bot.demo.replay import DATA
from tests.bot_under_test import TUESDAY, BotUnderTest
from tests.peers.arxiv import new, revised


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce(
            "cs.CV",
            new("2606.30001", "Event-VLA: events for robots"),
            new("2606.30002", "NetVLAD again"),
            new("2606.30003", "A survey of diffusion policies"),
        )
        bot.arxiv.announce("cs.RO")
        yield bot


@pytest.mark.parametrize(
    ("text", "verb", "rest"),
    [
        ("/subscribe vla", "subscribe", "vla"),
        ("subscribe vla", "subscribe", "vla"),
        ("/subscribe@paperboy_bot  vla", "subscribe", "vla"),
        ("/arxiv subscribe vla, world model", "subscribe", "vla, world model"),
        ("/ARXIV", "help", ""),
        ("  /Help  ", "help", ""),
        ("", "", ""),
    ],
)
def test_a_message_is_a_verb_and_the_rest(text: str, verb: str, rest: str) -> None:
    assert split(text) == (verb, rest)


async def test_subscribing_shows_what_it_would_have_found(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.says("/subscribe vla")
    assert "Subscribed, #1" in said
    assert "The last announcement day had 1 such paper" in said
    assert "Event-VLA" in said
    assert "NetVLAD" not in said
    assert "/unsubscribe #1" in said


async def test_a_phrase_that_finds_nothing_is_offered_as_words(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.says("/subscribe survey policies")
    assert "no such paper" in said
    assert "survey AND policies" in said.replace("\n", " ")


async def test_an_operator_in_small_letters_is_asked_about_when_nothing_is_found(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.says("/subscribe robots and events")
    assert "Did you mean AND in capitals? robots AND events" in said


async def test_a_broad_subscription_is_warned_of(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", *(new(f"2606.31{n:03}", f"A model, number {n}") for n in range(50)))
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.says("/subscribe model")
    assert "50 papers a day" in said


async def test_the_same_query_in_another_spelling_is_not_added_again(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vision language action")
    assert "subscribed to that already, as #1" in await bot.says("/subscribe Vision-Language-Action")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("/subscribe", "Subscribe to what? For example: /subscribe vla"),
        ('/subscribe "open', "quot"),
        ("/subscribe NOT", "NOT"),
        ("/subscribe cat:nonsense!!", "cs.RO"),
        ("/subscribe like:abc", "2503.09527"),
        ("/unsubscribe 3", "nothing to unsubscribe"),
        ("/explain", "Explain which paper? For example: /explain 1911.02782"),
        ("/explain the best paper", "is not an arXiv identifier. Try 1911.02782"),
        ("/explain #1", "no digest yet"),
        ("/explain 2606.30001 lang:klingon", "try en, zh-CN"),
        ("/digest tomorrow", "try /digest now"),
        ("/settings colour blue", "is not a setting; there are time, days"),
        ("/settings time noon", "try 09:00"),
        ("/settings cap", "To change it: /settings cap 8"),
        ("/settings timezone Mars", "try Europe/Paris"),
        ("/settings categories robots!", "try cs.RO"),
        ("/subscrib vla", "Did you mean"),
        ("/xyzzy", "Try `/help`"),
        ("/bogus", "Try `/help`"),
        ("/staus", "Did you mean"),
        ("/explian 1911.02782", "Did you mean"),
        ("hello there", "not a command"),
        ("/more", "no more"),
        ("/report", "command"),
    ],
)
async def test_every_mistake_gets_one_sentence_with_an_example(
    bot: BotUnderTest, said: str, heard: str
) -> None:
    answer = await bot.says(said)
    assert heard in answer.replace("\n", " ")
    assert "Traceback" not in answer


async def test_unsubscribing_by_number_by_query_and_all(bot: BotUnderTest) -> None:
    for query in ("vla", "world model", "diffusion"):
        await bot.says(f"/subscribe {query}")
    assert "Unsubscribed #1: vla" in await bot.says("/unsubscribe #1")
    assert "Unsubscribed #2: world model" in await bot.says("/unsubscribe World-Models")
    assert "#3" in await bot.says("/unsubscribe nothing of the kind")
    assert "the only subscription. To go on: /unsubscribe all yes" in await bot.says("/unsubscribe all")
    assert "Removed 1 subscription;" in await bot.says("/unsubscribe all yes")
    assert "No subscriptions yet" in await bot.says("/subscriptions")


@pytest.mark.parametrize("words", ["#1, #3", "1 3", "1,3", "#1 #3", "# 1; 3"])
async def test_several_are_unsubscribed_by_their_numbers_at_once(bot: BotUnderTest, words: str) -> None:
    for query in ("vla", "world model", "diffusion"):
        await bot.says(f"/subscribe {query}")
    said = await bot.says(f"/unsubscribe {words}")
    assert "Unsubscribed #1: vla" in said
    assert "Unsubscribed #3: diffusion" in said
    assert "1 subscription\n" in await bot.says("/subscriptions")


async def test_an_unknown_number_among_several_removes_none(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.says("/subscribe 2024")
    assert "No subscription is “#7”. There are #1 vla; #2 2024." in await bot.says("/unsubscribe #1, #7")
    assert "Unsubscribed #2: 2024" in await bot.says("/unsubscribe 2024")


async def test_a_number_after_a_digest_without_papers_is_told_so(bot: BotUnderTest) -> None:
    await bot.says("/subscribe nothing of the kind")
    await bot.morning()
    assert "The last digest had no papers" in await bot.says("/explain #1")


async def test_status_says_days_as_people_do(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    bot.arxiv.announce("cs.RO", new("2606.30009", "Later VLA", day=TUESDAY - timedelta(days=4)))
    await bot.morning()
    said = await bot.says("/status")
    assert "1 subscription in cs.CV, cs.RO." in said
    assert "2026-" not in said


async def test_numbers_do_not_move_when_others_go(bot: BotUnderTest) -> None:
    for query in ("vla", "world model"):
        await bot.says(f"/subscribe {query}")
    await bot.says("/unsubscribe 1")
    await bot.says("/subscribe diffusion")
    listed = await bot.says("/subscriptions")
    assert "#2 world model" in listed
    assert "#3 diffusion" in listed


async def test_settings_are_kept_and_the_next_digest_moves(bot: BotUnderTest) -> None:
    assert "14:30" in await bot.says("/settings time 14:30 Europe/Paris")
    channel = await bot.channel()
    assert (channel.digest_at, channel.timezone) == ("14:30", "Europe/Paris")
    assert channel.next_run_at is not None
    assert channel.next_run_at > bot.time.clock()
    await bot.says("/settings days mon, wed")
    assert (await bot.channel()).days == (0, 2)


async def test_the_digest_can_be_asked_for_now_and_once(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    assert "Making today's digest" in await bot.says("/digest now")
    await bot.morning()
    assert len(bot.papers()) == 1
    assert "is out already" in await bot.says("/digest now")
    assert "Event-VLA" in await bot.says("/digest last")


async def test_a_look_ahead_tells_nothing_as_told(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    wednesday = TUESDAY + timedelta(days=1)
    bot.arxiv.announce("cs.CV", new("2607.00001", "Tomorrow VLA", day=wednesday))
    bot.time.now += timedelta(hours=16)
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    assert "Tomorrow VLA" in await bot.says("/digest preview")
    await bot.next_morning(days=0)
    bot.time.now += timedelta(hours=8)
    await bot.morning()
    assert "Tomorrow VLA" in bot.papers()[-1]


async def test_explain_reads_the_paper_by_any_spelling_and_by_number(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    said = await bot.says("/explain https://arxiv.org/abs/1911.02782")
    assert "Reading 1911.02782" in said
    assert "81.1M" in said
    await bot.says("/subscribe robots")
    await bot.morning()
    assert bot.papers()[0] in await bot.says("/explain #1")


async def test_an_unknown_paper_is_said_to_be_unknown(bot: BotUnderTest) -> None:
    assert "arXiv has no paper 2606.99999" in await bot.says("/explain 2606.99999")


async def test_status_tells_each_category_and_day(bot: BotUnderTest) -> None:
    await bot.morning()
    said = await bot.says("/status")
    assert "cs.CV" in said
    assert "Next digest" in said
    assert "Every message is delivered." in said


async def test_help_lists_every_command_with_examples_that_are_commands(bot: BotUnderTest) -> None:
    listed = await bot.says("/help")
    names = {verb.name for verb in VERBS}
    for verb in VERBS:
        assert f"/{verb.name}" in listed
        assert verb.examples[0] in await bot.says(f"/help {verb.name}")
        assert all(split(example)[0] in names for example in verb.examples)


async def test_every_example_in_the_help_works(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    await bot.says("/subscribe vla")
    await bot.says("/subscribe traffic prediction")
    await bot.morning()
    for verb in VERBS:
        for example in verb.examples:
            said = await bot.says(example)
            assert said.strip()
            assert " try " not in said.lower(), example


async def test_hostile_text_is_plain_text(bot: BotUnderTest) -> None:
    said = await bot.says("/subscribe \x1b[31mred\x1b[0m [bold]vla[/bold] \u202eevil")
    assert "\x1b" not in said
    assert "\u202e" not in said


async def test_4000_characters_are_refused_in_one_sentence(bot: BotUnderTest) -> None:
    said = await bot.says("/subscribe " + "word " * 800)
    assert len(said) < 600


async def test_a_question_is_answered_from_the_paper_at_hand(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    assert "Ask what, of which paper?" in await bot.says("/ask")
    said = await bot.says("/ask 1911.02782 How many papers have full text?")
    assert "8.1M" in said
    assert "p. 1" in said
    assert "81.1M" in await bot.says("How large is the corpus?")
    assert "not a command" in await bot.says("/how large")


async def test_a_newer_version_is_told(bot: BotUnderTest) -> None:
    bot.arxiv.know(new("2606.30001", "Event-VLA").paper)
    bot.arxiv.know(revised("2606.30001", "Event-VLA").paper)
    said = await bot.says("/explain 2606.30001v1")
    assert "A newer version exists: 2606.30001v2." in said.replace("\n", " ")
