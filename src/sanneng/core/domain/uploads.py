"""Workbooks that wait to be imported, kept under their digest until they have expired."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from sanneng.core.domain.evidence import clean_title, examine_file
from sanneng.core.errors import SannengError, UnacceptableFile
from sanneng.core.files import pieces_of, write_whole


def keep_upload(*, source: IO[bytes], name: str) -> tuple[str, str]:
    """Keep ``source`` and return its digest and its name as it may be shown.

    Raises UnacceptableFile for what is no workbook, or too large.
    """
    title = clean_title(name)
    if not title.lower().endswith(".xlsx"):
        raise UnacceptableFile(
            _("请选 .xlsx 工作簿；.xls 请在表格软件里另存为 .xlsx。"), code="kind_not_allowed"
        )
    facts = examine_file(source=source, name=title)
    path = _path(facts.digest)
    if path.exists():
        path.touch()  # Its week begins anew.
    else:
        write_whole(path, pieces_of(source))
    return facts.digest, title


def upload_with(digest: str) -> Path:
    """The kept file with ``digest``. Raises SannengError once it has expired."""
    path = _path(digest)
    if not path.exists():
        raise SannengError(_("上传的文件已过期清理，请重新上传。"), code="upload_expired")
    return path


def _path(digest: str) -> Path:
    # With the ending by which spreadsheet libraries know a workbook.
    return Path(settings.UPLOADS_ROOT) / f"{digest}.xlsx"
