"""Which sentences stand for which part: scored by cues and place, spread by MMR, each used once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from digest.analysis.centrality import Vector, centrality, centroid, cosine, vectors
from digest.analysis.cues import FLUFF, OTHERS_WORK, POINTER
from digest.analysis.outline import Sentence
from digest.analysis.parts import PartCues
from digest.analysis.sentences import dependence
from digest.fulltext import SectionRole
from digest.model import ClaimSection

_ALIKE = 0.6  # two sentences more similar than this say the same
_UNDER_HEADING = 0.7  # of the cues asked for elsewhere is enough under a part's own heading
_UNDER_LABEL = 0.4  # and less still in a paragraph that begins "Baselines."
_SPREAD = 0.9  # what similarity to an already chosen sentence costs


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence and how well it would stand for a part."""

    index: int
    score: float


@dataclass(slots=True)
class Pool:
    """The sentences of a paper with what scoring needs, and which of them are taken."""

    sentences: tuple[Sentence, ...]
    vectors: tuple[Vector, ...]
    base: tuple[float, ...]
    taken: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, sentences: Sequence[Sentence]) -> Pool:
        """Centrality within the whole paper and likeness to its abstract are computed once."""
        vectors_ = vectors([sentence.text for sentence in sentences])
        central = centrality(vectors_)
        summary = centroid(
            vector
            for vector, sentence in zip(vectors_, sentences, strict=True)
            if sentence.role is SectionRole.ABSTRACT
        )
        base = tuple(
            0.8 * central[i] + 0.5 * cosine(vectors_[i], summary) + _form(sentence)
            for i, sentence in enumerate(sentences)
        )
        return cls(tuple(sentences), vectors_, base)

    def is_new(self, index: int) -> bool:
        """Whether neither the sentence nor one that says the same is taken."""
        return all(
            index != other and cosine(self.vectors[index], self.vectors[other]) < _ALIKE
            for other in self.taken
        )


def _form(sentence: Sentence) -> float:
    """What speaks against quoting a sentence anywhere: leaning on another, pointing elsewhere, asking."""
    words = len(sentence.text.split())
    score = -0.9 * dependence(sentence.text)
    score -= 0.9 if POINTER.search(sentence.text) else 0.0
    score -= 0.4 if FLUFF.match(sentence.text) else 0.0
    score -= 0.5 if sentence.text.rstrip("”’\"')").endswith("?") else 0.0
    score -= 0.4 * max(0, words - 40) / 30 + 0.4 * max(0, 10 - words) / 10
    return score


def cue_score(sentence: Sentence, cues: PartCues) -> float | None:
    """How clearly a sentence belongs to a part; None if it does not."""
    place = cues.roles.get(sentence.role)
    if place is None or not _is_admitted(sentence, cues):
        return None
    labelled = cues.heading.search(sentence.label) is not None
    headed = labelled or (not sentence.caption and cues.heading.search(sentence.heading) is not None)
    enough = _UNDER_LABEL if labelled else _UNDER_HEADING if headed else 1.0
    least = 0.0 if cues.home is sentence.role else enough * cues.least
    found = sum(weight for weight, pattern in cues.cues if pattern.search(sentence.text))
    if found < least:
        return None
    return found + place + 0.5 * headed + 0.3 * labelled - 0.4 * bool(sentence.caption)


def _is_admitted(sentence: Sentence, cues: PartCues) -> bool:
    return (
        (cues.captions or not sentence.caption)
        and (cues.others or OTHERS_WORK.match(sentence.text) is None)
        and cues.never.search(sentence.text) is None
    )


def choose(pool: Pool, candidates: Iterable[Scored], number: int) -> tuple[Sentence, ...]:
    """Up to `number` of the candidates by maximal marginal relevance, in document order; they are taken."""
    left = {c.index: c.score + pool.base[c.index] for c in candidates if pool.is_new(c.index)}
    nearest = dict.fromkeys(left, 0.0)
    chosen: list[int] = []
    while left and len(chosen) < number:
        best = max(left, key=lambda index: (left[index] - _SPREAD * nearest[index], -index))
        chosen.append(best)
        del left[best]
        for index in tuple(left):
            likeness = cosine(pool.vectors[index], pool.vectors[best])
            nearest[index] = max(nearest[index], likeness)
            if likeness >= _ALIKE:
                del left[index]
    pool.taken.extend(chosen)
    return tuple(sorted((pool.sentences[index] for index in chosen), key=lambda each: each.order))


def rated(pool: Pool, cues: PartCues, *, among: Collection[int], above: float) -> tuple[Scored, ...]:
    """The sentences `among` that belong to a part, with their scores; `above` cuts off the hopeless."""
    found = ((index, cue_score(pool.sentences[index], cues)) for index in among)
    return tuple(
        Scored(index, score)
        for index, score in found
        if score is not None and score + pool.base[index] > above
    )


def shared_out(
    pool: Pool, parts: Sequence[PartCues], *, among: Collection[int], above: float
) -> dict[ClaimSection, tuple[Scored, ...]]:
    """Each of the sentences `among` given to the one part it belongs to most clearly."""
    best: dict[int, tuple[float, ClaimSection]] = {}
    for cues in parts:
        for scored in rated(pool, cues, among=among, above=above):
            clarity = scored.score - cues.least
            if scored.index not in best or clarity > best[scored.index][0]:
                best[scored.index] = (clarity, cues.part)
    return {
        cues.part: tuple(
            Scored(index, clarity + cues.least)
            for index, (clarity, part) in best.items()
            if part is cues.part
        )
        for cues in parts
    }
