"""What each sentence of an abstract does: why, what, how, and what came of it, in that order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.analysis import cues
from digest.analysis.cues import phrases
from digest.analysis.tldr import announces, states
from digest.model import ClaimSection as Part

_TRIED = phrases(
    r"""
    (?:extensive|comprehensive|empirical|numerical|systematic) (?:\w+ )?(?:experiment|evaluation|result)s?
    (?:experiment|evaluation|result|simulation)s? (?:on|show|suggest|demonstrate|across|over|in|reveal)\b
    (?:experiment|evaluation|result|simulation)s? (?:confirm|indicate|conducted|with)\b | experimental
    our results? | empirically
    we (?:\w+ )?(?:find|show|demonstrate|observe|evaluate|validate|prove|verify)\b
    benchmarking | evaluated on | compared (?:to|with)\b | tested on | case stud | these findings
    """
)
_OFFERED = phrases(
    r"""
    code (?:is|and|are|will)\b | (?:publicly|freely) available | open-source | we release | project page
    available at\b
    """
)
_EXPERIMENTS = phrases(r"experiment | evaluation | results? | outperform | surpass")
_EVALUATED_ON = phrases(
    r"(?:evaluat|validat|test|experiment|benchmark)\w*(?: [\w-]+){0,3} (?:on|across|over|using)\b"
)
_SHOWS = phrases(r"show | demonstrat | indicat | confirm | reveal | verif | validates?\b | suggest | finds\b")
_AIM = re.compile(
    r"\b(?:to|thereby|thus|while|for|can|could|in order to)\s(?:\w+\s){0,2}?"
    r"(?:achiev|improv|reduc|increas|decreas|enhanc|exceed|yield|match|correlat)\w*",
    re.IGNORECASE,
)
_ATTAINS = phrases(
    r"reach | attain | obtain | scor(?:es|ed|ing)\b | runs? (?:in|at)\b | recover | fell\b | rose\b | falls\b"
    r" | rises\b | agree"
)
_ABLATION = re.compile(r"(?:[\w-]+,? ){0,3}?ablat", re.IGNORECASE)
_BEATS = phrases(
    r"outperform | surpass | exceed | state-of-the-art | sota\b | comparable | on par\b | competitive"
    r" | significantly"
)
_MECHANISM = phrases(
    r"""
    employ | utili[sz] | leverag | integrat | inject | construct | combin | fus(?:es|ing)\b | aggregat
    consist | compris
    decompos | encod | project(?:s|ing)\b | adopt | appl(?:y|ies|ying)\b | cluster | rout(?:es|ing)\b | via\b
    rather than | instead of
    formulat | defin | operat(?:es|ing)\b | serves? as | introduc | design | us(?:es|ing)\b | dynamically
    selectively | explicitly
    optimi[sz] | initiali[sz] | sampl(?:es|ing)\b | generates\b | predicts\b | extracts?\b | first\b | then\b
    """
)
_OUTCOME = phrases(
    r"""
    remains? | maintain | retain | preserv | exhibit | robust | strong(?:er|est)\b | weak(?:er|est)\b
    (?:better|best|worse|worst|higher|lower)\b
    emergent | generali[sz]e | preferred
    fails? | failures? | succeed | transfers?\b
    statistical | consistent | faster\b | suffer | collapse | advantage | effective
    """
)
_LOOKS_OUT = phrases(
    r"""
    (?:these|our|the) (?:results?|findings|work|analys[ie]s)(?: \w+){0,2} (?:suggest|highlight|point|open)
    (?:these|our|the) (?:results?|findings|work|analys[ie]s)(?: \w+){0,2} (?:imply|offer|provide|help)
    more broadly | overall\b | together, | taken together | (?:paves?|paving) the way | ultimately
    foundation for | opens? | step towards? | this work | in summary | implications?
    we (?:invite|hope|believe|envision|encourage)
    """
)
_RUN_ON = phrases(
    r"(?:run|runs|ran|trained|conducted|performed|implemented) on (?:[\w-]+ ){0,4}(?:CPUs?|GPUs?|TPUs?)\b"
)
_CONFINED = phrases(r"deliberately limited | (?:do|does) not establish | results? (?:is|are) limited")
_VAGUE = phrases(
    r"(?:existing|prior|previous|strong|all|several|competitive|various|other|multiple|state-of-the-art|sota|many"
    r"|both|the)(?: [\w-]+)? baselines?"
)


def turning_point(sentences: Sequence[str], title: str = "") -> int:
    """The index of the first sentence that speaks of the paper's own work; 0 if none does."""
    name = _own_name(title)
    for index, text in enumerate(sentences):
        if announces(text) or states(text) or (name and name in text[:60]):
            return index
    return next((index for index, text in enumerate(sentences) if _TRIED.search(text)), 0)


def _own_name(title: str) -> str:
    """What a title gives a name to before its colon: "ComMem: Complementary Memory ..."."""
    name, colon, _ = title.partition(":")
    coined = any(char.isupper() or char.isdigit() for char in name[1:])
    return name if colon and coined and len(name.split()) <= 2 else ""


def moves(sentences: Sequence[str], title: str = "") -> tuple[Part, ...]:
    """The part of an analysis that each sentence of an abstract belongs to."""
    return tuple(_moves(sentences, turning_point(sentences, title)))


def _moves(sentences: Sequence[str], turn: int) -> list[Part]:
    parts: list[Part] = []
    for index, text in enumerate(sentences):
        reported = Part.RESULTS in parts
        parts.append(Part.MOTIVATION if index < turn else _after_turn(text, reported=reported))
    return _spread(sentences, parts)


def _after_turn(text: str, *, reported: bool) -> Part:
    """By wording first; what is left is method before the first result and outlook after it."""
    if _OFFERED.search(text):
        return Part.CONTRIBUTIONS
    if _confines(text):
        return Part.LIMITATIONS
    if announces(text) and not (cues.MEASURED.search(text) or _EXPERIMENTS.search(text)):
        return Part.CONTRIBUTIONS
    if _ABLATION.match(text):
        return Part.ABLATIONS
    if _RUN_ON.search(text) and not _tells_outcome(text):
        return Part.SETUP
    if _names_data(text):
        return Part.DATASETS
    if _reports(text):
        return Part.RESULTS
    if announces(text):
        return Part.CONTRIBUTIONS
    return _without_cue(text) if reported else Part.METHOD


def _without_cue(text: str) -> Part:
    """What a sentence after the first result does: say more of the results, of the method, or look out."""
    if _LOOKS_OUT.search(text):
        return Part.OVERVIEW
    changed, metric = cues.CHANGES.search(text), cues.METRIC.search(text)
    if _SHOWS.search(text) or cues.MEASURED.search(text) or (changed and metric):
        return Part.RESULTS
    if _MECHANISM.search(text) or cues.WORKS.search(text):
        return Part.METHOD
    return Part.RESULTS if _OUTCOME.search(text) or changed or metric else Part.OVERVIEW


def _confines(text: str) -> bool:
    if _CONFINED.search(text):
        return True
    limits = cues.LIMITS.search(text) and cues.OWN_VOICE.search(text)
    return bool(limits) and cues.DEFENDS.search(text) is None


def _names_data(text: str) -> bool:
    """Whether it says what was tested on, or describes the data, without telling what came out."""
    if _EVALUATED_ON.search(text) and cues.DATA.search(text) and not _tells_outcome(text):
        return True
    if cues.TESTED_ON.search(text) and not _reports(text):
        return True
    return bool(cues.IS_DATA.search(text) and cues.DATA.search(text)) and not _reports(text)


def _tells_outcome(text: str) -> bool:
    return bool(cues.FINDS.search(text) or cues.MEASURED.search(text) or _SHOWS.search(text))


def _reports(text: str) -> bool:
    plain = _without_aims(text)
    measured = cues.MEASURED.search(plain)
    changed = cues.CHANGES.search(plain)
    tried = _TRIED.search(text)
    if measured and (changed or _ATTAINS.search(plain) or cues.METRIC.search(plain)):
        return True
    if cues.FINDS.search(plain):
        return bool(tried or measured or _BEATS.search(plain) or not _MECHANISM.search(plain))
    return tried is not None and (bool(changed or measured) or cues.TESTED_ON.search(text) is None)


def _without_aims(text: str) -> str:
    """The text without what is only aimed at ("to achieve ...", "thereby improving ...")."""
    return _AIM.sub(" ", text)


def _spread(sentences: Sequence[str], parts: list[Part]) -> list[Part]:
    """Baselines and metrics that only results name get one without figures, if two other results are left."""
    for part, names in ((Part.BASELINES, names_baselines), (Part.METRICS, cues.METRIC.search)):
        results = [index for index, each in enumerate(parts) if each is Part.RESULTS]
        minor = [i for i in results[1:] if names(sentences[i]) and not cues.MEASURED.search(sentences[i])]
        if part not in parts and minor and len(results) > 2:
            parts[minor[0]] = part
    return parts


def names_baselines(text: str) -> bool:
    """Whether a sentence says what it was compared with, in more than "strong baselines"."""
    return bool(cues.BASELINE.search(_VAGUE.sub(" ", text))) and cues.NOT_BASELINE.search(text) is None
