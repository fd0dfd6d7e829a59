"""Singular and plural under one key: `model` and `models`, `class` and `classes`, `policy` and `policies`.

A key is for comparing, never for showing: that of `bus` is `buse`, so that `buses` can share it.
"""

from __future__ import annotations

_IRREGULAR = {
    "indices": "index",
    "matrices": "matrix",
    "vertices": "vertex",
    "vortices": "vortex",
    "simplices": "simplex",
    "appendices": "appendix",
    "apis": "api",
    "cpus": "cpu",
    "gpus": "gpu",
    "guis": "gui",
    "npus": "npu",
    "tpus": "tpu",
    "menus": "menu",
    "movies": "movie",
    "cookies": "cookie",
    "selfies": "selfie",
    "calories": "calorie",
    "genies": "genie",
}
# Plurals in form only: stripped, they would be other words (`news` is not many a `new`).
_INVARIABLE = frozenset(
    {
        *(
            "news",
            "series",
            "timeseries",
            "species",
            "does",
            "goes",
            "always",
            "perhaps",
            "besides",
            "sometimes",
            "towards",
        ),
        *("mars", "sars", "aids", "corps", "texas", "laos", "keras", "pandas", "hans"),
    }
)
# Fields of study: `dynamics` is not the plural of the adjective `dynamic`.
_SCIENCES = (
    "dynamics",
    "matics",
    "mechanics",
    "physics",
    "nomics",
    "robotics",
    "semantics",
    "netics",
    "tronics",
    "ethics",
    "optics",
    "acoustics",
    "analytics",
    "linguistics",
    "logistics",
    "forensics",
    "omics",
)
_SINGULAR_IN_S = frozenset(["alias", "atlas", "bias", "canvas", "gas", "iris", "lens"])
_HISSING = ("ss", "us", "x", "zz", "ch", "sh")


def plural_key(word: str) -> str:
    """The key that a folded word shares with its plural or singular; short words and non-Latin ones keep."""
    if len(word) < 3 or not "a" <= word[-1] <= "z":
        return word
    if word in _IRREGULAR:
        return plural_key(_IRREGULAR[word])
    if word in _SINGULAR_IN_S or word.endswith(_HISSING):
        return word + "e"
    if word.endswith("sis"):
        return _of_greek_noun(word)
    if word[-1] != "s" or len(word) < 4 or word.endswith(("is", *_SCIENCES)) or word in _INVARIABLE:
        return word
    return _of_plural(word)


def _of_greek_noun(word: str) -> str:
    """`analysis` is `analyses` in the plural; `basis` and `thesis` would become other words."""
    regular = word.endswith(("ysis", "osis")) or (word.endswith("esis") and len(word) > 7)
    return f"{word[:-2]}e" if regular else word


def _of_plural(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 5 and word.endswith("oes"):
        return word[:-2]
    return word[:-1]
