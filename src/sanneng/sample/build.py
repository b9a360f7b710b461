"""Putting the sample together, and writing it as a workbook with its evidence files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from docx import Document

from sanneng.core.models import Record, School
from sanneng.core.spreadsheets.attachments import FOLDER_SUFFIX
from sanneng.core.spreadsheets.writing import write_rows
from sanneng.sample.people import build_people
from sanneng.sample.research import build_research
from sanneng.sample.rows import Row, Rows
from sanneng.sample.teaching import build_teaching

CODE = "demo"
_FIXED = (2023, 6, 30, 0, 0, 0)


def build() -> dict[type[Record], list[Row]]:
    """All rows of the sample by record type: the same ones every time."""
    rows = Rows()
    staff = build_people(rows)
    build_teaching(rows, staff)
    build_research(rows, staff)
    return dict(rows.by_model)


def sample_school() -> School:
    """The sample's school in its tree, made where it is not there yet."""
    above = None
    for code, name, level in (
        ("sample-province", "示例省委党校", "province"),
        ("sample-city", "示例市委党校", "city"),
        (CODE, "云溪区委党校", "district"),
    ):
        above, _made = School.objects.get_or_create(
            code=code, defaults={"name": name, "level": level, "parent": above}
        )
    assert above is not None
    return above


def write_sample(path: Path) -> Path:
    """Write the workbook to ``path`` and its files beside it; returns the evidence folder."""
    sample = build()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, sample)
    folder = path.with_name(path.stem + FOLDER_SUFFIX)
    folder.mkdir(exist_ok=True)
    for model, rows in sample.items():
        for row in rows:
            for title in row.get("evidence", ()):
                if title.endswith(".docx"):
                    (folder / title).write_bytes(_notice(str(model._meta.verbose_name), row))
    return folder


def _notice(kind: str, row: Row) -> bytes:
    """A short notice about the row, the same bytes every time."""
    document = Document()
    document.add_heading("立项通知（示例）", level=1)
    document.add_paragraph(f"{kind}“{row['title']}”经评审同意立项，编号 {row['key']}。")
    document.add_paragraph(f"批准日期：{row['approved_on']:%Y年%m月%d日}")
    document.add_paragraph("本件为示例材料，内容均为虚构。")
    made = io.BytesIO()
    document.save(made)
    fixed = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(zipfile.ZipInfo(name, _FIXED), source.read(name))
    return fixed.getvalue()
