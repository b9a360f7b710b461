"""Look into zip containers (xlsx, docx, pptx, ofd) before anything parses them.

A container of a few kilobytes can unpack to gigabytes, and what its directory says of the
sizes may be untrue. So every member is unpacked here once, piece by piece and counted, and
nothing is kept.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from sanneng.core.errors import UnacceptableFile

PIECE = 1 << 20
# APPNOTE.TXT 4.3.7: the signature, then at its end the lengths of name and extra field.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class ArchiveLimits:
    """How far a container may unpack, in bytes; ``ratio`` counts only above ``ratio_from``."""

    unpacked: int = 300 << 20
    ratio: int = 250
    ratio_from: int = 20 << 20
    members: int = 5000


def check_archive(
    source: Path | IO[bytes],
    *,
    limits: ArchiveLimits | None = None,
    watch: Callable[[str, bytes], None] | None = None,
) -> frozenset[str]:
    """Unpack every member once without keeping it, and return the members' names.

    ``watch`` is given each member's name and pieces of at most ``PIECE`` bytes. Raises
    UnacceptableFile for what is no zip, is damaged, or exceeds ``limits``.
    """
    limits = limits or ArchiveLimits()
    try:
        with zipfile.ZipFile(source) as archive:
            return _walk(archive, limits, watch)
    except (*_DAMAGE, NotImplementedError) as error:
        raise _damaged() from error
    except OSError as error:
        # A directory that points before the beginning of the file; other errors are the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise _damaged() from error


_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError)


def _damaged() -> UnacceptableFile:
    return UnacceptableFile(
        _("文件已损坏，打不开。请用办公软件打开后另存一份再试。"), code="damaged"
    )


def _walk(
    archive: zipfile.ZipFile,
    limits: ArchiveLimits,
    watch: Callable[[str, bytes], None] | None,
) -> frozenset[str]:
    members = archive.infolist()
    if len(members) > limits.members:
        raise _too_large()
    total = 0
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise UnacceptableFile(_("文件设有密码，请去掉密码后再试。"), code="encrypted")
        unpacked = 0
        for piece in _pieces(archive, member):
            unpacked += len(piece)
            total += len(piece)
            too_dense = unpacked > limits.ratio_from and (
                unpacked > limits.ratio * max(member.compress_size, 1)
            )
            if total > limits.unpacked or too_dense:
                raise _too_large()
            if watch is not None:
                watch(member.filename, piece)
    return frozenset(member.filename for member in members)


def _too_large() -> UnacceptableFile:
    return UnacceptableFile(
        _("文件展开后太大，可能不是正常的文档。请删去多余的内容，或拆成几个文件再试。"),
        code="too_large",
    )


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The unpacked content of ``member``, as far as it goes whatever the directory says."""
    stream = archive.fp
    if stream is None or member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(member.filename)
    stream.seek(member.header_offset)
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile(member.filename)
    stream.seek(name_length + extra_length, 1)
    packed = _read(stream, member.compress_size)
    if member.compress_type == zipfile.ZIP_STORED:
        yield from packed
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for data in packed:
        while data and not inflater.eof:
            yield inflater.decompress(data, PIECE)
            data = inflater.unconsumed_tail
    yield inflater.flush()


def _read(stream: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0:
        data = stream.read(min(length, PIECE))
        if not data:
            raise EOFError
        length -= len(data)
        yield data
