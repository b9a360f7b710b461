"""What can be wrong with an indicator, said so that its author can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError


class CatalogueError(SannengError):
    """A broken catalogue entry: the message names file, line and the valid choices."""

    code = "catalogue"

    def __init__(self, message: str, *, path: Path | str, line: int) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path, self.line = path, line


class UnknownIndicator(SannengError):
    code = "unknown_indicator"

    def __init__(self, indicator_id: str, known: Iterable[str]) -> None:
        super().__init__(
            _("没有指标“{id}”。{hint}").format(id=indicator_id, hint=suggest(indicator_id, known))
        )


class NoBreakdown(SannengError):
    """The figure asked for cannot be split the way that was asked."""

    code = "no_breakdown"


def suggest(wrong: str, valid: Iterable[str]) -> str:
    """The valid choices, the nearest one first when there is one that is near."""
    choices = sorted(valid)
    near = difflib.get_close_matches(wrong, choices, n=1)
    if near:
        return _("是否指“{near}”？可用：{all}").format(near=near[0], all="、".join(choices[:60]))
    return _("可用：{all}").format(all="、".join(choices[:60]))
