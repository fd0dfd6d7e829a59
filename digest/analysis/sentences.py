"""Paragraphs cut into verbatim sentences, and the question whether a sentence can be quoted alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.analysis.languages import words

_ABBREVIATION = re.compile(
    r"""(?:^|[\s(\[“"'–—-])(?:
        e\.g|i\.e|cf|al|etc|vs|resp|viz|ca|approx|w\.r\.t|s\.t|a\.k\.a|incl|max|min|avg|std|dept|univ
        | figs?|tabs?|eqs?|eqns?|secs?|sects?|apps?|algs?|thms?|defs?|refs?|props?|lems?|cor|chs?|no|nos
        | vol|pp?
        | dr|prof|mr|mrs|ms|st|jr|sr|inc|ltd|corp|co | z\.\s?b|bzw|d\.\s?h|vgl|u\.\s?a|bspw|ggf|usw|abb|kap
        | (?-i:[A-Z]) )\.$""",
    re.VERBOSE | re.IGNORECASE,
)
# These end a sentence as often as not: a capital after them decides, unless a number follows.
_EITHER_WAY = re.compile(r"(?:\bal|\betc|\bInc|\bLtd|\bCorp|\bCo|\bmax|\bmin|\bcor|\s[A-Z])\.$")

_END = re.compile(
    r"""[.!?…]["'”’»)\]]*            # the stop, maybe closed by a quote or bracket
        (?P<note>\d{1,2}(?:,\d{1,2})*|[∗*†‡§¶]+)?   # a footnote's mark glued to it
        (?=\s|$)
      | [。！？]["”’」』）)]*        # Chinese and Japanese need no space
    """,
    re.VERBOSE,
)
_OPENING = re.compile(r"""["'“‘«(\[]*""")
_BULLETS = "•▪●◦‣∙–"
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LEAST_HAN = 10  # letters and digits: a shorter quote could stand anywhere, and is not taken for one


def split_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a paragraph, each an exact piece of it, without the footnote marks at their ends."""
    return tuple(text[start:end] for start, end in _spans(text) if start < end)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = _skip_space(text, 0)
    for match in _END.finditer(text):
        following = _skip_space(text, match.end())
        if match.start() < start or not _is_boundary(text, start, match, following):
            continue
        yield start, _without_mark(text, match)
        start = following
    tail = text[start:].rstrip()
    yield start, start + len(tail)


def _is_boundary(text: str, start: int, match: re.Match[str], following: int) -> bool:
    if match[0][0] in "。！？" or following >= len(text):
        return True
    if not begins_sentence(text, following) or _ENUMERATES.match(text, following):
        return False
    if text[match.start()] == "." and not match["note"]:
        head = text[max(start, match.start() - 12) : match.start() + 1]
        if _ABBREVIATION.search(head):
            return bool(_EITHER_WAY.search(head)) and text[following].isupper() and _opens(text, following)
    return True


_ENUMERATES = re.compile(r"\((?:[2-9]|i{2,3}|iv|vi{0,3}|[b-h])\)\s")
_OPENER = re.compile(
    r"(?:The|This|These|We|Our|In|It|However|To|For|As|While|When|Although|Moreover|Furthermore|Thus)\b"
)


def _opens(text: str, at: int) -> bool:
    return _OPENER.match(text, at) is not None


def _without_mark(text: str, match: re.Match[str]) -> int:
    """Where the sentence ends: before a glued footnote mark, unless that is a decimal like `.5`."""
    if match["note"] is None:
        return match.end()
    before = text[match.start() - 1] if match.start() else " "
    return match.end() if before.isdigit() and match["note"].isdigit() else match.start("note")


def begins_sentence(text: str, at: int = 0) -> bool:
    """Whether a sentence may begin here: not in lower case, unless as a name like "iPhone" or "p53"."""
    word = text[_OPENING.match(text, at).end() :][:12].partition(" ")[0]  # type: ignore[union-attr]
    if not word:
        return False
    return (not word[0].islower() and (word[0].isalnum() or word[0] in _BULLETS)) or _is_camel(word)


def _is_camel(word: str) -> bool:
    return word[:1].isalpha() and any(char.isupper() or char.isdigit() for char in word[1:])


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


_RUN_IN = re.compile(
    r"""(?P<head>(?:[^\s.!?;:,()]+\s+){1,7})
        (?=(?:We|To|In|Our|This|These|The|For|As|When|Given|While|Since|Following|If|It|There|Each|All|Unlike)
        \ [a-zA-Z])""",
    re.VERBOSE,
)
_LABEL = re.compile(
    r"(?:[A-Z][\w/&-]*(?:\s[\w/&-]+){0,5}:|\([a-z0-9]{1,4}\)|[•▪●◦‣∙–*]|\d{1,2}[.)])\s+(?=\S)"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|can|may|will|does|do|did|shows?|uses?|makes?|gives?|leads?|we|it)\b"
)


def without_run_in(sentence: str, *, opens_paragraph: bool) -> str:
    """The sentence without the bold words that head its paragraph ("Setup We train ..." or "• Size: ...").

    What is left is still verbatim; only a paragraph's first sentence can carry such a head.
    """
    while label := _LABEL.match(sentence):
        if _VERB.search(label[0]) or not _reads_on(sentence, label.end()):
            break
        sentence = sentence[label.end() :]
    if not opens_paragraph:
        return sentence
    head = _RUN_IN.match(sentence)
    if head and _is_title(head["head"]):
        return sentence[head.end() :]
    return sentence


def is_label(piece: str) -> bool:
    """Whether a paragraph's first words are a heading set in its running text ("Implementation details.")."""
    return piece.endswith((".", ":")) and len(piece.split()) <= 5 and not _VERB.search(piece.lower())


def _reads_on(sentence: str, at: int) -> bool:
    return begins_sentence(sentence, at) and len(sentence) - at > 30


_SMALL_WORDS = words("a an and as at by for from in into of on or the to vs with")
_SENTENCE_WORDS = words("and or but if when while since because that which where as than then")


def _is_title(head: str) -> bool:
    """Whether the words read as a heading: no verb, no word that must be followed by more."""
    words = head.split()
    if words[-1].lower() in _SMALL_WORDS | _SENTENCE_WORDS or not words[0][0].isupper():
        return False
    if words[0].lower() in _SMALL_WORDS | _SENTENCE_WORDS or words[0] in (
        "We",
        "Our",
        "Here",
        "This",
        "These",
    ):
        return False
    return not _VERB.search(head.lower())


_BAD_START = re.compile(
    r"(?:Figure|Fig\.|Table|Tab\.|Algorithm|Listing|Appendix)\s*[\dA-Z]+(?:\.\d+)?\s*[:.|]"
    r"|Equal contribution|Corresponding author|Work done|Preprint|Under review|Published (?:as|in)|Copyright"
    r"|Proceedings of|arXiv:|https?://|\d+(?:st|nd|rd|th) Conference|Permission to|Accepted (?:to|at|by)"
    r"|(?:Received|Revised) \w+ \d|Keywords|Index Terms|CCS Concepts|ACM Reference|Q:|A:|QED|\d+\s+Page\b"
    r"|Author Contributions|Correspondence|Code (?:and|&) data:|E-?mail",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\(?\w{1,4}\)\s+[a-z]")  # an item in the middle of a sentence
_ENDS = re.compile(r"""[.!?]["'”’»)\]]*$|[。！？]["”’」』）)]*$""")
_FORMULA = re.compile(r"[=∈≤≥∑∏∫∂∇∀∃⊂⊆∪∩→←↦⇒⇔∥⟨⟩√∞≈≡∼∝⊕⊗⊙±∆λθφψωαβγδσµπτηερκ]|\s[-+*/^|]\s|\\[a-z]+")
_STRAY_LETTERS = re.compile(
    r"(?<![\w’'.-])(?!(?:a|A|I|x|k|K|n|N|F|t|p|R|C|B|D|T|V|Q|é)\b)[A-Za-z](?![\w’'.-])"
)
_DANGLING = re.compile(
    r"(?:\b(?:such as|the following|as follows|i\.e|e\.g|and|or|of|the|by|to|in|is|are|with"
    r"|where))\s*[.:]$|:\s*$",
    re.IGNORECASE,
)


def is_quotable(sentence: str, *, least: int = 6, most: int = 70) -> bool:
    """Whether a sentence is whole and prose: begins and ends as one, in words rather than symbols.

    `least` and `most` are words (for Chinese and Japanese, half as many characters).
    """
    if _CJK.search(sentence):
        return _is_quotable_cjk(sentence, least, most)
    words = sentence.split()
    return (
        least <= len(words) <= most
        and begins_sentence(sentence)
        and _ENDS.search(sentence) is not None
        and not _BAD_START.match(sentence)
        and not _CLAUSE.match(sentence)
        and not _DANGLING.search(sentence)
        and _is_prose(sentence, words)
        and _is_balanced(sentence)
    )


def _is_quotable_cjk(sentence: str, least: int, most: int) -> bool:
    han = len(_CJK.findall(sentence))
    return (
        2 * least <= len(sentence) <= 5 * most
        and sum(map(str.isalnum, sentence)) >= _LEAST_HAN
        and han > 0.5 * len(sentence)
        and _ENDS.search(sentence) is not None
        and not _FORMULA.search(sentence)
    )


def _is_prose(sentence: str, words: list[str]) -> bool:
    letters = sum(map(str.isalpha, sentence))
    filled = sum(not char.isspace() for char in sentence)
    if letters < 0.72 * filled or len(_FORMULA.findall(sentence)) > 1 or "\ufffd" in sentence:
        return False
    plain = sum(_is_plain(word) for word in words)
    return plain >= 0.4 * len(words) and len(_STRAY_LETTERS.findall(sentence)) <= 1


def _is_plain(word: str) -> bool:
    """A word that is no name, number or symbol; in scripts without capitals, any word."""
    first = word.lstrip("(“\"'")[:1]
    return first.isalpha() and not first.isupper()


def _is_balanced(sentence: str) -> bool:
    opened = (
        sentence.count("(")
        - sentence.count(")")
        + len(re.findall(r"(?:^|\s)(?:\d|[a-z]|[ivx]+)\)", sentence))
    )
    return (
        opened == 0
        and sentence.count("[") == sentence.count("]")
        and sentence.count("“") == sentence.count("”")
    )


_DEPENDENT = re.compile(
    r"""(?:(?P<strong>This|These|That|Those|It|They|Its|Their|Such|He|She|Both|Es|Dies\w*|Sie|Dabei|Dazu
          |The\ (?:former|latter|same|other))
        | (?P<link>However|Therefore|Thus|Hence|Moreover|Furthermore|Additionally|In\ addition|Also
          |Consequently|Then|Next|Specifically|In\ particular|For\ (?:example|instance)|As\ a\ result|Besides
          |Further
          |Similarly|Likewise|Accordingly|Note\ that|Instead|Conversely|In\ contrast|By\ contrast
          |On\ the\ other\ hand|Otherwise|Nevertheless|Nonetheless|Still|Yet|But|And|Or|So
          |To\ (?:this|that)\ end|Indeed|That\ is
          |Recall|Here|In\ (?:this|these|that|such)\ (?:case|cases|setting|way|section|example)
          |To\ (?:address|solve|tackle|overcome|mitigate|remedy)\ (?:this|these|it|them|the\ above)
          |(?:As|See)\ (?:above|below)|Again|Meanwhile|Afterwards?|Subsequently)
        )\b""",
    re.VERBOSE,
)
_OWN = re.compile(r"(?:This|These|Our) (?:paper|work|study|article|survey|thesis|report|results?|findings)\b")
_UNRESOLVED = re.compile(r"\b(?:above|aforementioned|the latter|the former|as follows|previous section)\b")


def dependence(sentence: str) -> float:
    """How much a sentence leans on the one before it: 0 stands alone, 1 cannot be read without it."""
    lean = 0.3 if _UNRESOLVED.search(sentence) else 0.0
    if _OWN.match(sentence):
        return lean
    match = _DEPENDENT.match(sentence)
    if match is None:
        return lean
    return min(1.0, lean + (1.0 if match["strong"] else 0.5))
