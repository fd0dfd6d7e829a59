"""What people can say to Paperboy: one table that feeds every platform's help, menu and manifest."""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, replace

from bot.commands import (
    digests,
    export,
    hello,
    papers,
    restoring,
    saved,
    settings,
    status,
    subscribing,
    subscriptions,
)
from bot.commands.naming import at_hand, first_word, is_one_paper, number_first
from bot.commands.plain import (
    asks_for_news,
    asks_to_follow,
    asks_what_it_can,
    begins_with_verb,
    is_courtesy,
    is_greeting,
    is_paper,
    is_question,
    is_to_somebody,
    is_wordless,
    language_wanted,
    offered,
)
from bot.commands.reading import is_command, split, tidy
from bot.commands.request import IN_PLACE, Attachment, Audience, Desk, Reply, Request, Verb, note
from bot.locale import Say
from bot.permissions import may_change
from digest.document import Bold, Code, Context, Document, Para, Span, Text, bullets
from digest.errors import PaperboyError

__all__ = [
    "VERBS",
    "Attachment",
    "Audience",
    "Desk",
    "Reply",
    "Request",
    "Verb",
    "answer",
    "is_chatter",
    "is_slow",
    "split",
    "too_much",
]

LONGEST = 6_000  # characters; more is no command and no question


async def help_(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The table of commands, or one of them in full."""
    say = request.say
    asked = request.words.lstrip("/").lower()
    verb = _BY_NAME.get(asked)
    if asked and verb is None:
        yield unknown(asked, say)
        return
    if verb is not None:
        yield _in_full(verb, say)
        return
    rows: list[list[Span | str]] = [
        [Code(f"/{each.name} {each.usage}".strip()), f"  {say.translated(each.summary)}"]
        for each in VERBS
        if not each.hidden
    ]
    heading = say("Paperboy reads arXiv for you. You can say:")
    yield Document(
        (
            Para((Bold(heading),)),
            bullets(rows),
            Context(
                say.spans(
                    "A comma means OR; AND, NOT, “exact words”, word*, author:, title: and cat: narrow "
                    "a query."
                )
            ),
            Context(say.spans("More on one command: {command}", command=Code("/help subscribe"))),
        ),
        summary=heading,
    )


def _in_full(verb: Verb, say: Say) -> Document:
    summary = say.translated(verb.summary)
    return Document(
        (
            Para((Bold(f"/{verb.name} {verb.usage}".strip()),)),
            Para((Text(summary),)),
            bullets([[Code(each)] for each in verb.examples]),
        ),
        summary=summary,
    )


VERBS: tuple[Verb, ...] = (
    *subscribing.VERBS,
    *subscriptions.VERBS,
    *digests.VERBS,
    *papers.VERBS,
    *saved.VERBS,
    *export.VERBS,
    *settings.VERBS,
    *status.VERBS,
    Verb(
        name="help",
        usage="[command]",
        summary="This list, or one command in full.",
        examples=("/help subscribe",),
        answer=help_,
        aliases=("commands", "帮助"),
        takes=lambda words: not words or words.lstrip("/").lower() in _names(),
    ),
    *hello.VERBS,
    *restoring.VERBS,
)

_BY_NAME: Mapping[str, Verb] = {name: verb for verb in VERBS for name in (verb.name, *verb.aliases)}


def _names() -> Collection[str]:
    return _BY_NAME.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meant:
    """What a message means: a verb and its words; `in_place` where a button wants its message replaced."""

    verb: Verb | None
    words: str
    name: str  # as it was written
    in_place: bool = False
    overheard: bool = False  # a question that people may ask each other


def _meant(text: str) -> _Meant:
    """What a message means by itself: a plain sentence means a command only where its words fit one."""
    name, words = split(text)
    in_place = name == IN_PLACE
    if in_place:
        name, words = split(words)
    verb = _BY_NAME.get(name)
    if not is_command(text):
        numbered = number_first(tidy(text))
        if numbered is not None:
            name = "ask" if numbered[1] else "explain"
            return _Meant(verb=_BY_NAME[name], words=f"#{numbered[0]} {numbered[1]}".strip(), name=name)
        if is_paper(text):
            return _Meant(verb=_BY_NAME["explain"], words=tidy(text), name="explain")
        if is_greeting(text):
            return _Meant(verb=_BY_NAME["hello"], words="", name="hello")
        if verb is not None and (not verb.takes(words) or asks_to_follow(text)):
            return _Meant(verb=None, words=words, name=name)
    return _Meant(verb=verb, words=words, name=name, in_place=in_place)


async def answer(text: str, request: Request, desk: Desk) -> AsyncIterator[Reply]:
    """Answer one message, as soon as there is something to say. Errors become answers, in one sentence.

    `request` tells who said it and where; its words are taken from the text.
    """
    try:
        if _wants_no_answer(text, request):
            return
        meant = await _understood(text, request, desk)
        if meant.verb is None:
            yield Reply(document=_not_understood(text, meant, request))
            return
        if meant.verb.changes(meant.words):
            may_change(request.channel, await request.standing())
        in_place = meant.in_place and request.pressed
        request = replace(request, words=meant.words, overheard=meant.overheard, plain=not is_command(text))
        async for said in meant.verb.answer(request, desk):
            reply = said if isinstance(said, Reply) else Reply(document=said)
            yield replace(reply, replaces=True) if in_place and reply.to is Audience.CALLER else reply
            in_place = False
    except PaperboyError as error:
        yield Reply(document=note(request.say.error(str(error))))


async def _understood(text: str, request: Request, desk: Desk) -> _Meant:
    """The same, given what is at hand: a plain sentence goes on about the paper there is."""
    meant = _meant(text)
    if len(text) > LONGEST:
        return replace(meant, verb=None)
    if meant.verb is not None or is_command(text) or is_courtesy(text) or asks_to_follow(text):
        return meant
    if not tidy(text) or is_wordless(text):
        return meant
    if asks_what_it_can(text):
        return replace(meant, verb=_BY_NAME["help"], words="", name="help")
    if asks_for_news(text) if request.paper is None else language_wanted(text):
        return meant
    if is_one_paper(first_word(tidy(text))[0]) or await at_hand(request, desk):
        overheard = not (_alone(request) or request.mentioned)
        return replace(meant, verb=_BY_NAME["ask"], words=tidy(text), name="ask", overheard=overheard)
    return meant


def _alone(request: Request) -> bool:
    """Whether nobody else reads along."""
    return request.channel.private or request.channel.platform == "console"


def _wants_no_answer(text: str, request: Request) -> bool:
    """Whether people say it to each other, in a place where others read it."""
    if is_courtesy(text):
        return not _alone(request) or request.paper is not None
    if _alone(request):
        return False
    if is_to_somebody(text):
        return True
    # A statement may well speak of what the paper does, and is still said to those who are there.
    aside = is_wordless(text) or is_greeting(text) or asks_what_it_can(text) or is_chatter(text)
    return aside and not request.mentioned


def is_slow(text: str) -> bool:
    """Whether an answer to it means reading a paper, so that it must not hold up quick commands."""
    meant = _meant(text)
    if meant.verb is not None:
        return meant.verb.slow
    quick = is_command(text) or is_courtesy(text) or is_to_somebody(text) or asks_to_follow(text)
    return not (quick or is_wordless(text) or asks_what_it_can(text))


def is_chatter(text: str) -> bool:
    """Whether it is no command, question or wish, so that people may have said it to each other."""
    if is_command(text) or is_question(text) or begins_with_verb(text, _BY_NAME):
        return False
    return _meant(text).verb is None


def _not_understood(text: str, meant: _Meant, request: Request) -> Document:
    """One short answer to what is neither a command nor a question about a paper at hand."""
    say, name = request.say, meant.name
    if len(text) > LONGEST:
        return note(say("That is too long: {n} characters are as many as I read.", n=LONGEST))
    if is_command(text) or not tidy(text):
        return unknown(name, say)
    if is_wordless(text) and not is_courtesy(text):
        return unknown("", say)
    if is_courtesy(text):
        return note(say("You are welcome."))
    language = language_wanted(text) if request.paper is not None else ""
    command = f"/explain {request.paper} lang:{language}" if language else offered(text, _BY_NAME)
    if command:
        return note(say.spans("Did you mean a command? For example: {command}", command=Code(command)))
    near = _nearest(name)
    if near is not None and len(name) > 4:
        return unknown(name, say)
    if request.digest is not None:
        return note(
            say.spans(
                "Which paper of this digest? Name one by its number: {ask}",
                ask=Code("#1 Which data do they use?"),
            )
        )
    return note(
        say.spans(
            "That is not a command, and there is no paper at hand to ask. Reply to a paper's message, or "
            "name one: {ask}",
            ask=Code("/ask 1911.02782 How many papers have full text?"),
        ),
        Context(say.spans("{help} tells what else you can say.", help=Code("/help"))),
    )


def too_much(waiting: int, say: Say) -> Document:
    """What to say to somebody of whom as much waits for an answer as is kept of one person."""
    return note(
        say(
            "{n} of your requests wait for an answer, and I keep no more of one person. This one is dropped; "
            "please say it again when some are answered.",
            n=waiting,
        )
    )


def _nearest(name: str) -> Verb | None:
    """The verb that is written much like a word."""
    shown = {known: verb for known, verb in _BY_NAME.items() if not verb.hidden}
    near = difflib.get_close_matches(name[:40], shown, n=1, cutoff=0.75)
    return shown[near[0]] if near else None


def unknown(name: str, say: Say) -> Document:
    """What to say to a word that is no command: the nearest one, or the help."""
    if not name:
        return note(say.spans("Say what to do. {help} tells what there is.", help=Code("/help")))
    near = _nearest(name)
    if near is not None:
        return note(
            say.spans(
                "“{word}” is not a command. Did you mean {near}?", word=name[:40], near=Code(f"/{near.name}")
            )
        )
    return note(
        say.spans(
            "“{word}” is not a command. Try {help} for what there is.", word=name[:40], help=Code("/help")
        )
    )
