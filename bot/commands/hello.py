"""/hello and the menu: where to begin, and what can be done with what is at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.commands.request import Desk, Reply, Request, Verb, actions, note, nothing
from bot.commands.saved import known_paper
from bot.commands.times import moment, next_digest
from bot.schedule import upcoming
from digest.compose import actions as paper_actions
from digest.document import Bold, Button, Buttons, Code, Context, Document, Para, bullets, spans
from digest.readable import readable

_EXAMPLE = "vla, vision language action"


async def hello(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Five lines for those who meet Paperboy for the first time."""
    say, channel = request.say, request.channel
    mine = await desk.store.subscriptions(channel.key)
    if mine:
        yield _known(request, len(mine))
        return
    lines = (
        say.spans("{command} follows papers that say this.", command=Code(f"/subscribe {_EXAMPLE}")),
        say.spans("{command} reads one paper, whole.", command=Code("/explain 1911.02782")),
        say.spans("{command} changes the hour, the categories, the language.", command=Code("/settings")),
    )
    yield Document(
        (
            Para(
                (
                    Bold(say("Hello, I am Paperboy.")),
                    *say.spans(
                        " Every day I look through arXiv's {categories} for papers that you ask for, read "
                        "them whole and tell what they say, with the page for each claim.",
                        categories=", ".join(channel.categories),
                    ),
                )
            ),
            bullets(lines),
            Context(spans(_first(request))),
            actions(
                channel,
                Button(say("Subscribe to {query}", query="vla"), command=f"subscribe {_EXAMPLE}"),
                Button(say("Explain {paper}", paper="1911.02782"), command="explain 1911.02782"),
                Button(say("All commands"), command="help"),
            ),
        ),
        summary=say("Hello, I am Paperboy."),
    )


def _known(request: Request, subscriptions: int) -> Document:
    """To a channel that has subscriptions, perhaps since before Paperboy was removed from it."""
    say = request.say
    there = say(
        "There is {n} subscription here, in {categories}.|There are {n} subscriptions here, in {categories}.",
        n=subscriptions,
        categories=", ".join(request.channel.categories),
    )
    return Document(
        (
            Para((Bold(say("Hello, I am Paperboy.")), *spans(f" {there}"))),
            Context(spans(next_digest(request))),
            actions(
                request.channel,
                Button(say("Subscriptions"), command="subscriptions"),
                Button(say("Look ahead"), command="digest preview"),
                Button(say("All commands"), command="help"),
            ),
        ),
        summary=say("Hello, I am Paperboy."),
    )


def _first(request: Request) -> str:
    """When the first digest comes to a channel without subscriptions."""
    planned = request.channel.next_run_at
    if planned is None or planned <= request.at:
        planned = upcoming(request.channel, request.at)
    return request.say("Once you subscribe, the first digest comes {when}.", when=moment(request, planned))


async def menu(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """A few buttons for the paper at hand, or for the channel."""
    say, channel = request.say, request.channel
    if request.paper is not None:
        paper = await known_paper(request.paper, desk)
        buttons = paper_actions(request.paper, say.words).buttons
        document = note(
            (Bold(readable(paper.title)),),
            Buttons(buttons) if channel.platform != "console" else actions(channel, *buttons),
        )
        yield Reply(document=document, paper=request.paper)
        return
    yield note(
        say("What would you like to do?"),
        actions(
            channel,
            Button(say("Subscriptions"), command="subscriptions"),
            Button(say("Look ahead"), command="digest preview"),
            Button(say("Saved papers"), command="saved"),
            Button(say("Settings"), command="settings"),
            Button(say("Status"), command="status"),
            Button(say("All commands"), command="help"),
        ),
    )


VERBS = (
    Verb(
        name="hello",
        usage="",
        summary="Where to begin.",
        examples=("/hello",),
        answer=hello,
        aliases=("start", "你好"),
        takes=nothing,
        hidden=True,
    ),
    Verb(
        name="menu",
        usage="",
        summary="What can be done here, as buttons.",
        examples=("/menu",),
        answer=menu,
        takes=nothing,
        hidden=True,
    ),
)
