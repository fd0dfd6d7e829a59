"""Writing an analysis with a model until every part is answered, or it is known which are not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.analysis.llm_calls import Calls
from digest.analysis.llm_judge import Judge, Verdict, distinct, strangers
from digest.analysis.prompts import Failure, Terms, language_name, repair, task
from digest.analysis.schema import Claims, claims_in, is_refusal
from digest.errors import AnalyzerError, ContextExceeded
from digest.model import Claim, ClaimSection
from digest.ports import Completion, Finish, Turn

Part = ClaimSection

# What is asked together where the whole could not be had at once.
GROUPS = (
    (Part.TLDR, Part.OVERVIEW, Part.MOTIVATION),
    (Part.CONTRIBUTIONS,),
    (Part.METHOD,),
    (Part.METRICS, Part.DATASETS, Part.BASELINES, Part.SETUP),
    (Part.RESULTS, Part.ABLATIONS),
    (Part.LIMITATIONS,),
    (Part.STEPS,),
    (Part.EQUATIONS, Part.REPRODUCTION),
    (Part.CRITIQUE, Part.RELATED),
)
CORE = frozenset({Part.TLDR, Part.OVERVIEW, Part.MOTIVATION, Part.CONTRIBUTIONS, Part.METHOD})
_VAIN = 3  # groups in a row that came to nothing before the rest is not asked for
_MOST_FAILURES = 24  # claims listed in a repair

Hints = Callable[[], Awaitable[Mapping[ClaimSection, str]]]


class Refused(Exception):
    """The model declined to analyse the paper."""


@dataclass(kw_only=True)
class Draft:
    """An analysis being written. What was found so far is in `found` whenever writing stops.

    `hints` gives, for parts of which the paper seems to speak, a sentence that does. `dropped` counts claims
    that the paper does not bear out, `emptied` the parts that lost all theirs so; `cut_off` says that answers
    did not fit in their tokens.
    """

    calls: Calls
    judge: Judge
    turns: tuple[Turn, ...]
    parts: tuple[ClaimSection, ...]
    language: str
    terms: Terms
    answer_tokens: int
    hints: Hints
    found: Claims = field(default_factory=dict)
    dropped: int = 0
    emptied: frozenset[ClaimSection] = frozenset()
    cut_off: bool = False

    async def write(self) -> None:
        """All parts, then those that are missing one by one, then the mending.

        Raises `Refused`, and the errors of the model, of which `ContextExceeded` only at the first call;
        whatever was found before is judged all the same.
        """
        stopped: AnalyzerError | None = None
        try:
            await self._whole()
            await self._groups()
        except AnalyzerError as error:
            stopped = error
            if not self.found:
                raise
        stopped = await self._mend(asking=stopped is None and not self.calls.in_vain) or stopped
        if stopped is not None:
            raise stopped

    async def _whole(self) -> None:
        """Once plainly; once shorter with twice the tokens if cut off; once more if it was no JSON."""
        terms, most, tries = self.terms, self.answer_tokens, {"cut off": 1, "no JSON": 1}
        while True:
            words = self._task(self.parts, terms)
            try:
                answer = await self.calls.ask(self.turns, words, self.parts, max_tokens=most)
            except ContextExceeded:
                if self.cut_off:  # the paper fits, but not with twice the tokens for the answer
                    return
                raise
            if answer.finish is Finish.REFUSED or is_refusal(answer.data, answer.text):
                raise Refused
            problem = "cut off" if answer.finish is Finish.LENGTH else "no JSON"
            if answer.finish is Finish.STOP and self._take(answer, self.parts):
                return
            self.cut_off = answer.finish is Finish.LENGTH
            if not tries[problem] or self.calls.in_vain:
                return
            tries[problem] -= 1
            if problem == "cut off":
                terms, most = replace(terms, shorter=True), 2 * most
            else:
                terms = replace(terms, json_only=True)

    async def _groups(self) -> None:
        """One call for each group of parts that has none, while they bear fruit and answers can be used."""
        vain = 0
        for group in GROUPS:
            wanted = self._unanswered(group)
            if not wanted or vain >= _VAIN or self.calls.in_vain:
                continue
            vain = 0 if await self._asked(self._task(wanted, self.terms), wanted) else vain + 1

    def _unanswered(self, among: Iterable[ClaimSection]) -> tuple[ClaimSection, ...]:
        return tuple(part for part in among if part in self.parts and part not in self.found)

    async def _asked(self, words: str, parts: tuple[ClaimSection, ...]) -> Claims:
        """What one more call brought; nothing if it was refused, cut off, unreadable or too long."""
        try:
            answer = await self.calls.ask(self.turns, words, parts, max_tokens=self.answer_tokens)
        except ContextExceeded:
            return {}
        return self._take(answer, parts) if answer.finish is Finish.STOP else {}

    def _take(self, answer: Completion, parts: Sequence[ClaimSection]) -> Claims:
        """Keep what an answer says of parts that had none."""
        new = claims_in(answer.data, answer.text, parts)
        self.calls.useless += not new
        self.found |= {part: claims for part, claims in new.items() if part not in self.found}
        return new

    async def _mend(self, *, asking: bool) -> AnalyzerError | None:
        """Judge everything; have what failed mended in one call; drop or mark what still fails.

        Returns the error that kept the model from mending, if any.
        """
        stopped: AnalyzerError | None = None
        verdicts = await asyncio.to_thread(self._judged, self.found)
        failures = [*_failures(verdicts), *(await self._doubts() if asking else ())]
        failures += _in_language(verdicts, self.language)
        mended: list[Verdict] = []
        if failures and asking:
            try:
                mended = await self._mended(failures[:_MOST_FAILURES])
            except AnalyzerError as error:
                stopped = error
        for part in self.parts:
            if part in self.found or any(v.claim.section is part for v in mended):
                self.found[part] = self._settled(part, verdicts, mended, failures)
        return stopped

    async def _mended(self, failures: Sequence[Failure]) -> list[Verdict]:
        parts = tuple(part for part in self.parts if any(failure.part is part for failure in failures))
        before = dict(self.found)
        self.found = {part: claims for part, claims in before.items() if part not in parts}
        try:
            new = await self._asked(repair(failures, language=self.language), parts)
        finally:
            self.found = before
        return await asyncio.to_thread(self._judged, new)

    def _judged(self, claims: Claims) -> list[Verdict]:
        flat = distinct([claim for part in self.parts for claim in claims.get(part, ())])
        return [self.judge.judged(claim) for claim in flat]

    async def _doubts(self) -> list[Failure]:
        """Parts that the model left empty although the paper seems to speak of them."""
        empty = [part for part in self.parts if part in self.found and not self.found[part]]
        if not empty or self.terms.abstract_only:
            return []
        hints = await self.hints()
        return [
            Failure(part=part, reason=f"left empty, though the paper says: “{hints[part][:200]}”")
            for part in empty
            if part in hints
        ]

    def _settled(
        self,
        part: ClaimSection,
        verdicts: Sequence[Verdict],
        mended: Sequence[Verdict],
        failures: Sequence[Failure],
    ) -> tuple[Claim, ...]:
        """The part's claims in the end: those that stand, those mended, and those to be marked."""
        ours = [verdict for verdict in verdicts if verdict.claim.section is part]
        said = {v.claim.text for v in ours if not v.fault}
        good = [v.claim for v in mended if v.claim.section is part and not v.fault]
        good = [claim for claim in good if claim.text not in said]
        complained = {failure.text for failure in failures if failure.part is part}
        standing = [v.claim for v in ours if not v.fault and not (good and v.claim.text in complained)]
        failed = [v for v in ours if v.fault]
        left = failed[len(good) :] if good else failed
        # The tldr stands alone at the head of messages, where no mark would be seen.
        marked = [v.claim for v in left if not v.fatal and part is not Part.TLDR]
        self.dropped += len(left) - len(marked)
        claims = distinct([*standing, *good, *marked])
        if ours and not claims:
            self.emptied |= {part}
        return claims

    @property
    def unfounded(self) -> bool:
        """Whether fewer than half of the model's claims, those dropped included, were found in the paper."""
        told = [claim for claims in self.found.values() for claim in claims]
        return 2 * sum(claim.verified for claim in told) < len(told) + self.dropped

    def _task(self, parts: Sequence[ClaimSection], terms: Terms) -> str:
        return task(parts, language=self.language, terms=terms)


def _failures(verdicts: Sequence[Verdict]) -> list[Failure]:
    return [
        Failure(part=v.claim.section, text=v.claim.text, quote=v.claim.quote, reason=v.fault)
        for v in verdicts
        if v.fault
    ]


def _in_language(verdicts: Sequence[Verdict], language: str) -> list[Failure]:
    strange = strangers([v.claim for v in verdicts], language)
    reason = f"the text is not in {language_name(language)}"
    return [
        Failure(part=v.claim.section, text=v.claim.text, quote=v.claim.quote, reason=reason)
        for v in verdicts
        if not v.fault and v.claim in strange
    ]
