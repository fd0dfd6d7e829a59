"""What a sentence without a slash may mean: a word of thanks, a word to somebody else, a command."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.commands.naming import is_one_paper
from bot.commands.reading import is_command, tidy
from bot.commands.request import Verb

_COURTESY = frozenset(
    {
        *("thanks", "thank you", "thanks a lot", "many thanks", "thx", "ty", "ok", "okay", "great", "cool"),
        *("nice", "perfect", "got it", "谢谢", "多谢", "感谢", "好的", "好", "收到"),
    }
)
_SOMEBODY = re.compile(r"@[^\W\d_][\w.-]*[\s,:，：]")
_NEAR = 6  # words in which a verb is the matter of a sentence
# Names of verbs that stand in most sentences without being one.
_COMMON = frozenset({"about", "more", "ask", "help", "set", "like", "start", "report"})
_POLITE = frozenset(
    {
        *("please", "pls", "kindly", "hey", "hi", "hello", "can", "could", "would", "will", "you", "i", "we"),
        *("want", "wish", "like", "to", "let", "me", "us"),
    }
)
_BEFORE = re.compile(r"(?:(?:me|us|this channel|to|from|for|the)\s+)+", re.IGNORECASE)
_AFTER = re.compile(r"[\s,.!?]*(?:\b(?:please|pls|thanks|thank you|for me)\b[\s,.!?]*)*$", re.IGNORECASE)
_PAUSES = {"pause": "/digest pause 7d", "resume": "/digest resume", "unpause": "/digest resume"}
_LONGEST = 200  # characters of a command that is offered


def is_courtesy(text: str) -> bool:
    """Whether it is a word of thanks or of assent, which wants no answer."""
    return tidy(text).lower().strip(" .!。！~👍🙏") in _COURTESY


def is_to_somebody(text: str) -> bool:
    """Whether it begins with the name of somebody else: "@Ada what do you think?"."""
    named = _SOMEBODY.match(tidy(text))
    return named is not None and "paperboy" not in named[0].lower()


def is_paper(text: str) -> bool:
    """Whether it is an identifier or a link and nothing else."""
    return not is_command(text) and is_one_paper(tidy(text))


def asks_to_follow(text: str) -> bool:
    """Whether it is a sentence that wants /subscribe or /unsubscribe: "subscribe to robots please"."""
    if is_command(text):
        return False
    before, name, rest = _parted(text, frozenset({"subscribe", "unsubscribe"}))
    if not name or any(word not in _POLITE for word in before):
        return False
    whole = rest.strip()
    return bool(before) or _BEFORE.match(f"{whole} ") is not None or _AFTER.sub("", whole) != whole


def offered(text: str, verbs: Mapping[str, Verb]) -> str:
    """The command that a sentence may want, where a verb stands near its beginning; empty for none."""
    names = frozenset(name for name, verb in verbs.items() if not verb.hidden) - _COMMON
    _, pause, _ = _parted(text, frozenset(_PAUSES))
    if pause:
        return _PAUSES[pause]
    _, name, rest = _parted(text, names)
    if not name:
        return ""
    verb, words = verbs[name], _AFTER.sub("", _BEFORE.sub("", f"{rest.strip()} ", count=1).strip())
    if not words and verb.takes("") and not verb.changes("") and "<" not in verb.usage:
        return f"/{verb.name}"
    fits = bool(words) and len(words) <= _LONGEST and verb.takes(words)
    return f"/{verb.name} {words}" if fits else verb.examples[0]


def _parted(text: str, names: frozenset[str]) -> tuple[list[str], str, str]:
    """The words before the first of the names near the beginning, the name, and what follows it."""
    words = tidy(text).split()
    for place, word in enumerate(words[:_NEAR]):
        if word.lower().strip(",.!?:") in names:
            before = [each.lower().strip(",.!?:") for each in words[:place]]
            return before, word.lower().strip(",.!?:"), " ".join(words[place + 1 :])
    return [], "", ""
