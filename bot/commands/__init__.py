"""What people can say to Paperboy: one table that feeds every platform's help, menu and manifest."""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.commands import channel, digests, papers, subscriptions
from bot.commands.request import Audience, Desk, Reply, Request, Verb
from bot.permissions import may_change
from digest.document import Bold, Code, Document, Span, bullets, context, para
from digest.errors import PaperboyError

__all__ = ["VERBS", "Audience", "Desk", "Reply", "Request", "Verb", "answer", "is_slow", "split"]

_UMBRELLA = "arxiv"


async def help_(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The table of commands, or one of them in full."""
    asked = request.words.lstrip("/").lower()
    verb = _BY_NAME.get(asked)
    if asked and verb is None:
        yield unknown(asked)
        return
    if verb is not None:
        yield Document(
            (
                para(Bold(f"/{verb.name} {verb.usage}".strip())),
                para(verb.summary),
                bullets([[Code(each)] for each in verb.examples]),
            ),
            summary=verb.summary,
        )
        return
    rows: list[list[Span | str]] = [
        [Code(f"/{each.name} {each.usage}".strip()), f"  {each.summary}"] for each in VERBS
    ]
    yield Document(
        (
            para(Bold("Paperboy"), " reads arXiv for you. You can say:"),
            bullets(rows),
            context(
                "A comma means OR; AND, NOT, “exact words”, word*, author:, title: and cat: narrow a query."
            ),
            context("More on one command: /help subscribe"),
        ),
        summary="What you can say to Paperboy",
    )


VERBS: tuple[Verb, ...] = (
    *subscriptions.VERBS,
    *digests.VERBS,
    *papers.VERBS,
    *channel.VERBS,
    Verb(
        name="help",
        usage="[command]",
        summary="This list, or one command in full.",
        examples=("/help subscribe",),
        answer=help_,
        aliases=("start", "commands"),
    ),
)

_BY_NAME = {name: verb for verb in VERBS for name in (verb.name, *verb.aliases)}


def split(text: str) -> tuple[str, str]:
    """The verb and the rest of a message: `/subscribe@bot vla` and `/arxiv subscribe vla` are the same."""
    head, _, rest = text.strip().partition(" ")
    verb = re.sub(r"@\w+$", "", head.lstrip("/")).lower()
    if verb == _UMBRELLA:
        head, _, rest = rest.strip().partition(" ")
        verb = head.lower() or "help"
    return verb, rest.strip()


async def answer(text: str, request: Request, desk: Desk) -> AsyncIterator[Reply]:
    """Answer one message, as soon as there is something to say. Errors become answers, in one sentence.

    `request` tells who said it and where; its words are taken from the text.
    """
    name, words = split(text)
    verb = _BY_NAME.get(name)
    at_hand = request.paper or await papers.last_paper(request.channel.key, desk)
    if verb is None and not text.strip().startswith("/") and at_hand:
        verb, words = _BY_NAME["ask"], text.strip()  # a plain sentence goes on about the paper at hand
    if verb is None:
        yield Reply(document=unknown(name))
        return
    try:
        if verb.changes(words):
            may_change(request.channel, await request.standing())
        async for said in verb.answer(replace(request, words=words), desk):
            yield said if isinstance(said, Reply) else Reply(document=said)
    except PaperboyError as error:
        yield Reply(document=Document((para(str(error)),), summary=str(error)))


def is_slow(text: str) -> bool:
    """Whether an answer to it means reading a paper, so that it must not hold up quick commands."""
    verb = _BY_NAME.get(split(text)[0])
    return verb is None or verb.slow


def unknown(name: str) -> Document:
    """What to say to a word that is no command: the nearest one, or the help."""
    near = difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.75)
    hint = (
        ("Did you mean ", Code(f"/{near[0]}"), "?")
        if near
        else ("Try ", Code("/help"), " for what there is.")
    )
    text = f"“{name[:40]}” is not a command. " if name else "Say what to do. "
    return Document((para(text, *hint),), summary=text)
