"""The options of /subscribe as parts of the query: `vla in:cs.RO where:title`: `title:vla AND cat:cs.RO`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.locale import Say
from digest.errors import InvalidQuery, UserError
from digest.matching import Clause, Query, Term, TermKind, parse_query
from digest.matching.taxonomy import category_named, nearest_category

# `in:` takes `cs.RO, cs.CV` too: a category that follows a comma belongs to it, where it has a dot.
_OPTION = re.compile(
    r"""(?P<quoted>"[^"]*"|“[^”]*”|「[^」]*」)
      | (?:(?<=\s)|^)(?P<name>in|where|instead|lang|language|max|cap|revisions|as)[:：]\s*
        (?P<value>(?<=\bin[:：])\s*[^\s,，]+(?:\s*[,，]\s*[A-Za-z-]+\.[\w*-]+)*
                | (?:"[^"]*"|“[^”]*”|\S*))""",
    re.VERBOSE | re.IGNORECASE,
)
_WHERE = {"title": "title", "ti": "title", "abstract": "abs", "abs": "abs", "all": "", "anywhere": ""}
_AROUND = 24  # characters shown on both sides of a fault
# What is a setting of the channel, with an example.
_SETTINGS = {
    "lang": "language zh-CN",
    "language": "language zh-CN",
    "max": "cap 8",
    "cap": "cap 8",
    "revisions": "revisions on",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to subscribe to; `instead` is the number of the subscription that it replaces."""

    text: str
    query: Query
    instead: int | None = None


def wanted(words: str, say: Say) -> Wanted:
    """The query with its options made part of it. Raises `UserError` that shows the place of a fault."""
    options: dict[str, str] = {}

    def taken(match: re.Match[str]) -> str:
        if match["quoted"]:
            return match[0]
        options[match["name"].lower()] = match["value"].strip(' "“”')
        return ""

    text = " ".join(words.split())
    if ":" in text or "：" in text:
        text = _OPTION.sub(taken, text).strip(" ,，")
    _refuse_settings(options, say)
    categories = _categories(options["in"], say) if "in" in options else ()
    field = _field(options["where"], say) if "where" in options else ""
    if categories and not text:
        text = ", ".join(f"cat:{each}" for each in categories)
        categories = ()
    query = _parsed(text)
    if categories or field:
        text = narrowed(query, categories=categories, field=field)
        query = parse_query(text)
    number = re.fullmatch(r"#?(\d{1,9})", options.get("instead", ""))
    return Wanted(text=text, query=query, instead=int(number[1]) if number else None)


def _refuse_settings(options: Mapping[str, str], say: Say) -> None:
    for name in options:
        if name in _SETTINGS:
            raise UserError(
                say(
                    "“{name}:” is a setting of the whole channel, not of one subscription: {command}",
                    name=name,
                    command=f"/settings {_SETTINGS[name]}",
                )
            )
    if "as" in options:
        raise UserError(say("Subscriptions have no names of their own; leave out “as:”."))


def _parsed(text: str) -> Query:
    try:
        return parse_query(text)
    except InvalidQuery as error:
        place = marked(text, error.position)
        raise UserError(f"{error}\n{place}" if place else str(error)) from error


def marked(text: str, position: int) -> str:
    """The words around a fault, with a mark at it: “vla AND ⟨here⟩)”; empty for what is at once in view."""
    line = "".join(character if character.isprintable() else " " for character in text)
    if not 0 <= position <= len(line) or not line.strip():
        return ""
    before, after = line[:position], line[position:]
    opening = "…" if len(before) > _AROUND else ""
    closing = "…" if len(after) > _AROUND else ""
    return f"{opening}{before[-_AROUND:] if before else ''}⟨here⟩{after[:_AROUND]}{closing}"


def narrowed(query: Query, *, categories: tuple[str, ...] = (), field: str = "") -> str:
    """The text of the query in one field ("title", "abs") or in some categories alone."""
    return ", ".join(
        _clause(clause, field, category) for clause in query.clauses for category in categories or ("",)
    )


def _clause(clause: Clause, field: str, category: str) -> str:
    required = [_within(term, field) for term in clause.required]
    if category:
        required.append(f"cat:{category}")
    return " AND ".join(required) + "".join(f" NOT {term.written}" for term in clause.excluded)


def _within(term: Term, field: str) -> str:
    written = " ".join(term.written.split())
    phrase = term.kind in (TermKind.WORDS, TermKind.EXACT, TermKind.PREFIX)
    if field and phrase and not term.in_title and not term.in_abstract:
        return f"{field}:{written}"
    return written


def _categories(value: str, say: Say) -> tuple[str, ...]:
    found = []
    for text in filter(None, re.split(r"[,，\s]+", value)):
        named = category_named(text)
        if named is None:
            raise UserError(
                say(
                    "“{text}” is not an arXiv category; try in:{near}",
                    text=text[:40],
                    near=nearest_category(text) or "cs.RO",
                )
            )
        found.append(named)
    if not found:
        raise UserError(say("“in:” needs a category; try /subscribe vla in:cs.RO,cs.CV"))
    return tuple(dict.fromkeys(found))


def _field(value: str, say: Say) -> str:
    field = _WHERE.get(value.lower())
    if field is None:
        raise UserError(say("“where:{text}” is no place; try /subscribe vla where:title", text=value[:40]))
    return field
