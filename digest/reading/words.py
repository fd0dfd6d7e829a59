"""Lines joined into running text: words broken at line ends made whole again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W\d_]+)-$")
_NEXT = re.compile(r"[^\W\d_]+")
_CONJUNCTIONS = ("and", "or", "to", "und", "oder", "et")  # "pre- and post-training"
# Words in -ly are whole ("automatically-detected", "family-wise"); but "analy-sis", "supply-ing".
_IN_LY = re.compile(r"\w{2}[^\Wao]ly$")
_URL_TAIL = re.compile(r"https?://\S*[/\-_=&?.]$|https?://$")


def _unbroken(lines: Iterable[str]) -> Iterator[str]:
    """The lines without the halves of words at their ends: whether these belong together is the question."""
    broken = False
    for line in lines:
        whole = line.partition(" ")[2] if broken else line
        broken = line.endswith("-")
        yield whole.rpartition(" ")[0] if broken else whole


class Vocabulary:
    """How often words stand unbroken in a document; decides what a hyphen at a line's end means."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._exact: Counter[str] = Counter()
        # Splitting first and looking into each different token once is several times faster.
        for token, number in Counter(" ".join(_unbroken(lines)).split()).items():
            for word in (token,) if token.isalpha() else _WORD.findall(token):
                self._exact[word] += number
        self._counts: Counter[str] = Counter()  # casefolded
        self._pieces: Counter[str] = Counter()  # of hyphenated words
        for word, number in self._exact.items():
            folded = word.casefold()
            self._counts[folded] += number
            if "-" in folded:
                for piece in folded.split("-"):
                    self._pieces[piece] += number

    def joins(self, head: str, tail: str) -> bool:
        """Whether the word broken into `head` and `tail` is written without a hyphen."""
        head, tail = head.casefold(), tail.casefold()
        hyphened, joined = self._counts[f"{head}-{tail}"], self._seen(head + tail)
        if hyphened or joined:
            return joined >= hyphened
        if len(tail) > 3 and _IN_LY.search(head):
            return False
        # Two whole words that the paper uses, and never as one: a compound.
        return not (len(head) > 3 and len(tail) > 3 and self._seen(head) and self._seen(tail))

    def knows(self, word: str) -> bool:
        """Whether the word stands unbroken in the document in just these letters."""
        return self._exact[word] > 0

    def _seen(self, word: str) -> int:
        return self._counts[word] + self._pieces[word]


def joined(lines: Sequence[str], vocabulary: Vocabulary) -> str:
    """The lines as one text.

    A hyphen before a small letter is dropped unless the document writes the word with it; before capitals
    and digits it stays, unless the document writes the very word without it ("McCann").
    """
    return joined_with_starts(lines, vocabulary)[0]


def joined_with_starts(lines: Sequence[str], vocabulary: Vocabulary) -> tuple[str, list[int]]:
    """The lines as one text, and the offset in it at which each line begins."""
    text = ""
    starts: list[int] = []
    for line in lines:
        text = _lengthened(text, line, vocabulary)
        starts.append(len(text) - len(line))
    if "\u00ad" in text:
        starts = [start - text.count("\u00ad", 0, start) for start in starts]
    return text.replace("\u00ad", ""), starts


def _lengthened(text: str, line: str, vocabulary: Vocabulary) -> str:
    """The text with one more line at its end; what is dropped for it is dropped before the line."""
    if not text:
        return line
    if text[-1] in "-\u00ad":
        return _across_hyphen(text, line, vocabulary)
    if _URL_TAIL.search(text[-200:]) or (_is_cjk(text[-1]) and _is_cjk(line[0])):
        return text + line
    return f"{text} {line}"


def _across_hyphen(text: str, line: str, vocabulary: Vocabulary) -> str:
    if text[-1] == "\u00ad":
        return text[:-1] + line
    head, tail = _BROKEN.search(text[-60:]), _NEXT.match(line)
    if head is None:
        # A lone dash keeps its spaces; "2018-" and "GPT-3-" keep the hyphen.
        return f"{text} {line}" if text[-2:-1] in ("", " ") else text + line
    if tail is None or "://" in text[-200:].rsplit(" ", 1)[-1]:
        return text + line
    if tail[0] in _CONJUNCTIONS and not vocabulary.knows(head[1] + tail[0]):
        return f"{text} {line}"
    whole = vocabulary.joins(head[1], tail[0]) if line[0].islower() else vocabulary.knows(head[1] + tail[0])
    return text[:-1] + line if whole else text + line


def _is_cjk(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\uff00" <= char <= "\uffef"
