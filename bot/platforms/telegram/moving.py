"""Groups that became supergroups, which have other numbers than the settings name."""

from __future__ import annotations

import structlog
from telegram.error import ChatMigrated, Forbidden

from bot.platforms.telegram.calls import Api, reason
from bot.platforms.telegram.places import Spot
from digest.ports import Store

log = structlog.get_logger(__name__)


async def followed(api: Api, store: Store, spot: Spot) -> Spot:
    """Where a chat is now; its channel has gone there with it. Raises `FAILURES`."""
    if not spot.may_move:
        return spot
    try:
        # getChat goes on telling of the group as it was; what asks for its members is told the new number.
        await api.get_chat_member(spot.chat, int(api.token.partition(":")[0]))
    except ChatMigrated as error:
        moved = Spot(error.new_chat_id, spot.topic)
        log.warning("chat moved", chat=spot.key, to=moved.key)
        # The news of it may yet come; a channel made there before would be in the way.
        await store.rename_channel(spot.key, moved.key)
        return moved
    except Forbidden as error:
        log.debug("not in the chat", chat=spot.key, error=reason(error))
    return spot
