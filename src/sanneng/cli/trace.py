from __future__ import annotations

import datetime as dt
from pathlib import Path

import click
from django.contrib.contenttypes.models import ContentType
from rich.console import Console
from rich.table import Table

from sanneng.cli._options import as_of_option, school_option
from sanneng.core.errors import SannengError
from sanneng.core.models import Evidence, School
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import RecordRef, missing, querysets, records_behind
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.periods import Period
from sanneng.reports.reading import find_figure


@click.command()
@click.argument("what")
@school_option
@as_of_option
def command(what: str, school: School, as_of: dt.date) -> None:
    """列出一个数字背后的记录和佐证。WHAT 为指标编号，或 报告.docx#图号。"""
    path, mark, figure_id = what.partition("#")
    period = None
    if mark:
        stated = find_figure(Path(path), figure_id)
        if stated.school != school.code:
            raise SannengError(f"这份报告是“{stated.school}”的，请用 --school {stated.school}。")
        what, as_of = stated.indicator, dt.date.fromisoformat(stated.as_of)
        period = Period.parse(stated.asked) if stated.asked else None
    entry = load_catalogue()[what]
    figure = evaluate(school=school, as_of=as_of, ids=[what], period=period)[what]
    console = Console()
    console.print(f"{entry.name}：{figure.display()}（{entry.id}，截至 {as_of}）", markup=False)
    console.print(f"口径：{entry.caliber}", markup=False)
    if mark:
        console.print(f"报告中写的是：{stated.text}", markup=False)
    for one in missing(what, school=school, as_of=as_of, period=period):
        year = f"{one.year}年 " if one.year else ""
        console.print(f"缺：{year}{one.name}", style="red", markup=False)
    _show(console, records_behind(what, school=school, as_of=as_of, period=period))


def _show(console: Console, refs: list[RecordRef]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("记录", "编号", "内容", "佐证材料"):
        table.add_column(heading, overflow="fold")
    for found in querysets(refs):
        model = found.model
        foreign = [f.name for f in model._meta.concrete_fields if f.is_relation]
        kind = ContentType.objects.get_for_model(model)
        proofs: dict[int, list[str]] = {}
        for proof in Evidence.objects.filter(content_type=kind, object_id__in=found.values("pk")):
            proofs.setdefault(proof.object_id, []).append(proof.title)
        for record in found.select_related(*foreign).order_by("pk"):
            cells = (str(model._meta.verbose_name), record.key, str(record))
            table.add_row(*cells, "；".join(proofs.get(record.pk, [])))
    console.print(table, markup=False)
    console.print(f"共 {len(refs)} 条记录。", markup=False)
