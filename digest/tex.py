"""LaTeX as it occurs in arXiv's titles and abstracts, made plain Unicode text.

Not a LaTeX system: a tolerant reader that keeps words, symbols, sub- and superscripts and drops the rest.
It never raises and reads each character once.
"""

from __future__ import annotations

import re
import unicodedata

from digest.tex_symbols import (
    ACCENTS,
    BLACKBOARD,
    DROPPED_WITH_ARGUMENT,
    FUNCTIONS,
    MATH_ACCENTS,
    RELATIONS,
    SILENT,
    SPACES,
    STYLES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    symbol,
)

_DEPTH = 40  # deeper than any author nests braces; what is deeper loses only its braces
_JOINT = "\x00"  # stands at both ends of a function's name until the words around it are known

_DELIMITER = re.compile(r"\\(?:[()\[\]]|.)|\${1,2}", re.DOTALL)
_PIECE = re.compile(r"\\(?:[A-Za-z]+\*?|.|$)|[{}^_~]|-{2,3}|``|''|'|`|-|[^\\{}^_~\-`']+", re.DOTALL)
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}(?=[\s,.;:]|$)")
_COMMAND = re.compile(r"\\[A-Za-z]+|[\^_=]")
_WORDS_IN_BRACES = re.compile(r"\\(?:text|math|operatorname|mbox)[a-z]*\*?\s*\{[^{}]*\}")
_RELATION = re.compile(rf"(?<=[^\s({{\[])\s*([{RELATIONS}])\s*(?=[^\s)}}\]])")
_POWER = re.compile(r"[-−]?\d+|\{[-−+]?\d+\}")  # in prose only numbers are raised
_THOUSANDS = re.compile(r"(?<=\d)\{,\}(?=\d)")  # "5{,}495"
_RANGE = re.compile(r"(?<=[\w%)])--(?=\w)")  # "$20$--$65$", whose dash stands between two formulas
_JOINT_BEFORE = re.compile(rf"(?<=[\w)\]}}⁰-ₜ²³¹]){_JOINT}(?=[^\W_])")
_JOINT_AFTER = re.compile(rf"(?<=\w){_JOINT}(?=[^\W_]|[√∥‖])")


def plain_text(text: str) -> str:
    """The text with its LaTeX read; formulas are found by `$`, `\\(` and `\\[`."""
    shown = (
        _formula(part) if math else _Reader(part, math=False).all()
        for part, math in _parts(_THOUSANDS.sub(",", text))
    )
    return _RANGE.sub("–", "".join(shown))


def _formula(source: str) -> str:
    shown = _Reader(source, math=True).all().strip()
    shown = _RELATION.sub(r" \1 ", shown)
    shown = _JOINT_AFTER.sub(" ", _JOINT_BEFORE.sub(" ", shown))
    return re.sub(r"  +", " ", shown.replace(_JOINT, ""))


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text in order, cut into prose and formulas (True)."""
    parts: list[tuple[str, bool]] = []
    start = 0
    opened: re.Match[str] | None = None
    for here in _DELIMITER.finditer(text):
        if opened is not None and here[0] == _closing(opened[0]):
            inside = text[opened.end() : here.start()]
            if _is_formula(inside, opened[0], text[here.end() : here.end() + 1]):
                parts += [(text[start : opened.start()], False), (inside, True)]
                start, opened = here.end(), None
                continue
        if here[0] in {"$", "$$", "\\(", "\\["} and (opened is None or here[0] == opened[0]):
            opened = here
    parts.append((text[start:], False))
    return [part for part in parts if part[0]]


def _closing(opening: str) -> str:
    return {"\\(": "\\)", "\\[": "\\]"}.get(opening, opening)


def _is_formula(inside: str, opening: str, after: str) -> bool:
    """Whether what stands between two delimiters is a formula, and not the prose between two prices."""
    if not inside.strip():
        return False
    if opening != "$":
        return True
    if len(_PROSE.findall(_WORDS_IN_BRACES.sub("", inside))) >= 3:
        return False
    if _COMMAND.search(inside):
        return True
    if after.isdigit() and any(character.isdigit() for character in inside):
        return False
    return not (inside[0].isspace() or inside[-1].isspace())


class _Reader:
    """Reads one stretch of prose or one formula, piece by piece."""

    def __init__(self, source: str, *, math: bool) -> None:
        self._pieces = _PIECE.findall(source)[::-1]  # the next one last
        self._math = math
        self._depth = 0

    def all(self) -> str:
        shown = ""
        while self._pieces:  # a stray closing brace ends a sequence early
            shown += self._sequence()
        return shown

    def _sequence(self) -> str:
        """Everything up to the closing brace of this group, which is consumed."""
        shown: list[str] = []
        while self._pieces:
            piece = self._pieces.pop()
            if piece == "}":
                if self._depth == 0 and not self._math:
                    shown.append(piece)
                break
            shown.append(self._one(piece, before=shown[-1] if shown else ""))
        return "".join(shown)

    def _one(self, piece: str, *, before: str = "") -> str:
        if piece.startswith("\\"):
            return self._macro(piece[1:])
        if piece == "{":
            return self._group()
        if piece in "^_" and (self._math or piece == "^"):
            return self._script(piece, before)
        if self._math:
            return {"'": "′", "''": "″", "~": " ", "-": "−" if before else "-"}.get(piece, piece)
        return self._prose(piece, before)

    def _prose(self, piece: str, before: str) -> str:
        after = self._pieces[-1][:1] if self._pieces else ""
        tight = bool(before) and not before[-1].isspace() and not after.isspace() and after != ""
        if piece == "~":
            return " " if tight and not (before[-1].isdigit() and after.isdigit()) else piece
        if piece == "---":
            return "—"
        if piece == "--":
            return "–" if tight else piece
        return {"``": "“", "''": "”"}.get(piece, piece)

    def _group(self) -> str:
        if self._depth >= _DEPTH:
            return ""
        self._depth += 1
        literal = not self._math and self._literal_braces()
        shown = self._sequence()
        self._depth -= 1
        return f"{{{shown}}}" if literal else shown

    def _literal_braces(self) -> bool:
        """Braces around anything but one word or a macro are the author's own, as in "{0, 1}"."""
        first = self._pieces[-1] if self._pieces else ""
        return not (first.startswith("\\") or first in "{}" or first.isalpha())

    def _argument(self) -> str:
        """The next argument: a group, a macro with its own arguments, or one character."""
        self._skip_spaces()
        if not self._pieces or self._pieces[-1] == "}":
            return ""
        piece: str = self._pieces.pop()
        if piece == "{":
            if self._depth >= _DEPTH:
                return ""
            self._depth += 1
            shown = self._sequence()
            self._depth -= 1
            return shown
        if piece.startswith("\\"):
            if self._depth >= _DEPTH:
                return ""
            self._depth += 1
            shown = self._macro(piece[1:])
            self._depth -= 1
            return shown
        if len(piece) > 1:
            self._pieces.append(piece[1:])
        return piece[0]

    def _skip_spaces(self) -> None:
        if self._pieces and self._pieces[-1][0].isspace():
            rest = self._pieces.pop().lstrip()
            if rest:
                self._pieces.append(rest)

    def _macro(self, name: str) -> str:
        name = name.rstrip("*") or name
        if name in SPACES:
            return " "
        if name in SILENT or name == "":
            return self._silent(name)
        if len(name) == 1 and name in "%$&#_{}":
            return name
        if name in ACCENTS and not self._math:
            return accented(self._argument(), ACCENTS[name])
        if name in MATH_ACCENTS:
            return accented(self._argument(), MATH_ACCENTS[name])
        if name in FUNCTIONS:
            return f"{_JOINT}{'mod' if name.endswith('mod') else name}{_JOINT}"
        return self._with_arguments(name)

    def _silent(self, name: str) -> str:
        self._skip_spaces()
        if name in {"left", "right"} and self._pieces and self._pieces[-1].startswith("."):
            rest = self._pieces.pop()[1:]
            if rest:
                self._pieces.append(rest)
        return ""

    def _with_arguments(self, name: str) -> str:
        match name:
            case "frac" | "dfrac" | "tfrac" | "nicefrac" | "sfrac":
                return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
            case "binom":
                return f"({self._argument()} choose {self._argument()})"
            case "sqrt":
                return self._root()
            case "mathbb" | "mathds" | "Bbb":
                return "".join(BLACKBOARD.get(letter, letter) for letter in self._argument())
            case "operatorname":
                return f"{_JOINT}{self._argument()}{_JOINT}"
            case "href":
                address = self._argument()
                return self._argument() or address
            case "footnote":
                return f" ({self._argument().strip()})"
            case "textsuperscript" | "textsubscript":
                return script("^" if "super" in name else "_", self._argument())
            case "overset" | "underset" | "stackrel":
                self._argument()
                return self._argument()
            case _ if name in STYLES:
                return self._argument()
            case _ if name in DROPPED_WITH_ARGUMENT:
                self._argument()
                return ""
        return self._named(name)

    def _named(self, name: str) -> str:
        """A symbol, or an unknown macro: its arguments where it has some, else its bare name."""
        shown = symbol(name)
        if shown is not None:
            if self._pieces and self._pieces[-1] == "{" and self._next_is_empty():
                self._argument()
            return shown
        if not (self._pieces and self._pieces[-1] == "{"):
            return name if name.isalpha() else ""
        return self._argument() or name

    def _next_is_empty(self) -> bool:
        return len(self._pieces) > 1 and self._pieces[-2] == "}"

    def _root(self) -> str:
        index = ""
        if self._pieces and self._pieces[-1].startswith("["):
            index, closed, rest = self._pieces.pop()[1:].partition("]")
            if rest or not closed:
                self._pieces.append(rest or " ")
        inside = self._argument()
        sign = {"": "√", "3": "∛", "4": "∜"}.get(index, script("^", index) + "√")
        return sign + (inside if len(inside) == 1 or inside.isdigit() else f"({inside})")

    def _script(self, sign: str, before: str) -> str:
        if self._math:
            return script(sign, self._argument())
        power = _POWER.match("".join(self._pieces[-1:-5:-1])) if before[-1:].isalnum() else None
        if power is None:
            return sign
        left = power.end()
        while left:  # what the power is written with may be a part of the last piece
            piece = self._pieces.pop()
            if len(piece) > left:
                self._pieces.append(piece[left:])
            left -= min(left, len(piece))
        return script(sign, power[0].strip("{}"))


def script(sign: str, text: str) -> str:
    """The text raised ("^") or lowered ("_"): in Unicode's letters where it has them all, else as "x_max"."""
    text = text.replace(_JOINT, "").replace("−", "-").strip()
    if not text:
        return ""
    letters = SUPERSCRIPTS if sign == "^" else SUBSCRIPTS
    is_word = len(text) > 2 and text.isalpha()
    if not is_word and all(character in letters for character in text):
        return "".join(letters[character] for character in text)
    return sign + (text if len(text) == 1 or (text.isascii() and text.isalnum()) else f"({text})")


def accented(base: str, mark: str) -> str:
    """The base with a combining mark on its first letter; longer formulas under one accent lose it."""
    base = base.strip()
    if len(base) > 2 and not base.isalpha():
        return base
    head, tail = {"ı": "i", "ȷ": "j"}.get(base[:1], base[:1]), base[1:]
    return unicodedata.normalize("NFC", head + mark) + tail if head else ""


def _grouped(text: str) -> str:
    """A numerator or denominator, in brackets where it is more than one thing."""
    return text if re.fullmatch(r"\w+|.|√?\([^()]*\)|√\w", text) else f"({text})"
