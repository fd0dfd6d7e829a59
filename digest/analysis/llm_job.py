"""One analysis under way, and how it is finished: the model's parts, extracts in their stead, notes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from digest.analysis.extractive import hidden_warnings
from digest.analysis.languages import detect_language
from digest.analysis.links import own_links
from digest.analysis.llm_calls import Calls
from digest.analysis.llm_draft import CORE, Draft
from digest.analysis.llm_judge import Judge, strangers
from digest.analysis.llm_source import Source
from digest.analysis.prompts import VERSION
from digest.fulltext import FullText
from digest.model import Analysis, Basis, Claim, ClaimSection, Depth, Paper
from digest.wording import Wording, wording

_OF_AN_ABSTRACT = frozenset({ClaimSection.TLDR, ClaimSection.OVERVIEW})


@dataclass(kw_only=True)
class Job:
    """What is known of one analysis while it is written.

    `seen` is the text that can be analysed, `text` what reading gave; `note` says what is wrong with it.
    """

    paper: Paper
    text: FullText | None
    depth: Depth
    language: str
    note: str
    calls: Calls
    extract: Callable[[str], Awaitable[Analysis]]
    context: int | None = None  # tokens that the model holds, as far as it is known
    pieces: int = 0
    source: Source | None = None
    draft: Draft | None = None
    _extracts: Analysis | None = None

    @property
    def seen(self) -> FullText | None:
        return self.text if self.text is not None and self.text.paragraphs else None

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.paper, self.seen, self.language)

    @cached_property
    def words(self) -> Wording:
        return wording(self.language)

    async def extracts(self) -> Analysis:
        """The paper's own sentences, without those that give orders to models."""
        if self._extracts is None:
            made = await self.extract(self.note)
            claims = await asyncio.to_thread(self._untainted, made.claims)
            self._extracts = replace(made, claims=claims)
        return self._extracts

    def _untainted(self, claims: Iterable[Claim]) -> tuple[Claim, ...]:
        taints = self.judge.guard.planted.taints
        return tuple(claim for claim in claims if not taints(claim.text))

    async def hints(self) -> Mapping[ClaimSection, str]:
        """For each part of which the paper seems to speak, a sentence that does."""
        found = await self.extracts()
        return {claim.section: claim.quote for claim in reversed(found.claims)}

    async def stand_in(self, why: str, retry_at: datetime) -> Analysis:
        """Extracts in place of the whole analysis, and why."""
        made = await self.extracts()
        note = self._sentences((made.basis.note, why))
        return replace(made, basis=replace(made.basis, note=note), usage=self.calls.usage, retry_at=retry_at)

    async def finished(self, why: str, retry_at: datetime | None, at: datetime) -> Analysis:
        """The draft as an analysis; extracts where a part is lacking, but not for the paper's silence."""
        assert self.draft is not None
        lacking = self._lacking(self.draft)
        found = (await self.extracts()).claims if lacking else ()
        extracts = [claim for claim in found if claim.section in lacking]
        claims = [claim for part in self.depth.parts for claim in self._part(part, extracts)]
        told = {claim.section for claim in claims}
        stood_in = {claim.section for claim in extracts}
        return Analysis(
            paper=self.paper.id,
            title=self.paper.title or (self.text.title if self.text else ""),
            language=self.language,
            depth=self.depth,
            claims=tuple(claims),
            missing=tuple(part for part in self.depth.parts if part not in told),
            links=own_links(self.paper, self.seen),
            warnings=hidden_warnings(self.text.hidden if self.text else ()),
            basis=self._basis(why, stood_in, lacking - told),
            analyzer=self.calls.model.name,
            prompt_version=VERSION,
            usage=self.calls.usage,
            created_at=at,
            retry_at=retry_at,
        )

    def _part(self, part: ClaimSection, extracts: list[Claim]) -> list[Claim]:
        assert self.draft is not None
        return list(self.draft.found.get(part, ())) or [each for each in extracts if each.section is part]

    def _lacking(self, draft: Draft) -> frozenset[ClaimSection]:
        """Parts that were not answered, that lost all their claims, or that no paper is without."""
        core = _OF_AN_ABSTRACT if self.seen is None else CORE
        return frozenset(
            part
            for part in draft.parts
            if not draft.found.get(part)
            and (part not in draft.found or part in draft.emptied or part in core)
        )

    def _basis(self, why: str, stood_in: Set[ClaimSection], given_by_none: Set[ClaimSection]) -> Basis:
        assert self.draft is not None
        say = self.words.say
        cut_off = self.draft.cut_off and any(part not in self.draft.found for part in self.draft.parts)
        read = self.seen.notes if self.seen is not None else ()
        notes = [self.note, *read, why or (say.model_cut_off if cut_off else "")]
        notes.append(self._on_language(self.draft))
        if self.pieces:
            notes.append(say.in_pieces(self.pieces))
        if stood_in:
            notes.append(say.stand_in_for.format(parts=self._names(stood_in)))
        if given_by_none:
            notes.append(say.model_gave_nothing.format(parts=self._names(given_by_none)))
        if self.draft.dropped:
            notes.append(say.dropped(self.draft.dropped))
        note = self._sentences(notes)
        if self.seen is None:
            return Basis(kind="abstract", pages=self.text.pages if self.text else 0, note=note)
        assert self.source is not None
        return Basis(
            kind="full text",
            pages=self.seen.pages,
            pages_read=min(self.source.pages_read, self.seen.pages),
            left_out=self.source.left_out,
            note=note,
        )

    def _on_language(self, draft: Draft) -> str:
        """What to say where most of the model's claims are not in the language asked for."""
        told = [claim for claims in draft.found.values() for claim in claims]
        strange = strangers(told, self.language)
        if not strange:
            return ""
        english = detect_language(" ".join(claim.text for claim in strange)) == "en"
        return self.words.say.model_in_english if english else self.words.say.model_in_other_language

    def _names(self, parts: Set[ClaimSection]) -> str:
        return self.words.join(
            [self.words.labels.missing[part] for part in self.depth.parts if part in parts]
        )

    def _sentences(self, notes: Iterable[str]) -> str:
        """The notes as whole sentences; those in English stand apart in languages without spaces, too."""
        told = [self.words.sentence(note) for note in notes if note]
        return "".join(
            f"{each} " if each[-1].isascii() else each + self.words.space for each in told
        ).rstrip()
