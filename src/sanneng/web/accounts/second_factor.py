"""Who must have a second factor, and who has one."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from sanneng.core.domain.access import Rights
from sanneng.core.enums import Role

REQUIRED_OF = frozenset({Role.ADMINISTRATOR, Role.SECURITY, Role.AUDITOR, Role.SUPERVISOR})
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_required(rights: Rights) -> bool:
    """Whether the user must have a second factor, by the setting and by its roles today."""
    if settings.SECOND_FACTOR == "admins":
        return rights.everywhere or rights.schools(REQUIRED_OF).exists()
    return bool(settings.SECOND_FACTOR == "all")


def has_one(user: Any) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def has_other_factor(user: Any, than: Authenticator) -> bool:
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=than.pk)
    return others.exists()
