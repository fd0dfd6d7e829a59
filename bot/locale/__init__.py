"""What commands say, in the languages of the interface: the key of each sentence is the English one.

    say = in_language("zh-CN")
    say("{n} paper would come.|{n} papers would come.", n=3)
    say.spans("Try {command}.", command=Code("/help"))

Digests, analyses and notices have their own wording (`digest.wording`), with more grammar in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from string import Formatter

from digest.document import Bold, Code, Italic, Link, Span, Text, plain
from digest.wording import CHINESE, Wording, wording

Value = str | int | Span | tuple[Span, ...]

_FORMATTER = Formatter()


@dataclass(frozen=True, slots=True)
class Say:
    """Says English sentences in one language; one without a translation is said in English."""

    words: Wording

    def __call__(self, sentence: str, /, **values: Value) -> str:
        """The sentence with its values; of "one|many" the half that goes with the number `n`."""
        return plain(self.spans(sentence, **values))

    def spans(self, sentence: str, /, **values: Value) -> tuple[Span, ...]:
        """The same as spans: a value can be bold, code or a link. Values are never read as templates."""
        return tuple(_filled(self._template(sentence, values.get("n")), values))

    def translated(self, sentence: str) -> str:
        """A text without values, such as the summary of a command."""
        return self._template(sentence, None)

    def error(self, message: str) -> str:
        """An error that is worded in English where it is found; as it is where its words are not known."""
        sentence, newline, place = message.partition("\n")
        for pattern, template in _errors(self.words.code):
            found = pattern.fullmatch(sentence)
            if found is not None:
                values = {
                    name: self.error(text) if name == "what" else text
                    for name, text in found.groupdict().items()
                }
                return template.format(**values) + newline + place
        return self.words.reason(message)

    def _template(self, sentence: str, number: Value | None) -> str:
        template = _catalogue(self.words.code).get(sentence, sentence)
        one, _, many = template.partition("|") if number is not None else (template, "", "")
        return one if number == 1 or not many else many


def in_language(tag: str) -> Say:
    """What says it in the interface language for a tag such as "zh-CN"; else in English."""
    return _say(wording(tag).code)


@cache
def _say(code: str) -> Say:
    return Say(wording(code))


@cache
def _catalogue(code: str) -> dict[str, str]:
    if code != CHINESE.code:
        return {}
    from bot.locale.zh import SENTENCES

    return dict(SENTENCES)


@cache
def _errors(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The known errors as patterns, with what stands for them."""
    if code != CHINESE.code:
        return ()
    from bot.locale.zh_errors import ERRORS, PAUSES, REFUSALS

    return tuple((_pattern(english), chinese) for english, chinese in (ERRORS | PAUSES | REFUSALS).items())


def _pattern(template: str) -> re.Pattern[str]:
    parts = (
        re.escape(text) + (f"(?P<{name}>.*?)" if name else "")
        for text, name, _, _ in _FORMATTER.parse(template)
    )
    return re.compile("".join(parts), re.DOTALL)


def _filled(template: str, values: dict[str, Value]) -> Iterator[Span]:
    for text, name, _, _ in _FORMATTER.parse(template):
        if text:
            yield Text(text)
        if name is None:
            continue
        value = values[name]
        match value:
            case tuple():
                yield from value
            case Text() | Bold() | Italic() | Code() | Link():
                yield value
            case int():
                yield Text(f"{value:,}")
            case _:
                yield Text(value)
