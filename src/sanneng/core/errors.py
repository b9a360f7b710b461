"""Our own exceptions: a message for people, a code for programs."""

from __future__ import annotations


class SannengError(Exception):
    """Something a person can act on: ``str(error)`` says what is wrong and what to do."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class NotAllowed(SannengError):
    code = "not_allowed"


class WrongState(SannengError):
    """A transition was asked for from a state that does not permit it."""

    code = "wrong_state"


class UnacceptableFile(SannengError):
    """A file that is too large, of a kind not allowed, or not what its name says."""

    code = "unacceptable_file"


class InvalidValues(SannengError):
    """Values that a record cannot take: ``faults`` are messages by field name, those about no
    single field under an empty name."""

    code = "invalid"

    def __init__(self, faults: dict[str, list[str]]) -> None:
        super().__init__(" ".join(text for texts in faults.values() for text in texts))
        self.faults = faults


class Busy(SannengError):
    """The database could not be had in time; what was asked for has not happened."""

    code = "database_busy"


class Outdated(SannengError):
    """Somebody else changed the record while it was being edited."""

    code = "outdated"
