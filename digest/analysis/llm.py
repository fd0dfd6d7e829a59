"""`LlmAnalyzer`: an analysis by a language model that is whole, checked, and honest about what it is not."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from digest.analysis.defence import tamed
from digest.analysis.extractive import ExtractiveAnalyzer
from digest.analysis.llm_calls import Calls, LlmSettings
from digest.analysis.llm_draft import Draft, Refused
from digest.analysis.llm_job import Job
from digest.analysis.llm_long import read_in_pieces
from digest.analysis.llm_source import Source, source_of, source_of_notes
from digest.analysis.prompts import VERSION, Terms
from digest.clock import Clock, utc_now
from digest.errors import AnalyzerError, ContextExceeded, ModelMisconfigured, ModelUnavailable
from digest.fulltext import FullText
from digest.model import Analysis, Depth, Paper
from digest.ports import TextModel
from digest.wording import wording

# How long a stand-in is kept before the model is asked again.
_AFTER_OUTAGE = timedelta(minutes=1)
_AFTER_MISCONFIGURED = timedelta(minutes=5)
_AFTER_REFUSAL = timedelta(hours=6)
_LONGEST_REST = timedelta(hours=24)

_SHRINKS = 2  # times a paper is cut down to what the server says it can hold
_LEAST_ROOM = 400  # tokens of a paper below which there is nothing to analyse

_Rest = ModelUnavailable | ModelMisconfigured


class LlmAnalyzer:
    """Analyses by a model, with extracts for whatever it does not deliver.

    Never raises for the model's faults: they are told in `Basis.note`, and `Analysis.retry_at` says when the
    model is worth asking again. `secret` is this installation's own, and keeps authors from closing the fence
    around their papers; without one, each process has its own, and caches of prompts end with it.
    """

    def __init__(
        self,
        model: TextModel,
        *,
        fallback: ExtractiveAnalyzer,
        clock: Clock = utc_now,
        settings: LlmSettings | None = None,
        secret: bytes = b"",
    ) -> None:
        self.name = model.name
        self.prompt_version = VERSION
        self._settings = settings or LlmSettings()
        self._secret = secret or secrets.token_bytes(32)
        self._model = model
        self._fallback = fallback
        self._clock = clock
        self._context = self._settings.context_tokens
        self._rest: tuple[datetime, _Rest] | None = None  # until when the model is left alone, and why

    async def analyze(
        self, paper: Paper, text: FullText | None, /, *, depth: Depth, language: str, note: str = ""
    ) -> Analysis:
        """A whole analysis in `language`; of the abstract where `text` is None or empty (`note` says why)."""

        async def extract(note: str) -> Analysis:
            return await self._fallback.analyze(paper, text, depth=depth, language=language, note=note)

        job = Job(
            paper=paper,
            text=text,
            depth=depth,
            language=language,
            note=note or (" ".join(text.notes) if text is not None and not text.paragraphs else ""),
            calls=self.calls_about(paper),
            extract=extract,
            context=self._context,
        )
        resting = self.resting(language)
        if self._rest is not None and resting:
            return await job.stand_in(resting, self._rest[0])
        why, retry_at = await self._write(job)
        if job.draft is None or not any(job.draft.found.values()) or job.draft.unfounded:
            return await self._given_up(job, why, retry_at)
        return await job.finished(why, retry_at, self._clock())

    # For questions about a paper, which begin with the same prompt

    @property
    def answer_tokens(self) -> int:
        """The most tokens of an answer to a question."""
        return self._settings.answer(Depth.BRIEF, self._context)

    def resting(self, language: str) -> str:
        """Why the model is left alone just now, in a language; empty when it may be asked."""
        if self._rest is None or self._clock() >= self._rest[0]:
            return ""
        return _told(self._rest[1], language)

    def calls_about(self, paper: Paper) -> Calls:
        """Calls to the model about one paper."""
        return Calls(model=self._model, prices=self._settings.prices, cache_key=f"arxiv:{paper.id}")

    def source(self, paper: Paper, text: FullText | None, *, smaller: int = 0) -> Source:
        """The paper as every call begins; cut down by two fifths as often as `smaller` says."""
        room = self._settings.room(self._context)
        return source_of(paper, text, limit=room * 3**smaller // 5**smaller, secret=self._secret)

    def learn(self, error: ContextExceeded) -> None:
        """Remember how much the model holds, where its server told."""
        if error.limit and (self._context is None or error.limit < self._context):
            self._context = error.limit

    def leave_alone(self, error: _Rest, language: str) -> str:
        """Do not ask the model again before a while, for any paper; returns why, in a language."""
        if isinstance(error, ModelMisconfigured):
            wait = _AFTER_MISCONFIGURED
        else:
            asked = timedelta(seconds=error.retry_after) if error.retry_after else _AFTER_OUTAGE
            wait = min(asked, _LONGEST_REST)
        self._rest = (self._clock() + wait, error)
        return _told(error, language)

    async def _given_up(self, job: Job, why: str, retry_at: datetime | None) -> Analysis:
        say = job.words.say
        cut_off = job.draft is not None and job.draft.cut_off
        unfounded = job.draft is not None and job.draft.unfounded
        why = why or (
            say.model_unfounded if unfounded else say.model_cut_off if cut_off else say.model_unusable
        )
        return await job.stand_in(why, retry_at or self._clock() + _AFTER_REFUSAL)

    async def _write(self, job: Job) -> tuple[str, datetime | None]:
        """Write the job's draft as far as the model goes; why it ended early, and when to ask again."""
        say = job.words.say
        try:
            await self._fitted(job)
        except (ModelUnavailable, ModelMisconfigured) as error:
            return self.leave_alone(error, job.language), self._rest[0] if self._rest else None
        except Refused:
            return say.model_refused, self._clock() + _AFTER_REFUSAL
        except ContextExceeded:
            return say.paper_too_long, self._clock() + _AFTER_REFUSAL
        except AnalyzerError:
            return say.model_unusable, self._clock() + _AFTER_OUTAGE
        return "", None

    async def _fitted(self, job: Job) -> None:
        """Write the draft, cutting the paper down while the server says that it is too long."""
        for shrink in range(_SHRINKS + 1):
            room = self._settings.room(job.context)
            if room < _LEAST_ROOM:
                raise ContextExceeded("The model's context holds no paper.", limit=job.context)
            try:
                source = await self._source(job, room)
                if not job.calls.in_vain:
                    await self._drafted(job, source)
                return
            except ContextExceeded as error:
                if shrink == _SHRINKS:
                    raise
                job.context = self._smaller(error, job.context, room)

    def _smaller(self, error: ContextExceeded, known: int | None, room: int) -> int:
        """The context to reckon with after a paper was too long that should have fit.

        What the server told is remembered for all papers; what is guessed holds for this one.
        """
        self.learn(error)
        if error.limit and (known is None or error.limit < known):
            return error.limit
        return (known or room + self._settings.answer(Depth.DEEP, None)) * 3 // 5

    async def _source(self, job: Job, room: int) -> Source:
        """The paper as it fits; as notes on its pieces where less than half of it would."""
        job.pieces = 0
        most = self._settings.paper_tokens
        whole = source_of(job.paper, job.seen, limit=most, secret=self._secret)
        if whole.tokens <= room or job.seen is None:
            return whole
        cut = source_of(job.paper, job.seen, limit=room, secret=self._secret)
        if cut.tokens * 2 >= whole.tokens:
            return cut
        read = await read_in_pieces(
            job.paper,
            job.seen,
            calls=job.calls,
            judge=job.judge,
            room=room,
            most=most,
            answer_tokens=self._settings.answer(Depth.BRIEF, job.context),
            secret=self._secret,
        )
        if not read.notes:
            return cut
        job.pieces = read.pieces
        source = source_of_notes(job.paper, read.notes, secret=self._secret)
        return replace(source, left_out=read.left_out, pages_read=read.pages_read)

    async def _drafted(self, job: Job, source: Source) -> None:
        job.source = source
        job.draft = Draft(
            calls=job.calls,
            judge=job.judge,
            turns=source.turns,
            parts=job.depth.parts,
            language=job.language,
            terms=Terms(abstract_only=job.seen is None, from_notes=job.pieces > 0),
            answer_tokens=self._settings.answer(job.depth, job.context),
            hints=job.hints,
        )
        await job.draft.write()


def _told(error: _Rest, language: str) -> str:
    """Why the model is not asked, in a language."""
    say = wording(language).say
    if isinstance(error, ModelMisconfigured):
        return say.model_misconfigured.format(why=tamed(str(error))[:200])
    return say.model_failed
