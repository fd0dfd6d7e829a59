"""What people can say to Paperboy: one table that feeds every platform's help, menu and manifest."""

from __future__ import annotations

import difflib
import re
from collections.abc import AsyncIterator

from bot.commands import channel, digests, papers, subscriptions
from bot.commands.request import Desk, Request, Verb
from digest.channel import Channel
from digest.document import Bold, Code, Document, Span, bullets, context, para
from digest.errors import PaperboyError

__all__ = ["VERBS", "Desk", "Request", "Verb", "answer", "split"]

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


async def answer(text: str, channel: Channel, *, user: str, desk: Desk) -> AsyncIterator[Document]:
    """Answer one message, as soon as there is something to say. Errors become answers, in one sentence."""
    name, words = split(text)
    verb = _BY_NAME.get(name)
    if verb is None and not text.strip().startswith("/") and await papers.last_paper(channel.key, desk):
        verb, words = _BY_NAME["ask"], text.strip()  # a plain sentence goes on about the paper at hand
    if verb is None:
        yield unknown(name)
        return
    request = Request(channel=channel, user=user, words=words, at=desk.clock())
    try:
        async for document in verb.answer(request, desk):
            yield document
    except PaperboyError as error:
        yield Document((para(str(error)),), summary=str(error))


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
