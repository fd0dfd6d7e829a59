"""What a refusal or a fault of a model's server means, and what to tell the person who runs Paperboy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from digest.analysis.openai_waits import wait_in_words, wait_of_headers
from digest.analysis.openai_wording import (
    CHANGEABLE,
    CREDIT,
    FILTER,
    NO_MODEL,
    TOO_LONG,
    WRONG_KEY,
    behind,
    error_of,
    limit_of,
    longest_answer,
    words_of,
)
from digest.clock import Clock

_PASSING = frozenset({408, 409, 423, 425, 429})  # below 500, and yet worth another try
_MOST_FACTS = 4000  # characters of a server's words that are looked at
_MOST_WORDS = 240  # characters of a server's own words in a message


class Meaning(StrEnum):
    """What is to be done about a fault."""

    AGAIN = "again"  # it may work later
    CHANGE = "change"  # it may work if asked otherwise
    TOO_LONG = "too long"
    REFUSED = "refused"
    PERSON = "person"  # somebody must act


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why there is no answer, in a sentence for a person; `words` are the server's own, for us alone.

    `wait` is the seconds it asked for; `limit` the tokens it can take; `most` caps the tries.
    """

    meaning: Meaning
    sentence: str
    words: str = field(default="", repr=False)
    wait: float | None = None
    limit: int | None = None
    most: int = 99
    wrong_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The server and model, as messages name them. The key is struck out of everything the server says."""

    model: str
    base_url: str
    key: SecretStr

    @property
    def server(self) -> str:
        """Host and port, without any user name or password of the address."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def address(self) -> str:
        """The address without any user name or password."""
        return f"{urlsplit(self.base_url).scheme}://{self.server}{urlsplit(self.base_url).path}".rstrip("/")

    @property
    def memory_key(self) -> str:
        """Under which the server's ways are remembered."""
        return f"dialect:{self.address}:{self.model}"

    @property
    def is_address(self) -> bool:
        """Whether the address can be that of a server."""
        try:
            parts = urlsplit(self.base_url)
            return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False

    @property
    def is_openai(self) -> bool:
        """Whether this is OpenAI's own service, in any region."""
        host = (urlsplit(self.base_url).hostname or "").casefold()
        return host == "openai.com" or host.endswith(".openai.com")

    def without_secret(self, text: str) -> str:
        """Text on one line without the key, and of a length that fits into a message."""
        text = " ".join(text.split())
        if secret := self.key.get_secret_value():
            # A short key is a placeholder such as "x"; inside of words it is just a letter.
            edge = r"(?!\w)" if len(secret) < 8 else ""
            text = re.sub(edge.replace("?!", "?<!") + re.escape(secret) + edge, "[key]", text)
        text = re.sub(r"\b(sk|gsk|xai|key)-[\w*.-]{6,}", "[key]", text)
        return text if len(text) <= _MOST_WORDS else f"{text[: _MOST_WORDS - 1]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is no completion: its status, headers in lower case, and body as text."""

    status: int
    headers: Mapping[str, str]
    body: str


def understood(refusal: Refusal, place: Place, clock: Clock) -> Fault:
    """What a refusal means."""
    error = error_of(refusal.body)
    raw = words_of(error, refusal.body)
    facts = f"{raw} {behind(error)} {error.get('code')} {error.get('type')} {error.get('status')}"
    facts = facts[:_MOST_FACTS].casefold()
    words = place.without_secret(raw)
    said = f": “{words}”" if words else ""
    if fault := _by_words(refusal.status, facts, error, place, said):
        return fault
    wait = wait_of_headers(refusal.headers, clock)
    wait = wait_in_words(refusal.body) if wait is None else wait
    return _by_status(refusal.status, facts, place, said, wait)


def unavailable(what: str, place: Place, *, most: int = 99) -> Fault:
    """A passing fault; `what` follows the server's name in the sentence."""
    end = "" if what.endswith("?") else "."
    return Fault(meaning=Meaning.AGAIN, sentence=f"The model server at {place.server} {what}{end}", most=most)


def _by_words(status: int, facts: str, error: Mapping[str, Any], place: Place, said: str) -> Fault | None:
    """What the words say, whatever status they came with."""
    if status in (400, 402, 403, 413, 422, 429, 500) and _too_long(status, facts):
        sentence = f"The text is too long for {place.model}{said}."
        return Fault(meaning=Meaning.TOO_LONG, sentence=_ended(sentence), limit=limit_of(facts, error))
    if status == 402 or (status in (400, 403, 429, 500) and re.search(CREDIT, facts)):
        sentence = f"The account at {place.server} has no credit left{said}; add credit there, or set "
        sentence += "OPENAI_API_KEY to the key of another account."
        return Fault(meaning=Meaning.PERSON, sentence=sentence)
    if status in (400, 403, 422, 451) and re.search(FILTER, facts):
        return Fault(meaning=Meaning.REFUSED, sentence=_ended(f"{place.server} refuses the text{said}."))
    if status == 400 and re.search(WRONG_KEY, facts):
        return _wrong_key(status, place)
    if status in (400, 422) and re.search(NO_MODEL, facts):
        return _no_model(status, place)
    return None


def _too_long(status: int, facts: str) -> bool:
    if status == 413:
        return True
    if status == 429:
        return "request too large" in facts
    return bool(re.search(TOO_LONG, facts)) and longest_answer(facts) is None


def _by_status(status: int, facts: str, place: Place, said: str, wait: float | None) -> Fault:
    if status == 401:
        return _wrong_key(status, place)
    if status == 403:
        sentence = f"{place.server} does not allow this key to use {place.model} (HTTP 403){said}; check "
        sentence += "OPENAI_API_KEY and its permissions there."
        return Fault(meaning=Meaning.PERSON, sentence=sentence)
    if _changeable(status, facts):
        sentence = f"The model server at {place.server} refused the request (HTTP {status}){said}; check "
        sentence += f"OPENAI_BASE_URL and the model in ANALYZER=openai:{place.model}."
        return Fault(meaning=Meaning.CHANGE, sentence=sentence, words=facts)
    if status < 500 and status not in _PASSING:
        missing = re.search(NO_MODEL, facts) or ("model" in facts and place.model.casefold() in facts)
        return _no_model(status, place) if missing else _no_path(status, place)
    kind = "too many requests" if status == 429 else "a fault of its own"
    sentence = f"The model server at {place.server} answered HTTP {status}, {kind}{said}."
    return Fault(meaning=Meaning.AGAIN, sentence=_ended(sentence), words=facts, wait=wait)


def _changeable(status: int, facts: str) -> bool:
    """Whether the request may be taken in another form."""
    if status in (500, 501):
        return bool(re.search(CHANGEABLE, facts))
    if status == 404:  # of a router that knows the model, but no provider of it that takes all parameters
        return bool(re.search(r"(endpoints?|providers?) found that|requested parameters", facts))
    return 400 <= status < 500 and status not in (405, 410) and status not in _PASSING


def _wrong_key(status: int, place: Place) -> Fault:
    what = "refuses the key" if place.key.get_secret_value() else "asks for a key"
    sentence = (
        f"The model server at {place.server} {what} (HTTP {status}); set OPENAI_API_KEY to a valid key "
    )
    return Fault(meaning=Meaning.PERSON, sentence=sentence + "of that server.", wrong_key=True)


def _no_model(status: int, place: Place) -> Fault:
    sentence = f"The model server at {place.server} has no model {place.model} for this key (HTTP {status}); "
    sentence += "set ANALYZER=openai:NAME to one that it lists."
    return Fault(meaning=Meaning.PERSON, sentence=sentence)


def _no_path(status: int, place: Place) -> Fault:
    # Without addresses, which are taken out of what stands beside a model's words.
    sentence = f"The server at {place.server} has no chat completions there (HTTP {status}); "
    sentence += "OPENAI_BASE_URL mostly ends in /v1."
    return Fault(meaning=Meaning.PERSON, sentence=sentence)


def _ended(sentence: str) -> str:
    """One full stop at the end, also after a quotation that has its own."""
    return re.sub(r"[.。]?”\.$", "”.", sentence)
