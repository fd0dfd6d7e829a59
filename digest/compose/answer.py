"""The answer to a question about a paper, each claim with the words that carry it."""

from __future__ import annotations

from digest.analysis.budget import tokens_of
from digest.compose.analysis import claim_spans, is_verbatim
from digest.compose.facts import title
from digest.conversation import Answer, AnswerKind
from digest.document import Block, Bullets, Context, Document, Italic, Quote, Text, bullets, para
from digest.model import Paper
from digest.readable import readable
from digest.wording import Wording, wording


def answered(answer: Answer, paper: Paper, *, has_model: bool = True) -> Document:
    """The question, its answer in claims with anchors, and what the answer rests on.

    Without a model it says that it is none that was thought of, only the sentences that have the words.
    """
    words = wording(answer.language)
    blocks: list[Block] = [Quote((Text(readable(answer.question)),))]
    lead = _lead(answer, words, has_model=has_model)
    if lead:
        blocks.append(para(lead))
    for claim in answer.claims:
        blocks.append(bullets([claim_spans(claim, answer.paper, words)]))
        if claim.verified and claim.quote.strip() and not is_verbatim(claim):
            source = (Text(words.labels.quote + words.colon), Italic(f"“{readable(claim.quote)}”"))
            blocks.append(Bullets((source,), indent=1))
    blocks.append(_footer(answer, paper, words))
    return Document(tuple(blocks), summary=lead or readable(answer.question))


def _lead(answer: Answer, words: Wording, *, has_model: bool) -> str:
    match answer.kind:
        case AnswerKind.NOT_SAID:
            return words.say.answer_not_said
        case AnswerKind.PASSAGES:
            return words.say.answer_passages if has_model else words.say.answer_no_model
        case AnswerKind.NOTHING:
            return words.say.answer_nothing
    return ""


def _footer(answer: Answer, paper: Paper, words: Wording) -> Context:
    facts = [f"{title(paper)} ({answer.paper})"]
    if answer.note:
        facts.append(words.reason(answer.note))
    if answer.left_out:
        facts.append(words.say.left_out.format(sections=words.join(answer.left_out)))
    if tokens_of(answer.usage):
        facts.append(f"{answer.analyzer} · {tokens_of(answer.usage):,} tokens")
    return Context((Text(" · ".join(facts)),))
