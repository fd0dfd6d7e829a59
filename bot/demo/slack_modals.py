"""views.* of the small Slack, and what a submitted view holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.demo.slack_api import Api, Method, required
from bot.demo.slack_chat import with_ids
from bot.demo.slack_rules import check_view
from bot.demo.slack_world import Json, Refused, View

_PICKED = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}
_ONE_OPTION = {"static_select", "radio_buttons", "overflow"}
_SOME_OPTIONS = {"multi_static_select", "checkboxes"}


def open_view(api: Api, args: Json) -> Json:
    """views.open, with a trigger of the last three seconds."""
    view = check_view(args.get("view"), api.limits, kind="modal")
    user = api.pull(required(args, "trigger_id"))
    return {"view": api_view(api, _kept(api, view, user))}


def update(api: Api, args: Json) -> Json:
    """views.update, by view_id or external_id, with `hash` against races."""
    if args.get("view_id"):
        former = api.world.views.get(str(args["view_id"]))
    else:
        wanted = required(args, "external_id")
        views = api.world.views.values()
        former = next((each for each in views if each.payload.get("external_id") == wanted), None)
    if former is None:
        raise Refused("not_found")
    if args.get("hash") and args["hash"] != former.hash:
        raise Refused("hash_conflict")
    view = check_view(args.get("view"), api.limits, kind=former.payload["type"])
    return {"view": api_view(api, changed(api, former, view))}


def publish(api: Api, args: Json) -> Json:
    """views.publish: a person's Home tab."""
    user = required(args, "user_id")
    if user not in api.world.people:
        raise Refused("user_not_found")
    view = check_view(args.get("view"), api.limits, kind="home")
    former = api.world.homes.get(user)
    if former and args.get("hash") and args["hash"] != former.hash:
        raise Refused("hash_conflict")
    return {"view": api_view(api, changed(api, former, view) if former else _kept(api, view, user))}


def _kept(api: Api, view: Json, user: str, parent: View | None = None) -> View:
    name = f"V{api.world.number():04d}"
    payload = {**view, "blocks": list(with_ids(api, view["blocks"]))}
    kept = View(
        id=name,
        user=user,
        payload=payload,
        hash=f"{api.world.timestamp()}.h",
        root=parent.root if parent else name,
        previous=parent.id if parent else "",
    )
    keep(api, kept)
    return kept


def keep(api: Api, view: View) -> None:
    """Show this view in place of its former state."""
    if view.payload["type"] == "home":
        api.world.homes[view.user] = view
    api.world.views[view.id] = view


def changed(api: Api, former: View, view: Json) -> View:
    """A view with new content, in its place."""
    payload = {**view, "blocks": list(with_ids(api, view["blocks"]))}
    new = replace(former, payload=payload, hash=f"{api.world.timestamp()}.h", errors={})
    keep(api, new)
    return new


def after_submission(api: Api, view: View, answer: Json | None) -> None:
    """Do with a submitted view what the acknowledgement says: errors, update, push, clear; else close it."""
    action = (answer or {}).get("response_action")
    if answer and action == "errors":
        known = {block["block_id"] for block in view.payload["blocks"]}
        # Slack shows an error to the person if the app names a block that the view has not.
        unknown = answer["errors"].keys() - known
        shown = {"": "We had some trouble connecting. Try again?"} if unknown else answer["errors"]
        keep(api, replace(view, errors=shown))
    elif answer and action == "update":
        changed(api, view, check_view(answer["view"], api.limits, kind="modal"))
    elif answer and action == "push":
        _kept(api, check_view(answer["view"], api.limits, kind="modal"), view.user, parent=view)
    elif action == "clear":
        for name in [each.id for each in api.world.views.values() if each.root == view.root]:
            del api.world.views[name]
    else:
        api.world.views.pop(view.id, None)


def api_view(api: Api, view: View, values: Json | None = None) -> Json:
    """A view as the Web API and interactions show it."""
    facts: Json = {"id": view.id, "team_id": api.world.team, "app_id": api.world.app, "bot_id": "B0001"}
    facts |= {"hash": view.hash, "root_view_id": view.root, "previous_view_id": view.previous or None}
    facts |= {"state": {"values": values or {}}}
    return {"callback_id": "", "external_id": "", "private_metadata": ""} | view.payload | facts


def state(view: View, given: Mapping[str, Any]) -> Json:
    """The values of a view's inputs: those given by block id, action id or label, else as they began.

    Raises KeyError for a given value that no input takes, so that a person's mistake is not overlooked.
    """
    values: Json = {}
    left = dict(given)
    for block, element in _inputs(view.payload["blocks"]):
        names = (block["block_id"], element.get("action_id", ""), (block.get("label") or {}).get("text", ""))
        found = next((name for name in names if name and name in left), None)
        value = left.pop(found) if found else None
        action = element.get("action_id") or "a"
        values.setdefault(block["block_id"], {})[action] = value_of(element, value, given=found is not None)
    if left:
        raise KeyError(f"no input of this view takes {', '.join(left)}")
    return values


def _inputs(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    for block in blocks:
        if block["type"] == "input":
            yield block, block["element"]
        elif block["type"] == "actions":
            yield from ((block, each) for each in block["elements"] if each["type"] != "button")
        elif block["type"] == "section" and block.get("accessory", {}).get("type", "button") not in {
            "button",
            "image",
        }:
            yield block, block["accessory"]


def value_of(element: Json, value: Any, *, given: bool = True) -> Json:
    """What an interaction says of an element whose value a person chose (options by value or label)."""
    kind = element["type"]
    if kind in _ONE_OPTION:
        option = _option(element, value) if given else element.get("initial_option")
        return {"type": kind, "selected_option": option}
    if kind in _SOME_OPTIONS:
        options = [_option(element, each) for each in value] if given else element.get("initial_options", [])
        return {"type": kind, "selected_options": options}
    if kind in _PICKED:
        field = _PICKED[kind]
        return {"type": kind, field: value if given else element.get(field.replace("selected", "initial"))}
    return {"type": kind, "value": value if given else element.get("initial_value")}


def _option(element: Json, wanted: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups", ())]
    options: list[Json] = [*element.get("options", ()), *(option for group in groups for option in group)]
    for option in options:
        if wanted in {option["value"], option["text"]["text"]}:
            return option
    raise KeyError(f"{wanted} is none of {', '.join(option['value'] for option in options)}")


METHODS: Mapping[str, Method] = {
    "views.open": open_view,
    "views.update": update,
    "views.publish": publish,
}
