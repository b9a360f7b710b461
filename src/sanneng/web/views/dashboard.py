from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sanneng.core.enums import Ability, Mechanism
from sanneng.core.permissions import Permission
from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.drill import Missing, breakdown, missing
from sanneng.indicators.evaluate import evaluate
from sanneng.indicators.figure import Figure
from sanneng.web.charts import by_year
from sanneng.web.scope import Scope, scope_of

CHARTS = (
    ("research.projects.trend", "ti-flask"),
    ("teaching.outreach.sessions", "ti-school"),
    ("research.outputs.trend", "ti-writing"),
)


@dataclass(frozen=True)
class Card:
    """A figure on the dashboard; ``absent`` are the first of those whom a coverage misses,
    ``more`` how many it misses in all when that is more."""

    figure: Figure
    absent: tuple[Missing, ...]
    more: int = 0

    @property
    def is_short(self) -> bool:
        """A real shortfall, not a lack of anything to judge by."""
        grown = any(value for _year, value in self.figure.series)
        judged = self.figure.denominator or (len(self.figure.series) > 1 and grown)
        return bool(judged) and self.figure.holds is False

    @property
    def percent(self) -> int:
        whole = self.figure.denominator or 0
        return round(100 * (self.figure.numerator or 0) / whole) if whole else 0

    @property
    def bar(self) -> int:
        """The coverage in steps of five, for which there are classes."""
        return self.percent // 5 * 5


def dashboard(request: HttpRequest) -> HttpResponse:
    """The three abilities with their mechanisms, every figure a way down to its records."""
    scope = scope_of(request, Permission.SEE_FIGURES)
    figures = evaluate(school=scope.school, as_of=scope.as_of)
    charts = [
        {"figure": figures[one], "icon": icon, "chart": _by_year(one, scope)}
        for one, icon in CHARTS
        if figures[one].entry.mechanism not in scope.school.switched_off
    ]
    context = {"scope": scope, "abilities": _abilities(figures, scope), "charts": charts}
    return render(request, "web/dashboard.html", context)


def _abilities(figures: dict[str, Figure], scope: Scope) -> list[dict[str, Any]]:
    stated = load_catalogue().figures
    found = []
    for ability in Ability:
        mechanisms = []
        for mechanism in Mechanism:
            if mechanism in scope.school.switched_off:
                continue
            own = [e for e in stated if (e.ability, e.mechanism) == (ability, mechanism)]
            cards = [_card(figures[entry.id], scope) for entry in own]
            if cards:
                mechanisms.append({"label": mechanism.label, "code": mechanism, "cards": cards})
        found.append({"ability": ability, "label": ability.label, "mechanisms": mechanisms})
    return found


def _card(figure: Figure, scope: Scope) -> Card:
    incomplete = figure.entry.measure == "coverage" and figure.holds is False
    question = {"school": scope.school, "as_of": scope.as_of}
    absent = missing(figure.entry.id, **question) if incomplete else []  # type: ignore[arg-type]
    return Card(figure, tuple(absent[:3]), len(absent) if len(absent) > 3 else 0)


def _by_year(indicator: str, scope: Scope) -> dict[str, Any]:
    rows = breakdown(indicator, by="year", school=scope.school, as_of=scope.as_of)
    return by_year(rows, as_of=scope.as_of)
