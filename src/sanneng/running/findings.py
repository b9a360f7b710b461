"""What a check of the doctor says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    NOTICE = "notice"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """``text`` is what was found; ``advice`` what to do about it, empty where all is well."""

    state: State
    text: str
    advice: str = ""


def fine(text: str) -> Finding:
    return Finding(State.OK, text)


def notice(text: str, advice: str) -> Finding:
    return Finding(State.NOTICE, text, advice)


def problem(text: str, advice: str) -> Finding:
    return Finding(State.PROBLEM, text, advice)
