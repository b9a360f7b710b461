"""Secrets as they lie in the database: AES-256-GCM under the key of the installation."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError

_NONCE = 12
# Cipher and key, so that another can take over without guessing which one wrote a value.
_MARK = "a1:"


def seal(text: str, *, purpose: str) -> str:
    """``text`` so that only this installation can read it, and only for the same ``purpose``."""
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_key()).encrypt(nonce, text.encode(), purpose.encode())
    return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """What ``seal`` was given. Raises SannengError where the key is another by now."""
    try:
        raw = base64.urlsafe_b64decode(sealed.removeprefix(_MARK))
        return AESGCM(_key()).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SannengError(
            _("保存的密钥读不出来（系统密钥可能换过），请重新填写。"), code="unreadable_secret"
        ) from error


def _key() -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sanneng sealing")
    return derive.derive(settings.SECRET_KEY.encode())
