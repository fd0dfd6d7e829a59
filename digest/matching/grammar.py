"""The language of subscriptions.

    query  := clause {"," clause}                                  comma = OR
    clause := term { AND term | NOT term | -term }
    term   := words (one phrase) | "exact words" | word* | author:"Li Fei-Fei" | title:term | abs:term
              | cat:cs.RO | like:2503.09527

Also taken: OR, |, ; and the Chinese ， 、 ； for the comma; any quotation marks; `ti:` and `au:` as in
arXiv's own search, and `abstract:`; terms of different kinds side by side for AND (`vla cat:cs.RO`); a bare
category (`cs.RO`). AND, OR and NOT count in capitals only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from sys import intern

from digest.errors import InvalidIdentifier, InvalidQuery
from digest.matching.folding import is_unspaced, words_of
from digest.matching.markup import without_addresses
from digest.matching.names import name_forms, name_words
from digest.matching.query import Clause, Query, Term, TermKind, is_phrase, rules_out
from digest.matching.taxonomy import category_named, nearest_category
from digest.matching.tokens import FIELDS, Token, TokenKind, refusal, tokens_of
from digest.model import ArxivId

MAX_CLAUSES = 100
MAX_TERMS = 20  # in one clause
MAX_WORDS = 60  # in one phrase: longer than any title
MIN_PREFIX = 3  # letters before the star

_STOP_WORDS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "have", "in", "is"),
        *("it", "its", "not", "of", "on", "or", "our", "that", "the", "their", "these", "this", "to", "was"),
        *("we", "which", "with"),
    }
)
_EXAMPLE = "vla, vision language action"
_FIELD_EXAMPLES = {
    "title": "title:world model",
    "abstract": "abs:world model",
    "author": 'author:"Fei-Fei Li"',
    "cat": "cat:cs.RO",
    "like": "like:2503.09527",
}


def parse_query(text: str) -> Query:
    """Read a query. Raises `InvalidQuery` with the position of the fault and an example that works."""
    typed = text.strip()
    if not typed:
        raise InvalidQuery(f"The query is empty. Try: {_EXAMPLE}")
    if typed[0] in "/／":
        raise refusal("The query begins with a slash: that is a command", text.index(typed), _EXAMPLE)
    tokens = tokens_of(text)
    clauses = tuple(dict.fromkeys(_clause(text, part) for part in _alternatives(tokens)))
    if not clauses:
        raise refusal("The query has no words", 0, _EXAMPLE)
    if len(clauses) > MAX_CLAUSES:
        what = f"The query has {len(clauses)} alternatives, and at most {MAX_CLAUSES} are taken"
        raise refusal(what, len(text), f"several subscriptions, each like {_EXAMPLE}")
    return Query(text=typed, clauses=clauses)


def _alternatives(tokens: Sequence[Token]) -> Iterator[tuple[Token, ...]]:
    """The tokens between ORs. A comma too many is forgiven, a written OR wants both its sides."""
    part: list[Token] = []
    for number, token in enumerate(tokens):
        if token.kind is not TokenKind.OR:
            part.append(token)
            continue
        last = number + 1 == len(tokens) or tokens[number + 1].kind is TokenKind.OR
        if token.text == "OR" and (last or not part):
            raise refusal("OR needs a term on both sides", token.start, "vla OR world model")
        if part:
            yield tuple(part)
        part = []
    if part:
        yield tuple(part)


def _clause(text: str, tokens: Sequence[Token]) -> Clause:
    required: list[Term] = []
    excluded: list[Term] = []
    position = 0
    while position < len(tokens):
        negated, position = _operators(tokens, position)
        term, position = _term(text, tokens, position)
        (excluded if negated else required).append(term)
    start = tokens[0].start
    if not required:
        what = "NOT alone asks for nearly every paper; say what you want as well"
        raise refusal(what, start, "vla NOT survey")
    _check_terms(required, excluded, start)
    if len(required) + len(excluded) > MAX_TERMS:
        what = (
            f"This alternative has {len(required) + len(excluded)} terms, and at most {MAX_TERMS} are taken"
        )
        raise refusal(what, start, "vla AND robot NOT survey")
    return Clause(required=tuple(dict.fromkeys(required)), excluded=tuple(dict.fromkeys(excluded)))


def _check_terms(required: Sequence[Term], excluded: Sequence[Term], position: int) -> None:
    """Refuse an alternative that would find nearly everything, or never anything."""
    if all(is_phrase(term) and _STOP_WORDS.issuperset(term.words) for term in required):
        what = f"“{required[0].inner}” stands in nearly every paper; say what you want as well"
        raise refusal(what, position, _EXAMPLE)
    for term in excluded:
        if any(rules_out(term, wanted) for wanted in required):
            what = f"“{term.inner}” is both asked for and excluded, so that no paper can match"
            raise refusal(what, position, "vla NOT survey")


def _operators(tokens: Sequence[Token], position: int) -> tuple[bool, int]:
    """Read AND, NOT or AND NOT, if they are there: whether the term is negated and where it begins."""
    start = position
    if tokens[position].kind is TokenKind.AND:
        if position == 0:
            raise refusal("AND needs a term on both sides", tokens[position].start, "vla AND robot")
        position += 1
    negated = position < len(tokens) and tokens[position].kind is TokenKind.NOT
    position += negated
    if position == len(tokens) or tokens[position].kind in (TokenKind.AND, TokenKind.NOT):
        name = "NOT" if negated else "AND"
        what = f"{name} needs a term after it"
        raise refusal(what, tokens[max(start, position - 1)].start, f"vla {name} survey")
    return negated, position


def _term(text: str, tokens: Sequence[Token], position: int) -> tuple[Term, int]:
    """The term that begins at a position, and the position after it."""
    token = tokens[position]
    if token.kind is not TokenKind.FIELD:
        end = _end_of_phrase(tokens, position)
        return _phrase(text, tokens[position:end], token.start), end
    field = FIELDS[token.text]
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    if following is None or following.kind not in (TokenKind.QUOTED, TokenKind.WORD):
        raise refusal(f"“{token.text}:” has nothing after it", token.start, _FIELD_EXAMPLES[field])
    end = position + 2
    if field in ("title", "abstract", "author"):
        end = _end_of_phrase(tokens, position + 1)
    value = tokens[position + 1 : end]
    match field:
        case "title":
            return replace(_phrase(text, value, token.start, scoped=True), in_title=True), end
        case "abstract":
            return replace(_phrase(text, value, token.start, scoped=True), in_abstract=True), end
        case "author":
            return _author(text, value, token.start), end
        case "cat":
            return _category(text, value[0], token.start), end
        case _:
            return _like(text, value[0], token.start), end


def _end_of_phrase(tokens: Sequence[Token], position: int) -> int:
    """Where the quoted text or the run of words ends that begins here; a star ends it, too."""
    if tokens[position].kind is TokenKind.QUOTED:
        return position + 1
    while position < len(tokens) and tokens[position].kind is TokenKind.WORD:
        position += 1
    return position


def _phrase(text: str, tokens: Sequence[Token], start: int, *, scoped: bool = False) -> Term:
    """Words, quoted words, or words with a star at their end."""
    written = text[start : tokens[-1].end]
    inner = _inner(text, tokens)
    if not scoped and len(tokens) == 1 and "." in inner and (category := category_named(inner)):
        return Term(kind=TermKind.CATEGORY, written=written, inner=category, words=(category.lower(),))
    quoted = tokens[0].kind is TokenKind.QUOTED
    if not quoted and inner.count("(") != inner.count(")"):
        what = "Parentheses do not group; write every alternative out"
        raise refusal(what, tokens[0].start, "vla AND robot, agents AND robot")
    kind = TermKind.EXACT if quoted else TermKind.WORDS
    if not quoted and _has_star(tokens):
        kind, inner = TermKind.PREFIX, inner.rstrip("*＊")
    words = tuple(map(intern, words_of(inner)))  # as in the index: a million phrases share their words
    if not words:
        raise _wordless(inner, kind, tokens[0].start)
    if len(words) > MAX_WORDS:
        what = f"A phrase of {len(words)} words stands in no abstract; at most {MAX_WORDS} are taken"
        raise refusal(what, tokens[0].start, "world model, vla")
    if kind is TermKind.PREFIX and len(words[-1]) < MIN_PREFIX and not is_unspaced(words[-1]):
        what = f"“{words[-1]}*” would find too much; at least {MIN_PREFIX} letters must stand before “*”"
        raise refusal(what, tokens[-1].start, "diffus*")
    return Term(kind=kind, written=written, inner=inner.strip(), words=words)


def _wordless(inner: str, kind: TermKind, position: int) -> InvalidQuery:
    """What is said of a phrase without words."""
    if without_addresses(inner).split() != inner.split():
        what = f"“{inner[:40]}” is an address, and addresses are not searched"
        return refusal(what, position, "world model, like:2503.09527")
    if kind is TermKind.EXACT:
        return refusal("There is no word between the quotation marks", position, '"world model"')
    what = "“*” needs letters before it" if kind is TermKind.PREFIX else f"“{inner}” has no letter or digit"
    return refusal(what, position, "world model, diffus*")


def _has_star(tokens: Sequence[Token]) -> bool:
    """Whether the words end in a star. Refuses one elsewhere, unless in a name like A*."""
    for number, token in enumerate(tokens):
        head, star, tail = token.text.partition("*")
        last = number + 1 == len(tokens)
        if star and (tail.strip("*") or not last) and not (len(head) == 1 and not tail and head.isalpha()):
            what = "“*” can stand only at the end of a phrase"
            raise refusal(what, token.start + len(head), "vision lang*")
    return tokens[-1].text.endswith("*")


def _inner(text: str, tokens: Sequence[Token]) -> str:
    """The text of the tokens on one line, without quotation marks."""
    if tokens[0].kind is TokenKind.QUOTED:
        return " ".join(text[tokens[0].start + 1 : tokens[0].end - 1].split())
    return " ".join(text[tokens[0].start : tokens[-1].end].split())


def _author(text: str, tokens: Sequence[Token], start: int) -> Term:
    inner = _inner(text, tokens)
    words = name_words(inner)
    if not any(len(word) > 1 or not word.isascii() for form in name_forms(words) for word in form):
        raise refusal("“author:” needs a family name", tokens[0].start, _FIELD_EXAMPLES["author"])
    return Term(kind=TermKind.AUTHOR, written=text[start : tokens[-1].end], inner=inner, words=words)


def _category(text: str, token: Token, start: int) -> Term:
    category = category_named(token.text)
    if category is None:
        near = nearest_category(token.text)
        hint = f"; did you mean {near}?" if near else ""
        raise refusal(f"“{token.text}” is not an arXiv category{hint}", token.start, f"cat:{near or 'cs.RO'}")
    return Term(
        kind=TermKind.CATEGORY,
        written=text[start : token.end],
        inner=category,
        words=(category.lower(),),
    )


def _like(text: str, token: Token, start: int) -> Term:
    try:
        paper = ArxivId.parse(token.text).bare
    except InvalidIdentifier as error:
        what = f"“{token.text[:40]}” is not an arXiv identifier"
        raise refusal(what, token.start, _FIELD_EXAMPLES["like"]) from error
    return Term(kind=TermKind.LIKE, written=text[start : token.end], inner=paper.id, words=(paper.id,))
