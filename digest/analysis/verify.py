"""Checking an analysis against the paper, whoever wrote it: quotes, numbers, and where things stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from digest.analysis.anchors import Map, named_in, without_named
from digest.analysis.numbers import all_values, missing_numbers, names_in
from digest.analysis.quotes import Haystack, Place, fold
from digest.fulltext import FullText
from digest.model import Analysis, Claim, Paper


def verify(analysis: Analysis, text: FullText | None, paper: Paper) -> Analysis:
    """The analysis with every claim's paragraph, page, anchor and `verified` as the paper has them.

    A claim is verified when its quote stands in the paper, every number of its text is given there, and every
    section, figure, table or equation that it names exists. A quote that is not found leaves the claim
    without paragraph, page and anchor.
    """
    checker = Checker(text, paper)
    return replace(analysis, claims=tuple(checker.checked(claim) for claim in analysis.claims))


@dataclass
class Checker:
    """One paper, prepared for checking any number of claims."""

    text: FullText | None
    paper: Paper

    def checked(self, claim: Claim) -> Claim:
        """The claim as the paper bears it out."""
        place = self._haystack.find(claim.quote, near=claim.paragraph)
        if place is None:
            return replace(claim, paragraph=None, page=None, anchor="", verified=False)
        return replace(
            claim,
            paragraph=place.paragraph,
            page=place.page,
            anchor=self._map.anchor(place, claim.quote),
            verified=not self.unfounded(claim, place),
        )

    def unfounded(self, claim: Claim, place: Place) -> tuple[str, ...]:
        """What the claim's text says that the paper does not bear out: numbers, names with digits, labels."""
        if claim.text == claim.quote:
            return ()
        near = f"{_plain(place.text)}\n{self._captions(claim.text)}"
        rest = _plain(claim.text)
        absent = [str(named) for named in named_in(claim.text) if not self._map.has(named)]
        absent += missing_numbers(rest, near, self._values)
        absent += [name for name in names_in(rest) if fold(name) not in self._folded]
        return tuple(absent)

    @cached_property
    def _haystack(self) -> Haystack:
        return Haystack.of(self.text, self.paper)

    @cached_property
    def _map(self) -> Map:
        return Map.of(self.text)

    @cached_property
    def _texts(self) -> Sequence[str]:
        return [place.text for place in self._haystack.places]

    @cached_property
    def _values(self) -> frozenset[Decimal]:
        return all_values(map(_plain, self._texts))

    @cached_property
    def _folded(self) -> str:
        return fold("\n".join(self._texts))

    def _captions(self, text: str) -> str:
        """The captions of the figures and tables that the claim names."""
        named = {str(each) for each in named_in(text)}
        return "".join(f"\n{place.text}" for place in self._haystack.places if place.caption in named)


_CITED = re.compile(r"\[\d[\d,\s–-]*\]")


def _plain(text: str) -> str:
    """Without [12] and "Table 3", whose numbers are no figures of the paper."""
    return without_named(_CITED.sub(" ", text))
