"""Modals and the Home tab: how they look, and what people wrote into them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.commands.front import FormField
from bot.locale import Say
from bot.platforms.slack.blocks import message
from bot.platforms.slack.limits import Element, cut
from bot.platforms.slack.richtext import line
from bot.platforms.slack.sentences import (
    FormWords,
    asking,
    for_example,
    more_at_home,
    settings,
    your_question,
)
from digest.document import Document

ASK, SETTINGS = "ask", "settings"
_TITLE = 24
_LABEL = 150
_HINT = 150
_OPTIONS = 100
_OPTION = 75
_QUESTION = 3_000
_HOME = 100  # blocks of a Home tab


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Where a modal was opened, which its submission does not tell."""

    channel: str  # key
    thread: str = ""
    about: str = ""
    visible: str = ""  # the thread that the person was looking at
    place: str = ""
    paper: str = ""

    def written(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Opened:
        return cls(**json.loads(str(view.get("private_metadata") or '{"channel": ""}')))


def ask_view(opened: Opened, say: Say) -> Element:
    """A modal for a question about a paper."""
    words = your_question(say)
    question: Element = {
        "type": "plain_text_input",
        "action_id": "question",
        "multiline": True,
        "max_length": _QUESTION,
        "focus_on_load": True,
        "placeholder": _plain(words["example"]),
    }
    block: Element = {"type": "input", "block_id": "question", "element": question}
    block |= {"label": _plain(words["label"]), "hint": _plain(words["hint"])}
    return _modal(ASK, asking(say), [_note(f"arXiv:{opened.paper}"), block], opened)


def settings_view(fields: Sequence[FormField], opened: Opened, say: Say) -> Element:
    """A modal with a channel's settings as they are."""
    return _modal(SETTINGS, settings(say), [_input(each, say) for each in fields], opened)


def shown_view(fields: Sequence[FormField], because: str, opened: Opened, say: Say) -> Element:
    """The same for somebody who may not change them, who is told so instead of being given fields."""
    blocks = [_text_block(because), *(_text_block(f"{each.label}: {_chosen(each)}") for each in fields)]
    view = _modal(SETTINGS, settings(say), blocks, opened)
    del view["submit"]
    return view


def home_view(document: Document, say: Say, *, channel: str) -> Element:
    """The Home tab; buttons pressed there are about the person's own conversation, `channel`."""
    blocks = list(message(document, plain=True).blocks)
    if len(blocks) > _HOME:
        blocks = [*blocks[: _HOME - 1], *message(more_at_home(say)).blocks]
    return {"type": "home", "blocks": blocks, "private_metadata": json.dumps({"channel": channel})}


def home_channel(view: Mapping[str, Any]) -> str:
    """The conversation that a Home tab belongs to."""
    try:
        return str(json.loads(str(view.get("private_metadata") or "{}")).get("channel") or "")
    except ValueError:
        return ""


def question(view: Mapping[str, Any]) -> str:
    """What was asked in a submitted modal."""
    return dict(_values(view)).get("question", "").strip()


def first_field(view: Mapping[str, Any]) -> str:
    """The name of a modal's first field."""
    return next((name for name, _ in _values(view)), "")


def changes(view: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The settings that are other than when the modal was opened: names and values."""
    before = {str(block.get("block_id")): _initial(block.get("element") or {}) for block in view["blocks"]}
    return tuple(
        (name, line(value))
        for name, value in _values(view)
        if name in before and line(value) != line(before[name]) and value.strip()
    )


def _modal(kind: str, words: FormWords, blocks: Sequence[Element], opened: Opened) -> Element:
    view: Element = {"type": "modal", "callback_id": kind, "title": _plain(cut(words.title, _TITLE))}
    view |= {"submit": _plain(words.submit), "close": _plain(words.close), "blocks": list(blocks)}
    return view | {"private_metadata": opened.written()}


def _input(field: FormField, say: Say) -> Element:
    block: Element = {"type": "input", "block_id": field.name, "label": _plain(cut(field.label, _LABEL))}
    block |= {"element": _choice(field) if field.choices else _text(field), "optional": True}
    if field.choices or not field.hint:
        return block  # all there is to choose from is shown
    return block | {"hint": _plain(cut(for_example(say, field.hint), _HINT))}


def _chosen(field: FormField) -> str:
    """The value of a field as its form shows it."""
    return dict(field.choices).get(field.value, field.value)


def _text(field: FormField) -> Element:
    element: Element = {"type": "plain_text_input", "action_id": field.name}
    return element | ({"initial_value": field.value} if field.value else {})


def _choice(field: FormField) -> Element:
    choices = dict(field.choices[: _OPTIONS - 1])
    if field.value:
        choices.setdefault(field.value, field.value)
    options = [{"text": _plain(cut(label, _OPTION)), "value": value} for value, label in choices.items()]
    element: Element = {"type": "static_select", "action_id": field.name, "options": options}
    now = next((option for option in options if option["value"] == field.value), None)
    return element | ({"initial_option": now} if now else {})


def _note(text: str) -> Element:
    return {"type": "context", "elements": [_plain(text)]}


def _text_block(text: str) -> Element:
    return {"type": "section", "text": _plain(text)}


def _plain(text: str) -> Element:
    return {"type": "plain_text", "text": text, "emoji": False}


def _values(view: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, actions in view["state"]["values"].items():
        for said in actions.values():
            yield str(name), str(said.get("value") or (said.get("selected_option") or {}).get("value") or "")


def _initial(element: Mapping[str, Any]) -> str:
    return str(element.get("initial_value") or (element.get("initial_option") or {}).get("value") or "")
