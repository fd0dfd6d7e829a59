"""Between a paper, a model and a chat: what a paper says is never obeyed, and what a model writes is tamed.

Before the model: the paper is fenced by a code its authors cannot know. After it: text without markup,
mentions and foreign links, and no words that come only from passages that give orders to models.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from digest.analysis.links import own_links
from digest.analysis.llm_orders import is_order
from digest.analysis.sentences import split_sentences
from digest.fulltext import FullText, SectionRole
from digest.model import Paper
from digest.readable import clean

_FENCE = re.compile(r"<(?=\s*/?\s*paper\b)", re.IGNORECASE)
# Marks by which chat templates tell speakers apart; a server may take them for its own.
_TEMPLATE = re.compile(
    r"<(?=\|)|(?<=\|)>|<(?=/?(?:s|start_of_turn|end_of_turn|bos|eos)>)|<<(?=/?SYS>>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT)\])",
    re.IGNORECASE,
)
_SAFE = str.maketrans({"<": "‹", ">": "›", "[": "("})


def fence_code(secret: bytes, paper: Paper) -> str:
    """The code in a paper's fence: the same at every call, so that caches of prompts hit, and unguessable
    without this installation's secret.
    """
    return hmac.new(secret, f"paper {paper.id}".encode(), hashlib.sha256).hexdigest()[:16]


def inside_fence(text: str) -> str:
    """Text of a paper on one line, without invisible characters, fences and marks of chat templates."""
    text = _FENCE.sub("‹", clean(text))
    return _TEMPLATE.sub(lambda match: match[0].translate(_SAFE), text)


_PREAMBLE = re.compile(
    r"""^(?:好的[，,。！!]\s*|当然[，,。！!]\s*|作为一[名个位][^，。]{0,40}[，,]\s*|以下是[^：。]{0,40}：\s*
        |(?:sure|certainly|of\ course|okay)[,!.]\s+|as\ an?\ (?:ai|language\ model)[^,.]{0,60},\s*
        |here\ (?:is|are)\ [^.:]{0,60}:\s*)+""",
    re.VERBOSE | re.IGNORECASE,
)
_TAGS = "a|b|i|u|s|p|br|em|strong|code|pre|div|span|img|script|style|h[1-6]|ul|ol|li|table|iframe|font"
_MARKUP = (
    (re.compile(r"```\w*\s*|`"), ""),
    (re.compile(r"!?\[([^\[\]]{1,200})\]\(([^()\s]{1,300})\)"), r"\1 \2"),
    (re.compile(r"^\s*(?:#{1,6}\s+|>\s+|[-*•]\s+)"), ""),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*]{1,500}?)(?<=\S)\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_]{1,500}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(rf"</?(?:{_TAGS})\b[^<>]{{0,300}}>", re.IGNORECASE), ""),
)  # fmt: skip
_MENTION = re.compile(r"<[!@#][^<>]{1,100}>|(?<![\w.@＠])[@＠]\w[\w.-]*")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[A-Za-z]{2,}\b")
_ENDS = (
    "com|org|net|edu|gov|mil|io|ai|cn|co|dev|app|me|info|biz|xyz|top|site|online|link|click|page|club|shop|live"
    "|tech|uk|de|fr|jp|kr|ru|eu|ca|ch|in|us|tv|ly|gg|cc|to|sh|example|test|invalid"
)
_REST = r"""[^\s<>"“”|，。；、）】]"""
_LINK = re.compile(
    rf"""[<(（]?(?:\b(?:mailto|tel|javascript|data|vbscript):(?=\S)|\b[a-z][a-z0-9+.-]{{1,20}}://|\bwww\.){_REST}+
       |(?<![\w@.])(?:[a-z0-9](?:[\w-]{{0,61}}[a-z0-9])?\.){{1,5}}(?:{_ENDS})\b(?:[/:?#]{_REST}*)?""",
    re.VERBOSE | re.IGNORECASE,
)
_EMPTY = re.compile(r"\(\s*\)|（\s*）|\[\s*\]|<\s*>|\s+(?=[,.;:!?)）])")
_ARXIV = re.compile(r"(?:[\w-]+\.)?arxiv\.org(?:$|[/:?#])")


def tamed(text: str, links: frozenset[str] = frozenset()) -> str:
    """A model's text as it may be shown: one line without markup, preamble, mentions, mail addresses, and
    links other than arXiv's and those of `links` (as `linked` gives them).
    """
    text = _PREAMBLE.sub("", clean(text))
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    text = _LINK.sub(lambda match: _kept(match[0], links), _MAIL.sub("", _MENTION.sub("", text)))
    return clean(_EMPTY.sub("", text))


def _kept(link: str, links: frozenset[str]) -> str:
    """The link if it may stand, with the sentence's punctuation that was caught behind it."""
    head = link.rstrip(".,;:!?)'\"’”")
    if head.count("(") > head.count(")"):
        head = link.rstrip(".,;:!?'\"’”")
    address = _address(head)
    allowed = address in links or _ARXIV.match(address) is not None
    return link if allowed else link[len(head) :]


def _address(link: str) -> str:
    """How two spellings of a link compare: without scheme, www, final slash and case."""
    link = re.sub(r"^[<(（]?(?:https?://)?(?:www\.)?", "", link.strip(), flags=re.IGNORECASE)
    return link.rstrip(".,;:!?)'\"’”/").removesuffix(".git").casefold()


def linked(text: str) -> frozenset[str]:
    """The links and domains that a text names, as they are compared."""
    return frozenset(_address(match[0]) for match in _LINK.finditer(text))


_WORD = re.compile(r"[^\W_](?:[\w-]*[^\W_])?")
_HAN = re.compile(r"[\u3400-\u9fff]{4,}")
_FOLLOWING = 2  # sentences after an order that may belong to it
_ODD = re.compile(r"[A-Z]{4,}|[\"“‘「『@]|[A-Za-z]-?\d|https?:|www\.|[\u3400-\u9fff]")


@dataclass(frozen=True)
class Planted:
    """The passages of a paper that give orders to whoever summarises or reviews it, and the rest of it."""

    orders: tuple[str, ...]
    rest: str = field(repr=False)

    @classmethod
    def of(cls, text: FullText | None, paper: Paper) -> Planted:
        orders: list[str] = []
        rest: list[str] = []
        for passage in _passages(text, paper):
            _sort(passage, orders, rest)
        return cls(tuple(orders), "\n".join(rest))

    def taints(self, *texts: str) -> bool:
        """Whether a text repeats an order, or says a word that only the orders say."""
        return bool(self.orders) and any(is_order(text) or self._borrows(text) for text in texts)

    @cached_property
    def _said(self) -> str:
        return "\n".join(self.orders)

    @cached_property
    def _only_said(self) -> frozenset[str]:
        return _vocabulary(self._said) - _vocabulary(self.rest)

    def _borrows(self, text: str) -> bool:
        words = {word for word in _words(text.casefold()) if len(word) >= 4 or any(map(str.isdigit, word))}
        if words & self._only_said:
            return True
        grams = (gram for run in _HAN.findall(text) for gram in _grams(run))
        return any(gram in self._said and gram not in self.rest for gram in grams)


def _words(folded: str) -> Iterator[str]:
    for word in _WORD.findall(folded):
        yield word
        yield from word.split("-") if "-" in word else ()


def _vocabulary(text: str) -> frozenset[str]:
    return frozenset(_words(text.casefold()))


def _grams(run: str) -> Iterator[str]:
    return (run[at : at + 4] for at in range(len(run) - 3))


def _passages(text: FullText | None, paper: Paper) -> Iterator[str]:
    yield paper.title
    yield paper.abstract
    for section in text.sections if text is not None else ():
        yield section.title
        if section.role is not SectionRole.REFERENCES:
            yield from (paragraph.text for paragraph in section.paragraphs)
    yield from (caption.text for caption in text.captions) if text is not None else ()


def _sort(passage: str, orders: list[str], rest: list[str]) -> None:
    """Each sentence to the orders or the rest; an odd one right after an order goes with it."""
    left = 0
    for sentence in split_sentences(passage):
        if is_order(sentence):
            orders.append(sentence)
            left = _FOLLOWING
        elif left and _ODD.search(sentence):
            orders.append(sentence)
            left -= 1
        else:
            rest.append(sentence)
            left = max(0, left - 1)


@dataclass(frozen=True)
class Guard:
    """One paper's defence of what is shown of it."""

    paper: Paper
    text: FullText | None

    @cached_property
    def planted(self) -> Planted:
        return Planted.of(self.text, self.paper)

    @cached_property
    def links(self) -> frozenset[str]:
        """What may be linked to: the paper's own places, and addresses it names outside of orders."""
        own = frozenset(_address(link) for link in own_links(self.paper, self.text))
        return (own | linked(self.planted.rest)) - linked(" ".join(self.planted.orders))

    def tamed(self, text: str) -> str:
        return tamed(text, self.links)
