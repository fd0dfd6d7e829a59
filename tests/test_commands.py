"""What people say and what they hear back: every command, every way of writing it, every mistake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.commands import VERBS, is_slow, split
from bot.demo.replay import DATA
from digest.channel import Who
from tests.bot_under_test import BotUnderTest, buttons, shown
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
        ("／ｓｕｂｓｃｒｉｂｅ　world model", "subscribe", "world model"),
        ("\u200b/subscribe vla", "subscribe", "vla"),
        ("/subscribe R&amp;D &lt;3 &quot;x&quot;", "subscribe", 'R&D <3 "x"'),
        ("/settings\ntime 08:30\ncap 5", "settings", "time 08:30\ncap 5"),
        ("/arxiv settings\ntime 08:30", "settings", "time 08:30"),
    ],
)
def test_a_message_is_a_verb_and_the_rest(text: str, verb: str, rest: str) -> None:
    assert split(text) == (verb, rest)


MISTAKES = (
    ("/subscribe", "Subscribe to what? For example: /subscribe vla"),
    ('/subscribe "open', "quot"),
    ("/subscribe NOT", "NOT"),
    ("/subscribe cat:nonsense!!", "cs.RO"),
    ("/subscribe like:abc", "2503.09527"),
    ("/subscribe vla in:nonsense", "try in:cs.RO"),
    ("/subscribe vla in:", "/subscribe vla in:cs.RO,cs.CV"),
    ("/subscribe vla where:moon", "try /subscribe vla where:title"),
    ("/subscribe vla lang:zh", "/settings language zh-CN"),
    ("/subscribe vla max:8", "/settings cap 8"),
    ('/subscribe vla as:"My VLA"', "leave out “as:”"),
    ("/unsubscribe 3", "nothing to unsubscribe"),
    ("/subscriptions yours", "/subscriptions mine"),
    ("/explain", "Explain which paper? For example: /explain 1911.02782"),
    ("/explain the best paper", "is not an arXiv identifier. Try 1911.02782"),
    ("/explain https://doi.org/10.1109/5.771073", "such as 10.48550/arXiv.1911.02782"),
    ("/explain #1", "no digest yet"),
    ("/explain #99999999999999999999", "no digest yet"),
    ("/explain 2606.30001 lang:klingon", "try en, zh-CN"),
    ("/ask", "For example: /ask 1911.02782"),
    ("/save", "For example: /save 1911.02782"),
    ("/saved please", "/save 1911.02782"),
    ("/export", "nothing to export"),
    ("/export my papers", "try /export saved bib"),
    ("/export saved 1911.02782", "Either a set or papers"),
    ("/export last pdf", "“pdf” is no paper and no format; try /export saved bib"),
    ("/report some day", "try /report 2026-06-30"),
    ("/report", "There was no digest yet."),
    ("/report 2020-01-01", "no digest on 2020-01-01"),
    ("/digest tomorrow", "try /digest now"),
    ("/digest last week", "“week” is not a date; try /digest last 2026-06-30"),
    ("/digest last 2020-01-01", "no digest on 2020-01-01"),
    ("/digest preview tomorrow", "“tomorrow” is too much: /digest preview takes nothing after it"),
    ("/digest now now", "try /digest now"),
    ("/digest RESUME now", "try /digest resume"),
    ("/digest status please", "try /digest status"),
    ("/digest pause for ever", "try 7d, 2 weeks or until 2026-07-14"),
    ("/digest pause 99999999999d", "is no time to pause"),
    ("/digest pause 99999999d", "more than a year"),
    ("/digest pause until 9999-12-31", "more than a year"),
    ("/digest pause until 0001-01-01", "over already"),
    ("/settings colour blue", "is not a setting; there are time, days"),
    ("/settings time noon", "try 09:00"),
    ("/settings cap", "To change it: /settings cap 8"),
    ("/settings cap 99999999999999999999", "try 8 (1 to 100)"),
    ("/settings timezone Mars", "try Europe/Paris"),
    ("/settings categories robots!", "try cs.RO"),
    ("/settings mode monthly", "try thread, compact or weekly"),
    ("/settings empty perhaps", "try on or off"),
    ("/settings rich on", "is not a setting"),
    ("/subscrib vla", "Did you mean `/subscribe`?"),
    ("/xyzzy", "Try `/help`"),
    ("/bogus", "Try `/help`"),
    ("/staus", "Did you mean"),
    ("/explian 1911.02782", "Did you mean"),
    ("/", "`/help` tells what there is"),
    ("", "`/help` tells what there is"),
    ("subscrib vla", "Did you mean `/subscribe`?"),
    ("frogs and toads", "there is no paper at hand to ask"),
    ("explain the best paper", "For example: `/explain 1911.02782`"),
    ("/help frobnicate", "Try `/help`"),
    ("/more", "There was no digest yet."),
)


async def test_every_mistake_gets_one_answer_with_an_example(bot: BotUnderTest) -> None:
    answers = {said: " ".join((await bot.says(said)).split()) for said, _ in MISTAKES}
    assert {said: answers[said] for said, heard in MISTAKES if heard not in answers[said]} == {}
    assert {said: answer for said, answer in answers.items() if len(answer) > 600} == {}
    assert await bot.parts.store.subscriptions((await bot.channel()).key) == ()


@pytest.mark.parametrize(("said", "heard"), [("你好", "Hello, I am Paperboy."), ("帮助", "You can say:")])
async def test_a_greeting_and_a_call_for_help_are_understood_in_chinese(
    bot: BotUnderTest, said: str, heard: str
) -> None:
    assert heard in await bot.says(said)
    assert heard in await bot.says(f"/{said}")


async def test_help_lists_every_command_with_examples_that_are_commands(bot: BotUnderTest) -> None:
    listed = await bot.says("/help")
    names = {verb.name for verb in VERBS}
    for verb in VERBS:
        assert (f"/{verb.name}" in listed) is not verb.hidden
        assert verb.examples[0] in await bot.says(f"/help {verb.name}")
        assert all(split(example)[0] in names for example in verb.examples)


async def test_every_example_in_the_help_works(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    await bot.says("/subscribe vla")
    await bot.says("/subscribe traffic prediction")
    await bot.morning()
    await bot.says("/save #1")
    for verb in VERBS:
        for example in verb.examples:
            said = await bot.says(example)
            assert said.strip()
            assert " try " not in said.lower(), example


async def test_no_two_verbs_have_a_name_in_common() -> None:
    names = [name for verb in VERBS for name in (verb.name, *verb.aliases)]
    assert len(names) == len(set(names))


async def test_hostile_text_is_plain_text(bot: BotUnderTest) -> None:
    said = await bot.says("/subscribe \x1b[31mred\x1b[0m [bold]vla[/bold] \u202eevil")
    assert "\x1b" not in said
    assert "\u202e" not in said


@pytest.mark.parametrize("text", ["/subscribe " + "word " * 800, "/ask " + "why " * 3000, "why " * 3000])
async def test_too_much_text_is_refused_in_one_sentence(bot: BotUnderTest, text: str) -> None:
    assert len(await bot.says(text)) < 600


SENTENCES = (
    ("more details about the dataset?", True, True),
    ("explain the loss", True, True),
    ("status of the code?", True, True),
    ("about the data: who made it?", True, True),
    ("save the weights where?", True, True),
    ("settings of the experiments?", True, True),
    ("report the ablations", True, True),
    ("help me understand table 2", True, True),
    ("how large is the corpus?", True, True),
    ("explain 1911.02782", True, False),
    ("explain", True, False),
    ("more", True, False),
    ("status", True, False),
    ("help subscribe", True, False),
    ("digest preview", True, False),
    ("settings cap 5", True, False),
    ("/explain the loss", True, False),
    ("thanks!", True, False),
    ("谢谢", True, False),
    ("how large is the corpus?", False, False),
)


async def test_a_plain_sentence_is_a_question_when_a_paper_is_at_hand(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    for number, (text, at_hand, is_question) in enumerate(SENTENCES):
        room = await bot.room(f"slack:T1/C{number}")  # each with nothing talked about before
        paper = "1911.02782" if at_hand else None
        replies = await bot.hears(text, in_=room, paper=paper, mentioned=True)
        assert (f"▏ {text}" in shown(replies)) is is_question, text


async def test_a_number_in_a_digests_thread_says_which_paper_a_question_is_about(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    await bot.morning()
    [reply] = await bot.hears("#1 which events?")
    assert str(reply.paper) == "2606.30001v1"
    assert "▏ which events?" in shown([reply])


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        ("/explain 1911.02782", True),
        ("explain the loss", True),
        ("what is new here?", True),
        ("#2 which data?", True),
        ("/ask why?", True),
        ("/subscribe vla", False),
        ("status", False),
        ("/here unsubscribe #1", False),
        ("/xyzzy", False),
    ],
)
def test_what_reads_papers_holds_up_no_quick_command(text: str, slow: bool) -> None:
    assert is_slow(text) is slow


CHANGES = (
    ("/subscribe vla", True),
    ("/sub vla", True),
    ("/unsubscribe #1", True),
    ("/here unsubscribe #1 page 1", True),
    ("/unsubscribe", False),
    ("/unsubscribe page 2", False),
    ("/digest", True),
    ("/digest now", True),
    ("/digest pause 7d", True),
    ("/digest RESUME", True),
    ("/digest time 08:30", True),
    ("/digest cap 3", True),
    ("/digest cap", False),
    ("/digest preview", False),
    ("/digest last", False),
    ("/digest status", False),
    ("/settings", False),
    ("/settings cap 3", True),
    ("/settings\ncap 3", True),
    ("/settings cap", False),
    ("/settings\ncap\ntime", False),
    ("/settings\ncap\ntime 08:30", True),
    ("/status", False),
    ("/saved", False),
    ("/save 2606.30001", False),
    ("/dismiss 2606.30001", False),
    ("/export 2606.30001", False),
    ("/subscriptions", False),
    ("/help", False),
    ("/explain 2606.30001", False),
    ("/hello", False),
)


async def test_only_changes_need_a_standing(bot: BotUnderTest) -> None:
    room = await bot.room("telegram:-100/7")
    refused = "Only its administrators can change what this channel gets."
    for text, is_change in CHANGES:
        bystander = await bot.hears(text, in_=room, user="telegram:1")
        assert (refused in " ".join(shown(bystander).split())) is is_change, text
    for text, _ in CHANGES:
        admin = await bot.hears(text, in_=room, user="telegram:2", standing=Who.ADMINS)
        assert refused not in " ".join(shown(admin).split()), text


async def test_a_question_is_answered_from_the_paper_at_hand(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    assert "Ask what, of which paper?" in await bot.says("/ask")
    said = await bot.says("/ask 1911.02782 How many papers have full text?")
    assert "8.1M" in said
    assert "p. 1" in said
    assert "81.1M" in await bot.says("How large is the corpus?")
    assert "not a command" in await bot.says("/how large")


async def test_a_button_can_have_its_message_replaced_by_the_answer(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    pressed = await bot.hears("/here unsubscribe #1", pressed=True)
    assert [each.replaces for each in pressed] == [True]
    typed = await bot.hears("/here subscribe vla")
    assert [each.replaces for each in typed] == [False]


async def test_a_newer_version_is_told(bot: BotUnderTest) -> None:
    bot.arxiv.know(new("2606.30001", "Event-VLA").paper)
    bot.arxiv.know(revised("2606.30001", "Event-VLA").paper)
    said = await bot.says("/explain 2606.30001v1")
    assert "A newer version exists: 2606.30001v2." in said.replace("\n", " ")


async def test_hello_is_short_and_its_buttons_work(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    hello = await bot.hears("/start")
    assert len(shown(hello).splitlines()) <= 12
    assert len(buttons(hello)) == 3
    for button in buttons(hello).values():
        assert "not a command" not in shown(await bot.hears(f"/{button.command}", pressed=True))


async def test_the_menu_offers_what_can_be_done_with_the_message_at_hand(bot: BotUnderTest) -> None:
    here = buttons(await bot.hears("/menu", pressed=True))
    assert {each.command for each in here.values()} >= {"settings", "help", "digest preview"}
    on_paper = buttons(await bot.hears("/menu", pressed=True, paper="2606.30001v1"))
    assert {each.command for each in on_paper.values()} >= {"explain 2606.30001v1", "save 2606.30001v1"}
    for name in [each.command.split()[0] for each in (*here.values(), *on_paper.values()) if each.command]:
        assert name in {verb.name for verb in VERBS}


async def test_health_is_for_administrators(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    assert "is for administrators" in shown(await bot.hears("/health"))
    assert "All is well" in shown(await bot.hears("/health", standing=Who.ADMINS))


async def test_status_tells_each_category_and_day(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vla")
    await bot.morning()
    said = await bot.says("/status")
    assert "1 subscription in cs.CV, cs.RO." in said
    assert "Next digest: Wednesday 1 July, 12:00 UTC." in said
    assert "Last digest: Tuesday 30 June, 1 paper." in said
    assert "Every message is delivered." in said
    assert "complete, 3 announcements" in said
    assert "2026-" not in said


async def test_without_a_model_an_answer_says_what_its_sentences_are(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    said = " ".join((await bot.says("/ask 1911.02782 How many papers have full text?")).split())
    assert "No model is configured: these are the paper's own sentences" in said
    weak = await bot.says("/ask 1911.02782 Which licence has the corpus?")
    assert "No passage of the paper matches the question." in weak
    assert "•" not in weak


async def test_a_greeting_says_when_the_first_digest_comes(bot: BotUnderTest) -> None:
    said = " ".join(shown(await bot.hears("/hello")).split())
    assert "Once you subscribe, the first digest comes Wednesday 1 July, 09:00 UTC." in said


async def test_only_arxivs_dois_name_papers(bot: BotUnderTest) -> None:
    bot.arxiv.replay(DATA)
    assert "S2ORC" in await bot.says("/explain 10.48550/arXiv.1911.02782")
    assert "Of DOIs I know arXiv's own alone" in await bot.says("/explain doi:10.1109/5.771073")
