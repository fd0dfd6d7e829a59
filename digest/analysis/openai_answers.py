"""What a server answered: its text, why it ended, its JSON and its tokens, however it is put."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from digest.analysis.budget import Prices
from digest.model import Usage
from digest.ports import Finish

Json = Mapping[str, Any]

_MOST_BRACES = 64  # places where a JSON object is looked for in a chatty answer
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')  # or a string, to pass over
_OPEN_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*\Z", re.DOTALL | re.IGNORECASE)

_STOPS = frozenset(
    {
        "stop",
        "eos",
        "eos_token",
        "end_turn",
        "end",
        "stop_sequence",
        "complete",
        "completed",
        "finished",
        "done",
    }
)
_LENGTHS = frozenset(
    {"length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length", "truncated"}
    | {"model_context_window_exceeded", "incomplete"}
)
_REFUSALS = frozenset(
    {"content_filter", "content_filtered", "contentfilter", "refusal", "refused", "safety", "sensitive"}
    | {"prohibited_content", "blocklist", "recitation", "spii", "guardrail_intervened", "moderation"}
)
_FAULTS = frozenset(
    {"error", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled"}
    | {"timeout", "error_toxic_server"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a server. `finish` is None where it broke off or never said why it ended.

    `usage` is None where the server did not count.
    """

    text: str = ""
    refusal: str = ""
    ended: str | None = None
    usage: Json | None = None
    error: Json | None = None
    fingerprint: str = ""

    @property
    def finish(self) -> Finish | None:
        """Why it ended; an unheard-of reason counts as a stop, a fault on the server's side as None."""
        word = self._ending
        if self.refusal and not self.text.strip():
            return Finish.REFUSED
        if not word or word in _FAULTS:
            return None
        if word in _LENGTHS:
            return Finish.LENGTH
        return Finish.REFUSED if word in _REFUSALS else Finish.STOP

    @property
    def failed(self) -> bool:
        """The server says that it could not go on."""
        return self.error is not None or self._ending in _FAULTS

    @property
    def _ending(self) -> str:
        """The reason's first word: some servers add a detail behind a colon."""
        return re.split(r"[^a-z_]", (self.ended or "").strip().casefold())[0]


@dataclass(slots=True)
class Transcript:
    """An answer that grows by the chunks of a stream."""

    answer: Answer = field(default_factory=Answer)
    characters: int = 0
    began: bool = False
    _pieces: list[str] = field(default_factory=list)

    def add(self, chunk: Json) -> str:
        """Take a chunk in; the new text, if it brought any. Halves of a character may come apart."""
        new = _read(chunk, "delta")
        self.began = self.began or bool(new.text or new.refusal or _thinking(chunk))
        self._pieces.append(new.text)
        self.characters += len(new.text)
        self.answer = replace(
            self.answer,
            refusal=self.answer.refusal + new.refusal,
            ended=new.ended or self.answer.ended,
            usage=new.usage or self.answer.usage,
            error=new.error or self.answer.error,
            fingerprint=new.fingerprint or self.answer.fingerprint,
        )
        return clean(new.text)

    def whole(self) -> Answer:
        """Everything so far."""
        return _clean_answer(replace(self.answer, text="".join(self._pieces)))


def read_answer(body: Json) -> Answer:
    """A chat completion; whatever is missing is empty."""
    return _clean_answer(_read(body, "message"))


def _clean_answer(answer: Answer) -> Answer:
    return replace(answer, text=clean(answer.text), refusal=clean(answer.refusal))


def _read(body: Json, part: str) -> Answer:
    choice = _mapping(_first(body.get("choices")))
    message = _mapping(choice.get(part)) or _mapping(choice.get("message"))
    error = body.get("error") or choice.get("error")
    return Answer(
        text=_text(message.get("content")),
        refusal=_text(message.get("refusal")),
        ended=_word(choice.get("finish_reason")),
        usage=_mapping(body.get("usage")) or _mapping(choice.get("usage")) or None,
        error=_mapping(error) or ({"message": str(error)} if error else None),
        fingerprint=_word(body.get("system_fingerprint")) or "",
    )


def counted(usage: Json | None, prices: Prices, *, sent: int, got: int) -> Usage:
    """Tokens and cost. A server that does not count is estimated from the characters sent and got.

    Tokens read from a cache are looked for where OpenAI and where DeepSeek put them. Some servers count
    hidden reasoning only in the total; it is paid for, so it counts as completion.
    """
    if usage is None:
        return prices.priced(Usage(prompt_tokens=round(sent / 3.5), completion_tokens=round(got / 3.5)))
    prompt = _count(usage.get("prompt_tokens")) or _count(usage.get("input_tokens"))
    completion = _count(usage.get("completion_tokens")) or _count(usage.get("output_tokens"))
    completion = max(completion, _count(usage.get("total_tokens")) - prompt)
    details = _mapping(usage.get("prompt_tokens_details"))
    cached = _count(details.get("cached_tokens")) or _count(usage.get("prompt_cache_hit_tokens"))
    tokens = Usage(prompt_tokens=prompt, cached_tokens=min(cached, prompt), completion_tokens=completion)
    return prices.priced(tokens)


def json_object(text: str, fields: Collection[str]) -> Json | None:
    """The JSON object of an answer that has most of the fields, one level down if need be; None without any.

    Of two that have as many, the first. Commas before a closing bracket are forgiven.
    """
    objects = [*json_objects(text), *json_objects(_COMMA.sub(lambda match: match[1] or "", text))]
    wrapped = [inner for each in objects for inner in each.values() if isinstance(inner, Mapping)]
    best = max([*objects, *wrapped], key=lambda each: len(each.keys() & set(fields)), default=None)
    return best if best is not None and best.keys() & set(fields) else None


def json_objects(text: str) -> Sequence[Json]:
    """The JSON objects of an answer, outermost, in order; fences, thoughts and chatter are passed over."""
    text = without_thoughts(text)
    found: list[Json] = []
    at, tried = text.find("{"), 0
    while at >= 0 and tried < _MOST_BRACES:
        tried += 1
        value, end = _object_at(text, at)
        if value is not None:
            found.append(value)
        at = text.find("{", end if value is not None else at + 1)
    return found


def without_thoughts(text: str) -> str:
    """An answer without the reasoning that some models write before it between tags."""
    return _OPEN_THOUGHT.sub("", _THOUGHT.sub("", text)).strip()


def clean(text: str) -> str:
    """Text that every encoding and database takes: no lone surrogates, no NUL."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


# Small models write raw line breaks inside strings.
_DECODER = json.JSONDecoder(strict=False, parse_constant=_no_number)


def _object_at(text: str, at: int) -> tuple[Json | None, int]:
    try:
        value, end = _DECODER.raw_decode(text, at)
        return _cleaned(value), end
    except (ValueError, RecursionError):
        return None, at


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(key): _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def _thinking(chunk: Json) -> bool:
    delta = _mapping(_mapping(_first(chunk.get("choices"))).get("delta"))
    return bool(delta.get("reasoning_content") or delta.get("reasoning"))


def _text(content: object) -> str:
    """Content as a string, or as a list of parts, of which only text counts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    parts = [_mapping(part) for part in content]
    return "".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else None


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int:
    return max(0, value) if isinstance(value, int) else 0
