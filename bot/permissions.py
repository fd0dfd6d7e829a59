"""Who may change what a channel gets."""

from __future__ import annotations

from digest.channel import Channel, Who
from digest.errors import UserError

RANK = (Who.MEMBERS, Who.ADMINS, Who.CREATOR)


def needed(channel: Channel) -> Who:
    """The standing that changes need: as the channel set it, else the habit of its platform.

    Private chats belong to whoever talks there. On Slack any member may change a channel; in Telegram's
    groups, where anybody can be added, administrators may.
    """
    if channel.private:
        return Who.MEMBERS
    if channel.changes_by is not None:
        return channel.changes_by
    return Who.ADMINS if channel.platform == "telegram" else Who.MEMBERS


def may_change(channel: Channel, standing: Who) -> None:
    """Return if somebody of that standing may change the channel; else raise `UserError` saying who may."""
    wanted = needed(channel)
    if RANK.index(standing) >= RANK.index(wanted):
        return
    who = {Who.ADMINS: "its administrators", Who.CREATOR: "whoever created it"}[wanted]
    raise UserError(
        f"Only {who} can change what this channel gets. You can subscribe yourself: write to me in private."
    )
