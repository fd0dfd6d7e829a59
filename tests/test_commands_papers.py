"""Papers on demand: explained in a thread of their own, asked, saved, judged and exported."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.commands import Audience
from bot.demo.replay import DATA
from tests.bot_under_test import TUESDAY, BotUnderTest, buttons, shown
from tests.peers.arxiv import new

JULY = date(2026, 7, 1)
S2ORC = "S2ORC: The Semantic Scholar Open Research Corpus"


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce(
            "cs.CV", new("2606.30001", "Event-VLA: events for robots"), new("2606.30002", "Another VLA")
        )
        bot.arxiv.announce("cs.RO")
        yield bot


@pytest.fixture
def library(bot: BotUnderTest) -> BotUnderTest:
    """The same with two papers whose PDFs can be read."""
    bot.arxiv.replay(DATA)
    return bot


@pytest.fixture
async def told(bot: BotUnderTest) -> BotUnderTest:
    """The same after a digest in its room, and with those papers."""
    room = await bot.room()
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    await bot.parts.daily.deliver(room, TUESDAY)
    bot.arxiv.replay(DATA)
    return bot


async def test_explain_tells_whoever_asks_that_it_reads_and_the_channel_what_it_read(
    library: BotUnderTest,
) -> None:
    reading, opening, whole = await library.hears("/explain https://arxiv.org/abs/1911.02782")
    assert reading.to is Audience.CALLER
    assert shown([reading]).startswith("Reading 1911.02782")
    assert (opening.to, opening.under) == (Audience.CHANNEL, False)
    assert (whole.to, whole.under) == (Audience.CHANNEL, True)
    assert {str(opening.paper), str(whole.paper)} == {"1911.02782v3"}
    assert "81.1M" in shown([opening])
    assert len(shown([opening]).splitlines()) < 12
    assert "1. Overview" in shown([whole])
    assert list(buttons([opening])) == ["Ask", "Save", "Not relevant", "PDF"]


async def test_explain_asked_again_answers_at_once(library: BotUnderTest) -> None:
    first = await library.hears("/explain 1911.02782")
    again = await library.hears("/explain 10.48550/arXiv.1911.02782")
    assert again == first[1:]
    assert len(await library.hears("/explain 1911.02782 again")) == 3


async def test_in_a_thread_the_analysis_comes_whole(library: BotUnderTest) -> None:
    await library.hears("/explain 1911.02782")
    [whole] = await library.hears("/explain 1911.02782", paper="1911.02782", pressed=True)
    assert "1. Overview" in shown([whole])
    assert S2ORC in shown([whole])
    [same] = await library.hears("/explain", paper="1911.02782")
    assert same == whole


async def test_a_short_explanation_is_the_digests_own(library: BotUnderTest) -> None:
    deep = await library.hears("/explain 1911.02782")
    short = await library.hears("/explain short 1911.02782")
    assert len(shown(short[-1:])) < len(shown(deep[-1:]))
    assert await library.hears("/explain 1911.02782 full") == deep[1:]


async def test_a_paper_is_named_by_its_place_in_the_last_digest(told: BotUnderTest) -> None:
    for number, title in (("#1", "Event-VLA"), ("# 2", "Another VLA"), ("＃2", "Another VLA")):
        assert title in shown(await told.hears(f"/explain {number}"))
    for number in ("#0", "#3", "#99999999999999999999"):
        assert "The last digest has 2 papers, no #" in shown(await told.hears(f"/explain {number}"))


async def test_a_number_after_a_digest_without_papers_is_told_so(bot: BotUnderTest) -> None:
    await bot.says("/subscribe nothing of the kind")
    await bot.morning()
    assert "The last digest had no papers" in await bot.says("/explain #1")


async def test_an_unknown_paper_is_said_to_be_unknown(library: BotUnderTest) -> None:
    for command in ("/explain", "/ask", "/save", "/like", "/export"):
        assert "arXiv has no paper 2606.99999" in await library.says(f"{command} 2606.99999")


async def test_an_answer_goes_to_the_channel_and_carries_its_paper(library: BotUnderTest) -> None:
    [answer] = await library.hears("/ask 1911.02782 How many papers have full text?")
    assert (answer.to, str(answer.paper)) == (Audience.CHANNEL, "1911.02782v3")
    assert "8.1M" in shown([answer])


async def test_a_paper_without_a_question_is_asked_about(library: BotUnderTest) -> None:
    [asked] = await library.hears("/ask 1911.02782", pressed=True)
    assert asked.asks
    assert str(asked.paper) == "1911.02782v3"
    assert shown([asked]) == f"What do you want to know about {S2ORC}?"
    [from_thread] = await library.hears("/ask", paper="1911.02782")
    assert from_thread == asked


async def test_saved_papers_are_their_savers_alone(library: BotUnderTest) -> None:
    ada, ben = "slack:T1/U1", "slack:T1/U2"
    [saved] = await library.hears("/save 1911.02782v3", user=ada, paper="1911.02782v3", pressed=True)
    assert saved.to is Audience.CALLER
    assert not saved.replaces
    assert "is saved already" in shown(await library.hears("/save 1911.02782", user=ada))
    assert S2ORC in shown(await library.hears("/saved", user=ada))
    assert "You have saved no papers" in shown(await library.hears("/saved", user=ben))
    [undone] = await library.hears(f"/{buttons([saved])['Undo'].command}", user=ada, pressed=True)
    assert undone.replaces
    assert "You have saved no papers" in shown(await library.hears("/saved", user=ada))
    assert "was not saved" in shown(await library.hears("/unsave 1911.02782", user=ada))


async def test_saved_papers_of_elsewhere_are_not_read_out_in_a_telegram_group(library: BotUnderTest) -> None:
    person = "telegram:7"
    private, group = await library.room("telegram:7", private=True), await library.room("telegram:-100")
    await library.hears("/save 1911.02782", in_=private, user=person)
    await library.hears("/save 2301.13298", in_=group, user=person)
    assert S2ORC not in shown(await library.hears("/saved", in_=group, user=person))
    both = shown(await library.hears("/saved", in_=private, user=person))
    assert "2 saved papers" in both
    await library.hears("/unsave 2301.13298", in_=private, user=person)
    assert "You have saved no papers" in shown(await library.hears("/saved", in_=group, user=person))


async def test_the_list_of_saved_papers_is_paged_newest_first_and_stays_when_one_goes(
    library: BotUnderTest,
) -> None:
    for n in range(10):
        library.arxiv.know(new(f"2606.0000{n}", f"Paper number {n}").paper)
        library.time.now += timedelta(minutes=1)
        await library.hears(f"/save 2606.0000{n}")
    first = await library.hears("/saved")
    assert "10 saved papers\n 1. Paper number 9" in shown(first)
    assert list(buttons(first)) == [*(f"Remove {n}" for n in range(1, 9)), "More ›", "Export"]
    [after] = await library.hears(f"/{buttons(first)['Remove 1'].command}", pressed=True)
    assert after.replaces
    assert "9 saved papers\n 1. Paper number 8" in shown([after])
    second = await library.hears(f"/{buttons(first)['More ›'].command}", pressed=True)
    assert " 9. Paper number 0" in shown(second)


async def test_opinions_are_kept_the_latest_only_and_can_be_taken_back(library: BotUnderTest) -> None:
    await library.hears("/like 1911.02782")
    [dismissed] = await library.hears("/dismiss 1911.02782v3", pressed=True)
    opinions = await library.parts.store.opinions("slack:T1/C1")
    assert [(each.paper, each.liked) for each in opinions] == [("1911.02782", False)]
    [undone] = await library.hears(f"/{buttons([dismissed])['Undo'].command}", pressed=True)
    assert undone.replaces
    assert await library.parts.store.opinions("slack:T1/C1") == ()
    assert "no opinion" in shown(await library.hears("/undismiss 1911.02782"))


@pytest.mark.parametrize(
    ("words", "name", "papers"),
    [
        ("", "papers-saved.bib", ["1911.02782"]),
        ("csv", "papers-saved.csv", ["1911.02782"]),
        ("saved MD", "papers-saved.md", ["1911.02782"]),
        ("last", "papers-last.bib", ["2606.30001", "2606.30002"]),
        ("last, csv", "papers-last.csv", ["2606.30001", "2606.30002"]),
        ("#2 1911.02782 bibtex", "papers-named.bib", ["2606.30002", "1911.02782"]),
        ("https://arxiv.org/abs/1911.02782v3", "papers-named.bib", ["1911.02782"]),
    ],
)
async def test_papers_are_exported_as_a_file(
    told: BotUnderTest, words: str, name: str, papers: list[str]
) -> None:
    await told.hears("/save 1911.02782")
    [reply] = await told.hears(f"/export {words}")
    assert reply.file is not None
    assert reply.file.name == name
    if name.endswith("csv"):
        assert reply.file.content.startswith("\ufeff")  # by which Excel knows that it is UTF-8
        rows = csv.DictReader(io.StringIO(reply.file.content[1:], newline=""))
        assert [row["id"] for row in rows] == papers
    else:
        places = [reply.file.content.index(each) for each in papers]
        assert places == sorted(places)


async def test_too_many_papers_named_at_once_are_refused(library: BotUnderTest) -> None:
    many = " ".join(f"2606.{n:05}" for n in range(51))
    assert "50 papers are as many" in shown(await library.hears(f"/export {many}"))


@pytest.mark.parametrize(
    "words",
    [
        *("#2 which data?", "# 2 which data?", "#2: which data?", "＃2\nwhich data?", "#2：which data?"),
        *("＃2：which data?", "#2:which data?", "#2，which data?", "#2 ：which data?", "#2)which data?"),
        *("#2、which data?", "#2.which data?", "#2。which data?"),
    ],
)
async def test_a_question_names_its_paper_in_any_spelling(told: BotUnderTest, words: str) -> None:
    await told.hears("/explain #1")
    for said in (f"/ask {words}", words):
        [answer] = await told.hears(said)
        assert str(answer.paper) == "2606.30002v1"
        assert "▏ which data?" in shown([answer])


async def test_a_question_names_its_paper_by_its_identifier(told: BotUnderTest) -> None:
    for words in ("/ask 2606.30002: which data?", "2606.30002: which data?"):
        for day in (None, TUESDAY):
            [answer] = await told.hears(words, digest=day, mentioned=True)
            assert str(answer.paper) == "2606.30002v1"
            assert "▏ which data?" in shown([answer])


async def test_a_number_with_a_fraction_names_no_paper(told: BotUnderTest) -> None:
    await told.hears("/explain #1")
    [answer] = await told.hears("/ask #2.5 which data?")
    assert str(answer.paper) == "2606.30001v1"


async def test_a_number_and_a_stop_alone_have_that_paper_explained(told: BotUnderTest) -> None:
    for said in ("#2", "＃2：", "#2:"):
        assert "Another VLA" in shown(await told.hears(said))


async def test_under_a_digest_the_paper_last_talked_about_is_not_at_hand(told: BotUnderTest) -> None:
    await told.hears("/explain 1911.02782")
    asked = shown(await told.hears("which of these use robots?", digest=TUESDAY))
    assert asked == "Which paper of this digest? Name one by its number: `#1 Which data do they use?`"
    for command in ("/ask", "/ask how large is it?"):
        assert "Name one of this digest: /ask #1" in shown(await told.hears(command, digest=TUESDAY))
    for verb in ("save", "like", "dismiss"):
        said = shown(await told.hears(f"/{verb}", digest=TUESDAY))
        assert said == f"Which paper? For example: /{verb} #1"
    assert "You have saved no papers" in shown(await told.hears("/saved"))
    for chatter in ("the robots are great", "I like Table 2", "Good question!"):
        assert await told.hears(chatter, digest=TUESDAY) == []


async def test_on_a_terminal_a_file_is_printed(library: BotUnderTest) -> None:
    printed = await library.says("/export 1911.02782 bib")
    assert "1 paper, as papers-named.bib." in printed
    assert "@misc{lo2020s2orc," in printed or "@misc{lo2019s2orc," in printed


async def test_only_the_first_of_two_papers_is_explained_and_the_rest_is_named(library: BotUnderTest) -> None:
    said = shown(await library.hears("/explain 1911.02782, 2303.03840 please short"))
    assert "I explain one paper at a time, and left out: 2303.03840 please" in said
    assert S2ORC in said
    assert "left out: " not in shown(await library.hears("/explain 1911.02782 short"))


async def test_a_bare_small_number_is_answered_with_how_a_place_is_written(library: BotUnderTest) -> None:
    assert "paper 2 of the last digest is #2" in shown(await library.hears("/explain 2"))


async def test_an_answer_from_the_abstract_alone_says_that_no_more_was_read(library: BotUnderTest) -> None:
    library.arxiv.know(new("2606.30009", "Unread", abstract="The dataset has nine tasks.").paper)
    alone = shown(await library.hears("/ask 2606.30009 How many tasks has the dataset?"))
    assert "nine tasks" in alone
    assert "Only the abstract was read." in alone
    whole = shown(await library.hears("/ask 1911.02782 How many papers have full text?"))
    assert "Only the abstract" not in whole


async def next_digest(bot: BotUnderTest) -> None:
    """The next day's digest in its room."""
    bot.time.now += timedelta(days=1)
    await bot.hears("/digest now")
    await bot.parts.daily.deliver(await bot.room(), JULY)


@pytest.fixture
async def twice(told: BotUnderTest) -> BotUnderTest:
    """The same after the next day's digest too, which has one paper."""
    told.arxiv.announce("cs.CV", new("2607.00001", "VLA of July", day=JULY), day=JULY)
    told.arxiv.announce("cs.RO", day=JULY)
    await next_digest(told)
    return told


async def test_a_number_under_an_older_digest_is_that_digests(twice: BotUnderTest) -> None:
    assert "VLA of July" in shown(await twice.hears("/explain #1"))
    for command in (
        "/explain #1 short",
        "explain #1",
        "/ask #1 what is it?",
        "#1 what is it about?",
        "/save #1",
    ):
        said = shown(await twice.hears(command, digest=TUESDAY))
        assert "Event-VLA" in said, command
        assert "VLA of July" not in said, command
    assert "The digest of 30 June has 2 papers, no #3" in shown(await twice.hears("/save #3", digest=TUESDAY))
    none = shown(await twice.hears("/save #1", digest=TUESDAY - timedelta(days=1)))
    assert "The digest of 29 June had no papers" in none


@pytest.mark.parametrize("command", ["/digest report", "/report", "/report 2026-06-30"])
async def test_the_report_under_an_older_digest_is_that_digests(twice: BotUnderTest, command: str) -> None:
    [reply] = await twice.hears(command, digest=TUESDAY, pressed=True)
    assert reply.file is not None
    assert reply.file.name == "digest-2026-06-30.md"


async def test_the_rest_of_an_older_digest_is_that_digests(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV", *(new(f"2606.3{n:04}", f"VLA number {n}") for n in range(60, 80)))
    room = await bot.room(cap=1)
    await bot.hears("/subscribe vla")
    await bot.hears("/digest now")
    await bot.parts.daily.deliver(room, TUESDAY)
    bot.arxiv.announce("cs.CV", new("2607.00001", "VLA of July", day=JULY), day=JULY)
    bot.arxiv.announce("cs.RO", day=JULY)
    await next_digest(bot)
    assert "named all its papers" in shown(await bot.hears("/more"))
    assert "VLA number 79" in shown(await bot.hears("/more", digest=TUESDAY, pressed=True))


@pytest.mark.parametrize("named", ["19110.2782", "9999.99999", "“191.02782”:", "arXiv:1911.027822"])
async def test_a_slip_in_a_number_is_not_answered_from_another_paper(
    library: BotUnderTest, named: str
) -> None:
    await library.hears("/explain 1911.02782")
    said = shown(await library.hears(f"/ask {named} How many papers have full text?"))
    assert "is not an arXiv identifier. Try 1911.02782" in said
    assert "8.1M" not in said


@pytest.mark.parametrize("stop", [".", "。", ";", "；", ":"])
async def test_a_stop_after_the_paper_that_is_asked_is_no_part_of_its_number(
    library: BotUnderTest, stop: str
) -> None:
    assert "8.1M" in shown(await library.hears(f"/ask 1911.02782{stop} How many papers have full text?"))


@pytest.mark.parametrize(
    "written",
    ["1911.02782 2301.13298", "1911.02782,2301.13298", "1911.02782、 arXiv: 2301.13298 1911.02782v3"],
)
async def test_several_papers_are_saved_at_once(library: BotUnderTest, written: str) -> None:
    [reply] = await library.hears(f"/save {written}")
    assert "Saved 2 papers." in shown([reply])
    listed = shown(await library.hears("/saved"))
    assert "1911.02782" in listed
    assert "2301.13298" in listed


async def test_of_several_papers_one_that_is_not_there_is_named_and_none_is_saved(
    library: BotUnderTest,
) -> None:
    assert "no paper 2606.99999" in shown(await library.hears("/save 1911.02782 2606.99999"))
    assert "You have saved no papers" in shown(await library.hears("/saved"))


async def test_what_is_not_saved_is_said(library: BotUnderTest) -> None:
    saved, rest = await library.hears("/save 1911.02782 and the others")
    assert S2ORC in shown([saved])
    assert shown([rest]) == "I left out what names no paper: and the others"


async def test_a_paper_in_quotation_marks_is_found_and_a_mistake_is_quoted_once(
    library: BotUnderTest,
) -> None:
    assert S2ORC in shown(await library.hears("/explain “1911.02782”"))
    assert shown(await library.hears("/explain “1911”")).startswith("“1911” is not an arXiv identifier.")
