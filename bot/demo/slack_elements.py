"""What Slack refuses in text objects, elements and rich text: each check raises ValueError with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RICH = {
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "rich_text_quote": {"elements", "border"},
    "rich_text_preformatted": {"elements", "border", "language"},
}
_INLINE = {
    "text": {"text", "style"},
    "link": {"url", "text", "unsafe", "style"},
    "emoji": {"name", "unicode", "skin_tone", "style"},
    "user": {"user_id", "style"},
    "usergroup": {"usergroup_id", "style"},
    "channel": {"channel_id", "style"},
    "broadcast": {"range", "style"},
    "date": {"timestamp", "format", "url", "fallback", "style"},
    "color": {"value"},
    "team": {"team_id", "style"},
}
_STYLES = {"bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink"}
_INPUTS = {
    *("button", "overflow", "datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"),
    *("plain_text_input", "number_input", "email_text_input", "url_text_input", "rich_text_input"),
    *("static_select", "external_select", "users_select", "conversations_select", "channels_select"),
    *("multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select"),
    *("multi_channels_select", "workflow_button", "file_input", "feedback_buttons", "icon_button"),
}


def units(text: str) -> int:
    """The length as Slack counts it at most: in UTF-16 units, of which an emoji has two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: Mapping[str, Any], *, longest: int, only: str = "") -> None:
    """A text object, plain or mrkdwn, that is neither empty nor too long."""
    allowed = {"plain_text": {"emoji"}, "mrkdwn": {"verbatim"}}
    kind = text["type"]
    if kind not in allowed or (only and kind != only):
        raise ValueError(f"unsupported type: {kind}, must be {only or 'plain_text or mrkdwn'}")
    if extra := text.keys() - {"type", "text"} - allowed[kind]:
        raise ValueError(f"invalid additional property: {', '.join(sorted(extra))}")
    if not isinstance(text["text"], str) or not text["text"]:
        raise ValueError("must be more than 0 characters")
    if units(text["text"]) > longest:
        raise ValueError(f"must be less than {longest + 1} characters")


def check_element(element: Mapping[str, Any]) -> None:
    """An image, button, select or input."""
    kind = element["type"]
    if kind == "image":
        if not element.get("alt_text") or bool(element.get("image_url")) == bool(element.get("slack_file")):
            raise ValueError("an image needs alt_text and either image_url or slack_file")
        _check_url(element.get("image_url") or "https://files.slack.com/")
        return
    if kind not in _INPUTS:
        raise ValueError(f"unsupported type: {kind}")
    if len(element.get("action_id") or "") > 255:
        raise ValueError("action_id must be less than 256 characters")
    if kind == "button":
        _check_button(element)
    for option in element.get("options", ()):
        check_text(option["text"], longest=75)
        if not 1 <= len(option["value"]) <= 150:
            raise ValueError("an option's value must be 1 to 150 characters")
    if element.get("placeholder"):
        check_text(element["placeholder"], longest=150, only="plain_text")


def _check_button(button: Mapping[str, Any]) -> None:
    check_text(button["text"], longest=75, only="plain_text")
    if units(button.get("value") or "") > 2000:
        raise ValueError("value must be less than 2001 characters")
    if "url" in button:
        _check_url(button["url"])
    if button.get("style", "primary") not in {"primary", "danger"}:
        raise ValueError("style must be primary or danger")


def _check_url(url: object) -> None:
    if not isinstance(url, str) or not url or len(url) > 3000 or any(c.isspace() for c in url):
        raise ValueError("invalid url")
    if not url.startswith(("http://", "https://", "slack://", "mailto:")):
        raise ValueError("invalid url: must be absolute")


def check_rich_text(block: Mapping[str, Any]) -> None:
    """A rich_text block with all its sections and inline elements."""
    if block["type"] != "rich_text" or not block["elements"]:
        raise ValueError("rich_text needs elements")
    for element in block["elements"]:
        _check_section(element)


def _check_section(section: Mapping[str, Any]) -> None:
    kind = section["type"]
    if kind not in _RICH:
        raise ValueError(f"unsupported type: {kind} in rich_text")
    if extra := section.keys() - {"type"} - _RICH[kind]:
        raise ValueError(f"invalid additional property: {', '.join(sorted(extra))}")
    if kind == "rich_text_list":
        _check_list(section)
        return
    for element in section["elements"]:
        if kind == "rich_text_preformatted" and element["type"] not in {"text", "link"}:
            raise ValueError(f"unsupported type: {element['type']} in rich_text_preformatted")
        _check_inline(element)


def _check_list(section: Mapping[str, Any]) -> None:
    if section["style"] not in {"bullet", "ordered"}:
        raise ValueError("style must be bullet or ordered")
    if not 0 <= section.get("indent", 0) <= 8 or section.get("offset", 0) < 0:
        raise ValueError("indent must be 0 to 8 and offset not negative")
    for item in section["elements"]:
        if item["type"] != "rich_text_section":
            raise ValueError(f"unsupported type: {item['type']} in rich_text_list")
        _check_section(item)


def _check_inline(element: Mapping[str, Any]) -> None:
    kind = element["type"]
    if kind not in _INLINE:
        raise ValueError(f"unsupported type: {kind} in rich_text")
    if extra := element.keys() - {"type"} - _INLINE[kind]:
        raise ValueError(f"invalid additional property: {', '.join(sorted(extra))}")
    if kind == "text" and (not isinstance(element["text"], str) or not element["text"]):
        raise ValueError("text must be more than 0 characters")
    if kind == "link":
        _check_url(element["url"])
        if "text" in element and not element["text"]:
            raise ValueError("text must be more than 0 characters")
    if extra := element.get("style", {}).keys() - _STYLES:
        raise ValueError(f"invalid style: {', '.join(sorted(extra))}")
