"""Every error that trendnlp raises on purpose. Each names its subject, the reason and what to do.

TrendnlpError
├── InputError             a document cannot be processed; others can
│   ├── MissingInput       no such file, a dangling link, a folder, no permission
│   ├── EmptyInput         nothing but white space
│   ├── NotText            binary bytes, or an encoding that cannot be told
│   ├── UnsupportedFormat  a format that no reader knows
│   ├── ForeignLanguage    not in English, and not said to be read all the same
│   ├── InputTooLarge      over a limit of the settings
│   ├── DamagedInput       cut off, or not what its format asks for
│   ├── EncryptedInput     needs a password, or another one
│   ├── NoTextLayer        pictures of pages, without characters
│   └── ReadingStopped     its reader ran out of time or memory, or crashed
├── SettingsError          a setting is unknown or has a bad value
├── ArtefactError          a model folder is missing, damaged or of another version
├── CorpusError            a labelled text cannot be parsed
├── OutputError            an output folder cannot be used
├── BackupError            an archive of a workspace cannot be written or restored
├── BadTarget              an address to which no event is sent
├── WorkerError            processes or machines that should work do not
├── TooFewReviews          models cannot learn from so few decisions
├── QueueFull              as many documents wait as may
└── StoreError             the workspace cannot be used
    ├── SchemaError        its schema is behind or ahead of this version
    ├── NotFound           no such document, statement, finding or review
    │   ├── Moved          the statements of the finding stand in another one now
    │   └── Gone           the finding fell apart, or none of its statements is left
    ├── BadCursor          a page cursor that this store did not make
    ├── WrongState         a job that has not ended yet, or has ended already
    ├── Expired            the results of a job that ended long ago
    ├── BadReview          a decision without the statements or the value that it needs
    └── Conflict           a decision that an earlier one rules out
        └── Stale          somebody decided on the same since it was read
"""

from __future__ import annotations


class TrendnlpError(Exception):
    """``subject`` is what it is about, ``reason`` why it failed, ``remedy`` what to do."""

    def __init__(self, subject: str, reason: str, remedy: str) -> None:
        super().__init__(subject, reason, remedy)
        self.subject = subject
        self.reason = reason
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{printable(self.subject)}: {self.reason}. {self.remedy}"


class InputError(TrendnlpError): ...


class MissingInput(InputError): ...


class EmptyInput(InputError): ...


class NotText(InputError): ...


class UnsupportedFormat(InputError): ...


class ForeignLanguage(InputError): ...


class InputTooLarge(InputError): ...


class DamagedInput(InputError): ...


class EncryptedInput(InputError): ...


class NoTextLayer(InputError): ...


class ReadingStopped(InputError): ...


class SettingsError(TrendnlpError): ...


class ArtefactError(TrendnlpError): ...


class CorpusError(TrendnlpError): ...


class OutputError(TrendnlpError): ...


class BackupError(TrendnlpError): ...


class BadTarget(TrendnlpError): ...


class WorkerError(TrendnlpError): ...


class TooFewReviews(TrendnlpError): ...


class QueueFull(TrendnlpError): ...


class StoreError(TrendnlpError): ...


class SchemaError(StoreError): ...


class NotFound(StoreError): ...


class Moved(NotFound):
    """``to`` is the id of the finding that holds the statements now."""

    def __init__(self, subject: str, to: str) -> None:
        super().__init__(subject, f"the finding is part of {to} now", f"Read {to}.")
        self.to = to


class Gone(NotFound):
    """``parts`` are the ids of the findings that hold the statements now, sorted; empty where none does."""

    def __init__(self, subject: str, parts: tuple[str, ...]) -> None:
        if parts:
            reason, remedy = f"the finding was split into {', '.join(parts)}", "Read one of these."
        else:
            reason, remedy = "none of the finding's statements is stored and shown now", "List the findings there are."
        super().__init__(subject, reason, remedy)
        self.parts = parts


class BadCursor(StoreError): ...


class WrongState(StoreError): ...


class Expired(StoreError): ...


class BadReview(StoreError): ...


class Conflict(StoreError): ...


class Stale(Conflict):
    """Somebody decided on ``subject`` after it was read: its version is ``version`` now, and ``changed`` are the ids of
    the reviews that came since, oldest first.
    """

    def __init__(self, subject: str, version: int, changed: tuple[str, ...], who: str) -> None:
        reason = f"it was changed since you read it, by {who}" if who else "its version is another"
        super().__init__(subject, reason, f"Look at it again, and decide on version {version}.")
        self.version = version
        self.changed = changed


def printable(name: str) -> str:
    """``name`` on one line, with control characters and lone surrogates escaped: file names are hostile input."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
