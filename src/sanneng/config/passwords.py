"""What each password policy asks for."""

from __future__ import annotations

from typing import Any

_RULES = "sanneng.core.passwords"
_BUILT_IN = "django.contrib.auth.password_validation"


def password_validators(policy: str) -> list[dict[str, Any]]:
    """Django's AUTH_PASSWORD_VALIDATORS for ``asvs`` or ``mlps``."""
    shortest = {"asvs": 12, "mlps": 8}[policy]
    validators: list[dict[str, Any]] = [
        {
            "NAME": f"{_RULES}.LongEnough",
            "OPTIONS": {"min_length": shortest},
        },
        {"NAME": f"{_RULES}.CommonPassword"},
        {"NAME": f"{_RULES}.ContextWords"},
        {"NAME": f"{_RULES}.NotTheCurrentOne"},
        {"NAME": f"{_BUILT_IN}.UserAttributeSimilarityValidator"},
    ]
    if policy == "mlps":
        validators.append({"NAME": f"{_RULES}.CharacterKinds"})
    return validators
