"""Digests to deliver, with marks in them by which every word is found again in what people see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from digest.channel import Delivery
from digest.document import (
    Block,
    Button,
    Buttons,
    Code,
    Collapsible,
    Document,
    Heading,
    bullets,
    context,
    para,
)

DAY = date(2026, 6, 30)
_LONG = 30  # this reply is more than one message takes
_MARK = re.compile(r"№\d+(?:/\d+)?")

# Words that act when a renderer lets them.
HOSTILE = (
    "<!channel> <!here> <@U1> <#C1|x> &lt;!everyone&gt; @everyone @channel @ada_l /start",
    "</b></a><script>alert(1)</script> <b>unclosed & &amp; &nbsp;",
    "*bold* _it_ ~no~ `code` ```pre``` [a](https://evil.example) <https://evil.example|arxiv.org>",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200b\ufeff e\u0301\u0301\u0301 \x07\x1b[31m",
    "$x^2$ \\textbf{} 中文论文，👩\u200d🔬 😀 {0} %s",
)


def deliveries(channel: str, *, replies: int = 48, name: str = "digest") -> tuple[Delivery, ...]:
    """A digest as the outbox holds it: a parent and so many replies, one of which takes several messages.

    With 48 it comes to 50 messages or a few more.
    """
    parent = f"{channel}/{name}/parent"
    made = [Delivery(key=parent, channel=channel, position=0, document=_parent(replies))]
    made += [
        Delivery(
            key=f"{channel}/{name}/paper/2606.{number:05}",
            channel=channel,
            position=number,
            document=_reply(number),
            parent_key=parent,
        )
        for number in range(1, replies + 1)
    ]
    return tuple(made)


def expected(replies: int = 48) -> list[str]:
    """The marks that people are to see, in order."""
    return [
        mark
        for number in range(replies + 1)
        for mark in ([*_long_marks()] if number == _LONG else [f"№{number}"])
    ]


def _long_marks() -> Sequence[str]:
    return [f"№{_LONG}/{part}" for part in range(1, 41)]


def _parent(replies: int) -> Document:
    papers = bullets([[f"A paper {number}"] for number in range(1, min(replies, 15) + 1)], ordered=True)
    blocks = (Heading("arXiv digest №0"), papers, Buttons((Button("Settings", command="settings"),)))
    return Document(blocks, summary="arXiv digest")


def _reply(number: int) -> Document:
    hostile = HOSTILE[number % len(HOSTILE)]
    body: tuple[Block, ...] = (para(f"№{number}"),)
    if number == _LONG:
        body = tuple(para(f"{mark} ", "it is a long story. " * 20) for mark in _long_marks())
    blocks = (
        Heading(f"A paper {hostile}"),
        context("2606.00001v1 · cs.RO · ", Code(hostile)),
        *body,
        Collapsible("Full analysis", (para("It moves. ", hostile),)),
        Buttons(
            (Button("Explain", command=f"explain 2606.{number:05}"), Button("PDF", url="https://arxiv.org/"))
        ),
    )
    return Document(blocks, summary=f"A paper {number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is wrong with a digest as people see it; all but `messages` ought to be 0."""

    messages: int = 0
    lost: int = 0
    doubled: int = 0  # messages that say again what was said, or nothing that was asked for
    disordered: int = 0
    astray: int = 0  # not in the thread of the parent
    live: int = 0  # mentions that notify somebody

    def __add__(self, other: Reading) -> Reading:
        fields = self.__slots__
        return Reading(**{name: getattr(self, name) + getattr(other, name) for name in fields})

    @property
    def flawless(self) -> bool:
        return self == Reading(messages=self.messages)


def read(shown: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> Reading:
    """Judge what people see in a channel, where the marks `wanted` were to appear, each once and in order.

    `shown` are the bot's messages in order: their id, the id of their thread, their text, live mentions.
    """
    seen: list[str] = []
    doubled = 0
    parents = {message["id"] for message in shown if _marks(message) == ["№0"]}
    for message in shown:
        marks = _marks(message)
        doubled += not marks or any(mark in seen for mark in marks)
        seen += [mark for mark in marks if mark not in seen]
    return Reading(
        messages=len(shown),
        lost=sum(mark not in seen for mark in wanted),
        doubled=doubled,
        disordered=sum(a != b for a, b in zip(seen, (each for each in wanted if each in seen), strict=False)),
        astray=sum(
            bool(message["thread"]) if message["id"] in parents else message["thread"] not in parents
            for message in shown
        ),
        live=sum(len(message["live"]) for message in shown),
    )


def _marks(message: Mapping[str, Any]) -> list[str]:
    return _MARK.findall(message["text"])
