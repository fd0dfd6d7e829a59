"""Who people are and what channels are, as far as Slack tells; nothing here raises."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from bot.platforms.slack.calls import Calls, Refused
from digest.channel import Who
from digest.errors import PaperboyError

KEPT = 60.0  # seconds that an answer is good for
_PATIENCE = 0.15  # seconds that what somebody said waits for their name
_MANY = 5_000  # entries, after which all are asked for again

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str = ""
    timezone: str = ""
    locale: str = ""
    is_admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A conversation; `title` is "#robotics". `is_member` tells of the bot, None where Slack does not."""

    title: str = ""
    creator: str = ""
    is_private: bool = False  # one person's own with the bot
    is_member: bool | None = None
    is_archived: bool = False


class Directory:
    """People and channels by id, asked for once a minute at most."""

    def __init__(self, calls: Calls, *, clock: Callable[[], float]) -> None:
        self._calls = calls
        self._clock = clock
        self._people: dict[str, tuple[float, Person]] = {}
        self._places: dict[str, tuple[float, Where]] = {}
        self._asking: dict[str, asyncio.Task[Person]] = {}
        self._names: dict[str, str] = {}

    @property
    def names(self) -> Mapping[str, str]:
        """The names that are known, by id."""
        return self._names

    async def person(self, user: str) -> Person:
        """What Slack tells of a person; nothing where it does not."""
        return await self._kept(self._people, user, self._person)

    async def where(self, channel: str) -> Where:
        """What Slack tells of a conversation."""
        return await self._kept(self._places, channel, self._where)

    def forget(self, channel: str) -> None:
        """Ask again for a conversation, which has changed."""
        self._places.pop(channel, None)

    async def name(self, user: str) -> str:
        """A person's name if it is known or comes at once; else it is known the next time."""
        if user in self._names or not user:
            return self._names.get(user, "")
        if user not in self._asking:
            task = self._asking[user] = asyncio.create_task(self.person(user), name="slack name")
            task.add_done_callback(lambda _: self._asking.pop(user, None))
        await asyncio.wait([self._asking[user]], timeout=_PATIENCE)
        return self._names.get(user, "")

    async def standing(self, channel: str, user: str) -> Who:
        """What a person may do in a channel."""
        where = await self.where(channel)
        if user and where.creator == user:
            return Who.CREATOR
        return Who.ADMINS if (await self.person(user)).is_admin else Who.MEMBERS

    async def close(self) -> None:
        tasks = [*self._asking.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(
        self, cache: dict[str, tuple[float, T]], key: str, ask: Callable[[str], Awaitable[T]]
    ) -> T:
        until, known = cache.get(key, (-1.0, None))
        if known is not None and self._clock() < until:
            return known
        if len(cache) > _MANY:
            cache.clear()
        found = await ask(key)
        cache[key] = (self._clock() + KEPT, found)
        return found

    async def _person(self, user: str) -> Person:
        said = (await self._told("users.info", user=user, include_locale=True)).get("user") or {}
        profile = said.get("profile") or {}
        person = Person(
            name=str(profile.get("display_name") or profile.get("real_name") or said.get("name") or ""),
            timezone=str(said.get("tz") or ""),
            locale=str(said.get("locale") or ""),
            is_admin=any(said.get(each) is True for each in ("is_admin", "is_owner", "is_primary_owner")),
        )
        if person.name:
            self._names[user] = person.name
        return person

    async def _where(self, channel: str) -> Where:
        said = await self._told("conversations.info", channel=channel)
        if said.get("error") == "channel_not_found":
            return Where(is_private=channel.startswith("D"), is_member=False)
        said = said.get("channel") or {}
        return Where(
            title=f"#{said['name']}" if said.get("name") and not said.get("is_im") else "",
            creator=str(said.get("creator") or ""),
            is_private=bool(said.get("is_im", channel.startswith("D"))),
            is_member=said.get("is_member") if isinstance(said.get("is_member"), bool) else None,
            is_archived=said.get("is_archived") is True,
        )

    async def _told(self, method: str, **arguments: object) -> Mapping[str, Any]:
        try:
            return await self._calls.ask(method, **arguments)
        except Refused as refused:
            log.debug("slack does not tell", method=method, error=refused.error)
            return {"error": refused.error}
        except PaperboyError as error:
            log.debug("slack does not tell", method=method, error=str(error))
            return {}
