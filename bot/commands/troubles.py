"""What is wrong with a running Paperboy, in words: for /status, and for the admin channel."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.locale import Say
from bot.watch.troubles import Kind, Trouble


def sentence(say: Say, trouble: Trouble, timezone: str) -> str:
    """A trouble in a sentence or two, with what to do where something can be done."""
    when = say.words.moment_of(trouble.since, ZoneInfo(timezone))
    match trouble.kind:
        case Kind.ANNOUNCEMENTS:
            told = say(
                "No announcement day of arXiv has been complete since {when}; I go on asking.", when=when
            )
            return f"{told} {trouble.why}".rstrip()
        case Kind.DISCONNECTED if trouble.why:
            return say(
                "{platform} has taken nothing from me since {when}: {why}",
                platform=trouble.about.title(),
                when=when,
                why=say.error(trouble.why),
            )
        case Kind.DISCONNECTED:
            return say(
                "{platform} has not been connected since {when}; I go on trying.",
                platform=trouble.about.title(),
                when=when,
            )
        case Kind.BACKUP if trouble.why:
            return say("The last backup failed: {why}", why=trouble.why)
        case Kind.BACKUP:
            return say("The last backup is of {when}.", when=when)
        case Kind.DISK:
            return say(
                "The disk of the store is nearly full: {n} MB are left. Free some space.", n=trouble.number
            )
        case Kind.BURIED:
            return say(
                "{n} message was refused and given up: {why}|"
                "{n} messages were refused and given up, the last because: {why}",
                n=trouble.number,
                why=trouble.why,
            )
        case Kind.ADMIN:
            return say("Notices do not reach the channel of ADMIN_CHANNEL: {why}", why=trouble.why)
        case Kind.STORE:
            return say("The store has needed attention since {when}: {why}", when=when, why=trouble.why)


def unkept(say: Say, why: str, *, waits: bool) -> str:
    """What is said to whoever said something that cannot be kept; it may wait where it was said."""
    if waits:
        return say(
            "I cannot keep what you said just now. {why} I answer it then; no digest is lost.",
            why=say.error(why),
        )
    return say(
        "I cannot keep what you said just now. {why} Please say it again then; no digest is lost.",
        why=say.error(why),
    )


def relief(say: Say, trouble: Trouble) -> str:
    """That a trouble is over."""
    match trouble.kind:
        case Kind.ANNOUNCEMENTS:
            return say("arXiv's announcements arrive again.")
        case Kind.DISCONNECTED:
            return say("{platform} is connected again.", platform=trouble.about.title())
        case Kind.BACKUP:
            return say("Backups are made again.")
        case Kind.DISK:
            return say("The disk of the store has room again.")
        case Kind.BURIED:
            return say("No message was given up lately.")
        case Kind.ADMIN:
            return say("Notices reach the channel of ADMIN_CHANNEL again.")
        case Kind.STORE:
            return say("The store can be read and written again.")
