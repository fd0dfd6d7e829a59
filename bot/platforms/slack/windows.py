"""The modals and the Home tab of Slack, opened where Slack lets us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from bot.commands.front import Front
from bot.platforms.slack import views
from bot.platforms.slack.address import Address, channel_key, person_key
from bot.platforms.slack.calls import Calls
from bot.platforms.slack.commands import as_typed
from bot.platforms.slack.limits import Element
from digest.channel import Channel
from digest.errors import PaperboyError
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
    ) -> None:
        self._calls = calls
        self._front = front
        self._team = team
        self._prefix = prefix
        self._channel = channel

    async def question(self, said: Incoming, trigger: str) -> bool:
        """Ask for the question about a paper, whose button was pressed. False if that could not be opened."""
        _, _, paper = said.text.partition(" ")
        return await self._open(views.ask_view(_opened(said, paper)), trigger)

    async def settings(self, said: Incoming, trigger: str) -> bool:
        """Show the settings of the channel it was said in. False if that could not be opened."""
        try:
            fields = await self._front.form(await self._channel(said))
            view = views.settings_view(fields, _opened(said))
        except PaperboyError as error:
            log.warning("slack modal not made", error=str(error))
            return False
        return await self._open(view, trigger)

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
            view = views.home_view(document, channel=channel)
            await self._calls.tell("views.publish", user_id=user, view=view)
        except PaperboyError as error:
            log.warning("slack home not shown", error=str(error))


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
