"""The words in which model servers refuse, all patterns in lower case, and where they put them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

CREDIT = (
    r"insufficient_quota|insufficient[ _]balance|insufficient[ _](credits?|funds)|billing_hard_limit|"
    r"credit balance|billing_not_active|exceeded_current_quota_error|payment required|account_deactivated|"
    r"not enough credits|余额不足|欠费|arrears"
)
FILTER = (
    r"content_filter|content_policy|content management policy|responsibleai|data_inspection_failed|"
    r"content exists risk|inappropriate content|prohibited_content|safety (system|filter)|moderation_blocked|"
    r"content_blocked|flagged (by|as|for)|usage policies|敏感|guardrail"
)
WRONG_KEY = r"api[ _]key (not valid|is invalid|not found)|(invalid|incorrect)[ _]api[ _]key|api_key_invalid"
NO_MODEL = (
    r"model_not_found|unknown[ _]model|no such model|model .{0,120}(does not exist|doesn't exist|not found|"
    r"is not (available|found|a valid model)|unknown)|not a valid model|invalid model|模型不存在"
)
TOO_LONG = (
    r"context_length_exceeded|exceed_context_size|maximum context length|context (length|window|size|limit)|"
    r"prompt is too long|(input|prompt|request|messages?) (is |are |was )?too (long|large)|"
    r"request too large|request_too_large|maximum prompt length|"
    r"too many (input |prompt )?tokens|input tokens? (count )?.{0,40}exceeds?|exceeded model token limit|"
    r"reduce the length|longer than the maximum model length|range of input length|"
    r"exceeds? the (maximum|max|model|limit).{0,40}(tokens|length)|too large for model|"
    r"payload too large|request entity too large|超长|上下文长度|"
    r"\b(inputs?|prompt|context|sequence|conversation|messages?|request)\b.{0,80}"
    r"(exceed\w*|(longer|greater|larger) than|too (long|large|many)|must (be|have) (<=|less than)).{0,80}"
    r"(token|length|context|limit|size|window|seq|\d)"
)
# Servers whose prompt templates or grammars fail call it a fault of their own.
CHANGEABLE = (
    r"grammar|json_?schema|response_?format|template|jinja|must alternate|not (supported|implemented)"
)


def error_of(body: str) -> Mapping[str, Any]:
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


def words_of(error: Mapping[str, Any], body: str) -> str:
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


def behind(error: Mapping[str, Any]) -> str:
    """What the provider behind a router said."""
    metadata = error.get("metadata")
    return str(metadata.get("raw", "")) if isinstance(metadata, dict) else ""


_LIMITS = (
    r"(?:max|maximum|total) (?:(?:context|prompt|model|input)[ _])?(?:length|window|size)\D{0,16}?(\d[\d,]*)",
    r"available context size[^\d]{0,8}(\d[\d,]{0,12})",
    r"(\d[\d,]{0,12}) maximum(?: context length)?",
    r"context limit: [\d,]+ \+ [\d,]+ > (\d[\d,]{0,12})",
    r"(?:configured|token|context) limit(?: of|:| is)* ?(\d[\d,]{0,12})",
    r"maximum number of (?:input )?tokens allowed\D{0,4}(\d[\d,]{0,12})",
    r"range of input length should be \[\d+, ?(\d[\d,]{0,12})\]",
    r"\blimit(?::| is| of)? (\d[\d,]{0,12})",
    r"context (?:length|window|size)\D{0,16}(\d[\d,]{0,12})",
    r"(?:must be <=|max_seq_len|less than|maximum allowed)\D{0,20}(\d[\d,]{0,12})",
    r"cannot exceed (\d[\d,]{0,12})",
    r"> (\d[\d,]{0,12})",
    r"(?:maximum|at most|up to|limit of|allowed)\D{0,30}?(\d[\d,]{0,12}) ?tokens",
)


def limit_of(facts: str, error: Mapping[str, Any]) -> int | None:
    """The tokens that the model can take, where the refusal tells."""
    told = error.get("n_ctx")
    if isinstance(told, int) and told > 0:
        return told
    for pattern in _LIMITS:
        if match := re.search(pattern, facts):
            return int(match[1].replace(",", ""))
    return None


_LONGEST = (
    r"supports at most (\d+) (?:completion|output) tokens",
    r"valid range of max_(?:completion_)?tokens is \[\d+, ?(\d+)\]",
    r"max_(?:completion_)?tokens: \d+ > (\d+)",
    r"range of max_(?:completion_)?tokens should be \[\d+, ?(\d+)\]",
    r"max_(?:completion_)?tokens`?['\"]? must be (?:less than or equal to|<=|at most) `?(\d+)",
    r"max_?(?:completion|output)?_?tokens\b.{0,60}range .{0,40}?to ?(\d+)(?! \(exclusive)",
    r"maximum (?:allowed )?(?:number of )?(?:output|completion) tokens\D{0,20}(\d+)",
)


def longest_answer(words: str) -> int | None:
    """The most tokens of an answer that a refusal (in lower case) names, if it speaks of the answer."""
    matches = (re.search(pattern, words) for pattern in _LONGEST)
    return next((int(match[1]) for match in matches if match), None)
