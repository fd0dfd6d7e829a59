"""Checking an analysis against the paper, whoever wrote it: quotes, numbers, and where things stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from digest.analysis.anchors import Map, named_in, without_named
from digest.analysis.languages import words
from digest.analysis.numbers import all_values, missing_numbers, names_in
from digest.analysis.quotes import Haystack, Place, fold
from digest.fulltext import FullText
from digest.model import Analysis, Claim, Paper


def verify(analysis: Analysis, text: FullText | None, paper: Paper) -> Analysis:
    """The analysis with every claim's paragraph, page, anchor and `verified` as the paper has them.

    A claim is verified when its quote stands in the paper, every number of its text is given there, every
    section, figure, table or equation that it names exists, every name stands somewhere in the paper, and it
    denies nothing where the quoted paragraph does not. A quote that is not found leaves the claim without
    paragraph, page and anchor.
    """
    checker = Checker(text, paper, analysis.language)
    return replace(analysis, claims=tuple(checker.checked(claim) for claim in analysis.claims))


@dataclass
class Checker:
    """One paper, prepared for checking any number of claims, in `language` or else in any."""

    text: FullText | None
    paper: Paper
    language: str = ""

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
        """What the claim's text says that the paper does not bear out: numbers, labels, names, denials."""
        if claim.text == claim.quote:
            return ()
        near = f"{_plain(place.text)}\n{self._captions(claim.text)}"
        rest = _plain(claim.text)
        absent = [str(named) for named in named_in(claim.text) if not self._map.has(named)]
        absent += missing_numbers(rest, near, self._values)
        absent += [name for name in names_in(rest) if fold(name) not in self._folded]
        absent += [
            name
            for name, compound in _proper_names(rest, self.language)
            if not self._mentions(name, near) and not self._everything.has(compound)
        ]
        denial = _DENIAL.search(claim.text)
        passage = "" if _OUTRIGHT.search(claim.text) else place.text
        if denial is not None and not (_NEGATED.search(passage) or _NEGATIVE.search(claim.quote)):
            absent.append(denial[0])
        return tuple(dict.fromkeys(absent))

    def _mentions(self, name: str, near: str) -> bool:
        """Whether the paper has the name, in the singular or plural, or spelled out in the passage."""
        forms = (name, f"{name}s", name.removesuffix("s"))
        if any(self._everything.has(form) for form in forms):
            return True
        if forms[-1].isupper():
            return fold(forms[-1]) in "".join(word[0] for word in _LATIN_WORD.findall(fold(near)))
        return name.islower() and re.search(rf"\b{_stem(name)}", self._folded) is not None

    @cached_property
    def _everything(self) -> Haystack:
        """The haystack with what is no prose: authors, headings, remarks and links."""
        paper, text = self.paper, self.text
        others = [*paper.authors, *paper.categories, paper.comment or "", paper.journal_ref or ""]
        if text is not None:
            others += [text.title, *(section.title for section in text.sections), *text.links]
        places = (*self._haystack.places, *(Place(text=other) for other in others))
        return Haystack(places, frozenset(range(len(places))))

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


_LATIN_WORD = re.compile(r"[^\W\d_]+")
# Latin letters up to those of Vietnamese, with no digit beside them; other scripts may follow at once.
_LATIN = re.compile(r"(?<![A-Za-z\d])[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{3,}(?!\d)")
_COMPOUND = re.compile(
    r"[A-Za-z\d\u00c0-\u024f\u1e00-\u1eff]+(?:[-‐‑][A-Za-z\d\u00c0-\u024f\u1e00-\u1eff]+)*"
)
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_BEGINNING = re.compile(r"(?:^|[.!?:;…。！？：；•\n]|--|[–—])[\s\"'“”‘’«»()\[\]*_–—-]*$")
_NOUNS_IN_CAPITALS = frozenset({"de", "lb"})
_ENGLISH = words("the of and to is we that for with are this by on our from it its their which was has")
_ENDING = re.compile(r"(?<=\w{4})(?:ing|ed|es|er|e|s)$")


def _proper_names(text: str, language: str) -> Iterator[tuple[str, str]]:
    """What a text names in Latin letters, each with the compound that it is in: "Multi" of "Multi-task".

    These are words with a capital within a sentence; in Chinese, Japanese and Korean any word.
    """
    letters = len(re.findall(r"[A-Za-z]", text))
    among_han = 3 * len(_EAST_ASIAN.findall(text)) >= max(1, letters)
    language = language.partition("-")[0].casefold()
    if not among_han and (language in _NOUNS_IN_CAPITALS or not (language or _reads_english(text))):
        return
    for compound in _COMPOUND.finditer(text):
        for match in _LATIN.finditer(text, compound.start(), compound.end()):
            if among_han or _is_name(match, text):
                yield match[0], compound[0]


def _reads_english(text: str) -> bool:
    return sum(word in _ENGLISH for word in _LATIN_WORD.findall(text.casefold())) >= 2


def _is_name(match: re.Match[str], text: str) -> bool:
    """Whether a capital tells a name: any within a sentence, one within the word at its beginning."""
    word = match[0]
    if word[1:] != word[1:].lower():
        return True
    before = text[max(0, match.start() - 20) : match.start()]
    return word[0].isupper() and _BEGINNING.search(before) is None


def _stem(word: str) -> str:
    """A common word without its English ending; in Chinese claims they stand as "token" and "fine-tune"."""
    return re.escape(_ENDING.sub("", fold(word)))


# Words of a claim that deny; in Chinese, those that are parts of terms ("不同", "非线性", "未来") do not.
_DENIAL = re.compile(
    r"""\b(?:not(?!\s(?:only|just|merely|least))|no(?!\.|\s(?:longer|more|fewer|less|later)\sthan)|never|cannot
        |neither|nor|none|without(?!\sloss\sof)|(?:fails?|failed|failing)\sto)\b|n['’]t\b
    |(?<![差得要])不(?![同仅但断少过管论足久良凡限妨等变得]|只是|一致|一样|确定|平衡|稳定|超过|[低小大高多]于|对称|可或缺|连续|完整|相交|规则)
    |(?<![沉埋淹])没|未(?![来知标])|并非|绝非|而非|决非|毫无|并无|无法|无需|无须|无任何""",
    re.VERBOSE | re.IGNORECASE,
)
# These deny the quote as a whole: what else its paragraph denies is no support.
_OUTRIGHT = re.compile(
    r"\bnot\s(?:\w+\s)?(?:true|correct|the\scase)\sthat\b|并非(?!所有|全部|每)", re.IGNORECASE
)
_NEGATED = re.compile(
    r"""\b(?:not?|never|nor|neither|none|nothing|nobody|without|cannot|hardly|fail\w*|lack\w*|unable)\b|n['’]t\b
    |[不没未非无無]|ない|ません|않|없|못""",
    re.VERBOSE | re.IGNORECASE,
)
# What a denial may stand for where the quote has it: "unclear", "instead of", "removes". Most paragraphs have
# such a word somewhere, so that the rest of the paragraph is not searched for them.
_NEGATIVE = re.compile(
    r"""\b(?:not?|never|nor|neither|none|nothing|nobody|nowhere|without|cannot|hardly|rarely|seldom|barely|scarcely
        |fail\w*|lack\w*|absen\w+|unlike|instead|rather\sthan|except|exclud\w+|ignor\w+|omit\w*|avoid\w*
        |prevent\w*|remov\w+|miss(?:ing|es|ed)?|discard\w*|neglect\w*|zero|few|little|only|free|independent\w*
        |un(?!i[a-z]|der|til\b|to\b)\w{4,}|non\w+|dis(?:agree|similar|card|abl|regard|continu)\w*
        |in(?:sufficien|capab|effective|efficien|accura|correct|consisten|complet|feasib|adequa|varian|visib|abilit
        |frequen|sensitiv|significan|valid|stab)\w*
        |im(?:possib|balanc|perfect|practica|plausib)\w*|ir(?:relevan|regular)\w*|\w{4,}less)\b
    |n['’]t\b|\w-free\b|[不没未非无無]|ない|ません|않|없|못""",
    re.VERBOSE | re.IGNORECASE,
)
_CITED = re.compile(r"\[\d[\d,\s–-]*\]")


def _plain(text: str) -> str:
    """Without [12] and "Table 3", whose numbers are no figures of the paper."""
    return without_named(_CITED.sub(" ", text))
