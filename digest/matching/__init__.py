"""Which papers were asked for: the query language, the folding of texts, the index over all subscriptions."""

from digest.matching.folding import fold
from digest.matching.grammar import parse_query
from digest.matching.hints import operator_hint
from digest.matching.index import SubscriptionIndex
from digest.matching.query import Clause, Query, Term, TermKind, and_form, canonical, in_words
from digest.matching.ranking import found_by_each, matches, rank
from digest.matching.taste import taste

__all__ = [
    "Clause",
    "Query",
    "SubscriptionIndex",
    "Term",
    "TermKind",
    "and_form",
    "canonical",
    "fold",
    "found_by_each",
    "in_words",
    "matches",
    "operator_hint",
    "parse_query",
    "rank",
    "taste",
]
