"""The strict Telegram as a process of its own, steered over HTTP.

`python -m tests.peers.telegram --port 0 --seed 7 --faults 0.2 --foreign 0.3` prints one line of JSON:
{"url", "token", "people": {name: id}, "chats": {name: id}}. Then GET /__peer/state tells what people see, and
POST /__peer/do acts for them: {"do": "says", "chat": -1001, "person": 7, "text": "/help", "topic": 77}.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.demo.telegram_json import entity_json, keyboard_json
from bot.demo.telegram_model import Message, Status
from bot.demo.telegram_server import TOKEN
from tests.peers.telegram import ALL_FAULTS, Limits, Telegram, stall

Json = dict[str, Any]


class TelegramProcess(Telegram):
    """A Telegram with a few people and chats, and addresses for a test in another process."""

    def populate(self) -> Json:
        """Ada and Bob, and a chat of each kind with the bot in it; returns their ids."""
        ada = self.person("Ada", username="ada_l", id=501)
        bob = self.person("Bob", username="bob_b", language="zh-hans", id=502)
        forum = self.supergroup("Team", ada, bob, forum=True, id=-1001000000003)
        chats = {
            "private": self.private(ada).id,
            "group": self.group("Lab", ada, bob).id,
            "supergroup": self.supergroup("Reading group", ada, bob).id,
            "forum": forum.id,
            "channel": self.channel("Papers", ada, username="papers").id,
        }
        people = {"ada": ada.id, "bob": bob.id}
        return {"people": people, "chats": chats, "topic": self.topic(forum, "Papers", id=77)}

    def add_routes(self, router: web.UrlDispatcher) -> None:
        super().add_routes(router)
        router.add_get("/__peer/state", self._state)
        router.add_post("/__peer/do", self._do)

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(state_of(self))

    async def _do(self, request: web.Request) -> web.Response:
        told = await request.json()
        action = _ACTIONS.get(str(told.get("do")))
        if action is None:
            return web.json_response({"error": f"one of {', '.join(_ACTIONS)}"}, status=400)
        return web.json_response({"result": await action(self, told)})


def state_of(telegram: Telegram) -> Json:
    """What people see in every chat, and what went wrong."""
    chats = {
        str(chat.id): {
            "type": str(chat.type),
            "title": chat.title,
            "migrated_to": chat.migrated_to,
            "messages": [message_state(each) for each in telegram.messages(chat)],
        }
        for chat in telegram.chats.values()
    }
    made: dict[str, int] = {}
    for name, _ in telegram.faults_made:
        made[name] = made.get(name, 0) + 1
    return {
        "chats": chats,
        "violations": telegram.violations,
        "too_many": len(telegram.refusals),
        "faults": made,
        "calls": len(telegram.calls),
        "pending_updates": len(telegram.updates.pending),
    }


def message_state(message: Message) -> Json:
    """One message as JSON."""
    return {
        "id": message.id,
        "at": message.at.isoformat(),
        "mine": message.mine,
        "sender": message.sender.name if message.sender else "",
        "text": message.text,
        "html": message.html,
        "entities": [entity_json(each) for each in message.entities],
        "reply_to": message.reply_to,
        "topic": message.topic,
        "keyboard": keyboard_json(message.keyboard)["inline_keyboard"],
        "document": message.document.name if message.document else "",
        "edited": message.edited.isoformat() if message.edited else "",
        "deleted": message.deleted,
        "hidden": message.hidden,
        "service": bool(message.service),
    }


async def _says(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    message = await telegram.says(
        telegram.chats[told["chat"]],
        telegram.people[told["person"]],
        told["text"],
        topic=told.get("topic", 0),
        reply_to=told.get("reply_to"),
    )
    return message_state(message)


async def _presses(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    message = telegram.chats[told["chat"]].messages[told["message"]]
    query = await telegram.presses(message, told["button"], telegram.people[told["person"]])
    return {"query": query.id}


async def _answer(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    query = telegram.queries[told["query"]]
    return {"answered": query.answered, "text": query.text, "alert": query.alert}


async def _blocks(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    await telegram.blocks(telegram.people[told["person"]])
    return {}


async def _unblocks(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    await telegram.unblocks(telegram.people[told["person"]])
    return {}


async def _kicks(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    await telegram.kicks(telegram.chats[told["chat"]])
    return {}


async def _adds_bot(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    await telegram.adds_bot(telegram.chats[told["chat"]], telegram.people[told["person"]])
    return {}


async def _promotes(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    status = Status(told.get("status", "administrator"))
    await telegram.promotes(telegram.chats[told["chat"]], telegram.people[told["person"]], status=status)
    return {}


async def _migrates(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    return {"chat": (await telegram.migrates(telegram.chats[told["chat"]])).id}


async def _deletes_topic(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    telegram.deletes_topic(telegram.chats[told["chat"]], told["topic"])
    return {}


async def _foreign(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    telegram.foreign(telegram.chats[told["chat"]], told.get("number", 1))
    return {}


async def _mix(telegram: Telegram, told: Mapping[str, Any]) -> Json:
    telegram.mix(told.get("rate", 0.0), seed=told.get("seed", 0))
    return {}


_ACTIONS: Mapping[str, Callable[[Telegram, Mapping[str, Any]], Awaitable[Json]]] = {
    "says": _says,
    "presses": _presses,
    "answer": _answer,
    "blocks": _blocks,
    "unblocks": _unblocks,
    "kicks": _kicks,
    "adds_bot": _adds_bot,
    "promotes": _promotes,
    "migrates": _migrates,
    "deletes_topic": _deletes_topic,
    "foreign": _foreign,
    "mix": _mix,
}


async def serve(options: argparse.Namespace) -> None:
    """Serve until the process is asked to end."""
    free = Limits(gap=0, per_minute=10**9, per_second=10**9)
    telegram = TelegramProcess(
        token=options.token,
        limits=free if options.unlimited else Limits(),
        foreign=options.foreign,
        seed=options.seed,
        port=options.port,
    )
    if options.faults:
        kinds = {**ALL_FAULTS, **({"stall": stall(options.stall)} if options.stall else {})}
        telegram.mix(options.faults, seed=options.seed, faults=kinds)
    done = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, done.set)
    async with telegram:
        told = {"url": telegram.url, "token": telegram.token, **telegram.populate()}
        print(json.dumps(told), flush=True)
        await done.wait()


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options of the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--foreign", type=float, default=0.0, help="chance of others' messages between")
    parser.add_argument("--faults", type=float, default=0.0, help="part of the posts that go wrong")
    parser.add_argument("--stall", type=float, default=0.0, help="seconds that some answers take, as a fault")
    parser.add_argument("--unlimited", action="store_true", help="never answer 429 for too many messages")
    return parser.parse_args(arguments)


def main() -> None:
    """Run the process."""
    asyncio.run(serve(options_of()))
