"""One function for each parser: any bytes go in, and what comes out is its result or its own refusal."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.commands import VERBS, is_chatter, is_slow, split
from bot.commands.plain import offered
from bot.platforms.telegram.intake import _parsed
from bot.platforms.telegram.keyboard import command_of
from bot.values import parse_budget, parse_categories, parse_days, parse_language, parse_time, parse_timezone
from digest.arxiv.abstract_page import parse_abs
from digest.arxiv.api import parse_api_answer
from digest.arxiv.feed import parse_feed
from digest.arxiv.listing import parse_listing
from digest.errors import UserError
from digest.matching import parse_query
from digest.model import ArxivId
from tests.peers.arxiv import Arxiv, batch

Target = Callable[[bytes], object]

DATA = Path(__file__).parents[2] / "bot" / "demo" / "data"
_AT = datetime(2026, 6, 30, tzinfo=UTC)


def identifier(data: bytes) -> None:
    """Any text is an identifier that reads back the same, or none."""
    with suppress(UserError):
        found = ArxivId.parse(data.decode("utf-8", "replace"))
        assert ArxivId.parse(str(found)) == found


def query(data: bytes) -> None:
    """Any text is a query, or is refused at a position within it."""
    text = data.decode("utf-8", "replace")
    with suppress(UserError):
        assert parse_query(text).terms


def feed(data: bytes) -> None:
    """Any bytes are a feed, or are refused."""
    with suppress(UserError):
        assert all(each.paper.title for each in parse_feed(data).announcements)


def listing(data: bytes) -> None:
    """Any bytes are a listing, or are refused."""
    with suppress(UserError):
        parse_listing(data, "cs.CV")


def answer(data: bytes) -> None:
    """Any bytes are an answer of the API, or are refused."""
    with suppress(UserError):
        parse_api_answer(data)


def abstract(data: bytes) -> None:
    """Any bytes are an abstract page, or are refused."""
    with suppress(UserError):
        parse_abs(data)


def command(data: bytes) -> None:
    """Any text has a verb and words, quick or slow."""
    text = data.decode("utf-8", "replace")
    name, words = split(text)
    assert len(name) + len(words) <= 2 * len(text) + 2
    is_slow(text)
    is_chatter(text)
    offered(text, {each.name: each for each in VERBS})


def setting(data: bytes) -> None:
    """Any text is a value of a setting, or is refused."""
    text = data.decode("utf-8", "replace")
    for parse in (parse_budget, parse_categories, parse_days, parse_language, parse_time, parse_timezone):
        with suppress(UserError):
            parse(text)


def pressed(data: bytes) -> None:
    """Any data of a button is a command, a token for one, or nothing."""
    command_of(data.decode("utf-8", "replace"))


def update(data: bytes) -> None:
    """Any JSON from Telegram is an update, or is not understood."""
    with suppress(ValueError, RecursionError):
        told = json.loads(data)
        if isinstance(told, dict):
            _parsed(told)


TARGETS: Mapping[str, Target] = {
    each.__name__: each
    for each in (identifier, query, feed, listing, answer, abstract, command, setting, pressed, update)
}

_TEXTS = (
    b"https://arxiv.org/abs/2503.09527v2", b"arXiv:hep-th/9901001", b"10.48550/arXiv.1911.02782",
    b"oai:arXiv.org:cs/0112017",
    b'"vision language" AND vla*, author:"Li Fei-Fei" -title:survey NOT cat:cs.RO, like:2503.09527',
    "订阅 “机器人 学习”，vla＊".encode(), b"/explain #3 short lang:zh again", b"time 09:30 Europe/Paris",
    b"$5", b"mon-fri",
    b"v1|ex|2503.09527v2", b"cs.RO, cs.CV",
)  # fmt: skip


@cache
def seeds(name: str) -> Sequence[bytes]:
    """Good examples for a target, to begin with."""
    server = Arxiv()
    server.announce("cs.CV", *batch(3))
    if name == "feed":
        feeds = [server.render_feed(form, "cs.CV", server.today) for form in ("rss", "atom")]
        return [*feeds, gzip.decompress((DATA / "cs.CV_2026-06-30.rss.xml.gz").read_bytes())[:20_000]]
    if name in ("listing", "abstract", "answer"):
        return _pages(server)[name]
    if name == "update":
        return [json.dumps(each).encode() for each in updates()]
    return _TEXTS


def _pages(server: Arxiv) -> Mapping[str, Sequence[bytes]]:
    from bot.demo import arxiv_feeds, arxiv_pages

    papers = server.batch("cs.CV", server.today)
    page = arxiv_pages.new_page("cs.CV", papers, day=server.today, skip=0, show=2000)
    return {
        "listing": [page.encode()],
        "abstract": [arxiv_pages.abs_page(papers[0].paper).encode()],
        "answer": [arxiv_feeds.api_answer("id_list=1", [each.paper for each in papers])],
    }


def updates() -> list[dict[str, Any]]:
    """Updates of every kind that Paperboy asks Telegram for."""
    ada = {"id": 7, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    chat = {"id": -100, "type": "supergroup", "title": "Team", "is_forum": True}
    message = {"message_id": 5, "date": 1_782_800_000, "chat": chat, "from": ada, "text": "/help"}
    query = {"id": "9", "from": ada, "message": message, "chat_instance": "1", "data": "v1|ex|2503.09527v2"}
    member = {"user": ada | {"is_bot": True}, "status": "member"}
    changed = {"chat": chat, "from": ada, "date": 1, "old_chat_member": member, "new_chat_member": member}
    thumb = [{"type": "emoji", "emoji": "👍"}]
    reaction = {
        "chat": chat,
        "message_id": 5,
        "date": 1,
        "user": ada,
        "old_reaction": [],
        "new_reaction": thumb,
    }
    replied = message | {"reply_to_message": message, "is_topic_message": True, "message_thread_id": 3}
    return [
        {
            "update_id": 1,
            "message": message | {"entities": [{"type": "bot_command", "offset": 0, "length": 5}]},
        },
        {"update_id": 2, "channel_post": message | {"sender_chat": chat}},
        {"update_id": 3, "callback_query": query},
        {"update_id": 4, "my_chat_member": changed},
        {"update_id": 5, "message_reaction": reaction},
        {"update_id": 6, "message": replied},
    ]


def spoiled(value: Any, chance: random.Random, *, share: float = 0.15) -> Any:
    """JSON with some of its values of another type, size or sign, or gone."""
    if chance.random() < share:
        return chance.choice(
            (
                None,
                True,
                -1,
                0,
                2**70,
                1e308,
                "",
                "x" * 5_000,
                "\x00\ud800",
                [],
                {},
                [[]],
                {"id": "x"},
                "<!channel>",
            )
        )
    if isinstance(value, dict):
        return {k: spoiled(v, chance, share=share) for k, v in value.items() if chance.random() > share / 5}
    if isinstance(value, list):
        return [spoiled(each, chance, share=share) for each in value]
    return value
