"""Equal names in other places: what is said in one channel changes and shows nothing of another."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.commands.naming import last_paper
from bot.platforms.terminal import render_lines
from digest.channel import Who
from tests.bot_under_test import BotUnderTest
from tests.chaos.figures import Figure, at_least, exactly
from tests.peers.arxiv import new

# A workspace's channel, the same of another, one whose name only begins so; a chat, its topic, its negative.
ROOMS = (
    "slack:T1/C1", "slack:T2/C1", "slack:T1/C11", "slack:T11/C1", "telegram:100", "telegram:100/1",
    "telegram:1001", "telegram:-100",
)  # fmt: skip
# Somebody with the same number in every place: in workspaces of Slack, and on Telegram.
PEOPLE = {
    "slack:T1/": "slack:T1/U1",
    "slack:T2/": "slack:T2/U1",
    "slack:T11/": "slack:T11/U1",
    "telegram:": "telegram:1",
}
_COMMANDS = (
    "/subscribe {mark}", "/subscribe {mark} robots", "/unsubscribe #1", "/unsubscribe {mark}",
    "/unsubscribe all yes", "/subscriptions", "/save {paper}", "/save #1", "/saved", "/unsave {paper}",
    "/saved all", "/export csv", "/export saved bib", "/digest now", "/digest last", "/digest pause 7d",
    "/digest resume", "/settings time 08:30", "/settings language zh", "/settings cap 3", "/settings",
    "/status",
    "/ask {paper} What is new?", "What is new?", "/ask What is new?", "/dislike {paper}", "/like {paper}",
    "/more", "/explain #1",
)  # fmt: skip
_MARK = re.compile(r"only[a-z]+room")


def run(folder: Path, *, commands: int = 1_500) -> Iterator[Figure]:
    """The figures of so many commands."""
    said, crossed, shown, marks = asyncio.run(_run(folder, commands))
    yield at_least("commands in eight rooms with like names", said, commands)
    yield exactly("of them that changed another room", crossed)
    yield exactly("of them answered with what is another room's", shown)
    yield at_least("of them answered with what is the room's own", marks, commands // 20)


async def _run(folder: Path, commands: int) -> tuple[int, int, int, int]:
    chance = random.Random(6)
    crossed = shown = own = 0
    async with BotUnderTest(folder, categories=("cs.CV",)) as bot:
        marks = {key: f"only{'abcdefgh'[number]}room" for number, key in enumerate(ROOMS)}
        papers = {key: f"2606.3{number:04}" for number, key in enumerate(ROOMS)}
        bot.arxiv.announce("cs.RO")
        for key in ROOMS:
            bot.arxiv.announce("cs.CV", new(papers[key], f"A paper on {marks[key]}"))
            await bot.room(key)
        await bot.parts.daily.fetch(["cs.CV", "cs.RO"])
        before = {key: await _state(bot, key) for key in ROOMS}
        for _ in range(commands):
            key = chance.choice(ROOMS)
            text = chance.choice(_COMMANDS).format(mark=marks[key], paper=papers[key])
            replies = await bot.hears(
                text, in_=await bot.parts.store.channel(key), user=_person(key), standing=Who.CREATOR
            )
            await bot._engine.idle()
            said = " ".join(
                [line for each in replies for line in render_lines(each.document, 500, color=False)]
                + [each.file.content for each in replies if each.file]
            )
            named = {*_MARK.findall(said)}
            # What somebody put aside is theirs wherever they ask for it.
            theirs = {
                marks[each] for each in ROOMS if "save" in text + said and _person(each) == _person(key)
            }
            shown += bool(named - theirs - {marks[key]})
            own += marks[key] in named
            after = {each: await _state(bot, each) for each in ROOMS}
            crossed += any(after[each] != before[each] for each in ROOMS if each != key)
            if chance.random() < 0.1:
                await bot.tick()
                after = {each: await _state(bot, each) for each in ROOMS}
            before = after
    return commands, crossed, shown, own


def _person(room: str) -> str:
    return next(person for place, person in PEOPLE.items() if room.startswith(place))


async def _state(bot: BotUnderTest, key: str) -> Mapping[str, Any]:
    """All that is kept of a room; the papers of its digests by their marks."""
    store = bot.parts.store
    return {
        "channel": await store.channel(key),
        "subscriptions": await store.subscriptions(key),
        "saved": await store.saved_papers(channel=key),
        "opinions": await store.opinions(key),
        "outbox": [each.key for each in await store.outbox(channel=key, unsent=False)],
        "told": await store.delivered_papers(key),
        "last": await last_paper(key, bot.parts.desk(start_digest=bot.reconcile.start_digest)),
    }
