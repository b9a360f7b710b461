"""Transactions as domain functions use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from sanneng.core.errors import Busy
from sanneng.core.models import School


@contextmanager
def one_transaction() -> Iterator[None]:
    """All of it, or nothing. Raises Busy where the database gives up waiting for others, ends
    two who wait for each other, or is gone: nothing has happened then, and one may try again.
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        raise Busy(_("数据库正忙或不可用，请稍后再试。")) from error


def take_turns(school: School) -> None:
    """Wait until nobody else takes in or undoes a workbook of ``school``; holds to the end of
    the transaction. Of two who bring the same file, the second then finds it all there."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
