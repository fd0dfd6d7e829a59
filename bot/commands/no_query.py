"""What /subscribe does not take: a paper, a text, a likeness to a paper that there is not."""

from __future__ import annotations

from bot.commands.naming import is_one_paper
from bot.commands.narrowing import Wanted
from bot.commands.request import Desk, Request
from digest.errors import PaperNotFound, SourceError, UserError
from digest.matching import TermKind
from digest.model import ArxivId

LONGEST = 500  # characters of a query as it is typed


def check_words(request: Request) -> None:
    """Raise `UserError` for what is no query: a text, a number, a paper."""
    say, words = request.say, request.words.strip()
    # A button can bring back a query whose options have made it longer than it was typed.
    if len(words) > LONGEST and not request.pressed:
        raise UserError(
            say(
                "That query has {n} characters, and I take at most {most}. Try a few short phrases: "
                "/subscribe vla, vision language action",
                n=len(words),
                most=LONGEST,
            )
        )
    if not is_one_paper(words):
        return
    if words.startswith(("#", "＃")):
        raise UserError(
            say(
                "“{words}” is a number, not words to look for. To read that paper of the last digest: "
                "{command}",
                words=words[:40],
                command=f"/explain {words[:40]}",
            )
        )
    paper = ArxivId.parse(words).bare.id
    raise UserError(
        say(
            "That is one paper, not words to look for. To read it: {explain}. To follow papers like it: "
            "{like}",
            explain=f"/explain {paper}",
            like=f"/subscribe like:{paper}",
        )
    )


async def check_examples(request: Request, desk: Desk, asked: Wanted) -> None:
    """Raise `UserError` for a `like:` of a paper that arXiv does not have."""
    for term in asked.query.terms:
        if term.kind is not TermKind.LIKE:
            continue
        try:
            await desk.explain.paper(ArxivId.parse(term.words[0]).bare)
        except PaperNotFound as error:
            raise UserError(
                request.say(
                    "arXiv has no paper {paper}, so nothing was subscribed; check the number.",
                    paper=term.words[0],
                )
            ) from error
        except SourceError:
            return  # arXiv is away, and may have it
