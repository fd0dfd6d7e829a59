"""How to answer somebody on Slack: kept with what they said, so that it outlives the process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from digest.people import Incoming


class Source(StrEnum):
    """How something was said. Pressed buttons' begin with "pressed", by which answering knows them."""

    COMMAND = "command"
    PRESS = "pressed"
    HOME = "pressed-home"  # a button of the Home tab
    FORM = "form"  # a submitted modal
    MENTION = "mention"
    DIRECT = "direct"  # a message in one's own conversation with the bot
    THREAD = "thread"  # a message in a thread about a paper
    REACTION = "reaction"
    JOINED = "joined"  # the bot was added to a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the answer goes.

    `response_url` takes five answers within half an hour (https://docs.slack.dev/interactivity/handling-user-interaction).
    `thread` is the one that the person was looking at, for answers that only they see. `alone` tells that the
    message whose button was pressed is seen by them alone; `cut` that they said more than was kept.
    """

    source: Source
    user: str = ""  # none where Slack does not tell who added us
    response_url: str = ""
    thread: str = ""
    place: str = ""  # the channel's name, if it came along
    alone: bool = False
    cut: bool = False

    def written(self) -> str:
        """As kept in `Incoming.address`."""
        facts = {name: value for name, value in asdict(self).items() if value and name != "source"}
        return f"{self.source} {json.dumps(facts)}"

    @classmethod
    def of(cls, incoming: Incoming) -> Address:
        """The address of what was said."""
        source, _, facts = incoming.address.partition(" ")
        return cls(source=Source(source), **json.loads(facts))


def channel_key(team: str, channel: str) -> str:
    return f"slack:{team}/{channel}"


def person_key(team: str, user: str) -> str:
    return f"slack:{team}/{user}"


def ids(key: str) -> tuple[str, str]:
    """Team and channel, or team and person, of a key."""
    team, _, own = key.removeprefix("slack:").partition("/")
    return team, own
