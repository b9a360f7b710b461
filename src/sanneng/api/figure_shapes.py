"""What answers about indicators look like."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel, Field

from sanneng.api.presenting import named
from sanneng.api.shapes import SchoolName
from sanneng.core.models import Record, School
from sanneng.indicators.datasets import dataset_model
from sanneng.indicators.entries import Entry
from sanneng.indicators.figure import Figure


class ShownEntry(BaseModel):
    id: str
    name: str
    name_en: str
    ability: str
    mechanism: str
    measure: str
    period: str
    unit: str
    decimals: int
    caliber: str = Field(description="口径")
    version: str
    figure: str | None = Field(description="在工作报告里的序号")
    part_of: str | None
    type: str | None = Field(description="数的是哪种记录")


class Catalogue(BaseModel):
    items: list[ShownEntry]


class Course(BaseModel):
    year: int
    value: float | None


class ShownFigure(BaseModel):
    indicator: str
    name: str
    school: SchoolName
    as_of: dt.date
    period: str
    start: dt.date | None
    end: dt.date
    value: float | None
    unit: str
    display: str
    numerator: int | None
    denominator: int | None
    holds: bool | None = Field(description="覆盖或趋势是否成立")
    series: list[Course]
    version: str


class Figures(BaseModel):
    items: list[ShownFigure]


class Part(BaseModel):
    label: str
    value: int


class Parts(BaseModel):
    items: list[Part]


class Behind(BaseModel):
    type: str
    id: int
    key: str
    name: str
    version: int


class RecordsBehind(BaseModel):
    items: list[Behind]
    count: int = Field(description="指标背后的记录总数，包括您看不到的")
    next: str | None


class Absent(BaseModel):
    key: str
    name: str
    year: int | None


class AbsentPeople(BaseModel):
    items: list[Absent]


def behind_shown(record: Record, versions: dict[tuple[str, int], int]) -> dict[str, Any]:
    return {
        "type": record._meta.label_lower,
        "id": record.pk,
        "key": record.key,
        "name": str(record),
        "version": versions[record._meta.label, record.pk],
    }


def entry_shown(entry: Entry) -> dict[str, Any]:
    shown = {
        name: getattr(entry, name)
        for name in ("id", "name", "name_en", "ability", "mechanism", "measure", "unit")
    }
    model = dataset_model(entry.dataset) if entry.dataset else None
    return shown | {
        "period": entry.period.spec(),
        "decimals": entry.decimals,
        "caliber": entry.caliber,
        "version": entry.version,
        "figure": entry.figure,
        "part_of": entry.part_of,
        "type": model._meta.label_lower if model else None,
    }


def figure_shown(figure: Figure, school: School) -> dict[str, Any]:
    rounded = figure.rounded
    return {
        "indicator": figure.entry.id,
        "name": figure.entry.name,
        "school": named(school),
        "as_of": figure.as_of,
        "period": figure.entry.period.spec(),
        "start": figure.window.start,
        "end": figure.window.end,
        "value": None if rounded is None else float(rounded),
        "unit": figure.entry.unit,
        "display": figure.display(),
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "holds": figure.holds,
        "series": [
            {"year": year, "value": None if number is None else float(number)}
            for year, number in figure.series
        ],
        "version": figure.entry.version,
    }
