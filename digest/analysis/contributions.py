"""The paper's own list of contributions: bulleted, numbered, a row of clauses, or told as first, second."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from digest.analysis.outline import Block, blocks, roles
from digest.analysis.sentences import split_sentences
from digest.fulltext import FullText, Section, SectionRole

_TRIGGER = re.compile(
    r"""\b(?:
        (?:our|the|this\ (?:paper|work|article)['’]?s?|main|key|major|following|primary|technical|core|these)
        \b[^.;:]{0,50}\bcontributions?\b
        (?!\s+(?:to|from|by|in|of\ (?!this|the\ (?:paper|work|article|study)|our|the\ present))\b)
      | contribut(?:e|es)\ the\ following
      | contributions?\ (?:of\ (?:this|our|the\ present)\ (?:paper|work|article|study|survey)
        |are|is|can\ be|include)
      | (?:we\ make|makes?)\ (?:the\ )?(?:following|several|two|three|four|five|six)\b
        [^.;:]{0,40}\bcontributions?
      | (?:in\ this\ (?:paper|work|article)|in\ summary|in\ short|to\ summari[sz]e|specifically
        |overall),?\ we\s?:
      | our\ (?:main|key|major|central)\ (?:findings|results|innovations|novelties|insights)
        \ (?:are|is|include|can)
      | (?:main|key)\ (?:innovations|novelties|highlights)\b[^.;]{0,40}:
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LABEL = re.compile(r"(?:Our |Main |Key |Summary of )?(?:C|c)ontributions?\s?[.:]")
_NOT_OURS = re.compile(
    r"author contributions?|contributions? (?:from|by) (?:others|the community)", re.IGNORECASE
)
_HEADED = re.compile(r"\bcontributions?\b", re.IGNORECASE)
_WHERE = (
    SectionRole.INTRODUCTION,
    SectionRole.ABSTRACT,
    SectionRole.OTHER,
    SectionRole.METHOD,
    SectionRole.CONCLUSION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the list, verbatim, without its bullet or number."""

    text: str
    paragraph: int
    page: int


@dataclass(frozen=True, slots=True)
class _Stream:
    """The text after the words that announce a list, over paragraphs; `starts` are the offsets of blocks."""

    text: str
    starts: tuple[int, ...]
    blocks: tuple[Block, ...]

    def block_at(self, offset: int) -> Block:
        return self.blocks[bisect_right(self.starts, offset) - 1]


def own_list(text: FullText) -> tuple[Item, ...]:
    """The items of the paper's own list of contributions, at least two, in order; empty if it has none."""
    ordered = sorted(
        (pair for pair in zip(text.sections, roles(text.sections), strict=True) if pair[1] in _WHERE),
        key=lambda pair: _WHERE.index(pair[1]),
    )
    for section, _ in ordered:
        for stream in islice(_announced(section), 8):
            items = _enumerated(stream) or _told(stream) or _unmarked(stream)
            if len(items) >= 2:
                return items
    return ()


def _announced(section: Section) -> Iterator[_Stream]:
    whole = blocks(section)
    if whole and _HEADED.search(section.title) and not _NOT_OURS.search(section.title):
        yield _stream(whole, 0, 0)
    for index, block in enumerate(whole):
        if label := _LABEL.match(block.text):
            yield _stream(whole, index, label.end())
        for match in _TRIGGER.finditer(block.text):
            if not _NOT_OURS.search(block.text[max(0, match.start() - 20) : match.end() + 20]):
                yield _stream(whole, index, match.end())


def _stream(whole: Sequence[Block], index: int, at: int) -> _Stream:
    """Up to 14 blocks from a place in block `index`, joined by line breaks; no list is longer."""
    taken = whole[index : index + 14]
    pieces = [piece[:6_000] for piece in (taken[0].text[at:], *(block.text for block in taken[1:]))]
    starts, offset = [], 0
    for piece in pieces:
        starts.append(offset)
        offset += len(piece) + 1
    return _Stream("\n".join(pieces), tuple(starts), tuple(taken))


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii")
_BULLET = re.compile(r"(?:(?<=\s)|^)[•▪●◦‣∙⋄◆■►▶➢✓✔·]\s*|^[–—*-]\s+", re.MULTILINE)
_NUMBERINGS = (
    (re.compile(r"(?<!\w)\((\d)\)\s*"), [str(n) for n in range(1, 10)]),
    (re.compile(r"(?<![\w(])(\d)\)\s*"), [str(n) for n in range(1, 10)]),
    (re.compile(r"(?<!\w)\(([ivx]+)\)\s*"), list(_ROMAN)),
    (re.compile(r"(?<![\w(])([ivx]+)\)\s*"), list(_ROMAN)),
    (re.compile(r"(?<!\w)\(([a-h])\)\s*"), list("abcdefgh")),
    (re.compile(r"(?<![\w(])([a-h])\)\s*"), list("abcdefgh")),
    (re.compile(r"(?:(?<=[\s:])|^)(\d)\.\s+(?=[A-Z])"), [str(n) for n in range(1, 10)]),
    (re.compile(r"([①②③④⑤⑥⑦⑧])\s*"), list("①②③④⑤⑥⑦⑧")),
    (re.compile(r"^(?:C|Contribution\s)(\d)[:.]\s*", re.MULTILINE), [str(n) for n in range(1, 10)]),
)


def _enumerated(stream: _Stream) -> tuple[Item, ...]:
    """The items of the first list that begins close enough to the words announcing it."""
    found = [_numbered(stream.text, pattern, names) for pattern, names in _NUMBERINGS]
    found.append([(m.start(), m.end()) for m in _BULLET.finditer(stream.text)])
    near = [marks for marks in found if len(marks) >= 2 and marks[0][0] <= 260]
    if not near:
        return ()
    marks = min(near, key=lambda each: each[0][0])
    return tuple(_items(stream, _unbroken(stream.text, marks)))


def _numbered(text: str, pattern: re.Pattern[str], names: Sequence[str]) -> list[tuple[int, int]]:
    """Where 1, 2, 3 ... stand, in order; a reference back to (1) between them is skipped."""
    marks: list[tuple[int, int]] = []
    for match in pattern.finditer(text):
        if len(marks) < len(names) and match[1] == names[len(marks)]:
            marks.append((match.start(), match.end()))
    return marks


def _unbroken(text: str, marks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The marks up to the first that stands too far from the one before to belong to the same list."""
    kept = [marks[0]]
    for mark in marks[1:]:
        between = text[kept[-1][1] : mark[0]]
        if len(between) > 1_200 or between.strip().count("\n") > 1:
            break
        kept.append(mark)
    return kept


def _items(stream: _Stream, marks: Sequence[tuple[int, int]]) -> Iterator[Item]:
    for number, (_, start) in enumerate(marks):
        is_last = number + 1 == len(marks)
        end = len(stream.text) if is_last else marks[number + 1][0]
        piece = stream.text[start:end].strip().partition("\n")[0]
        runs_on = is_last and number > 0 and "\n" not in stream.text[marks[number - 1][1] : start]
        if item := _trimmed(piece, single=runs_on or piece[:1].islower()):
            block = stream.block_at(start)
            yield Item(text=item, paragraph=block.paragraph, page=block.page)


_TAIL = re.compile(r"[\s,;]+(?:and|or|as well as|while|plus)?[\s,;]*$")


def _trimmed(piece: str, *, single: bool) -> str:
    """An item as it is shown: one sentence, or several up to about 60 words; no semicolon at its end."""
    sentences = split_sentences(piece)
    if not sentences:
        return ""
    wanted = sentences[0]
    for sentence in sentences[1:]:
        longer = piece[: piece.find(sentence, len(wanted)) + len(sentence)]
        if single or len(longer.split()) > 60 or (len(wanted.split()) >= 25 and len(longer.split()) > 45):
            break
        wanted = longer
    wanted = _TAIL.sub("", wanted)
    return wanted if 3 <= len(wanted.split()) <= 110 else ""


_TELLS = (
    re.compile(r"^(?:The )?First(?:ly)?\b|^One contribution", re.IGNORECASE),
    re.compile(r"^(?:The )?Second(?:ly)?\b|^(?:Another|The other) contribution", re.IGNORECASE),
    re.compile(r"^(?:The )?(?:Third|Fourth|Fifth)(?:ly)?\b|^(?:Finally|Lastly|Last)\b", re.IGNORECASE),
)


def _told(stream: _Stream) -> tuple[Item, ...]:
    """A list told in sentences: "First, we ... Second, we ... Finally, we ..."."""
    items: list[Item] = []
    for start, block_text in zip(stream.starts, stream.text.split("\n"), strict=True):
        offset = 0
        for sentence in split_sentences(block_text):
            offset = block_text.find(sentence, offset)
            step = 0 if not items else 1 if len(items) == 1 else 2
            matched = _TELLS[step].match(sentence) or (items and _TELLS[2].match(sentence))
            if matched and len(sentence.split()) >= 6:
                block = stream.block_at(start + offset)
                items.append(Item(text=sentence, paragraph=block.paragraph, page=block.page))
            elif not items and start + offset > 500:
                return ()
    return tuple(items)


_PROPOSAL = re.compile(r"(?:We|Our|An?|The|To|This|In)\b")
_ROADMAP = re.compile(
    r"(?:The (?:rest|remainder)|This paper is|The paper is|Section|In Section|In the (?:rest|next))\b"
)


def _unmarked(stream: _Stream) -> tuple[Item, ...]:
    """Short paragraphs after "as follows:" whose bullets were lost on the way out of the PDF."""
    announcement, *following = stream.text.split("\n")
    if not announcement.rstrip().endswith(":") or len(announcement) > 200:
        return ()
    items: list[Item] = []
    for start, text in zip(stream.starts[1:], following, strict=True):
        if not _PROPOSAL.match(text) or _ROADMAP.match(text) or len(text.split()) > 90:
            break
        block = stream.block_at(start)
        items.append(Item(text=_trimmed(text, single=False), paragraph=block.paragraph, page=block.page))
    return tuple(item for item in items if item.text)
