"""What a refusal or a fault of a model's server means, and what to tell the person who runs Paperboy."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from digest.analysis.openai_waits import wait_in_words, wait_of_headers
from digest.clock import Clock

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
    """Why there is no answer. `words` are the server's own, without secrets.

    `wait` is the seconds it asked for; `limit` the tokens it can take; `most` caps the tries.
    """

    meaning: Meaning
    sentence: str
    words: str = ""
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
            text = text.replace(secret, "[key]")
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
    error = _error(refusal.body)
    raw = _words(error, refusal.body)
    facts = f"{raw} {_behind(error)} {error.get('code')} {error.get('type')} {error.get('status')}".casefold()
    words = place.without_secret(raw)
    said = f": “{words}”" if words else ""
    if fault := _by_words(refusal.status, facts, error, place, said):
        return fault
    wait = wait_of_headers(refusal.headers, clock)
    wait = wait_in_words(refusal.body) if wait is None else wait
    return _by_status(refusal.status, facts, place, words, said, wait)


def unavailable(what: str, place: Place, *, most: int = 99) -> Fault:
    """A passing fault; `what` follows the server's name in the sentence."""
    return Fault(meaning=Meaning.AGAIN, sentence=f"The model server at {place.server} {what}.", most=most)


_CREDIT = (
    r"insufficient_quota|insufficient[ _]balance|insufficient[ _](credits?|funds)|billing_hard_limit|"
    r"credit balance|billing_not_active|exceeded_current_quota_error|payment required|account_deactivated|"
    r"not enough credits|余额不足|欠费|arrears"
)
_FILTER = (
    r"content_filter|content_policy|content management policy|responsibleai|data_inspection_failed|"
    r"content exists risk|inappropriate content|prohibited_content|safety (system|filter)|moderation_blocked|"
    r"content_blocked|flagged (by|as|for)|usage policies|敏感|guardrail"
)
_WRONG_KEY = r"api[ _]key (not valid|is invalid|not found)|(invalid|incorrect)[ _]api[ _]key|api_key_invalid"
_NO_MODEL = (
    r"model_not_found|unknown[ _]model|no such model|model .{0,120}(does not exist|doesn't exist|not found|"
    r"is not (available|found|a valid model)|unknown)|not a valid model|invalid model|模型不存在"
)
_TOO_LONG = (
    r"context_length_exceeded|exceed_context_size|maximum context length|context (length|window|size|limit)|"
    r"prompt is too long|(input|prompt|request|messages?) (is |are |was )?too (long|large)|"
    r"request too large|request_too_large|maximum prompt length|"
    r"too many (input |prompt )?tokens|input tokens? (count )?.{0,40}exceeds?|exceeded model token limit|"
    r"reduce the length|longer than the maximum model length|range of input length|"
    r"exceeds? the (maximum|max|model|limit).{0,40}(tokens|length)|too large for model|"
    r"payload too large|request entity too large|超长|上下文长度"
)

# Servers whose prompt templates or grammars fail call it a fault of their own.
_CHANGEABLE = (
    r"grammar|json_?schema|response_?format|template|jinja|must alternate|not (supported|implemented)"
)


def _by_words(status: int, facts: str, error: Mapping[str, Any], place: Place, said: str) -> Fault | None:
    """What the words say, whatever status they came with."""
    if status in (400, 402, 403, 413, 422, 429, 500) and _too_long(status, facts):
        sentence = f"The text is too long for {place.model}{said}."
        return Fault(meaning=Meaning.TOO_LONG, sentence=_ended(sentence), limit=_limit(facts, error))
    if status == 402 or (status in (400, 403, 429, 500) and re.search(_CREDIT, facts)):
        sentence = f"The account at {place.server} has no credit left{said}; add credit there, or set "
        sentence += "OPENAI_API_KEY to the key of another account."
        return Fault(meaning=Meaning.PERSON, sentence=sentence)
    if status in (400, 403, 422, 451) and re.search(_FILTER, facts):
        return Fault(meaning=Meaning.REFUSED, sentence=_ended(f"{place.server} refuses the text{said}."))
    if status == 400 and re.search(_WRONG_KEY, facts):
        return _wrong_key(status, place)
    if status in (400, 422) and re.search(_NO_MODEL, facts):
        return _no_model(status, place)
    return None


def _too_long(status: int, facts: str) -> bool:
    if status == 413:
        return True
    if status == 429:
        return "request too large" in facts
    # "max_tokens is too large: ... supports at most" is about the answer, not about the text.
    return bool(re.search(_TOO_LONG, facts)) and not re.search(r"supports at most \d+", facts)


def _by_status(status: int, facts: str, place: Place, words: str, said: str, wait: float | None) -> Fault:
    if status == 401:
        return _wrong_key(status, place)
    if status == 403:
        sentence = f"{place.server} does not allow this key to use {place.model} (HTTP 403){said}; check "
        sentence += "OPENAI_API_KEY and its permissions there."
        return Fault(meaning=Meaning.PERSON, sentence=sentence)
    if status in (404, 405, 410):
        missing = re.search(_NO_MODEL, facts) or ("model" in facts and place.model.casefold() in facts)
        return _no_model(status, place) if missing else _no_path(status, place)
    if 300 <= status < 400:
        return _no_path(status, place)
    changeable = status in (500, 501) and re.search(_CHANGEABLE, facts)
    if not changeable and (status in (408, 409, 423, 425, 429) or status >= 500):
        kind = "too many requests" if status == 429 else "a fault of its own"
        sentence = f"The model server at {place.server} answered HTTP {status}, {kind}{said}."
        return Fault(meaning=Meaning.AGAIN, sentence=_ended(sentence), words=words, wait=wait)
    sentence = f"The model server at {place.server} refused the request (HTTP {status}){said}; check "
    sentence += f"OPENAI_BASE_URL and the model in ANALYZER=openai:{place.model}."
    return Fault(meaning=Meaning.CHANGE, sentence=sentence, words=words)


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
    sentence = f"Nothing answers chat completions at {place.address} (HTTP {status}); OPENAI_BASE_URL mostly "
    sentence += "ends in /v1, for example OPENAI_BASE_URL=http://localhost:8080/v1."
    return Fault(meaning=Meaning.PERSON, sentence=sentence)


def _ended(sentence: str) -> str:
    """One full stop at the end, also after a quotation that has its own."""
    return re.sub(r"[.。]?”\.$", "”.", sentence)


def _error(body: str) -> Mapping[str, Any]:
    """The error object of a body, wherever the server puts it."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if isinstance(found, list) and found:  # Gemini wraps its errors in a list
        found = found[0]
    if not isinstance(found, dict):
        return {}
    inner = found.get("error")
    return inner if isinstance(inner, dict) else found


def _words(error: Mapping[str, Any], body: str) -> str:
    """What the server says, of JSON in any of the usual fields, of a page nothing."""
    for name in ("message", "error", "detail", "msg", "error_description", "title"):
        value = error.get(name)
        if isinstance(value, list):
            return "; ".join(_detail(each) for each in value)
        if value:
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if error:
        return json.dumps(error, ensure_ascii=False)
    return "" if re.match(r"\s*(<|\Z)", body) else body[:1000]


def _detail(item: object) -> str:
    """One finding of a request validator, without the input that it echoes."""
    if not isinstance(item, dict):
        return str(item)
    where = item.get("loc")
    path = ".".join(str(step) for step in where) if isinstance(where, list) else ""
    return f"{path}: {item.get('msg', '')}"


def _behind(error: Mapping[str, Any]) -> str:
    """What the provider behind a router said."""
    metadata = error.get("metadata")
    return str(metadata.get("raw", "")) if isinstance(metadata, dict) else ""


_LIMITS = (
    r"(?:maximum|max|total) (?:context|prompt|model|input)?[ _]?(?:length|window|size)\D{0,16}?(\d[\d,]*)",
    r"available context size[^\d]{0,8}(\d[\d,]*)",
    r"(\d[\d,]*) maximum(?: context length)?",
    r"context limit: [\d,]+ \+ [\d,]+ > (\d[\d,]*)",
    r"(?:configured|token|context) limit(?: of|:| is)* ?(\d[\d,]*)",
    r"maximum number of (?:input )?tokens allowed\D{0,4}(\d[\d,]*)",
    r"range of input length should be \[\d+, ?(\d[\d,]*)\]",
    r"\blimit:? (\d[\d,]*)",
    r"cannot exceed (\d[\d,]*)",
    r"> (\d[\d,]*)",
    r"(?:maximum|at most|up to|limit of|allowed)\D{0,30}?(\d[\d,]*) ?tokens",
)


def _limit(facts: str, error: Mapping[str, Any]) -> int | None:
    """The tokens that the model can take, where the refusal tells."""
    told = error.get("n_ctx")
    if isinstance(told, int) and told > 0:
        return told
    for pattern in _LIMITS:
        if match := re.search(pattern, facts):
            return int(match[1].replace(",", ""))
    return None
