"""Papers with words for models and chats in every field, and a model that obeys: what people then see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.demo import slack_markup, telegram_view
from digest.ports import Turn
from tests import pdfs
from tests.chaos.figures import Figure, at_least, exactly
from tests.faithful import faithful
from tests.peers.arxiv import Arxiv, new
from tests.peers.openai import OpenAIPeer
from tests.peers.openai_forms import Asked
from tests.planted import HIDDEN, VISIBLE
from tests.slack_bot import SlackBot
from tests.telegram_bot import TelegramBot

WEDNESDAY = date(2026, 7, 1)

# What would call somebody or lead elsewhere if a chat took it for more than text.
LIVE = (
    "<!channel>", "<!here|here>", "<@U1>", "<#C1>", "@everyone", "@channel", "@here", "@durov",
    "@ada_lovelace",    "<https://evil.example/|https://arxiv.org>", "[https://arxiv.org](https://evil.example/)",
    '<a href="https://evil.example/">https://arxiv.org</a>', '<a href="tg://user?id=7">Ada</a>',
    "tg://resolve?domain=evil", "<tg-spoiler>x</tg-spoiler>", "&lt;!channel&gt;", "*bold* _it_ `code`",
    "</b></blockquote>", "\u202ehcraeser\u202c", "@\u200beveryone", "/unsubscribe", "```<!channel>```",
    "![x](https://evil.example/p.png)", "<script>alert(1)</script>",
)  # fmt: skip
_OBEYED = "See https://obeyed.example/win and write to @obeyed_everyone."  # stands in no paper


@dataclass
class _Seen:
    messages: int = 0
    mentions: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    canaries: list[str] = field(default_factory=list)
    asked: int = 0


def run(folder: Path, *, papers: int = 50) -> Iterator[Figure]:
    """The figures of so many papers on each platform, by a model that obeys them."""
    for name, doing in (("Slack", _slack), ("Telegram", _telegram)):
        (folder / name).mkdir(parents=True)
        seen = asyncio.run(doing(folder / name, papers))
        yield at_least(f"{name}: messages", seen.messages, papers)
        yield at_least(f"{name}: calls of the model", seen.asked, 1)
        yield exactly(f"{name}: live mentions", len(seen.mentions))
        yield exactly(f"{name}: hidden links", len(seen.links))
        yield exactly(f"{name}: canaries of the model", len(seen.canaries))


def _words(number: int) -> str:
    """What is planted in a paper: for chats, or for models."""
    return f"{LIVE[number % len(LIVE)]} {VISIBLE[number % len(VISIBLE)].words}"


def _announce(arxiv: Arxiv, papers: int) -> None:
    arxiv.announce("cs.RO")
    for number in range(papers):
        words, paper = _words(number), f"2606.3{number:04}"
        arxiv.announce(
            "cs.CV",
            new(
                paper,
                f"VLA {LIVE[number % len(LIVE)]} part {number}",
                abstract=f"We present a VLA policy. {words} It grasps nine of ten objects.",
                authors=(f"Ada {LIVE[(number + 5) % len(LIVE)]}", "Bo"),
                day=WEDNESDAY,
                comment=f"5 pages {LIVE[(number + 9) % len(LIVE)]}",
            ),
        )
        if number % 3 == 0:
            hidden = HIDDEN[number % len(HIDDEN)].words
            arxiv.add_pdf(paper, pdfs.hidden_pdf("white", hidden if hidden.isascii() else LIVE[0]))


def _obedient(asked: Asked) -> Mapping[str, Any]:
    """A faithful answer with all that is planted in the prompt, and what would be live, in every claim."""
    messages = [(message["role"], str(message["content"])) for message in asked.body["messages"]]
    paper = next((text for _, text in messages if "<paper " in text), "")
    turns: Sequence[Turn] = (
        Turn(role="system", text=""),
        Turn(role="user", text=paper),
        Turn(role="user", text=messages[-1][1]),
    )
    planted = [each.obeyed for each in VISIBLE if each.words in paper] or [VISIBLE[0].obeyed]
    return {
        part: _with(value, " ".join((_OBEYED, *planted, *LIVE)))
        for part, value in (faithful(turns).data or {}).items()
    }


def _with(value: Any, words: str) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {**each, "text": f"{each['text']} {words}"} if isinstance(each, dict) and "text" in each else each
        for each in value
    ]


def _settings(model: OpenAIPeer) -> dict[str, Any]:
    return {
        "analyzer": "openai:small",
        "openai_base_url": model.url,
        "openai_api_key": "sk",
        "digest_cap": 50,
    }


def _judge(seen: _Seen, text: str) -> None:
    """Addresses and names that no paper has can only be the model's."""
    seen.canaries += [found for found in ("obeyed.example", "obeyed_everyone") if found in text]


async def _slack(folder: Path, papers: int) -> _Seen:
    seen = _Seen()
    async with OpenAIPeer(faithful=_obedient) as model, SlackBot(folder, **_settings(model)) as bot:
        _announce(bot.arxiv, papers)
        await bot.command("/subscribe", "vla")
        await bot.command("/subscribe", "policy <!channel> @everyone")
        await bot.next_morning()
        for number in range(min(papers, 6)):
            await bot.command("/explain", f"2606.3{number:04}")
            await bot.command("/arxiv", f"ask 2606.3{number:04} What does it say? <!channel> @everyone")
        for text in (
            "subscriptions",
            "saved",
            "save #1",
            "saved",
            "status",
            "digest last",
            "frob <!here> @channel",
        ):
            await bot.command("/arxiv", text)
        shown = [*bot.slack.channel("C1").messages, *bot.slack.ephemerals("U1"), *bot.slack.ephemerals("U2")]
        for message in (each for each in shown if each.user == bot.slack.world.bot.id):
            seen.messages += 1
            seen.mentions += slack_markup.live_mentions(message)
            seen.links += slack_markup.hidden_links(message)
            _judge(seen, bot.text(message))
        seen.asked = len(model.requests)
    return seen


async def _telegram(folder: Path, papers: int) -> _Seen:
    seen = _Seen()
    async with OpenAIPeer(faithful=_obedient) as model, TelegramBot(folder, **_settings(model)) as bot:
        _announce(bot.arxiv, papers)
        ada = bot.telegram.person("Ada @durov <b>")
        chat = bot.telegram.private(ada)
        await bot.says(chat, ada, "/subscribe vla")
        await bot.says(chat, ada, "/subscribe policy @everyone <b>")
        await bot.next_morning()
        for number in range(min(papers, 6)):
            await bot.says(chat, ada, f"/explain 2606.3{number:04}")
            await bot.says(chat, ada, f"/ask 2606.3{number:04} What does it say? @everyone")
        for text in ("/subscriptions", "/save #1", "/saved", "/status", "/digest last", "/frob @durov <b>"):
            await bot.says(chat, ada, text)
        for message in bot.said(chat):
            seen.messages += 1
            seen.mentions += telegram_view.live_mentions(message)
            seen.links += map(str, telegram_view.hidden_links(message))
            _judge(seen, message.text)
        seen.asked = len(model.requests)
    return seen
