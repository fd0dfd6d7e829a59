"""The ways in which one phrase is written: `spatio-temporal` is `spatiotemporal`, and `GPT-4` is `GPT4`.

A combining form (spatio, multi, pre ...) before a word is the head of a compound. Which forms and compounds
are in the lists was counted in 4,523 papers (docs/design.md, matching): they are written both joined and
apart. Left out are heads that often stand by themselves: "in finite time", "over state spaces", "on line 3".

Phrases with the same joined form are one phrase. Every spelling joins to the form it came from, so that no
spelling belongs to two phrases.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain, product
from math import prod

Words = tuple[str, ...]

MAX_SPELLINGS = 32  # of one phrase; one with more, as long titles have, is sought as it is typed alone

_FORMS = frozenset(
    {
        *("anti", "astro", "audio", "auto", "bio", "counter", "cross", "cyber", "ego"),
        *("electro", "geo", "hetero", "homo", "hydro", "hyper", "inter", "intra", "macro", "meta", "micro"),
        *("mid", "mini", "mis", "mono", "multi", "nano", "neuro", "non", "omni", "photo", "poly", "post"),
        *("pre", "pseudo", "psycho", "quasi", "self", "semi", "sensori", "socio", "spatio", "sub"),
        *("super", "thermo", "tri", "ultra", "uni", "visuo"),
    }
)
_COMPOUNDS = {
    head + tail: (head, tail)
    for head, tails in {
        "back": "propagate propagation translation",
        # Two letters begin too many other words (result, context, design) to be forms like those above.
        "bi": "directional encoder encoders graph lateral level linear manual modal partite temporal",
        "co": "attention design evolution evolutionary evolve evolved evolving learning occurrence "
        "occurrences operation operative optimization optimize ordinate ordinates ordination pilot pilots "
        "training",
        "de": "bias biasing blurring duplicate duplicated duplication hazing identification noise noised "
        "noiser noisers noising raining",
        "re": "calibrate calibration distribution evaluate evaluation examine identification implementation "
        "localization parameterization parameterize parameterized parametrization projection rank ranked "
        "ranker rankers ranking sample sampling score scoring simulation synthesis targeting train trained "
        "training usable use weighted weighting",
        "data": "base bases point points set sets",
        "end": "point points",
        "feed": "forward back",
        "fine": "grained tune tuned tunes tuning",
        "hand": "crafted written",
        "key": "frame frames point points word words",
        "layer": "wise",
        "life": "cycle cycles",
        "open": "source",
        "over": "fit fitting parameterized sampling smoothing",
        "point": "wise",
        "step": "wise",
        "time": "scale scales series step steps",
        "trade": "off offs",
        "zero": "shot",
    }.items()
    for tail in tails.split()
}
# Words that only begin like a compound. Without them 38 of 100 phrases had two spellings; now 14 have.
_WHOLE = re.compile(
    r"""auto(?:mat|nom) | geometr | heterogen | homo(?:gen|log)
      | inter(?:act|est|fac|fer|im|ior|med|mit|nal|nat|net|pol|pret|rog|rupt|sec|val|ven|view)
      | meta(?:l(?:li|s?$)|ph) | micros(?:oft|cop) | minim(?:al|i[sz]|um) | mis(?:s(?:i[lno]|e[ds])|tak)
      | mono(?:lith|pol|ton) | multipl(?:e|ic|y) | polynom | posterior
      | pre(?:c(?:ar|au|ed|is)|dic|dom|fer|fix|lim|mis|par[ae]|s(?:cri|en|er|s|um)|tend|v(?:ail|al|ent|iou))
      | sub(?:ject|mi[st]|scri|sequent|st(?:an|it)|t(?:l|rac)) | super(?:ior|vis)
      | tri(?:al|angl|b|ck|gg|pl[ei]|vi) | uni(?:f[iory]|on|qu|t|ver)""",
    re.VERBOSE,
)
_LENGTHS = sorted({len(form) for form in _FORMS})
_WORD = re.compile(r"[a-z]{2,}[a-z0-9.]*")
_VERSION = re.compile(r"v?\d+(?:\.\d+)*[a-z]?")
_VERSIONED = re.compile(r"([a-z]+?[a-z])(v?)(\d+(?:\.\d+)*[a-z]?)")


def spellings(words: Words) -> tuple[Words, ...]:
    """The folded words with every compound in them joined and apart; all joined comes first."""
    whole = joined(words)
    ways = [_ways(word) for word in whole]
    number = prod(map(len, ways))
    if number == 1 or number > MAX_SPELLINGS:
        return (words,)
    written = {tuple(chain.from_iterable(parts)): None for parts in product(*ways)}
    same = tuple(each for each in written if joined(each) == whole)
    return same if words in same else (words,)


def joined(words: Words) -> Words:
    """The words with the parts of compounds, and names with their versions, made one."""
    done: list[str] = []
    for word in reversed(words):
        if done and _joins(word, done[-1]):
            done[-1] = word + done[-1]
        else:
            done.append(word)
    return tuple(reversed(done))


def _joins(head: str, tail: str) -> bool:
    if head in _FORMS:
        return _is_after_form(head, tail)
    if _COMPOUNDS.get(head + tail) == (head, tail):
        return True
    return head.isalpha() and head.isascii() and len(head) > 1 and _VERSION.fullmatch(tail) is not None


def _is_after_form(form: str, tail: str) -> bool:
    """Whether a tail makes a compound: at least three letters after a short form, two after a long one."""
    long_enough = len(tail) >= (2 if len(form) > 3 else 3)
    return long_enough and _WORD.fullmatch(tail) is not None and _WHOLE.match(form + tail) is None


@lru_cache(maxsize=50_000)
def _ways(word: str) -> tuple[Words, ...]:
    """The word as it is, and in every way in which it comes apart."""
    ways: dict[Words, None] = {(word,): None}
    for length in _LENGTHS:
        form, tail = word[:length], word[length:]
        if form in _FORMS and _is_after_form(form, tail):
            ways.update({(form, *way): None for way in _ways(tail)})
    if word in _COMPOUNDS:
        ways[_COMPOUNDS[word]] = None
    if versioned := _VERSIONED.fullmatch(word):
        name, sign, number = versioned.groups()
        ways[name, sign + number] = ways[name + sign, number] = None
    return tuple(ways)
