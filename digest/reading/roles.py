"""What part a section plays, judged by its title and its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from digest.fulltext import SectionRole

R = SectionRole


class Place(StrEnum):
    """Where in a paper a top-level section stands."""

    FRONT = "front"  # before the first numbered section
    BEFORE_EXPERIMENTS = "before experiments"
    BODY = "body"  # elsewhere before the references
    BACK = "back"  # after the references, or under a letter


_TITLES: dict[SectionRole, tuple[str, ...]] = {
    R.ABSTRACT: (r"abstract|summary|摘\s*要|résumé|zusammenfassung",),
    R.REFERENCES: (
        r"references?( cited| and notes)?|(selected )?bibliography|(literature|works) cited",
        r"literatur(verzeichnis)?|参考文献",
    ),
    R.BACK_MATTER: (
        r"acknowledge?ments?( .*)?|danksagung|致\s*谢|funding.*|authors?[’' ]*s? contributions?.*",
        r"contributions? statement|credit authorship.*|ethic.*",
        r"(code|data|materials?|software).* availability.*",
        r"availability.*|reproducib.*|((potential )?(broader|societal|social) )?impacts?( statement)?.*",
        r"(competing|conflicts?).* interests?|declarations?( .*)?|key ?words|index terms|ccs concepts",
        r"acm reference format|(llm usage|(use|usage) of (ai|llm|large language)).*",
        r"(neurips paper |responsible nlp )?checklist.*",
    ),
    R.APPENDIX: (
        r"(technical |supplementary |online )?append(ix|ices)\b.*|附录.*",
        r"supplement(ary|al)?\b.*|supporting information.*",
    ),
}
_STARTS: dict[SectionRole, tuple[str, ...]] = {
    R.INTRODUCTION: (r"introduction|motivation|overview and motivation|引言|绪论|einleitung",),
    R.RELATED_WORK: (
        r"related (works?|research|literature|studies)|prior (works?|art)|previous works?",
        r"literature (review|survey)|background and related|state of the art|相关工作",
    ),
    R.LIMITATIONS: (r"(\w+ )?limitations?\b|threats to validity|局限",),
    R.CONCLUSION: (
        r"conclu(sions?|ding)|(general )?discussions? and conclu",
        r"summary and (discussion|conclusions?|outlook)",
        r"(discussion|outlook|summary|future works?|(final|closing) remarks|take-?aways?)\b|结论|总结",
    ),
}
# "analysis" is left out on purpose: "FlashAttention: Algorithm, Analysis, and Extensions" is a method.
_EXPERIMENTS = re.compile(
    r"\b(experiment\w*|evaluat\w+|results?|ablations?|case stud(?:y|ies)|empirical\w*|benchmarking)\b"
    r"|实验|评估",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"\b(methods?|methodolog\w+|approach\w*|models?|algorithms?|architecture|framework|proposed|preliminar\w+"
    r"|background|problem (?:formulation|statement|definition|set(?:up|ting))|formulation|implementation"
    r"|theory|notation)\b|方法|模型",
    re.IGNORECASE,
)
_WHOLE = {role: re.compile(rf"(?:{'|'.join(words)})[.:]?$", re.IGNORECASE) for role, words in _TITLES.items()}
_BEGINS = {role: re.compile("|".join(words), re.IGNORECASE) for role, words in _STARTS.items()}
_ONLY_ABOUT_LIMITS = re.compile(r"\blimitations?\b|局限", re.IGNORECASE)


def role_of(title: str, place: Place = Place.BODY) -> SectionRole:
    """The role a title tells, given where its section stands; `OTHER` where it tells none.

    Before the experiments an unclear title is a method: papers name that section after their own invention.
    """
    title = title.strip()
    for role, pattern in _WHOLE.items():
        if pattern.match(title):
            return role
    if place is Place.BACK:
        return R.LIMITATIONS if _ONLY_ABOUT_LIMITS.fullmatch(title) else R.APPENDIX
    for role, pattern in _BEGINS.items():
        if pattern.match(title):
            return role
    if _ONLY_ABOUT_LIMITS.search(title):
        return R.LIMITATIONS
    if _EXPERIMENTS.search(title):
        return R.EXPERIMENTS
    if place is Place.BEFORE_EXPERIMENTS or _METHOD.search(title):
        return R.METHOD
    return R.OTHER


def roles_of(titles: Sequence[tuple[str, int, bool]]) -> tuple[SectionRole, ...]:
    """The roles of a paper's sections in order, each given as (title, level from 1, numbered by a letter).

    A subsection inherits its parent's role unless its own title is clear; in the
    references and after them nothing is inherited but the appendix.
    """
    places = _places(titles)
    roles: list[SectionRole] = []
    parents: dict[int, SectionRole] = {}
    plain = _with_a_method(
        [role_of(title, place) for (title, *_), place in zip(titles, places, strict=True)], titles
    )
    for (title, level, _), own in zip(titles, plain, strict=True):
        parent = parents.get(level - 1) if level > 1 else None
        role = _inherited(own, title, parent)
        parents = {depth: each for depth, each in parents.items() if depth < level} | {level: role}
        roles.append(role)
    return tuple(roles)


def _with_a_method(
    roles: Sequence[SectionRole], titles: Sequence[tuple[str, int, bool]]
) -> Sequence[SectionRole]:
    """Take the first of several experiments for the method where a paper names none.

    A paper about evaluation has "evaluation" in every title; a title that begins with the word is left alone.
    """
    tops = [i for i, (_, level, _) in enumerate(titles) if level == 1]
    experiments = [i for i in tops if roles[i] is R.EXPERIMENTS]
    if len(experiments) < 2 or any(roles[i] is R.METHOD for i in tops):
        return roles
    first = experiments[0]
    if _EXPERIMENTS.match(titles[first][0]):
        return roles
    return [R.METHOD if i == first else role for i, role in enumerate(roles)]


_OWN = frozenset({R.RELATED_WORK, R.LIMITATIONS, R.BACK_MATTER, R.REFERENCES})


def _inherited(own: SectionRole, title: str, parent: SectionRole | None) -> SectionRole:
    if parent is None:
        return own
    if parent in (R.APPENDIX, R.REFERENCES):
        return own if own is R.REFERENCES else R.APPENDIX
    if own in _OWN or (own is R.EXPERIMENTS and parent in (R.OTHER, R.METHOD) and _EXPERIMENTS.search(title)):
        return own
    return parent if parent is not R.OTHER else own


def _places(titles: Sequence[tuple[str, int, bool]]) -> list[Place]:
    plain = [role_of(title) for title, _, _ in titles]
    references = plain.index(R.REFERENCES) if R.REFERENCES in plain else len(titles)
    tops = [i for i, (_, level, _) in enumerate(titles) if level == 1]
    introduction = next((i for i in tops if plain[i] is R.INTRODUCTION), -1)
    experiments = next((i for i in tops if plain[i] is R.EXPERIMENTS and i > introduction), -1)
    places: list[Place] = []
    back = False
    for i, (_, level, lettered) in enumerate(titles):
        back = back or i > references or (lettered and level == 1) or (plain[i] is R.APPENDIX and level == 1)
        if back:
            places.append(Place.BACK)
        elif i <= introduction:
            places.append(Place.FRONT)
        else:
            places.append(Place.BEFORE_EXPERIMENTS if i < experiments else Place.BODY)
    return places
