"""arXiv's categories, as https://arxiv.org/category_taxonomy lists them, and the archives they belong to."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches

_SUBJECTS = {
    "astro-ph": "CO EP GA HE IM SR",
    "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
    "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI OH OS "
    "PF PL RO SC SD SE SI SY",
    "econ": "EM GN TH",
    "eess": "AS IV SP SY",
    "gr-qc": "",
    "hep-ex": "",
    "hep-lat": "",
    "hep-ph": "",
    "hep-th": "",
    "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
    "math-ph": "",
    "nlin": "AO CD CG PS SI",
    "nucl-ex": "",
    "nucl-th": "",
    "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn "
    "gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
    "q-bio": "BM CB GN MN NC OT PE QM SC TO",
    "q-fin": "CP EC GN MF PM PR RM ST TR",
    "quant-ph": "",
    "stat": "AP CO ME ML OT TH",
}
ARCHIVES = frozenset(_SUBJECTS)
CATEGORIES = frozenset(
    f"{archive}.{subject}" for archive, subjects in _SUBJECTS.items() for subject in subjects.split()
) | {archive for archive, subjects in _SUBJECTS.items() if not subjects}

_SPELLING = {name.lower(): name for name in CATEGORIES | ARCHIVES}


def category_named(text: str) -> str | None:
    """The category or archive in arXiv's spelling: `CS.ro` is "cs.RO", `cs.*` is "cs"; None if neither."""
    return _SPELLING.get(text.strip().lower().removesuffix(".*"))


def nearest_category(text: str) -> str | None:
    """A category that is written much like the text, for "did you mean": `cs.R0` gives "cs.RO"."""
    wanted = text.strip().lower()
    near = get_close_matches(wanted, _SPELLING, n=1, cutoff=0.6)
    if not near or _alike_in_archive_alone(wanted, near[0]):
        return None
    return _SPELLING[near[0]]


def _alike_in_archive_alone(wanted: str, near: str) -> bool:
    """Whether `cs.xx` has no more of `cs.sy` than the letters before the dot."""
    _, dot, subject = wanted.partition(".")
    other = near.partition(".")[2]
    return bool(dot and other) and SequenceMatcher(None, subject, other).ratio() == 0
