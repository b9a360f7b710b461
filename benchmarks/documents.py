"""Extraction by the megabyte, and the check of a 100-page document."""

from __future__ import annotations

import datetime as dt

from rich.table import Table

from benchmarks.timing import least

AS_OF = dt.date(2023, 6, 30)
PARAGRAPH = (
    "2020年以来，学校坚持把质量放在首位，立项省级课题11项，其中4项获评优秀；立项市级课题20项，6项获评优秀。"
    "教师到主体班随堂听课300余人次，完成调研项目32个，送教送学400余场次，人均担任班主任9次以上。"
    "研究生学历占比上升至27%，平均年龄较2019年下降9岁。各项工作有序推进，队伍面貌持续改善，"
    "群众反映良好，制度逐步健全，责任层层压实，形成了齐抓共管的良好局面。\n"
)
PAGE = 616  # characters: 22 lines of 28


def check_and_extract() -> Table:
    from sanneng.core.models import School
    from sanneng.figures import extract
    from sanneng.reports.checking import check_document

    school = School.objects.get(code="demo")
    text = PARAGRAPH * (100 * PAGE // len(PARAGRAPH) + 1)
    large = PARAGRAPH * (1_000_000 // len(PARAGRAPH.encode()) + 1)
    extraction = least(lambda: extract(large), runs=3)
    check = least(lambda: check_document(text, school=school, as_of=AS_OF), runs=3)
    table = Table("documents", "", "")
    size = len(large.encode()) / 1e6
    table.add_row("extraction", f"{size / extraction:.2f} MB/s", f"{len(extract(large))} figures")
    table.add_row("check of 100 pages", f"{check:.2f} s", f"{len(extract(text))} figures")
    return table
