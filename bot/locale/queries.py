"""A query read back in words, in the languages of the interface."""

from __future__ import annotations

from bot.locale import Say
from digest.matching import Clause, Query, Term, TermKind
from digest.matching import in_words as in_english
from digest.wording import CHINESE

_SAID = {(False, False): "", (True, False): "标题中的", (False, True): "摘要中的"}


def in_words(query: Query, say: Say) -> str:
    """The query as a sentence says it: “vla” or “vision language action” but not “survey”."""
    if say.words is not CHINESE:
        return in_english(query)
    return "，或".join(map(_clause, query.clauses))


def _clause(clause: Clause) -> str:
    required = "和".join(map(_term, clause.required))
    return required + "".join(f"，但不含{_term(term)}" for term in clause.excluded)


def _term(term: Term) -> str:
    where = _SAID[term.in_title, term.in_abstract]
    match term.kind:
        case TermKind.WORDS:
            return f"{where}“{term.inner}”"
        case TermKind.EXACT:
            return f"{where}与“{term.inner}”完全一致的词"
        case TermKind.PREFIX:
            return f"{where}“{term.inner}…”"
        case TermKind.AUTHOR:
            return f"作者 {term.inner}"
        case TermKind.CATEGORY:
            return f"{term.inner} 分类" if "." in term.inner else f"{term.inner} 的任一分类"
        case TermKind.LIKE:
            return f"与 {term.inner} 相似的论文"
