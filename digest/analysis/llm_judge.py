"""A model's claims before the paper: what stands, what must be mended, what may not be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from digest.analysis.defence import Guard
from digest.analysis.quotes import Haystack, Place
from digest.analysis.verify import Checker
from digest.fulltext import FullText
from digest.model import Claim, Paper
from digest.readable import clean

_LONGEST_TEXT = 1_500  # characters; longer ones are no claims
_CUT_OFF = re.compile(r"(?:…|\.\.\.|[，,、（(：:;；-])\s*$")
_ODD = re.compile(r"\b[A-Z]{5,}\b|\b(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[A-Za-z0-9][\w-]{4,}\b", re.ASCII)
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_LEAST_SHARE = 0.15  # of the letters; a Chinese sentence full of English names still has as many
_SCRIPTS = {"zh": _HAN, "ja": _KANA, "ko": _HANGUL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A claim as the paper bears it out, and in words for the model what is wrong with it, if anything.

    A `fatal` fault keeps the claim from being shown; without one it may be shown, marked as unverified.
    """

    claim: Claim
    fault: str = ""
    fatal: bool = False


@dataclass(frozen=True)
class Judge:
    """One paper, prepared for judging any number of claims about it."""

    paper: Paper
    text: FullText | None
    language: str = ""  # of the claims' texts

    def judged(self, claim: Claim) -> Verdict:
        """The claim, tamed and checked."""
        claim = replace(claim, text=self.guard.tamed(claim.text), quote=clean(claim.quote).lstrip("•▪●◦‣∙ "))
        if not claim.text:
            return Verdict(claim=claim, fault="the text is empty", fatal=True)
        if len(claim.text) > _LONGEST_TEXT or _CUT_OFF.search(claim.text):
            return Verdict(claim=claim, fault="the text is cut off or too long", fatal=True)
        if self.guard.planted.taints(claim.text, claim.quote):
            return Verdict(claim=claim, fault="it repeats what the paper says to models", fatal=True)
        checked = self._checker.checked(claim)
        stray = self._stray(checked)
        if stray:
            return Verdict(claim=checked, fault=f"not in the quoted paragraph: {stray}", fatal=True)
        return Verdict(claim=checked) if checked.verified else self._faulted(checked)

    def _stray(self, claim: Claim) -> str:
        """A code or word in capitals that the paper has once only, and not where the claim's quote stands.

        So a word that a paper plants in one sentence finds no support in the quotes of others.
        """
        odd = set(_ODD.findall(claim.text)) if claim.text != claim.quote else ()
        if not odd:
            return ""
        place = self._haystack.find(claim.quote, near=claim.paragraph)
        near = place.text if place is not None else ""
        places = [each.text for each in self._haystack.places]
        return ", ".join(
            word for word in sorted(odd) if word not in near and sum(word in text for text in places) == 1
        )

    def _faulted(self, claim: Claim) -> Verdict:
        place = self._haystack.find(claim.quote, near=claim.paragraph)
        if place is not None:
            absent = ", ".join(self._checker.unfounded(claim, place)[:6])
            return Verdict(claim=claim, fault=f"not in the quoted paragraph: {absent}", fatal=True)
        wrong = self._checker.unfounded(claim, self._everything)
        return Verdict(claim=claim, fault="the quote is not in the paper", fatal=bool(wrong))

    @cached_property
    def guard(self) -> Guard:
        return Guard(self.paper, self.text)

    @cached_property
    def _checker(self) -> Checker:
        return Checker(self.text, self.paper, self.language)

    @cached_property
    def _haystack(self) -> Haystack:
        return Haystack.of(self.text, self.paper)

    @cached_property
    def _everything(self) -> Place:
        return Place(text="\n".join(place.text for place in self._haystack.places))


def distinct(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The claims without those that say what an earlier one of the same part says."""
    seen: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        seen.setdefault((claim.section, claim.text.casefold()), claim)
    return tuple(seen.values())


def strangers(claims: Sequence[Claim], language: str) -> tuple[Claim, ...]:
    """The claims whose own sentences are not in the language asked for, if they are most of them.

    Told by the script alone. Of the paper's own words none are counted, unless they are most of the claims
    and the language has a script of its own.
    """
    script = _SCRIPTS.get(language.partition("-")[0].casefold())
    said = [claim for claim in claims if claim.text not in claim.quote]
    if script is not None and 2 * len(said) < len(claims):
        said = list(claims)
    if script is not None:
        told = [claim for claim in said if len(claim.text) > 40 or script.search(claim.text)]
        strange = [claim for claim in told if not _written_in(script, claim.text)]
    else:
        told = [claim for claim in said if len(claim.text) > 40 or _KANA.search(claim.text)]
        strange = [claim for claim in told if len(_KANA.findall(claim.text)) > len(claim.text) / 4]
    return tuple(strange) if len(told) > 2 and 2 * len(strange) > len(told) else ()


def _written_in(script: re.Pattern[str], text: str) -> bool:
    """Whether a text is in the script's language: names of methods and data stay English in all of them."""
    letters = sum(map(str.isalpha, text))
    return len(script.findall(text)) >= _LEAST_SHARE * letters
