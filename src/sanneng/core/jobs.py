"""Kinds of background work: each is declared once, and does its work in one function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.core.permissions import Permission


@dataclass(frozen=True)
class JobKind:
    """A kind of background work.

    ``run`` is the dotted path of ``function(work, **arguments)``, found only where the work is
    done, so that declaring a kind imports nothing heavy. It gets a ``core.domain.jobs.Work``,
    returns what is kept as the job's result (JSON), and must bear being run again after it was
    cut short. ``permission`` is asked for at the start and again when the work begins; None
    belongs to work that the system does by itself.
    """

    code: str
    label: str | Promise
    run: str
    permission: Permission | None

    @property
    def function(self) -> Callable[..., dict[str, Any]]:
        found = import_string(self.run)
        assert callable(found)
        return found  # type: ignore[no-any-return]


_kinds: dict[str, JobKind] = {}


def register_kind(*kinds: JobKind) -> None:
    for kind in kinds:
        _kinds[kind.code] = kind


def kind_named(code: str) -> JobKind:
    """The kind called ``code``. Raises SannengError for one that this version does not know."""
    if code not in _kinds:
        raise SannengError(
            _("这个版本的系统不认识“{code}”这种任务，请联系管理员。").format(code=code),
            code="unknown_kind",
        )
    return _kinds[code]


def all_kinds() -> Iterator[JobKind]:
    yield from _kinds.values()
