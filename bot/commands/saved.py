"""Papers that people put aside and what they think of them: /saved, and the buttons under papers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from bot.commands.naming import MOST_NAMED, at_hand, named, names_paper, papers_named
from bot.commands.request import IN_PLACE, Desk, Request, Verb, actions, note
from bot.commands.subscribing import shortened
from bot.commands.subscriptions import PAGE, paged, pages
from digest.document import Block, Bold, Button, Document, Link, Para, Span, Text, bullets, spans
from digest.errors import SourceError, UserError
from digest.model import ArxivId, Paper
from digest.people import Opinion, Saved
from digest.readable import readable


async def save(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Put papers aside for whoever asks."""
    say = request.say
    several, unused = papers_named(request.words)
    if len(several) > 1:
        yield await _saved_all(request, desk, several)
    else:
        yield await _saved_one(replace(request, words=several[0] if several else request.words), desk)
    if several and unused:
        left_out = shortened(" ".join(unused), 100)
        yield note(say("I left out what names no paper: {words}", words=left_out))


async def _saved_one(request: Request, desk: Desk) -> Document:
    say = request.say
    paper = await _paper(request, desk, "save")
    added = await desk.store.save_paper(
        Saved(channel=request.channel.key, person=request.user, paper=paper.id.id, saved_at=request.at)
    )
    title = _title(paper)
    told = (
        say.spans("Saved: {title}. /saved lists what you saved.", title=title)
        if added
        else say.spans("{title} is saved already.", title=title)
    )
    undo = Button(say("Undo"), command=f"{IN_PLACE} unsave {paper.id.id}")
    return note(told, actions(request.channel, undo))


async def _saved_all(request: Request, desk: Desk, several: Sequence[str]) -> Document:
    """Save all of several papers, or none where one of them is not to be had."""
    if len(several) > MOST_NAMED:
        raise UserError(request.say("{n} papers are as many as can be named at once.", n=MOST_NAMED))
    found = [await _paper(replace(request, words=each), desk, "save") for each in several]
    papers = tuple({paper.id.id: paper for paper in found}.values())
    for paper in papers:
        await desk.store.save_paper(
            Saved(channel=request.channel.key, person=request.user, paper=paper.id.id, saved_at=request.at)
        )
    heading = request.say("Saved {n} papers. /saved lists what you saved.", n=len(papers))
    return note(heading, bullets([_line(paper) for paper in papers]))


async def unsave(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Take a paper off the saved ones."""
    say = request.say
    words, page = paged(request.words)
    identifier = await _identifier(words, request, desk, "unsave")
    theirs = [each for each in await _all_saved(request, desk) if each.paper == identifier.id]
    for each in theirs:
        await desk.store.forget_paper(each.channel, each.person, each.paper)
    title = _title(await known_paper(identifier, desk))
    told = (
        say.spans("No longer saved: {title}.", title=title)
        if theirs
        else say.spans("{title} was not saved.", title=title)
    )
    undo = actions(request.channel, Button(say("Undo"), command=f"save {identifier.id}"))
    if not page:
        yield note(told, undo) if theirs else note(told)
        return
    yield await _list(request, desk, page, Para(told), undo)


async def like(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Count a paper as one to find more of."""
    say = request.say
    paper = await _judged(request, desk, "like", liked=True)
    undo = Button(say("Undo"), command=f"{IN_PLACE} undismiss {paper.id.id}")
    yield note(
        say.spans("More like {title}: such papers rank higher from now on.", title=_title(paper)),
        actions(request.channel, undo),
    )


async def dismiss(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Count a paper as one to find less of; nothing is hidden for it."""
    say = request.say
    paper = await _judged(request, desk, "dismiss", liked=False)
    undo = Button(say("Undo"), command=f"{IN_PLACE} undismiss {paper.id.id}")
    toast = request.pressed and request.channel.platform == "telegram" and not request.channel.private
    told = (
        say.spans("Not relevant: {title}. Press again to take it back.", title=_title(paper))
        if toast
        else say.spans("Not relevant: {title}. Such papers rank lower from now on.", title=_title(paper))
    )
    yield note(told, actions(request.channel, undo))


async def undismiss(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Take an opinion back."""
    say = request.say
    identifier = await _identifier(request.words, request, desk, "undismiss")
    withdrawn = await desk.store.withdraw_opinion(request.channel.key, request.user, identifier.id)
    title = _title(await known_paper(identifier, desk))
    yield note(
        say.spans("Taken back: {title} counts as any other.", title=title)
        if withdrawn
        else say.spans("There was no opinion on {title} to take back.", title=title)
    )


async def _judged(request: Request, desk: Desk, verb: str, *, liked: bool) -> Paper:
    paper = await _paper(request, desk, verb)
    await desk.store.judge_paper(
        Opinion(channel=request.channel.key, person=request.user, paper=paper.id.id, liked=liked)
    )
    return paper


async def _paper(request: Request, desk: Desk, verb: str) -> Paper:
    return await desk.explain.paper((await _identifier(request.words, request, desk, verb)).bare)


async def _identifier(words: str, request: Request, desk: Desk, verb: str) -> ArxivId:
    found = await named(words, request, desk) if words else await at_hand(request, desk)
    if found is None:
        example = "1911.02782" if request.digest is None else "#1"
        raise UserError(request.say("Which paper? For example: {command}", command=f"/{verb} {example}"))
    return found


async def known_paper(identifier: ArxivId, desk: Desk) -> Paper:
    """The paper as far as it is known; arXiv being away is no reason to say nothing."""
    try:
        return await desk.explain.paper(identifier.bare)
    except SourceError:
        return Paper(id=identifier.bare, title=str(identifier))


def _title(paper: Paper) -> Span:
    return Bold(readable(paper.title) or str(paper.id))


async def saved(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """What whoever asks has saved, the newest first."""
    words, page = paged(request.words)
    if words:
        raise UserError(request.say("/saved takes no words; to save a paper: /save 1911.02782"))
    yield await _list(request, desk, page)


async def saved_by(request: Request, desk: Desk) -> tuple[Saved, ...]:
    """What a person saved, each paper once, the newest first."""
    newest = {each.paper: each for each in await _all_saved(request, desk)}
    return tuple(sorted(newest.values(), key=lambda each: each.saved_at, reverse=True))


async def _all_saved(request: Request, desk: Desk) -> tuple[Saved, ...]:
    """What a person saved anywhere; where others read the answer, what they saved there."""
    overheard = request.channel.platform == "telegram" and not request.channel.private
    return await desk.store.saved_papers(
        channel=request.channel.key if overheard else None, person=request.user
    )


async def _list(request: Request, desk: Desk, page: int, *before: Block) -> Document:
    say = request.say
    theirs = await saved_by(request, desk)
    if not theirs:
        empty = say("You have saved no papers. Press Save under one, or: /save 1911.02782")
        return Document((*before, Para(spans(empty))), summary=empty)
    page = min(max(page, 1), -(-len(theirs) // PAGE))
    first = (page - 1) * PAGE
    shown = [await known_paper(ArxivId(each.paper), desk) for each in theirs[first : first + PAGE]]
    heading = say("{n} saved paper|{n} saved papers", n=len(theirs))
    return Document(
        (
            *before,
            Para((Bold(heading),)),
            bullets([_line(paper) for paper in shown], ordered=True, start=first + 1),
            actions(request.channel, *_buttons(request, shown, page, len(theirs))),
        ),
        summary=heading,
    )


def _line(paper: Paper) -> tuple[Span, ...]:
    return (
        Text(f"{readable(paper.title)} ("),
        Link(paper.id.id, paper.id.abs_url),
        Text(")"),
    )


def _buttons(request: Request, shown: Sequence[Paper], page: int, number: int) -> list[Button]:
    say = request.say
    export = Button(say("Export"), command="export saved bib")
    if request.channel.platform == "console":
        return [Button(say("To remove one"), command=f"unsave {shown[0].id.id}"), export]
    first = (page - 1) * PAGE + 1
    remove = [
        Button(
            say("Remove {number}", number=str(place)),
            command=f"{IN_PLACE} unsave {paper.id.id} page {page}",
        )
        for place, paper in enumerate(shown, first)
    ]
    return [*remove, *pages(request, "saved", page, number), export]


def _takes_papers(words: str) -> bool:
    """Whether the words are papers, or none."""
    return not papers_named(words)[1]


def takes_one_paper(words: str) -> bool:
    """Whether the words are one paper, or none."""
    return not words or (len(words.split()) == 1 and names_paper(words))


def _takes_page(words: str) -> bool:
    return not paged(words)[0]


VERBS = (
    Verb(
        name="saved",
        usage="",
        summary="The papers you saved.",
        examples=("/saved",),
        answer=saved,
        takes=_takes_page,
    ),
    *(
        Verb(
            name=name,
            usage="[id | #n]",
            summary=summary,
            examples=(f"/{name} 1911.02782",),
            answer=answer,
            aliases=aliases,
            takes=_takes_papers if name == "save" else takes_one_paper,
            hidden=name != "save",
        )
        for name, summary, answer, aliases in (
            ("save", "Save a paper for yourself.", save, ()),
            ("unsave", "Take a paper off those you saved.", unsave, ()),
            ("like", "Have papers like this one first.", like, ()),
            ("dismiss", "Have papers like this one last.", dismiss, ()),
            ("undismiss", "Take back what you thought of a paper.", undismiss, ("unlike",)),
        )
    ),
)
