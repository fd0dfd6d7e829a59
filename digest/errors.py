"""Everything that can go wrong, in one tree.

    PaperboyError
        UserError                 shown to the person as it is written; exit code 2
            InvalidIdentifier     not an arXiv identifier
            InvalidQuery          a query that cannot be parsed; knows the position
            InvalidSetting        a setting, date, time, time zone or category that means nothing
            InvalidFeed           a file that is no arXiv feed
            InvalidDatabase       a file that is no database of ours, or no sound backup (a StoreError too)
            RefusedSetting        what a setting says is refused by a platform (a PlatformError too)
        SourceError               arXiv did not give what was asked
            PaperNotFound         no such paper, or withdrawn without a PDF
            SourceUnavailable     arXiv refused, stalled or answered with something else; try later
        FullTextError             a PDF that cannot be read; the abstract is used, and labelled
        AnalyzerError             an analyzer gave nothing that can be used
            ModelUnavailable      the model's server is down, busy or too slow; try later
            ContextExceeded       the text is too long for the model
            ModelMisconfigured    a person must act: wrong key, unknown model, no credit
        PlatformError             a chat platform refused for good
            ChannelGone           the channel was deleted, or Paperboy was removed from it
            ChannelMoved          the channel has another key now
            ThreadGone            the thread or topic is not there any more
            MessageRefused        the platform will never take this message
        PlatformUnavailable       the platform certainly did not take the message now; try later
        DeliveryUnknown           the platform may or may not have accepted the message
        StoreError                the database refused: locked, full, read-only, newer or foreign

A message says what happened, to what, and what to do. Vendor errors are wrapped at the adapter with `from`.
"""


class PaperboyError(Exception):
    """Base of every error that Paperboy raises on purpose."""


class UserError(PaperboyError, ValueError):
    """Something a person wrote cannot be used. The message is shown as it is."""


class InvalidIdentifier(UserError):
    """Not an arXiv identifier in any spelling."""


class InvalidQuery(UserError):
    """A query that cannot be parsed.

    `position` is the index of the offending character in the query, counted from 0.
    """

    def __init__(self, message: str, *, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class InvalidSetting(UserError):
    """A setting, date, time, time zone or category that means nothing."""


class InvalidFeed(UserError):
    """A file or answer that is not an arXiv feed."""


class SourceError(PaperboyError):
    """arXiv did not give what was asked."""


class PaperNotFound(SourceError):
    """No such paper on arXiv, or no PDF of it."""


class SourceUnavailable(SourceError):
    """arXiv refused, stalled or answered with something else.

    `retry_after` is the number of seconds arXiv asked us to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FullTextError(PaperboyError):
    """A PDF that cannot be read. The message is one sentence a reader of the digest understands."""


class AnalyzerError(PaperboyError):
    """An analyzer gave nothing that can be used."""


class ModelUnavailable(AnalyzerError):
    """The model's server is down, busy or too slow.

    `retry_after` is the number of seconds it asked us to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ContextExceeded(AnalyzerError):
    """The messages are too long for the model. `limit` is its context in tokens, where the server told."""

    def __init__(self, message: str, *, limit: int | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class ModelMisconfigured(AnalyzerError):
    """The server refuses for a reason that only a person can mend: key, model name, credit."""


class PlatformError(PaperboyError):
    """A chat platform refused for good."""


class RefusedSetting(UserError, PlatformError):
    """What a setting says, such as a token, is refused: somebody must change it before the next start."""


class ChannelGone(PlatformError):
    """The channel was deleted, or Paperboy was removed from it."""


class ChannelMoved(PlatformError):
    """The channel has another key now, `to`: a group that became a supergroup."""

    def __init__(self, message: str, *, to: str) -> None:
        super().__init__(message)
        self.to = to


class ThreadGone(PlatformError):
    """The message whose thread this was, or the topic, is not there any more."""


class MessageRefused(PlatformError):
    """The platform will never take this message."""


class PlatformUnavailable(PaperboyError):
    """A chat platform certainly did not take the message, but may later.

    `retry_after` is the number of seconds it asked us to wait, if it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryUnknown(PaperboyError):
    """The platform may or may not have accepted the message."""


class StoreError(PaperboyError):
    """The database refused: locked, full, read-only, newer than this Paperboy, or not ours."""


class InvalidDatabase(UserError, StoreError):
    """A file that cannot be used: another program's, a newer Paperboy's or, as a backup, not sound."""
