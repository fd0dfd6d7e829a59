"""The modals and the Home tab of Slack, opened where Slack lets us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any

import structlog

from bot.commands.front import Front
from bot.locale import Say, in_language
from bot.parts import Parts
from bot.permissions import may_change, needed
from bot.platforms.slack import views
from bot.platforms.slack.address import Address, channel_key, person_key
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.commands import as_typed
from bot.platforms.slack.limits import Element
from bot.platforms.slack.sentences import no_question, nothing_saved
from digest.channel import Channel, Who
from digest.errors import PaperboyError, StoreError, UserError
from digest.people import Incoming

log = structlog.get_logger(__name__)


class Windows:
    """Opens them; nothing here raises."""

    def __init__(
        self,
        calls: Calls,
        *,
        front: Front,
        team: str,
        prefix: str,
        channel: Callable[[Incoming], Awaitable[Channel]],
        standing: Callable[[Channel, str], Awaitable[Who]],
    ) -> None:
        self._calls = calls
        self._front = front
        self._team = team
        self._prefix = prefix
        self._channel = channel
        self._standing = standing

    async def question(self, said: Incoming, trigger: str) -> bool:
        """Ask for the question about a paper, whose button was pressed. False if that could not be opened."""
        _, _, paper = said.text.partition(" ")
        try:
            view = views.ask_view(_opened(said, paper), in_language((await self._channel(said)).language))
        except PaperboyError as error:
            log.warning("slack modal not made", error=str(error))
            return False
        return await self._open(view, trigger)

    async def settings(self, said: Incoming, trigger: str) -> bool:
        """Show the settings of the channel it was said in, to be changed by whoever may.

        False if that could not be opened.
        """
        try:
            channel = await self._channel(said)
            say, fields = in_language(channel.language), await self._front.form(channel)
            refusal = await self._refusal(channel, said.person)
            view = (
                views.shown_view(fields, say.error(refusal), _opened(said), say)
                if refusal
                else views.settings_view(fields, _opened(said), say)
            )
        except PaperboyError as error:
            log.warning("slack modal not made", error=str(error))
            return False
        return await self._open(view, trigger)

    async def _refusal(self, channel: Channel, person: str) -> str:
        """Why a person may not change the channel; "" if they may."""
        if needed(channel) is Who.MEMBERS:
            return ""  # without asking Slack, since a form can be opened for three seconds only
        try:
            may_change(channel, await self._standing(channel, person))
        except UserError as error:
            return str(error)
        return ""

    async def faults(self, view: Mapping[str, Any], place: Incoming) -> Mapping[str, str]:
        """What is wrong with a submitted modal, by its fields; nothing where the answer will tell."""
        try:
            channel = await self._channel(place)
            say = in_language(channel.language)
            if view.get("callback_id") == views.ASK:
                return {} if views.question(view) else {"question": no_question(say)}
            return await self._refused(channel, place, views.changes(view), say)
        except StoreError as error:
            log.warning("slack modal not checked", error=str(error))
            return {}

    async def _refused(
        self, channel: Channel, place: Incoming, changes: Sequence[tuple[str, str]], say: Say
    ) -> Mapping[str, str]:
        if not changes:
            return {}
        refusal = await self._refusal(channel, place.person)
        if refusal:
            return {changes[0][0]: nothing_saved(say, say.error(refusal))}

        async def standing() -> Who:
            return await self._standing(channel, place.person)

        found = await self._front.faults(channel, changes, standing=standing)
        first = next(iter(found), "")
        return {name: nothing_saved(say, fault) if name == first else fault for name, fault in found.items()}

    async def _open(self, view: Element, trigger: str) -> bool:
        try:
            await self._calls.tell("views.open", trigger_id=trigger, view=view)
        except PaperboyError as error:
            log.warning("slack modal not opened", error=str(error))
            return False
        return True

    async def home(self, user: str, channel: str) -> None:
        """Show a person their Home tab as things are now; `channel` is their own conversation."""
        try:
            person, private = person_key(self._team, user), channel_key(self._team, channel)
            document = as_typed(await self._front.home(person, private), self._prefix)
            view = views.home_view(document, await self._language(private), channel=channel)
            await self._calls.tell("views.publish", user_id=user, view=view)
        except PaperboyError as error:
            log.warning("slack home not shown", error=str(error))

    async def _language(self, channel: str) -> Say:
        return in_language(await self._front.language(channel))


def front_of(parts: Parts) -> Front:
    """Pages and forms, which begin no digests."""

    async def never(channel: Channel, day: date) -> bool:
        return False

    return Front(parts.desk(start_digest=never))


def _opened(said: Incoming, paper: str = "") -> views.Opened:
    address = Address.of(said)
    return views.Opened(
        channel=said.channel,
        thread=said.thread or "",
        about=said.about or "",
        visible=address.thread,
        place=address.place,
        paper=paper,
    )
