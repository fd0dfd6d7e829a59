"""The parts of an analysis as the extracts see them: which cues in which sections, and how many sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from digest.analysis import cues
from digest.analysis.cues import NOTHING, phrases
from digest.fulltext import SectionRole as Role
from digest.model import ClaimSection as Part

Cue = tuple[float, re.Pattern[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCues:
    """How the sentences of one part are known.

    Each of `cues` counts once, by its weight; a sentence needs `least` of them, less under a
    heading that matches `heading`, and none in a section of the role `home`. `roles` add to the score; a
    role not named rules a sentence out, and so does `never`. `brief` and `deep` are how many sentences
    are wanted. `others` says that sentences about other people's work are welcome.
    """

    part: Part
    brief: int
    deep: int
    least: float
    cues: tuple[Cue, ...]
    roles: Mapping[Role, float]
    home: Role | None = None
    heading: re.Pattern[str] = NOTHING
    never: re.Pattern[str] = NOTHING
    captions: bool = False
    others: bool = False


_TESTED = {
    Role.EXPERIMENTS: 0.6,
    Role.METHOD: 0.0,
    Role.OTHER: 0.0,
    Role.ABSTRACT: -0.3,
    Role.INTRODUCTION: -0.3,
    Role.CONCLUSION: -0.1,
    Role.APPENDIX: -0.2,
}
_BODY_ONLY = {**_TESTED, Role.ABSTRACT: -0.8, Role.INTRODUCTION: -0.8}

DATASETS = PartCues(
    part=Part.DATASETS,
    brief=3,
    deep=6,
    least=1.1,
    cues=((0.7, cues.DATA), (0.5, cues.TESTED_ON), (0.5, cues.IS_DATA), (0.5, cues.DATA_SIZE)),
    roles={**_TESTED, Role.METHOD: 0.1},
    heading=phrases(r"data | corpus | corpora | benchmarks?"),
    captions=True,
    others=True,
)
BASELINES = PartCues(
    part=Part.BASELINES,
    brief=3,
    deep=5,
    least=1.1,
    cues=((1.0, cues.BASELINE), (0.3, cues.CITES), (0.2, cues.OWN_VOICE)),
    roles=_TESTED,
    heading=phrases(r"baselines? | compar | competing"),
    never=cues.NOT_BASELINE,
    others=True,
)
METRICS = PartCues(
    part=Part.METRICS,
    brief=2,
    deep=5,
    least=1.2,
    cues=((0.6, cues.METRIC), (0.7, cues.MEASURES), (0.4, cues.METRIC_WORD)),
    roles={**_TESTED, Role.APPENDIX: -0.4},
    heading=phrases(r"metrics? | evaluation (?:protocol|measures?|criteria|setup) | measures"),
    captions=True,
)
SETUP = PartCues(
    part=Part.SETUP,
    brief=3,
    deep=7,
    least=1.2,
    cues=((0.8, cues.HARDWARE), (0.6, cues.TRAINING), (0.5, cues.QUANTITY), (0.4, cues.TRAINS)),
    roles={**_BODY_ONLY, Role.APPENDIX: 0.1},
    never=phrases(r"prior works? | previous works?"),
    heading=phrases(r"set-?up | implementation | training | details? | hyper-?param | settings? | hardware"),
)
ABLATIONS = PartCues(
    part=Part.ABLATIONS,
    brief=3,
    deep=5,
    least=1.3,
    cues=(
        (1.0, cues.ABLATES),
        (0.6, cues.VARIES),
        (0.4, cues.FINDS),
        (0.3, cues.CHANGES),
        (0.2, cues.MEASURED),
    ),
    roles=_BODY_ONLY,
    heading=phrases(r"ablat | sensitivity | (?:effect|impact|influence) of"),
    captions=True,
)
RESULTS = PartCues(
    part=Part.RESULTS,
    brief=5,
    deep=9,
    least=1.0,
    cues=(
        (0.8, cues.FINDS),
        (0.3, cues.CHANGES),
        (0.5, cues.MEASURED),
        (0.2, cues.SHOWN),
        (0.2, cues.SUMS_UP),
    ),
    roles={**_TESTED, Role.APPENDIX: -0.5},
    heading=phrases(r"results? | findings | comparison | performance"),
    captions=True,
)
LIMITATIONS = PartCues(
    part=Part.LIMITATIONS,
    brief=3,
    deep=7,
    least=1.0,
    cues=((1.0, cues.LIMITS), (0.4, cues.CONCEDES), (0.2, cues.OWN_VOICE)),
    roles={
        Role.LIMITATIONS: 1.0,
        Role.CONCLUSION: 0.4,
        Role.EXPERIMENTS: 0.0,
        Role.METHOD: -0.2,
        Role.OTHER: -0.2,
    },
    home=Role.LIMITATIONS,
    heading=phrases(r"limitations? | future work | threats"),
    never=cues.DEFENDS,
)

# In the order in which a tie is decided.
TESTED = (DATASETS, BASELINES, METRICS, SETUP, ABLATIONS, RESULTS, LIMITATIONS)

CONTRIBUTIONS = PartCues(
    part=Part.CONTRIBUTIONS,
    brief=4,
    deep=8,
    least=0.6,
    cues=((0.8, cues.CONTRIBUTES), (0.3, cues.SUPERLATIVE)),
    roles={Role.INTRODUCTION: 0.6, Role.ABSTRACT: 0.3, Role.CONCLUSION: 0.0, Role.OTHER: 0.0},
)
MOTIVATION = PartCues(
    part=Part.MOTIVATION,
    brief=4,
    deep=6,
    least=0.4,
    cues=((0.6, cues.GAP), (0.4, cues.FIELD), (0.2, cues.TURN)),
    roles={Role.ABSTRACT: 0.1, Role.INTRODUCTION: 0.3, Role.OTHER: 0.0},
    never=cues.PROPOSES,
)
METHOD = PartCues(
    part=Part.METHOD,
    brief=6,
    deep=14,
    least=0.3,
    cues=((0.4, cues.ACTS), (0.3, cues.WORKS), (0.2, cues.MACHINERY), (-0.5, cues.ASIDE)),
    roles={Role.METHOD: 0.5, Role.OTHER: 0.0},
)
OVERVIEW = PartCues(
    part=Part.OVERVIEW,
    brief=4,
    deep=6,
    least=0.0,
    cues=((0.5, cues.PROPOSES), (0.4, cues.FINDS), (0.2, cues.MEASURED), (0.2, cues.OWN_VOICE)),
    roles={Role.ABSTRACT: 0.8, Role.CONCLUSION: 0.4, Role.INTRODUCTION: 0.0},
)

# Where a paper names none of its sections so that they read as method.
METHOD_ANYWHERE = replace(
    METHOD, least=0.4, roles={Role.EXPERIMENTS: 0.0, Role.OTHER: 0.1, Role.INTRODUCTION: -0.3}
)
