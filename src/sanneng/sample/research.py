"""Research of the sample school: projects, the challenge board, outputs and instructions."""

from __future__ import annotations

import datetime as dt

from sanneng.research import models as m
from sanneng.sample.people import Staff
from sanneng.sample.rows import Rows
from sanneng.sample.teaching import BEFORE, someone
from sanneng.sample.wording import ANGLES, FIELDS, INTERNAL, JOURNALS, MEDIA, UNITS
from sanneng.teaching.models import TrainingClass

YEARS = (2020, 2021, 2022, 2023)
# Approvals by year: provincial 11 and city 20 in all, their sum rising by one each full year.
PROVINCIAL, CITY = (3, 3, 3, 2), (5, 6, 7, 2)
PUBLIC, MEDIA_AND_INTERNAL, PROCEEDINGS = (3, 4, 4, 3), (11, 11, 13, 8), (1, 1, 1, 1)
OUTPUTS = {2020: 32, 2021: 33, 2022: 34}  # articles, conclusions and advisory reports together


def build_research(rows: Rows, staff: Staff) -> None:
    _projects(rows, staff)
    _challenges(rows, staff)
    _publications(rows, staff)
    _seminars(rows, staff)
    _advice(rows, staff)


def _day(rows: Rows, year: int) -> dt.date:
    last = dt.date(2023, 6, 28) if year == 2023 else dt.date(year, 12, 28)
    return rows.day(dt.date(year, 1, 6), last)


def _projects(rows: Rows, staff: Staff) -> None:
    number = 0
    for level, counts, issuer in (
        ("provincial", PROVINCIAL, "省委党校"), ("city", CITY, "市委党校"),
        ("district", (2, 2, 3, 1), "区社科联"), ("school", (3, 3, 3, 1), "本校"),
    ):  # fmt: skip
        excellent = {"provincial": 4, "city": 6}.get(level, 1)
        for year, count in zip(YEARS, counts, strict=True):
            for _turn in range(count):
                number += 1
                concluded = dt.date(year + 1, 4, 20) if year < 2022 else None
                grade = ""
                if concluded:
                    grade = "excellent" if excellent > 0 else rows.pick(["good", "pass"])
                    excellent -= 1
                _project(rows, staff, number, level, issuer, year, concluded, grade)
    _project(rows, staff, 90, "provincial", "省委党校", 2019, dt.date(2020, 5, 6), "excellent")
    _project(rows, staff, 91, "city", "市委党校", 2019, dt.date(2020, 5, 6), "good")
    rows.uncounted(m.Project, "KT", rows.by_model[m.Project][0])


def _project(
    rows: Rows, staff: Staff, number: int, level: str, issuer: str, year: int,
    concluded: dt.date | None, grade: str,
) -> None:  # fmt: skip
    approved = BEFORE if year == 2019 else rows.day(dt.date(year, 3, 2), dt.date(year, 5, 29))
    title = f"{FIELDS[number % len(FIELDS)]}{ANGLES[number % len(ANGLES)]}"
    evidence = ["立项通知"] + (["结项证书"] if concluded else [])
    if level == "provincial":
        evidence = [f"立项通知_{number:02d}.docx", *evidence[1:]]
    row = rows.add(m.Project, "KT", title=title, level=level, issuer=issuer, approved_on=approved,
                   due_on=approved + dt.timedelta(days=365), concluded_on=concluded, grade=grade,
                   evidence=evidence)  # fmt: skip
    team = rows.random.sample(staff.there(approved, teachers=True), 3)
    for order, p in enumerate(team, start=1):
        rows.add(m.ProjectMember, "CX", project=row["key"], staff=p.key, order=order,
                 role="lead" if order == 1 else "member")  # fmt: skip


def _challenges(rows: Rows, staff: Staff) -> None:
    """21 topics since 2021, every one completed by one of the groups that claimed it."""
    long = [c for c in rows.by_model[TrainingClass]
            if c["kind"] == "long" and dt.date(2021, 1, 1) <= c["start_on"] < dt.date(2023, 3, 1)]  # fmt: skip
    for index in range(21):
        one = long[index % len(long)]
        posted = one["start_on"] + dt.timedelta(days=2)
        topic = rows.add(m.ChallengeTopic, "JB", title=f"{FIELDS[index]}问题调研", asked_by=rows.pick(UNITS),
                         training_class=one["key"], mentor=someone(rows, staff, posted).key,
                         posted_on=posted, closes_on=posted + dt.timedelta(days=7),
                         evidence=["发榜公告"])  # fmt: skip
        for group in range(1 + index % 2):
            first = group == 0
            rows.add(m.ChallengeClaim, "JG", topic=topic["key"], group_name=f"第{group + 1}课题组",
                     group_leader=f"组长{index + 1:02d}{group + 1}", is_awarded=first,
                     claimed_on=posted + dt.timedelta(days=1 + group),
                     completed_on=one["end_on"] if first else None,
                     grade=rows.pick(["excellent", "good", "pass"]) if first else "",
                     evidence=["课题报告"] if first else [])  # fmt: skip
    rows.uncounted(m.ChallengeTopic, "JB", rows.by_model[m.ChallengeTopic][0])


def _publications(rows: Rows, staff: Staff) -> None:
    for kind, counts, outlets in (
        ("public_journal", PUBLIC, JOURNALS), ("", MEDIA_AND_INTERNAL, MEDIA),
        ("proceedings", PROCEEDINGS, ("理论研讨会论文集",)),
    ):  # fmt: skip
        for year, count in zip(YEARS, counts, strict=True):
            for index in range(count):
                one_kind = kind
                outlet: tuple[str, ...] = outlets
                if not kind:
                    internal = index % 3 == 0
                    one_kind = "internal_journal" if internal else "media_platform"
                    outlet = INTERNAL if internal else MEDIA
                _publication(rows, staff, one_kind, rows.pick(outlet), _day(rows, year))
    _publication(rows, staff, "public_journal", JOURNALS[0], BEFORE)
    _publication(rows, staff, "media_platform", MEDIA[0], BEFORE)
    rows.uncounted(m.Publication, "WZ", rows.by_model[m.Publication][0])


def _publication(rows: Rows, staff: Staff, kind: str, outlet: str, day: dt.date) -> None:
    number = len(rows.by_model[m.Publication])
    row = rows.add(m.Publication, "WZ", title=f"{rows.pick(FIELDS)}{rows.pick(ANGLES)}（{number + 1}）",
                   outlet_kind=kind, outlet=outlet, published_on=day, evidence=["刊物封面及目录"])  # fmt: skip
    shares = rows.pick([(100,), (100,), (60, 40), (50, 30, 20)])
    authors = rows.random.sample(staff.there(day, teachers=True), len(shares))
    for order, (p, share) in enumerate(zip(authors, shares, strict=True), start=1):
        rows.add(m.PublicationAuthor, "ZZ", publication=row["key"], staff=p.key, order=order,
                 share_percent=share)  # fmt: skip


def _seminars(rows: Rows, staff: Staff) -> None:
    """31 seminars of central, provincial and city level, and four that do not count."""
    levels = ["central"] * 4 + ["province"] * 11 + ["city"] * 16 + ["district"] * 3
    for index, level in enumerate(levels):
        day = _day(rows, YEARS[index % 4])
        _seminar(rows, staff, f"{FIELDS[index % len(FIELDS)]}理论研讨会（{index + 1}）", level, day)
    _seminar(rows, staff, "2019年理论研讨会", "city", BEFORE)


def _seminar(rows: Rows, staff: Staff, name: str, level: str, day: dt.date) -> None:
    row = rows.add(m.Seminar, "YT", name=name, level=level, organiser="主办单位", held_on=day,
                   evidence=["会议通知"])  # fmt: skip
    people = staff.there(day, teachers=True)
    for p in rows.random.sample(people, 1 + len(rows.by_model[m.Seminar]) % 3):
        rows.add(m.SeminarContribution, "LW", seminar=row["key"], staff=p.key,
                 paper=rows.pick(FIELDS) + rows.pick(ANGLES))  # fmt: skip


def _advice(rows: Rows, staff: Staff) -> None:
    """As many reports as bring each year's outputs to ``OUTPUTS``; 12 of them affirmed."""
    articles = _by_year(rows, m.Publication, "published_on")
    concluded = _by_year(rows, m.Project, "concluded_on")
    reports = []
    for year in YEARS:
        count = OUTPUTS[year] - articles[year] - concluded[year] if year in OUTPUTS else 3
        for index in range(count):
            day = _day(rows, year)
            reports.append(
                rows.add(m.AdvisoryReport, "ZB", title=f"关于{FIELDS[(index + year) % len(FIELDS)]}的建议（{year}-{index + 1}）",
                         lead=someone(rows, staff, day).key, submitted_to="区委", reported_on=day,
                         evidence=["咨政报告"])
            )  # fmt: skip
    for index, report in enumerate(reports[:16]):
        nature = "affirmative" if index < 12 else ("read", "forwarded")[index % 2]
        leaders = ("区委书记", "区长")[: 1 + index % 2]
        for leader in leaders:
            rows.add(m.Instruction, "PS", report=report["key"], leader_office=leader,
                     leader_level="district", nature=nature, evidence=["批示件复印件"],
                     signed_on=min(report["reported_on"] + dt.timedelta(days=9), dt.date(2023, 6, 30)))  # fmt: skip
    rows.add(m.Instruction, "PS", report=reports[14]["key"], leader_office="市委常委",
             leader_level="city", nature="affirmative", signed_on=dt.date(2022, 12, 30))  # fmt: skip
    rows.uncounted(m.Instruction, "PS", rows.by_model[m.Instruction][0], report=reports[15]["key"])


def _by_year(rows: Rows, model: type, field: str) -> dict[int, int]:
    counted = [r[field].year for r in rows.by_model[model] if r["state"] == "approved" and r[field]]
    return {year: counted.count(year) for year in YEARS}
