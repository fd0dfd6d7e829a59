"""Subscribing with a preview, and taking it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.commands import Reply
from digest.channel import Who
from tests.bot_under_test import TUESDAY, BotUnderTest, buttons, shown
from tests.peers.arxiv import cross, new, revised, status


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


async def queries(bot: BotUnderTest, channel: str = "slack:T1/C1") -> list[str]:
    return [each.query for each in await bot.parts.store.subscriptions(channel)]


async def press(bot: BotUnderTest, label: str, of: list[object]) -> list[object]:
    command = buttons(of)[label].command  # type: ignore[arg-type]
    return list(await bot.hears(f"/{command}", pressed=True))


async def test_subscribing_shows_what_it_would_have_found(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.says("/subscribe vla")
    assert "Subscribed, #1" in said
    assert "The last announcement day had one such paper:" in said
    assert "Event-VLA" in said
    assert "NetVLAD" not in said
    assert "/unsubscribe #1" in said


async def test_the_preview_spans_the_last_five_announcement_days(bot: BotUnderTest) -> None:
    for back in range(8):
        day = TUESDAY - timedelta(days=back)
        bot.arxiv.announce("cs.CV", new(f"2606.2900{back}", f"VLA of {day:%d %B}", day=day), day=day)
    bot.time.now -= timedelta(days=7)
    for _ in range(8):
        await bot.parts.daily.fetch(["cs.CV"])
        bot.time.now += timedelta(days=1)
    bot.time.now -= timedelta(days=1)
    said = " ".join((await bot.says("/subscribe vla")).split())
    assert "The last 5 announcement days had 6 such papers (1.2 a day), the best:" in said


async def test_without_stored_announcements_there_is_no_preview(bot: BotUnderTest) -> None:
    assert "No announcements are stored yet" in await bot.says("/subscribe vla")


async def test_the_first_subscription_of_a_room_tells_when_its_first_digest_comes(bot: BotUnderTest) -> None:
    first = " ".join(shown(await bot.hears("/subscribe vla")).split())
    assert "That is the first subscription here. Next digest: Wednesday 1 July, 09:00 UTC." in first
    assert "first subscription" not in shown(await bot.hears("/subscribe world model"))


async def test_undo_takes_a_subscription_back_in_the_place_of_its_message(bot: BotUnderTest) -> None:
    said = await bot.hears("/subscribe vla")
    assert list(buttons(said)) == ["Undo", "Digest now"]
    gone = await press(bot, "Undo", said)
    assert gone[0].replaces  # type: ignore[attr-defined]
    assert await queries(bot) == []
    await press(bot, "Undo", gone)
    assert await queries(bot) == ["vla"]


async def test_a_phrase_that_finds_nothing_is_offered_as_words(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.hears("/subscribe survey policies")
    assert "no such paper" in shown(said)
    assert "survey AND policies" in shown(said).replace("\n", " ")
    better = await press(bot, "All words anywhere", said)
    assert "A survey of diffusion policies" in shown(better)  # type: ignore[arg-type]
    assert await queries(bot) == ["survey AND policies"]


async def test_undo_of_a_better_query_brings_back_what_it_replaced(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    better = await press(bot, "All words anywhere", list(await bot.hears("/subscribe survey policies")))
    back = await press(bot, "Undo", better)
    assert await queries(bot) == ["survey policies"]
    await press(bot, "Undo", back)
    assert await queries(bot) == ["survey AND policies"]
    await bot.hears("/unsubscribe all yes")
    await bot.hears("/subscribe robots and events")
    await press(bot, "Undo", list(await bot.hears("/subscribe robots AND events")))
    assert await queries(bot) == ["robots and events"]


async def test_an_operator_in_small_letters_is_asked_about_when_nothing_is_found(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.hears("/subscribe robots and events")
    assert "Did you mean AND in capitals? `robots AND events`" in shown(said)
    await press(bot, "robots AND events", said)
    assert await queries(bot) == ["robots AND events"]


async def test_a_broad_subscription_is_warned_of_and_offered_in_titles_alone(bot: BotUnderTest) -> None:
    papers = [new(f"2606.31{n:03}", f"Paper {n}", abstract="We train a model.") for n in range(45)]
    bot.arxiv.announce("cs.CV", *papers, *(new(f"2606.32{n:03}", f"A model, number {n}") for n in range(5)))
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.hears("/subscribe model")
    assert "That is 50 papers a day: broad. In titles alone it would be 5 a day." in " ".join(
        shown(said).split()
    )
    await press(bot, "Titles only", said)
    assert await queries(bot) == ["title:model"]


async def test_a_category_that_the_channel_does_not_get_is_offered_to_be_watched(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.hears("/subscribe agents in:cs.MA")
    assert "This channel does not watch cs.MA" in shown(said)
    await press(bot, "Watch cs.MA", said)
    assert (await bot.room()).categories == ("cs.CV", "cs.RO", "cs.MA")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("vla in:cs.RO,cs.CV", "vla AND cat:cs.RO, vla AND cat:cs.CV"),
        ("vla in:cs.ro, cs.cv", "vla AND cat:cs.RO, vla AND cat:cs.CV"),
        ("vla, world model IN:cs.RO", "vla AND cat:cs.RO, world model AND cat:cs.RO"),
        ("in:cs.RO,cs.CV", "cat:cs.RO, cat:cs.CV"),
        ("vla NOT survey where:title", "title:vla NOT survey"),
        ("diffus* where：abstract in：cs.RO", "abs:diffus* AND cat:cs.RO"),
        ("author:Li where:title", "author:Li"),
        ("vla where:all", "vla"),
        ('"built in: robots"', '"built in: robots"'),
        ("“world model”", "“world model”"),
        ("R&amp;D robots", "R&D robots"),
        ("vla，世界模型", "vla，世界模型"),
    ],
)
async def test_options_become_part_of_the_query(bot: BotUnderTest, typed: str, kept: str) -> None:
    await bot.hears(f"/subscribe {typed}")
    assert await queries(bot) == [kept]


async def test_a_fault_in_a_query_is_shown_in_its_place(bot: BotUnderTest) -> None:
    said = await bot.says("/subscribe vla AND AND robot")
    assert "AND needs a term after it (at character 5). Try: vla AND survey" in said
    assert "vla ⟨here⟩AND AND robot" in said
    long = await bot.says(f"/subscribe {'x' * 300} AND NOT")
    assert f"…{'x' * 24}"[:10] in long
    assert "⟨here⟩NOT" in long


async def test_the_same_query_in_another_spelling_is_not_added_again(bot: BotUnderTest) -> None:
    await bot.says("/subscribe vision language action")
    assert "subscribed to that already, as #1" in await bot.says("/subscribe Vision-Language-Action")


async def test_operators_in_capitals_take_the_place_of_the_same_letters(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe robots and events")
    await bot.hears("/subscribe robots AND events")
    assert await queries(bot) == ["robots AND events"]


async def test_a_channel_has_an_end_to_its_subscriptions(bot: BotUnderTest) -> None:
    room = await bot.room()
    for n in range(300):
        await bot.parts.store.add_subscription(room.key, f"word{n}", by="x", at=bot.time.now)
    assert "300 subscriptions are as many" in shown(await bot.hears("/subscribe vla"))


async def test_unsubscribing_by_number_by_query_and_all(bot: BotUnderTest) -> None:
    for query in ("vla", "world model", "diffusion"):
        await bot.says(f"/subscribe {query}")
    assert "Unsubscribed #1: vla" in await bot.says("/unsubscribe #1")
    assert "Unsubscribed #2: world model" in await bot.says("/unsubscribe World-Models")
    assert "#3" in await bot.says("/unsubscribe nothing of the kind")
    asked = await bot.says("/unsubscribe all")
    assert "This removes the only subscription." in asked
    assert "/unsubscribe all yes" in asked
    assert "There are no subscriptions left." in await bot.says("/unsubscribe all yes")
    assert "No subscriptions yet" in await bot.says("/subscriptions")


@pytest.mark.parametrize(
    "words", ["#1, #3", "1 3", "1,3", "#1 #3", "# 1; 3", "1，3", "#1、#3", "＃1，＃3", "＃１；３"]
)
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
    assert "Nothing was removed: no subscription is “#7”. There are #1 vla; #2 2024." in await bot.says(
        "/unsubscribe #1, #7"
    )
    assert "Unsubscribed #2: 2024" in await bot.says("/unsubscribe 2024")


async def test_anothers_number_removes_nothing(bot: BotUnderTest) -> None:
    other = await bot.room("slack:T2/C1")
    await bot.hears("/subscribe vla", in_=other)
    await bot.hears("/subscribe world model")
    await bot.hears("/subscribe diffusion")
    assert "no subscription is “#2”" in shown(await bot.hears("/unsubscribe #2", in_=other))
    assert await queries(bot) == ["world model", "diffusion"]


async def test_numbers_do_not_move_when_others_go(bot: BotUnderTest) -> None:
    for query in ("vla", "world model"):
        await bot.says(f"/subscribe {query}")
    await bot.says("/unsubscribe 1")
    await bot.says("/subscribe diffusion")
    listed = await bot.says("/subscriptions")
    assert "#2 world model" in listed
    assert "#3 diffusion" in listed


async def test_the_list_has_a_button_for_each_and_stays_a_list_when_one_is_pressed(bot: BotUnderTest) -> None:
    for n in range(10):
        await bot.hears(f"/subscribe query{n}")
    first = await bot.hears("/unsubscribe")
    assert list(buttons(first)) == [*(f"Remove #{n}" for n in range(1, 9)), "More ›"]
    second = await press(bot, "More ›", first)
    assert list(buttons(second)) == ["Remove #9", "Remove #10", "‹ Back"]  # type: ignore[arg-type]
    after = await press(bot, "Remove #9", second)
    assert after[0].replaces  # type: ignore[attr-defined]
    assert "Unsubscribed #9: query8" in shown(after)  # type: ignore[arg-type]
    assert list(buttons(after)) == ["Undo", "Remove #10", "‹ Back"]  # type: ignore[arg-type]
    last = await press(bot, "Remove #10", after)
    assert "8 subscriptions" in shown(last)  # type: ignore[arg-type]
    assert "‹ Back" not in buttons(last)  # type: ignore[arg-type]


async def test_removing_all_is_asked_about_with_buttons(bot: BotUnderTest) -> None:
    for n in range(3):
        await bot.hears(f"/subscribe query{n}")
    asked = await bot.hears("/unsubscribe all")
    assert len(await queries(bot)) == 3
    await press(bot, "Keep them", asked)
    assert len(await queries(bot)) == 3
    await press(bot, "Remove all", asked)
    assert await queries(bot) == []


async def test_the_list_tells_hits_by_their_kind(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.RO", cross("2606.31001", "A VLA too"), revised("2606.31002", "An old VLA"))
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    await bot.hears("/subscribe vla")
    await bot.hears("/subscribe quantum")
    listed = shown(await bot.hears("/subscriptions"))
    assert "#1 vla · 2 papers: 1 new, 1 cross-listed" in listed
    assert "#2 quantum · no papers" in listed


async def test_mine_are_those_i_made(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla", user="slack:T1/U1")
    await bot.hears("/subscribe diffusion", user="slack:T1/U2")
    mine = shown(await bot.hears("/subscriptions mine", user="slack:T1/U2"))
    assert "diffusion" in mine
    assert "vla" not in mine
    none = shown(await bot.hears("/subscriptions mine", user="slack:T1/U3"))
    assert none == "None of the 2 here are yours; /subscriptions lists them."
    await bot.hears("/unsubscribe vla")
    assert "somebody else's" in shown(await bot.hears("/subscriptions mine", user="slack:T1/U3"))
    await bot.hears("/unsubscribe diffusion")
    assert "No subscriptions yet" in shown(await bot.hears("/subscriptions mine", user="slack:T1/U3"))


async def test_changes_are_told_to_the_channel_that_wants_it(bot: BotUnderTest) -> None:
    quiet = await bot.hears("/subscribe vla")
    assert len(quiet) == 1
    await bot.hears("/settings announce on")
    told = await bot.hears("/subscribe world model", name="Ada <!channel>")
    assert [each.to for each in told] == ["caller", "channel"]
    assert shown(told[1:]) == "Ada <!channel> subscribed to world model."
    private = await bot.room("slack:T1/D1", announces_changes=True, private=True)
    assert len(await bot.hears("/subscribe vla", in_=private)) == 1


async def test_a_summer_of_days_is_no_error(bot: BotUnderTest) -> None:
    bot.time.go(date(2026, 12, 31))
    assert "Subscribed" in shown(await bot.hears("/subscribe vla"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("#2", "“#2” is a number, not words to look for."),
        ("1911.02782", "To read it: /explain 1911.02782."),
        ("https://arxiv.org/abs/1911.02782v2", "To follow papers like it: /subscribe like:1911.02782"),
        ("like:2606.99999", "arXiv has no paper 2606.99999, so nothing was subscribed"),
        ("vla, like:2606.99999", "arXiv has no paper 2606.99999, so nothing was subscribed"),
        ("word " * 101, "That query has 504 characters, and I take at most 500."),
    ],
)
async def test_what_is_no_query_is_refused_and_not_subscribed(
    bot: BotUnderTest, words: str, told: str
) -> None:
    assert told in " ".join(shown(await bot.hears(f"/subscribe {words}")).split())
    assert await queries(bot) == []


async def test_a_likeness_is_taken_while_arxiv_is_away(bot: BotUnderTest) -> None:
    bot.arxiv.misbehave("/api", status(503))
    bot.arxiv.misbehave("/abs", status(503))
    await bot.hears("/subscribe like:2606.99999")
    assert await queries(bot) == ["like:2606.99999"]


async def test_a_paper_announced_on_several_days_counts_once(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.RO", revised("2606.30001", "Event-VLA: events for robots"))
    bot.time.now -= timedelta(days=1)
    monday = TUESDAY - timedelta(days=1)
    bot.arxiv.announce("cs.RO", new("2606.30001", "Event-VLA: events for robots", day=monday), day=monday)
    await bot.parts.daily.fetch(["cs.RO"])
    bot.time.now += timedelta(days=1)
    await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
    assert "had one such paper" in shown(await bot.hears("/subscribe vla"))
    assert "#1 vla · 1 paper: 1 new" in shown(await bot.hears("/subscriptions"))


async def test_an_unwatched_category_is_told_of_even_where_something_is_found(bot: BotUnderTest) -> None:
    await bot.parts.daily.fetch(["cs.CV"])
    said = await bot.hears("/subscribe vla in:cs.CV,cs.MA")
    assert "one such paper" in shown(said)
    assert "This channel does not watch cs.MA: `/settings categories cs.CV, cs.RO, cs.MA`" in shown(said)
    assert "Watch cs.MA" in buttons(said)


async def test_a_digest_now_is_offered_only_before_todays(bot: BotUnderTest) -> None:
    assert "Digest now" in buttons(await bot.hears("/subscribe vla"))
    await bot.hears("/digest now")
    assert "Digest now" not in buttons(await bot.hears("/subscribe world model"))


async def test_more_hits_than_are_analysed_are_warned_of(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.RO", *(new(f"2606.31{n:03}", f"Grasping, part {n}") for n in range(15)))
    await bot.parts.daily.fetch(["cs.RO"])
    said = " ".join(shown(await bot.hears("/subscribe grasping")).split())
    assert "A digest analyses 10 papers; of the others it gives the titles." in said
    await bot.hears("/settings cap 20")
    assert "A digest analyses" not in shown(await bot.hears("/subscribe grasping, grasps"))


async def test_a_removal_pressed_twice_says_that_it_is_done(bot: BotUnderTest) -> None:
    said = await bot.hears("/subscribe vla")
    await bot.hears("/subscribe world model")
    await press(bot, "Undo", said)
    assert shown(await press(bot, "Undo", said)) == "#1 is removed already."  # type: ignore[arg-type]
    listed = await bot.hears("/unsubscribe")
    await press(bot, "Remove #2", listed)
    again = await press(bot, "Remove #2", listed)
    assert shown(again) == "#2 is removed already."  # type: ignore[arg-type]


async def test_a_number_is_never_taken_for_words(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe 2024")
    refused = shown(await bot.hears("/unsubscribe #2024"))
    assert "Nothing was removed: no subscription is “#2024”. There is #1 2024." in refused
    assert await queries(bot) == ["2024"]


async def test_removing_what_somebody_else_subscribed_to_is_told_to_all(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla", user="slack:T1/U1")
    await bot.hears("/subscribe world model", user="slack:T1/U1")
    assert len(await bot.hears("/unsubscribe #1", user="slack:T1/U1")) == 1
    told = await bot.hears("/unsubscribe #2", user="slack:T1/U2", name="Bo")
    assert shown(told[1:]) == "Bo unsubscribed from world model."


async def test_several_removed_together_are_all_named_and_taken_back_with_one_button(
    bot: BotUnderTest,
) -> None:
    asked = ["vla", "world model", "diffusion AND policy", "robots", "events"]
    for each in asked:
        await bot.hears(f"/subscribe {each}")
    said = await bot.hears("/unsubscribe all yes")
    assert await queries(bot) == []
    assert all(each in shown(said) for each in asked)
    assert list(buttons(said)) == ["Undo all", "Undo #1", "Undo #2", "Undo #3"]
    back = await press(bot, "Undo all", said)
    assert sorted(await queries(bot)) == sorted(asked)
    assert back[0].replaces  # type: ignore[attr-defined]
    assert buttons(back) == {}


async def test_taking_one_back_keeps_the_lines_and_buttons_of_the_others(bot: BotUnderTest) -> None:
    for each in ("vla", "world model", "robots"):
        await bot.hears(f"/subscribe {each}")
    said = await bot.hears("/unsubscribe #1-#3")
    one = await press(bot, "Undo #2", said)
    assert await queries(bot) == ["world model"]
    assert list(buttons(one)) == ["Undo all", "Undo #1", "Undo #3"]
    assert "Unsubscribed #1: vla" in shown(one).replace("**", "")
    await press(bot, "Undo all", one)
    assert sorted(await queries(bot)) == ["robots", "vla", "world model"]


async def test_queries_too_long_for_one_button_are_shared_out_among_several(bot: BotUnderTest) -> None:
    asked = [", ".join(f"{name} {n}" for n in range(50)) for name in ("lidar", "radar", "sonar", "arm")]
    for each in asked:
        await bot.hears(f"/subscribe {each}")
    assert await queries(bot) == asked
    said = await bot.hears("/unsubscribe all yes")
    pressed = buttons(said)
    assert len(pressed) > 1
    assert all(len(each.command) <= 1_500 for each in pressed.values())
    for each in pressed.values():
        await bot.hears(f"/{each.command}", pressed=True)
    assert await queries(bot) == asked


async def test_a_button_to_take_back_that_is_pressed_twice_adds_nothing_twice(bot: BotUnderTest) -> None:
    for each in ("vla", "robots"):
        await bot.hears(f"/subscribe {each}")
    said = await bot.hears("/unsubscribe #1, #2")
    await press(bot, "Undo all", said)
    await press(bot, "Undo all", said)
    assert sorted(await queries(bot)) == ["robots", "vla"]


async def test_a_range_that_is_not_all_there_removes_nothing(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    said = shown(await bot.hears("/unsubscribe #1-#3"))
    assert "Nothing was removed" in said
    assert await queries(bot) == ["vla"]


async def test_a_removal_of_anothers_that_is_undone_is_theirs_again_and_is_told_to_all(
    bot: BotUnderTest,
) -> None:
    await bot.hears("/subscribe vla", user="slack:T1/U1")
    gone = await bot.hears("/unsubscribe vla", user="slack:T1/U2", name="Bo")
    undo = buttons(gone)["Undo"].command
    back = await bot.hears(f"/{undo}", user="slack:T1/U2", name="Bo", pressed=True)
    assert back[0].replaces
    assert [each.to for each in back] == ["caller", "channel"]
    assert shown(back[1:]) == "Bo took back the removal of vla."
    assert "vla" in shown(await bot.hears("/subscriptions mine", user="slack:T1/U1"))
    assert len(await bot.hears("/unsubscribe vla", user="slack:T1/U2", name="Bo")) == 2


async def test_each_of_several_removed_together_goes_back_to_whose_it_was(bot: BotUnderTest) -> None:
    for number, query in enumerate(("vla", "world model", "robots", "events")):
        await bot.hears(f"/subscribe {query}", user=f"slack:T1/U{1 + number // 2}")
    gone = await bot.hears("/unsubscribe all yes", user="slack:T1/U2")
    one = await bot.hears(f"/{buttons(gone)['Undo #3'].command}", user="slack:T1/U2", pressed=True)
    assert len(one) == 2  # all were told of the removal, if of their own among others
    await bot.hears(f"/{buttons(one)['Undo all'].command}", user="slack:T1/U2", pressed=True)
    made = {each.query: each.created_by for each in await bot.parts.store.subscriptions("slack:T1/C1")}
    assert made == {
        "vla": "slack:T1/U1",
        "world model": "slack:T1/U1",
        "robots": "slack:T1/U2",
        "events": "slack:T1/U2",
    }


async def test_ones_own_removal_is_undone_without_a_word_to_the_channel(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    assert len(await press(bot, "Undo", list(await bot.hears("/unsubscribe vla")))) == 1


async def test_nobody_subscribes_in_anothers_name_by_typing_what_a_button_says(bot: BotUnderTest) -> None:
    await bot.hears("/restore all\nof slack:T1/U9\n#1 vla", user="slack:T1/U1")
    [made] = await bot.parts.store.subscriptions("slack:T1/C1")
    assert made.created_by == "slack:T1/U1"


async def test_a_subscription_after_earlier_ones_is_the_only_and_not_the_first(bot: BotUnderTest) -> None:
    await bot.hears("/subscribe vla")
    await bot.hears("/unsubscribe vla")
    again = " ".join(shown(await bot.hears("/subscribe world model")).split())
    assert "That is the only subscription here. Next digest: Wednesday 1 July, 09:00 UTC." in again
    assert "first subscription" not in again


async def test_a_subscription_after_a_digest_is_not_the_first(bot: BotUnderTest) -> None:
    await bot.morning()
    assert "That is the only subscription here." in await bot.says("/subscribe vla")


async def test_in_a_group_on_telegram_a_change_that_was_pressed_names_who_pressed(bot: BotUnderTest) -> None:
    group = await bot.room("telegram:-100")

    async def heard(text: str, *, name: str, pressed: bool = True) -> list[Reply]:
        return await bot.hears(text, in_=group, name=name, pressed=pressed, standing=Who.ADMINS)

    said = await heard("/subscribe vla", name="Ada", pressed=False)
    assert "Pressed by" not in shown(said)
    gone = await heard(f"/{buttons(said)['Undo'].command}", name="Bob")
    assert "Pressed by Bob." in shown(gone)
    assert "Pressed by Cy." in shown(await heard(f"/{buttons(gone)['Undo'].command}", name="Cy"))
    assert "Pressed by Bob." in shown(await heard("/settings categories cs.RO", name="Bob"))
    assert len(gone) == 1
    private = await bot.room("telegram:5", private=True)
    assert "Pressed by" not in shown(await bot.hears("/subscribe vla", in_=private, pressed=True))
