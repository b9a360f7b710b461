"""Refuse a file that is no usable workbook before a parser sees it."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from sanneng.core.archives import check_archive
from sanneng.core.errors import UnacceptableFile

MAX_FILE_BYTES = 50 << 20
# The parser lays out a sheet as a full rectangle (about 30 bytes a cell), so that one value
# in a far corner would take all memory.
MAX_RECTANGLE = 5_000_000
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# A cell's address, unless the element is empty: whole columns that are only formatted are
# common and cost nothing.
_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["'](?![^<>]*(?:/>|>\s*</))""")


def open_workbook(path: Path) -> CalamineWorkbook:
    """The workbook at ``path``. Raises UnacceptableFile with what to do about it."""
    _check_kind(path)
    extent = _Extent()
    names = check_archive(path, watch=extent)
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise UnacceptableFile(
            _("这不是 Excel 工作簿（.xlsx）。请用 Excel 或 WPS 打开后另存为 .xlsx。"),
            code="not_xlsx",
        )
    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError as error:
        raise _has_password() from error
    except (CalamineError, OSError, ValueError) as error:
        raise UnacceptableFile(
            _("工作簿打不开。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"), code="damaged"
        ) from error


def _check_kind(path: Path) -> None:
    if not path.is_file():
        raise UnacceptableFile(
            _("找不到文件“{name}”，请检查路径。").format(name=path), code="missing"
        )
    size = path.stat().st_size
    if size == 0:
        raise UnacceptableFile(_("文件是空的，请选择填好的工作簿。"), code="empty")
    if size > MAX_FILE_BYTES:
        raise UnacceptableFile(
            _("文件超过 {limit} MB，请拆成几个文件分别导入。").format(limit=MAX_FILE_BYTES >> 20),
            code="too_large",
        )
    with path.open("rb") as stream:
        start = stream.read(8)
        if start == _OLE:
            stream.seek(0)
            raise _has_password() if _ENCRYPTED_STREAM in stream.read() else _old_format()
    if not start.startswith(b"PK"):
        raise UnacceptableFile(
            _("这不是 Excel 工作簿（.xlsx）。请用 Excel 或 WPS 打开后另存为 .xlsx。"),
            code="not_xlsx",
        )


def _has_password() -> UnacceptableFile:
    return UnacceptableFile(
        _("工作簿设有打开密码，请在 Excel 或 WPS 里去掉密码后再试。"), code="encrypted"
    )


def _old_format() -> UnacceptableFile:
    return UnacceptableFile(
        _("这是旧格式（.xls）的文件，请用 Excel 或 WPS 另存为 .xlsx 后再试。"), code="old_format"
    )


class _Extent:
    """Watches the cells of each sheet go by and refuses one whose used area is too large."""

    def __init__(self) -> None:
        self.name = ""
        self.tail = b""
        self.columns: set[bytes] = set()
        self.last_row = 0

    def __call__(self, name: str, piece: bytes) -> None:
        if name != self.name:
            self.name, self.tail, self.columns, self.last_row = name, b"", set(), 0
        # An element cut by the end of a piece is looked at again with the next one.
        text = self.tail + piece
        cut = max(text.rfind(b"<"), len(text) - 4096)
        self.tail = text[cut:]
        cells = _CELL.findall(text)
        if not cells:
            return
        self.columns.update({column.upper() for column, _row in cells})
        self.last_row = max(self.last_row, max(int(row) for _column, row in cells))
        if self.last_row * max(map(_index, self.columns)) > MAX_RECTANGLE:
            raise UnacceptableFile(
                _(
                    "有一张工作表用到的范围太大（到第 {row} 行）。"
                    "请删去表格以外零散的内容，或拆成几个文件再试。"
                ).format(row=self.last_row),
                code="too_large",
            )


def _index(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
