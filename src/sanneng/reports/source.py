"""What a template may ask for: figures, charts and the annex, for one school on one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sanneng.core.clock import EARLIEST, latest
from sanneng.core.errors import SannengError
from sanneng.core.models import School
from sanneng.figures.writing import QualifierNotTrue, write
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import breakdown, records_digest, records_for
from sanneng.indicators.evaluate import Question, evaluate, figures_for
from sanneng.indicators.figure import Figure
from sanneng.indicators.periods import Period
from sanneng.reports.charts import Chart
from sanneng.reports.controls import mark
from sanneng.reports.manifest import ReportFigure

ANNEX = "annex"
QUALIFIERS = ("exact", "over", "atleast", "under", "approx")


class FigureSource:
    """Answers ``fig`` and ``chart`` while a template is rendered, and remembers the answers."""

    def __init__(self, school: School, as_of: dt.date) -> None:
        self.school, self.as_of = school, as_of
        self.catalogue = load_catalogue()
        self.made_at = timezone.now().isoformat(timespec="seconds")
        self.asked: dict[str, tuple[Question, str, bool]] = {}
        self.charts: dict[str, Chart] = {}

    def fig(
        self, indicator: str, since: str | int | None = None, qualifier: str = "exact",
        unit: bool = True,
    ) -> str:  # fmt: skip
        """A figure by its indicator; ``qualifier`` (over, atleast, under, approx) is used where
        it is true and left out where it is not. Raises UnknownIndicator, or ValueError for a
        year or a qualifier that there is not."""
        if qualifier not in QUALIFIERS:
            raise ValueError(f"qualifier={qualifier!r:.40}")
        if since is not None and not EARLIEST.year <= int(since) <= latest().year:
            raise ValueError(f"since={since!r:.40}")
        entry = self.catalogue[indicator]
        period = Period("since", int(since)) if since is not None else None
        base = entry.figure or entry.id.replace(".", "-")
        taken = sum(name == base or name.startswith(f"{base}-n") for name in self.asked)
        name = base if not taken else f"{base}-n{taken + 1}"
        self.asked[name] = ((indicator, period), qualifier, unit)
        return mark(name)

    def chart(self, name: str) -> str:
        """One of the charts of ``CHARTS``, on a paragraph of its own."""
        if name not in CHARTS:
            raise SannengError(
                _("没有图“{name}”。可用：{all}").format(name=name, all="、".join(CHARTS))
            )
        number = len(self.charts) + 1
        made: Chart = getattr(self, f"_{name}")()
        self.charts[f"chart:{name}"] = replace(made, title=f"图{number}　{made.title}")
        return mark(f"chart:{name}")

    def annex(self) -> str:
        """The table of all indicators with their calibers."""
        return mark(ANNEX)

    def figures(self) -> dict[str, ReportFigure]:
        """All figures that were asked for, worked out in one pass per data set."""
        questions = {question: None for question, _qualifier, _unit in self.asked.values()}
        found = figures_for(questions, school=self.school, as_of=self.as_of)
        behind = records_for(questions, school=self.school, as_of=self.as_of)
        figures = {}
        for name, (question, qualifier, with_unit) in self.asked.items():
            figure, refs = found[question], behind[question]
            figures[name] = ReportFigure(
                id=name,
                indicator=figure.entry.id,
                version=figure.entry.version,
                asked=question[1].spec() if question[1] else "",
                period=str(figure.window),
                as_of=self.as_of.isoformat(),
                value=_text(figure.rounded),
                unit=figure.entry.unit,
                text=said(figure, qualifier, with_unit),
                records=str(len(refs)),
                digest=records_digest(refs),
                school=self.school.code,
                made_at=self.made_at,
                numerator=_text(figure.numerator),
                denominator=_text(figure.denominator),
            )
        return figures

    def annex_rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """Of every figure its code, and its row: number, name, value, period, caliber, records."""
        figures = evaluate(school=self.school, as_of=self.as_of)
        stated = self.catalogue.figures
        behind = records_for(
            [(entry.id, None) for entry in stated], school=self.school, as_of=self.as_of
        )
        return [
            (
                entry.figure or "",
                (
                    str(number),
                    entry.name,
                    figures[entry.id].display(),
                    entry.period.label(),
                    entry.caliber,
                    str(len(behind[entry.id, None])),
                ),
            )
            for number, entry in enumerate(stated, start=1)
        ]

    def _by_year(self, indicator: str) -> dict[str, int]:
        question: dict[str, Any] = {"school": self.school, "as_of": self.as_of}
        return dict(breakdown(indicator, by="year", **question))

    def _projects_by_year(self) -> Chart:
        provincial = self._by_year("research.projects.provincial")
        city = self._by_year("research.projects.city")
        years = tuple(sorted({*provincial, *city}))
        return Chart(
            "省、市级科研课题立项数（项）",
            tuple(f"{year}年" for year in years),
            (
                ("省级", tuple(float(provincial.get(year, 0)) for year in years)),
                ("市级", tuple(float(city.get(year, 0)) for year in years)),
            ),
        )

    def _structure(self) -> Chart:
        before = dt.date(2019, 12, 31)
        ids = ["people.age.average", "people.postgraduate.share"]
        found = [evaluate(school=self.school, as_of=day, ids=ids) for day in (before, self.as_of)]
        series = tuple(
            (label, tuple(float(one[i].rounded or 0) for i in ids))
            for label, one in zip(("2019年末", "截止日"), found, strict=True)
        )
        return Chart("队伍结构变化", ("平均年龄（岁）", "研究生学历占比（%）"), series)

    def _abilities(self) -> Chart:
        """The work of each ability by year, in its own unit."""
        by_label = {label: self._by_year(one) for label, one in _ABILITIES.items()}
        years = tuple(sorted({year for counts in by_label.values() for year in counts})[-_YEARS:])
        series = tuple(
            (label, tuple(float(counts.get(year, 0)) for year in years))
            for label, counts in by_label.items()
        )
        return Chart("三项能力工作量（按年）", tuple(f"{year}年" for year in years), series)


_YEARS = 5
_ABILITIES = {
    "能教学：送教送学（场次）": "teaching.outreach.sessions",
    "能科研：科研、咨政成果（项）": "research.outputs.trend",
    "能管理：参与中心工作（人次）": "people.central_tasks.person_times",
}


def _text(number: object) -> str:
    return "" if number is None else str(number)


CHARTS = ("projects_by_year", "structure", "abilities")


def said(figure: Figure, qualifier: str, with_unit: bool) -> str:
    """A figure in words that are true: a qualifier that would be false is left out."""
    entry = figure.entry
    if entry.measure in ("coverage", "trend") or figure.rounded is None:
        return figure.display()
    unit = entry.unit if with_unit else ""
    try:
        return write(figure.rounded, unit, qualifier)
    except QualifierNotTrue:
        return write(figure.rounded, unit)
