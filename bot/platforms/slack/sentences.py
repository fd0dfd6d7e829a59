"""What Slack's adapter itself says, in the channel's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.locale import Say
from bot.platforms.slack.text import LONGEST
from digest.document import Context, Document, Link, Para, context, para


def cut_off(say: Say) -> Context:
    """That a message was longer than is read."""
    return context(say("Your message was longer than {n} characters; I read the first {n}.", n=LONGEST))


def invitation(say: Say, bot: str) -> Para:
    """That a channel where I am not gets no digests."""
    return para(
        say(
            "I am not a member of this channel, so no digest can reach it. Please say here: /invite @{bot}",
            bot=bot,
        )
    )


def for_you_alone(say: Say, bot: str) -> Para:
    """That an answer for all reaches only whoever asked."""
    return para(
        say(
            "I am not a member of this channel, so only you see this. To let all see it: /invite @{bot}",
            bot=bot,
        )
    )


def kept_from_all(say: Say, because: str) -> Para:
    """The same where an invitation would not help."""
    return para(say("Only you see this. {because}", because=because))


def not_uploaded(say: Say, name: str, why: str) -> str:
    """Why there is no file with an answer."""
    return say("{name} could not be uploaded: {why}", name=name, why=why)


def in_private(say: Say, name: str) -> Context:
    """Where a file for one person went."""
    return context(say("{name} is in our direct messages.", name=name))


def as_asked(say: Say, name: str, place: str) -> str:
    """What stands with that file."""
    return say("{name}, as you asked in {place}:", name=name, place=place or say("a channel"))


def told_already(say: Say, paper: str, link: str, day: date) -> Document:
    """Where an analysis stands that was given in this channel lately."""
    there = Link(say.words.weekday_date(day), link)
    sentence = say.spans(
        "{paper} was explained here on {day}. You can go on asking there.", paper=paper, day=there
    )
    anew = say("To have it here again: /explain {paper} again", paper=paper)
    return Document((Para(sentence), context(anew)), summary=say("{paper} was explained here.", paper=paper))


def reading(say: Say) -> str:
    return say("Reading the paper for your answer …")


def closed(say: Say, event: str, bot: str) -> str:
    """Why a channel gets nothing more, by the event that told it; "" if it goes on."""
    match event:
        case "channel_archive" | "group_archive":
            return say("The channel is archived.")
        case "channel_deleted" | "group_deleted":
            return say("The channel is deleted.")
        case "channel_left" | "group_left":
            return say(
                "I was removed from this channel. An invitation is enough to go on: /invite @{bot}", bot=bot
            )
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The words of a modal around its fields."""

    title: str
    submit: str
    close: str


def asking(say: Say) -> FormWords:
    return FormWords(title=say("Ask the paper"), submit=say("Ask"), close=say("Cancel"))


def settings(say: Say) -> FormWords:
    return FormWords(title=say("Settings"), submit=say("Save"), close=say("Cancel"))


def your_question(say: Say) -> Mapping[str, str]:
    """Label, hint and example of the field for a question."""
    return {
        "label": say("Your question"),
        "hint": say("The answer comes in the thread, for all."),
        "example": say("Which data was it trained on?"),
    }


def no_question(say: Say) -> str:
    return say("What would you like to know?")


def for_example(say: Say, example: str) -> str:
    return say("For example: {example}", example=example)


def nothing_saved(say: Say, fault: str) -> str:
    """What is wrong with the first of some settings, none of which is changed."""
    return say("Nothing was saved: {fault}", fault=fault)


def more_at_home(say: Say) -> Document:
    return Document((context(say("There is more: /subscriptions and /saved tell it all.")),))
