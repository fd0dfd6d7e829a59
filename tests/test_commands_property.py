"""Whatever is written, there is one clear answer and never an error."""

from __future__ import annotations

import random
import re
from pathlib import Path

from bot.commands import VERBS
from digest.channel import Who
from tests.bot_under_test import BotUnderTest, shown
from tests.hostile import _FRAGMENTS
from tests.peers.arxiv import new

COMMANDS = 4_000
_WORDS = (
    "#1", "#0", "#99999999999999999999", "# 3", "＃２", "1911.02782", "2606.30001v1", "all", "all yes",
    "page 2", "page 99999", "mine", "now", "preview", "last", "report", "status", "pause", "7d", "resume",
    "99999999999999w", "until", "2026-12-01", "9999-12-31", "0001-01-01", "monday", "time", "25:61", "08:30",
    "days", "mon-fri", "sun-sat", "mode", "weekly", "cap", "-1", "1e9", "٣", "²", "language", "zh-CN",
    "categories", "cs.RO,", "cs.*", "who", "nobody", "announce", "on", "rich", "timezone", "../../etc/passwd",
    "Europe/Paris", "saved", "bib", "csv", "md", "lang:zh", "lang:", "again", "short", "in:cs.RO", "in:",
    "where:title", "where:", "instead:#1", "instead:#99999999999", "vla", "AND", "OR", "NOT", "-", "*",
    "diffus*", "author:", 'author:"Li', "“smart", "quotes”", "‘single’", "&amp;", "&lt;!channel&gt;", "，",
    "「", "」", "like:2503.09527", "like:x", "title:", "abs:vla", "\n", "\r\n", "\x00", "\x1b[31m", "\u202e",
    "\ud800", "x" * 500, "https://arxiv.org/abs/1911.02782v3", "https://evil.example/abs/1911.02782",
)  # fmt: skip
_HEADS = ("/", "", "／", "/arxiv ", "/arxiv", "/here ", "/here here ", "  ", "\u200b/", "//", "@paperboy ")


def written(random: random.Random) -> str:
    """Something that somebody, or something, might write."""
    names = [name for verb in VERBS for name in (verb.name, *verb.aliases)]
    name = random.choice([*names, *names, "", "frobnicate", "subscrib", "SUBSCRIBE", "settings@bot", "１"])
    words = random.choices((*_WORDS, *_FRAGMENTS), k=random.choice((0, 1, 1, 2, 2, 3, 5)))
    return random.choice(_HEADS) + name + random.choice((" ", "  ", "\n", "\u3000", "")) + " ".join(words)


async def test_4000_commands_get_one_clear_answer_each(tmp_path: Path) -> None:
    chance = random.Random(20260630)
    async with BotUnderTest(tmp_path, categories=("cs.CV",)) as bot:
        bot.arxiv.know(new("1911.02782", "S2ORC", abstract="We present a corpus of 81.1M papers.").paper)
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"), new("2606.30002", "Another VLA"))
        bot.arxiv.announce("cs.RO")
        rooms = [await bot.room(key) for key in ("slack:T1/C1", "telegram:-100", "console:terminal")]
        await bot.parts.daily.fetch(["cs.CV"])
        for number in range(COMMANDS):
            text = written(chance)
            replies = await bot.hears(
                text,
                in_=rooms[number % 3],
                paper=chance.choice((None, None, "2606.30001v1")),
                pressed=chance.random() < 0.3,
                mentioned=True,
                standing=chance.choice(list(Who)),
            )
            assert replies, text
            said = shown(replies)
            assert said.strip(), text
            assert all(each.document.summary.strip() for each in replies), text
            assert not any("\n" in each.document.summary for each in replies), text
            assert not re.search(r"Traceback|Error\b|object at 0x|\{[a-z]{3,}\}", said), (text, said)
            if len(replies) == 1 and not replies[0].file:
                assert len(said) < 8_000, text
            if number % 500 == 499:
                await bot.hears("/unsubscribe all yes", in_=rooms[0], standing=Who.CREATOR)
