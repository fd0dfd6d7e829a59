"""Questions about a paper, answered from it alone, with the words that carry each answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.analyses import Analyses, Progress, quiet
from digest.analysis.llm import LlmAnalyzer
from digest.analysis.llm_judge import Judge, Verdict, distinct
from digest.analysis.llm_passages import passages
from digest.analysis.llm_source import Source
from digest.analysis.prompts import Failure, question_turn, repair
from digest.analysis.schema import claims_in, is_refusal
from digest.analysis.tokens import estimate
from digest.clock import Clock
from digest.conversation import Answer, AnswerKind
from digest.errors import AnalyzerError, ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.fulltext import FullText
from digest.model import Claim, ClaimSection, Paper
from digest.ports import Finish, Store, Turn
from digest.readable import clean
from digest.wording import wording

TURNS = 8  # earlier questions that a model is reminded of
HISTORY_TOKENS = 4_000
LONGEST_QUESTION = 2_000  # characters

_PARTS = (ClaimSection.ANSWER,)
_TRIES = 2  # a cut-off or unreadable answer is asked for once more
_SHRINKS = 2


class Ask:
    """Answers to questions, and the conversation of each thread.

    `writer` is the analyzer whose model answers, with the very prompt its analyses begin with; without one,
    answers are the paper's own best matching sentences.
    """

    def __init__(self, *, store: Store, analyses: Analyses, writer: LlmAnalyzer | None, clock: Clock) -> None:
        self._store = store
        self._analyses = analyses
        self._writer = writer
        self._clock = clock

    @property
    def has_model(self) -> bool:
        """Whether a model answers; else the paper's own sentences do."""
        return self._writer is not None

    async def in_thread(
        self,
        thread: str,
        paper: Paper,
        question: str,
        /,
        *,
        language: str,
        by: str = "",
        progress: Progress = quiet,
    ) -> Answer:
        """Answer with the thread's conversation about this paper in mind, and remember both."""
        told = await self._store.conversation(thread, limit=TURNS)
        history = [answer for answer in told if answer.paper == paper.id]
        answer = await self.answer(paper, question, language=language, history=history, progress=progress)
        answer = replace(answer, asked_by=by)
        await self._store.add_answer(thread, answer)
        return answer

    async def answer(
        self,
        paper: Paper,
        question: str,
        /,
        *,
        language: str,
        history: Sequence[Answer] = (),
        progress: Progress = quiet,
    ) -> Answer:
        """The answer from the paper's full text, or from its abstract where there is no text.

        Never raises for the model's faults: then the best matching sentences stand in, and `note` says why.
        """
        text, note = await self._analyses.text(paper, progress)
        asked = clean(question)[:LONGEST_QUESTION]
        blank = Answer(
            paper=paper.id,
            question=asked,
            kind=AnswerKind.NOTHING,
            language=language,
            analyzer="extractive",
            note=note,
            created_at=self._clock(),
        )
        if self._writer is None:
            return await _from_passages(blank, text, paper)
        progress(f"Asking about {paper.id}: {asked}")
        inquiry = _Inquiry(self._writer, paper, text, blank, tuple(history))
        return await inquiry.answered()


@dataclass
class _Inquiry:
    """One question under way to a model."""

    writer: LlmAnalyzer
    paper: Paper
    text: FullText | None
    blank: Answer
    history: tuple[Answer, ...]

    def __post_init__(self) -> None:
        self.calls = self.writer.calls_about(self.paper)
        self.judge = Judge(self.paper, self.text, self.blank.language)

    async def answered(self) -> Answer:
        say = wording(self.blank.language).say
        why = self.writer.resting(self.blank.language)
        if not why:
            try:
                answer = await self._by_model()
            except (ModelUnavailable, ModelMisconfigured) as error:
                why = self.writer.leave_alone(error, self.blank.language)
            except AnalyzerError as error:
                why = say.paper_too_long if isinstance(error, ContextExceeded) else say.model_unusable
            else:
                if answer is not None:
                    return answer
                why = say.model_unusable
        note = " ".join(filter(None, (self.blank.note, why)))
        blank = replace(self.blank, note=note, usage=self.calls.usage)
        return await _from_passages(blank, self.text, self.paper)

    async def _by_model(self) -> Answer | None:
        """The model's answer with what stands of it; None if there is nothing to show for it."""
        for shrink in range(_SHRINKS + 1):
            source = self.writer.source(self.paper, self.text, smaller=shrink)
            try:
                claims = await self._asked(source)
                break
            except ContextExceeded as error:
                if shrink == _SHRINKS:
                    raise
                self.writer.learn(error)
        else:  # the loop ends by break or raise
            return None
        if claims is None:
            return None
        standing = await self._standing(claims, source)
        if claims and not any(claim.verified for claim in standing):
            return None
        return replace(
            self.blank,
            kind=AnswerKind.ANSWERED if standing else AnswerKind.NOT_SAID,
            claims=standing,
            analyzer=self.writer.name,
            left_out=source.left_out,
            usage=self.calls.usage,
        )

    async def _asked(self, source: Source) -> tuple[Claim, ...] | None:
        """The claims of the answer, unchecked; none if the paper does not say; None without an answer."""
        words = question_turn(self.blank.question, language=self.blank.language)
        most = self.writer.answer_tokens
        for _ in range(_TRIES):
            answer = await self.calls.ask(self._turns(source), words, _PARTS, max_tokens=most)
            if answer.finish is Finish.REFUSED or is_refusal(answer.data, answer.text):
                return None
            found = claims_in(answer.data, answer.text, _PARTS) if answer.finish is Finish.STOP else {}
            if found:
                return found[ClaimSection.ANSWER]
            most = 2 * most if answer.finish is Finish.LENGTH else most
        return None

    def _turns(self, source: Source) -> tuple[Turn, ...]:
        return (*source.turns, *remembered(self.history))

    async def _standing(self, claims: tuple[Claim, ...], source: Source) -> tuple[Claim, ...]:
        """The claims that stand; one call to mend the others; those that fail again are dropped or marked."""
        verdicts = await asyncio.to_thread(lambda: [self.judge.judged(claim) for claim in claims])
        failed = [verdict for verdict in verdicts if verdict.fault]
        good = [verdict.claim for verdict in verdicts if not verdict.fault]
        if failed:
            mended = await self._mended(failed, source)
            good += mended
            good += [verdict.claim for verdict in failed[len(mended) :] if not verdict.fatal]
        return distinct(good)

    async def _mended(self, failed: Sequence[Verdict], source: Source) -> list[Claim]:
        failures = [
            Failure(part=ClaimSection.ANSWER, text=v.claim.text, quote=v.claim.quote, reason=v.fault)
            for v in failed
        ]
        words = f"{repair(failures, language=self.blank.language)}\nThe question: {self.blank.question}"
        try:
            answer = await self.calls.ask(source.turns, words, _PARTS, max_tokens=self.writer.answer_tokens)
        except AnalyzerError:
            return []
        if answer.finish is not Finish.STOP:
            return []
        found = claims_in(answer.data, answer.text, _PARTS).get(ClaimSection.ANSWER, ())
        verdicts = await asyncio.to_thread(lambda: [self.judge.judged(claim) for claim in found])
        return [verdict.claim for verdict in verdicts if not verdict.fault]


def remembered(history: Sequence[Answer]) -> tuple[Turn, ...]:
    """The conversation so far as turns: the latest questions and verified answers that fit, oldest first."""
    turns: list[Turn] = []
    room = HISTORY_TOKENS
    for told in reversed(history[-TURNS:]):
        question = Turn(role="user", text=question_turn(told.question, language=told.language))
        reply = Turn(role="assistant", text=_reply(told))
        room -= estimate(question.text) + estimate(reply.text)
        if room < 0:
            break
        turns = [question, reply, *turns]
    return tuple(turns)


def _reply(told: Answer) -> str:
    claims = [
        {"text": claim.text, "quote": claim.quote, "paragraph": claim.paragraph or 0} for claim in told.claims
    ]
    return json.dumps({"answer": claims}, ensure_ascii=False)


async def _from_passages(blank: Answer, text: FullText | None, paper: Paper) -> Answer:
    found = await asyncio.to_thread(passages, blank.question, text, paper)
    return replace(blank, kind=AnswerKind.PASSAGES if found else AnswerKind.NOTHING, claims=found)
