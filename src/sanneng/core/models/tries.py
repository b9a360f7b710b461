from __future__ import annotations

from django.db import models


class Tries(models.Model):
    """How often something was tried since a moment; ``key`` is a digest of what and by whom."""

    key = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.count}"
