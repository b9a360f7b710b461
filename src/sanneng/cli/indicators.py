from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from sanneng.cli._options import as_of_option, school_option
from sanneng.core.errors import SannengError
from sanneng.core.models import School
from sanneng.core.spreadsheets.safe_text import starts_like_formula
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import breakdown
from sanneng.indicators.errors import NoBreakdown
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.figure import Figure


@click.command()
@school_option
@as_of_option
@click.option("--by", help="再按维度分项：year、quarter、month 或字段名")
@click.option("--json", "form", flag_value="json", help="输出 JSON")
@click.option("--csv", "form", flag_value="csv", help="输出 CSV")
@click.option("--table", "form", flag_value="table", default=True, help="输出表格（默认）")
def command(school: School, as_of: dt.date, by: str | None, form: str) -> None:
    """算出目录中的全部指标。"""
    catalogue = load_catalogue()
    figures = evaluate(school=school, as_of=as_of)
    ordered = [figures[e.id] for e in catalogue.figures]
    ordered += [figures[e.id] for e in catalogue if not e.figure]
    rows = [_row(figure, school, as_of, by) for figure in ordered]
    if by and all(row["by"] is None for row in rows):
        raise SannengError(
            f"没有哪个指标能按“{by}”分项。可用 year、quarter、month 或记录的字段名。"
        )
    {"json": _json, "csv": _csv, "table": _table}[form](rows)


def _row(figure: Figure, school: School, as_of: dt.date, by: str | None) -> dict[str, Any]:
    entry = figure.entry
    value = None if figure.rounded is None else float(figure.rounded)
    row: dict[str, Any] = {
        "figure": entry.figure or "",
        "id": entry.id,
        "name": entry.name,
        "value": int(value) if value is not None and value.is_integer() else value,
        "unit": entry.unit,
        "shown": figure.display(),
        "period": entry.period.label(),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "holds": figure.holds,
        "version": entry.version,
    }
    if by:
        row["by"] = _parts(entry.id, by, school, as_of)
    return row


def _parts(indicator: str, by: str, school: School, as_of: dt.date) -> list[tuple[str, int]] | None:
    """The breakdown (two people may share a name, so no mapping); None for a figure that cannot be
    split this way."""
    try:
        return breakdown(indicator, by=by, school=school, as_of=as_of)
    except NoBreakdown:
        return None


def _json(rows: list[dict[str, Any]]) -> None:
    click.echo(json.dumps(rows, ensure_ascii=False, indent=1))


def _csv(rows: list[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(rows[0])
    for row in rows:
        if "by" in row:
            row["by"] = "；".join(f"{label} {number}" for label, number in row["by"] or ())
        writer.writerow([_text(value) for value in row.values()])


def _text(value: Any) -> Any:
    """A cell that no spreadsheet program runs as a formula."""
    return f"'{value}" if isinstance(value, str) and starts_like_formula(value) else value


def _table(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("指标", overflow="fold")
    table.add_column("数值", justify="right")
    table.add_column("期间")
    if "by" in rows[0]:
        table.add_column("分项", overflow="fold")
    for row in rows:
        cells = [row["figure"], row["name"], row["shown"], row["period"]]
        if "by" in row:
            cells.append("  ".join(f"{label} {number}" for label, number in row["by"] or ()))
        table.add_row(*cells)
    Console().print(table, markup=False)
