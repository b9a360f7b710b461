"""Encrypting a backup piece by piece: AES-256-GCM, so that a changed, cut or reordered file is
refused and a large one never has to fit into memory.

After the header come pieces of ``PIECE`` bytes and their 16-byte tags. The nonce of each is
its number and whether it is the last, under a key derived anew for every file.
"""

from __future__ import annotations

import os
import secrets
import stat
import struct
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError

MAGIC = b"SANNENG-SEALED-1\n"
PIECE = 1 << 20
SALT_BYTES, TAG_BYTES, KEY_BYTES = 32, 16, 32
_NONCE = struct.Struct(">3xQB")


class BadKey(SannengError):
    """A key that is missing, unprotected, or not the one that the file was sealed with."""

    code = "bad_key"


def make_key(path: Path) -> None:
    """Write a new random key to ``path``, readable by its owner alone; never over a file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise BadKey(
            _("“{path}”已经存在，不会覆盖。请直接使用它，或换一个文件名。").format(path=path)
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key(path: Path) -> bytes:
    """The key in ``path``. Raises BadKey when others may read it or it is too short."""
    if not path.is_file():
        raise BadKey(_("找不到密钥文件“{path}”。").format(path=path))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise BadKey(_("密钥文件“{path}”别人也能读，请先运行 chmod 600 {path}。").format(path=path))
    key = path.read_bytes().strip()
    if len(key) < KEY_BYTES:
        raise BadKey(_("密钥文件“{path}”太短，至少要 32 个字符。").format(path=path))
    return key


def is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


class Sealer:
    """A file to write to, which passes everything on to ``target`` encrypted. Nothing plain
    is kept anywhere. Call ``finish`` once at the end."""

    def __init__(self, target: IO[bytes], key: bytes) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self._target, self._header = target, MAGIC + salt
        self._cipher, self._number, self._waiting = _cipher(key, salt), 0, bytearray()
        target.write(self._header)

    def write(self, content: bytes) -> int:
        self._waiting += content
        while len(self._waiting) > PIECE:
            self._put(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def flush(self) -> None:
        """Nothing to do: a piece is written when it is full."""

    def finish(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        nonce = _NONCE.pack(self._number, last)
        self._target.write(self._cipher.encrypt(nonce, piece, self._header))
        self._number += 1


def unseal(source: IO[bytes], target: IO[bytes], key: bytes) -> None:
    """Write what a ``Sealer`` was given to ``target``. Raises BadKey for another key or a changed
    file; what is in ``target`` is then worth nothing."""
    header = source.read(len(MAGIC) + SALT_BYTES)
    cipher = _cipher(key, header[len(MAGIC) :])
    number, piece = 0, source.read(PIECE + TAG_BYTES)
    while True:
        following = source.read(PIECE + TAG_BYTES)
        try:
            plain = cipher.decrypt(_NONCE.pack(number, not following), piece, header)
        except InvalidTag as error:
            raise BadKey(
                _("解不开：密钥不对，或备份文件被改动、不完整。请核对密钥文件，或换一份备份。")
            ) from error
        target.write(plain)
        if not following:
            return
        number, piece = number + 1, following


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=MAGIC).derive(key)
    return AESGCM(derived)
