"""Every indicator worked out a second time, from its caliber, in plain loops over the records.

Nothing of ``sanneng.indicators`` is used here: a mistake of the compiler or of a catalogue
entry cannot repeat itself.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from sanneng.core.models import School
from sanneng.people import models as people
from sanneng.research import models as research
from sanneng.teaching import models as teaching

ON_ROLL = {"civil", "institution", "talent"}
TEACHERS = {"full_time_teacher", "part_time_teacher"}
POSTGRADUATE = {"11", "14"}
Answer = tuple[Any, bool | None]


class Oracle:
    """The records of one school as of one day."""

    def __init__(self, school: School, as_of: dt.date) -> None:
        self.school, self.as_of = school, as_of

    def rows(self, model: type[Any]) -> list[Any]:
        """The records that count: approved, as are the wholes that they are a part of."""
        found = model.objects.filter(school=self.school).select_related(*self.wholes(model))
        return [row for row in found if self.counts(row)]

    def wholes(self, model: type[Any]) -> list[str]:
        paths = []
        for name in model.part_of:
            deeper = self.wholes(model._meta.get_field(name).related_model)
            paths += [name, *(f"{name}__{path}" for path in deeper)]
        return paths

    def counts(self, row: Any) -> bool:
        """Approved, as is everything that it is a part of, if it is a part of anything."""
        wholes = [getattr(row, name) for name in type(row).part_of]
        return row.state == "approved" and all(
            whole is None or self.counts(whole) for whole in wholes
        )

    def since(self, year: int, day: dt.date | None) -> bool:
        return day is not None and dt.date(year, 1, 1) <= day <= self.as_of

    def last_years(self, years: int, day: dt.date) -> bool:
        try:
            first = self.as_of.replace(year=self.as_of.year - years)
        except ValueError:
            first = self.as_of.replace(year=self.as_of.year - years, day=28)
        return first < day <= self.as_of

    def years(self, first: int) -> list[int]:
        """The calendar years from ``first`` that are over."""
        return [y for y in range(first, self.as_of.year + 1) if dt.date(y, 12, 31) <= self.as_of]

    # --- who there is

    def employed(self, day: dt.date, test: Callable[[Any], bool]) -> dict[int, Any]:
        return {
            row.staff_id: row.staff
            for row in self.rows(people.Employment)
            if test(row) and row.start_on <= day and (row.end_on is None or row.end_on >= day)
        }

    def on_roll(self, day: dt.date | None = None) -> dict[int, Any]:
        return self.employed(day or self.as_of, lambda row: row.establishment in ON_ROLL)

    def teachers(self, day: dt.date | None = None) -> dict[int, Any]:
        return self.employed(day or self.as_of, lambda row: row.kind in TEACHERS)

    def newcomers(self) -> set[int]:
        return {
            row.staff_id
            for row in self.rows(people.Hire)
            if row.channel in ("talent_scheme", "selection") and self.since(2019, row.hired_on)
        }

    # --- plain counts

    def heads(self, rows: Iterable[Any], key: str = "staff_id") -> int:
        return len({getattr(row, key) for row in rows})

    def postings(self, year: int, *kinds: str) -> list[Any]:
        return [
            row for row in self.rows(people.Posting)
            if row.kind in kinds and self.since(year, row.start_on)
        ]  # fmt: skip

    def projects(self, level: str, grade: str | None = None) -> int:
        return sum(
            row.level == level and self.since(2020, row.approved_on)
            and (grade is None or row.grade == grade)
            for row in self.rows(research.Project)
        )  # fmt: skip

    def published(self, *kinds: str) -> int:
        return sum(
            (not kinds or row.outlet_kind in kinds) and self.since(2020, row.published_on)
            for row in self.rows(research.Publication)
        )

    def courses(self, model: type[Any], day: str, test: Callable[[Any], bool]) -> int:
        return self.heads(
            (r for r in self.rows(model) if getattr(r, day) <= self.as_of and test(r)), "course_id"
        )

    def advisors(self) -> list[Any]:
        return [
            row for row in self.rows(teaching.AdvisorTerm)
            if row.role == "advisor" and self.since(2020, row.start_on)
        ]  # fmt: skip

    def average_age(self, day: dt.date) -> Fraction | None:
        rows = [
            row.staff.birth_date
            for row in self.rows(people.Employment)
            if row.establishment in ON_ROLL
            and row.start_on <= day and (row.end_on is None or row.end_on >= day)
        ]  # fmt: skip
        ages = [
            day.year - born.year - ((born.month, born.day) > (day.month, day.day)) for born in rows
        ]
        return Fraction(sum(ages), len(ages)) if ages else None

    def rising(self, first: int, count: Callable[[int], int]) -> Answer:
        counts = [count(year) for year in self.years(first)]
        steps = [later > earlier for earlier, later in itertools.pairwise(counts)]
        return sum(counts), bool(steps) and all(steps)

    def covered(self, wanted: Iterable[int], rows: Iterable[Any]) -> Answer:
        population = set(wanted)
        done = population & {row.staff_id for row in rows}
        return len(done), done == population and bool(population)

    # --- the two that take more than a line

    def online_training(self) -> Answer:
        attended = [
            row
            for row in self.rows(teaching.FacultyTrainingAttendance)
            if row.training.kind == "online"
            and row.training.organiser_level in ("central", "province")
        ]
        done = wanted = 0
        for year in self.years(2020):
            teachers = set(self.teachers(dt.date(year, 12, 31)))
            here = {r.staff_id for r in attended if r.completed_on and r.completed_on.year == year}
            wanted += len(teachers)
            done += len(teachers & here)
        return done, done == wanted > 0

    def outputs(self) -> Answer:
        days = [
            *(row.published_on for row in self.rows(research.Publication)),
            *(row.concluded_on for row in self.rows(research.Project) if row.concluded_on),
            *(row.reported_on for row in self.rows(research.AdvisoryReport)),
        ]
        return self.rising(2020, lambda year: sum(day.year == year for day in days))

    def answers(self) -> dict[str, Answer]:
        """(value, whether a coverage or trend holds) of every catalogue entry by its id."""
        roll = self.on_roll()
        terms = self.advisors()
        own_terms = [row for row in terms if row.staff_id in roll]
        tasks = [
            r for r in self.rows(people.CentralTaskParticipation) if self.since(2020, r.start_on)
        ]
        approvals = [
            r.approved_on for r in self.rows(research.Project) if r.level in ("provincial", "city")
        ]
        educated = {
            row.staff_id for row in self.rows(people.Education)
            if row.education_level in POSTGRADUATE and row.obtained_on <= self.as_of
        }  # fmt: skip
        before, now = self.average_age(dt.date(2019, 12, 31)), self.average_age(self.as_of)
        hires = self.rows(people.Hire)
        topics = {
            t.pk: t for t in self.rows(research.ChallengeTopic) if self.since(2021, t.posted_on)
        }
        seminars = [
            row for row in self.rows(research.SeminarContribution)
            if row.seminar.level in ("central", "province", "city")
            and self.since(2020, row.seminar.held_on)
        ]  # fmt: skip
        central = self.covered(roll, tasks)
        rotated = self.postings(2019, "office_rotation")

        def hired(channel: str) -> int:
            return self.heads(
                r for r in hires if r.channel == channel and self.last_years(5, r.hired_on)
            )

        plain: dict[str, Any] = {
            "people.staff.on_roll": len(roll),
            "people.staff.teachers": len(self.teachers()),
            "people.entry.newcomers": len(self.newcomers()),
            "people.entry.talent_scheme": hired("talent_scheme"),
            "people.entry.selection": hired("selection"),
            "people.age.average": now,
            "people.age.change": None if before is None or now is None else before - now,
            "people.postgraduate.share": (
                Fraction(100 * len(educated & set(roll)), len(roll)) if roll else None
            ),
            "people.study.upper_schools": self.heads(
                r for r in self.postings(2019, "study") if r.host_level in ("central", "province")
            ),
            "people.shadowing.staff": self.heads(self.postings(2019, "shadowing")),
            "people.grassroots.village_posts": self.heads(
                self.postings(2019, "first_secretary", "village_resident")
            ),
            "people.grassroots.village_improvement": self.heads(
                self.postings(2019, "village_improvement")
            ),
            "research.projects.provincial": self.projects("provincial"),
            "research.projects.provincial_excellent": self.projects("provincial", "excellent"),
            "research.projects.city": self.projects("city"),
            "research.projects.city_excellent": self.projects("city", "excellent"),
            "research.challenge.posted": len(topics),
            "research.challenge.completed": self.heads(
                (
                    r for r in self.rows(research.ChallengeClaim)
                    if r.topic_id in topics and r.is_awarded
                    and r.completed_on is not None and r.completed_on <= self.as_of
                ),
                "topic_id",
            ),
            "research.publications.public_journals": self.published("public_journal"),
            "research.publications.media_and_internal": self.published(
                "media_platform", "internal_journal"
            ),
            "research.publications.all": self.published(),
            "research.projects.concluded": sum(
                self.since(2020, r.concluded_on) for r in self.rows(research.Project)
            ),
            "research.advisory_reports": sum(
                self.since(2020, r.reported_on) for r in self.rows(research.AdvisoryReport)
            ),
            "research.seminars.attended": self.heads(seminars, "seminar_id"),
            "research.instructions.positive": self.heads(
                (
                    r for r in self.rows(research.Instruction)
                    if r.leader_level == "district" and r.nature == "affirmative"
                    and self.since(2020, r.signed_on)
                ),
                "report_id",
            ),
            "teaching.faculty_training.terms": sum(
                r.kind == "in_school" and self.since(2020, r.start_on)
                for r in self.rows(teaching.FacultyTraining)
            ),
            "teaching.listening.person_times": sum(
                r.training_class.kind in ("main", "long") and self.since(2020, r.listened_on)
                for r in self.rows(teaching.Listening)
            ),
            "teaching.advisor.average": Fraction(len(own_terms), len(roll)) if roll else None,
            "teaching.field_studies.completed": sum(
                self.since(2020, r.completed_on) for r in self.rows(teaching.FieldStudy)
            ),
            "teaching.secondments.person_times": len(
                self.postings(2020, "secondment_up", "secondment_down")
            ),
            "teaching.outreach.sessions": sum(
                self.since(2020, r.delivered_on) for r in self.rows(teaching.OutreachLecture)
            ),
            "teaching.experts.invited": self.heads(
                (
                    r for r in self.rows(teaching.ExpertVisit)
                    if r.expert.level in ("province", "city") and self.since(2020, r.visited_on)
                ),
                "expert_id",
            ),
            "teaching.lesson_studies.sessions": sum(
                r.kind in ("group_preparation", "seminar", "trial_lecture")
                and self.since(2020, r.held_on)
                for r in self.rows(teaching.LessonStudy)
            ),
            "teaching.courses.developed": self.courses(
                teaching.CourseStage, "reached_on",
                lambda r: (
                    r.course.kind == "course" and r.step == "in_use" and r.result == "passed"
                ),
            ),
            "teaching.courses.awarded": self.courses(
                teaching.Award, "awarded_on",
                lambda r: (
                    r.course.kind == "course" and r.level == "city"
                    and r.kind in ("teaching_award", "excellent_course")
                ),
            ),
            "teaching.courses.on_platform": self.courses(
                teaching.PlatformPublication, "published_on",
                lambda r: r.course.kind == "course" and r.platform == "学习强国",
            ),
            "teaching.micro_courses.awarded": self.courses(
                teaching.Award, "awarded_on",
                lambda r: (
                    r.course.kind == "micro_course" and r.kind == "lecture_contest"
                    and r.level in ("city", "district") and r.grade in ("first", "second")
                ),
            ),
            "teaching.presentations.person_times": sum(
                r.occasion == "standing_committee" and r.presented_on <= self.as_of
                for r in self.rows(teaching.Presentation)
            ),
            "people.central_tasks.person_times": len(tasks),
            "research.projects.provincial_and_city": self.projects("provincial") + self.projects("city"),
        }  # fmt: skip
        said: dict[str, Answer] = {
            "people.central_tasks.coverage": central,
            "people.central_tasks.all_staff": central,
            "people.rotation.newcomers": self.covered(self.newcomers(), rotated),
            "teaching.online_training.coverage": self.online_training(),
            "teaching.advisor.coverage": self.covered(roll, terms),
            "research.projects.trend": self.rising(
                2020, lambda year: sum(day.year == year for day in approvals)
            ),
            "research.outputs.trend": self.outputs(),
        }
        return {name: (value, None) for name, value in plain.items()} | said
