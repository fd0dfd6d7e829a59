"""How central a sentence is to a text, from the words it shares with the others.

The score is the similarity to the centroid of all sentences: LexRank's continuous degree centrality (Erkan
and Radev 2004, https://doi.org/10.1613/jair.1523). On SciTLDR it chose better sentences than thresholded
LexRank with power iteration, in linear instead of quadratic time (docs/design.md has the figures).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from digest.analysis.languages import words

Vector = Mapping[str, float]

_TERM = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")
_STOPWORDS = words(
    """
    a about above after all also although among an and any are as at based be because been before being
    below between both but by can cannot could did do does doing done down during each either et al etc
    even every few first for from further given had has have having he hence her here how however if in
    into is it its itself just let made make many may might more moreover most much must neither no nor
    not of off on once one only or other our ours out over own per same second see several she should
    since so some such than that the their them then there thereby therefore these they this those three
    through thus to too two under until up upon us use used uses using very via was we were what when
    where whereas whether which while who whose why will with within without would yet you your eg ie
    fig figure table section der die das den dem des ein eine einer eines einem einen und oder aber ist
    sind war wird werden mit von zu zum zur im am an auf für als auch nicht sich es wir man bei durch
    aus nach über unter le la les un une des et ou est sont de du dans pour par sur que qui nous
    """
)


def terms(text: str) -> list[str]:
    """The content words of a text, folded, without plural s; pairs of characters for Chinese and Japanese."""
    folded = text.casefold()
    found = [_singular(word) for word in _TERM.findall(folded) if word not in _STOPWORDS]
    if not _CJK.search(folded):
        return found
    latin = [word for word in found if not _CJK.search(word)]
    return latin + [run[i : i + 2] for run in _CJK.findall(folded) for i in range(len(run) - 1)]


def _singular(word: str) -> str:
    return (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    )


def vectors(texts: Sequence[str]) -> tuple[Vector, ...]:
    """TF-IDF vectors of length 1, one for each text; empty for a text without content words."""
    counted = [Counter(terms(text)) for text in texts]
    spread = Counter(term for counts in counted for term in counts)
    rarity = {term: math.log(1 + len(texts) / number) for term, number in spread.items()}
    return tuple(_unit({term: n * rarity[term] for term, n in counts.items()}) for counts in counted)


def centroid(several: Iterable[Vector]) -> Vector:
    """The direction of the mean of some vectors, of length 1."""
    total: dict[str, float] = {}
    for vector in several:
        for term, weight in vector.items():
            total[term] = total.get(term, 0.0) + weight
    return _unit(total)


def cosine(one: Vector, other: Vector) -> float:
    """Similarity of two vectors of length 1, from 0 to 1."""
    if len(one) > len(other):
        one, other = other, one
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())


def centrality(several: Sequence[Vector]) -> tuple[float, ...]:
    """The similarity of each vector to the centroid of all, scaled so that the highest is 1."""
    middle = centroid(several)
    scores = [cosine(vector, middle) for vector in several]
    highest = max(scores, default=0.0) or 1.0
    return tuple(score / highest for score in scores)


def _unit(vector: dict[str, float]) -> Vector:
    length = math.sqrt(sum(weight * weight for weight in vector.values()))
    return {term: weight / length for term, weight in vector.items()} if length else {}
