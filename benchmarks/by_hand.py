"""All 45 indicators of one school in SQL written by hand for SQLite, in as few passes as could be
found: what the compiled catalogue is measured against. As of 2023-06-30."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

END = "2023-06-30"
YEARS = (2020, 2021, 2022)
ROLL = "establishment IN ('civil','institution','talent')"
# The people of the roll on the day, used by five queries.
ON_ROLL = (
    f"SELECT e.staff_id FROM people_employment e JOIN people_staff s ON s.id=e.staff_id AND "
    f"s.state='approved' WHERE e.school_id={{school}} AND e.state='approved' AND e.{ROLL} AND "
    f"e.start_on<='{END}' AND (e.end_on IS NULL OR e.end_on>='{END}')"
)


def _since(column: str, year: int) -> str:
    return f"{column} BETWEEN '{year}-01-01' AND '{END}'"


def _in(column: str, year: int) -> str:
    return f"{column} BETWEEN '{year}-01-01' AND '{year}-12-31'"


def _on(day: str) -> str:
    return f"e.start_on<='{day}' AND (e.end_on IS NULL OR e.end_on>='{day}')"


def _count(*tests: str) -> str:
    return f"COUNT(*) FILTER (WHERE {' AND '.join(tests)})"


def _heads(column: str, *tests: str) -> str:
    return f"COUNT(DISTINCT CASE WHEN {' AND '.join(tests)} THEN {column} END)"


def _age(day: str) -> str:
    return (
        f"COALESCE(SUM(CASE WHEN e.{ROLL} AND {_on(day)} THEN {day[:4]} - "
        f"CAST(strftime('%Y', s.birth_date) AS INTEGER) - "
        f"(strftime('%m%d', s.birth_date) > '{day[5:7]}{day[8:]}') END), 0), "
        + _count(f"e.{ROLL}", _on(day))
    )


def _own(table: str, alias: str = "t") -> str:
    return f"FROM {table} {alias} WHERE {alias}.school_id={{school}} AND {alias}.state='approved'"


def _part(table: str, whole: str, key: str) -> str:
    return (
        f"FROM {table} t JOIN {whole} w ON w.id=t.{key} AND w.state='approved' "
        "WHERE t.school_id={school} AND t.state='approved'"
    )


_TEACHERS = "e.kind IN ('full_time_teacher','part_time_teacher')"
QUERIES: dict[str, str] = {
    "projects": "SELECT " + ", ".join([
        _count("level='provincial'", _since("approved_on", 2020)),
        _count("level='provincial'", "grade='excellent'", _since("approved_on", 2020)),
        _count("level='city'", _since("approved_on", 2020)),
        _count("level='city'", "grade='excellent'", _since("approved_on", 2020)),
        _count(_since("concluded_on", 2020)),
        *(_count("level IN ('provincial','city')", _in("approved_on", y)) for y in YEARS),
        *(_count(_in("concluded_on", y)) for y in YEARS),
    ]) + " " + _own("research_project"),
    "publications": "SELECT " + ", ".join([
        _count("outlet_kind='public_journal'", _since("published_on", 2020)),
        _count("outlet_kind IN ('media_platform','internal_journal')", _since("published_on", 2020)),
        _count(_since("published_on", 2020)),
        *(_count(_in("published_on", y)) for y in YEARS),
    ]) + " " + _own("research_publication"),
    "advisory": "SELECT " + ", ".join([
        _count(_since("reported_on", 2020)), *(_count(_in("reported_on", y)) for y in YEARS),
    ]) + " " + _own("research_advisoryreport"),
    "posted": f"SELECT {_count(_since('posted_on', 2021))} " + _own("research_challengetopic"),
    "completed": "SELECT " + _heads(
        "t.topic_id", "t.is_awarded", f"t.completed_on<='{END}'", _since("w.posted_on", 2021)
    ) + " " + _part("research_challengeclaim", "research_challengetopic", "topic_id"),
    "seminars": "SELECT " + _heads(
        "t.seminar_id", "w.level IN ('central','province','city')", _since("w.held_on", 2020)
    ) + " " + _part("research_seminarcontribution", "research_seminar", "seminar_id"),
    "instructions": "SELECT " + _heads(
        "t.report_id", "t.leader_level='district'", "t.nature='affirmative'",
        _since("t.signed_on", 2020),
    ) + " " + _part("research_instruction", "research_advisoryreport", "report_id"),
    "training": "SELECT " + _count("kind='in_school'", _since("start_on", 2020)) + " "
    + _own("teaching_facultytraining"),
    "listening": "SELECT " + _count("c.kind IN ('main','long')", _since("t.listened_on", 2020))
    + " FROM teaching_listening t JOIN teaching_trainingclass c ON c.id=t.training_class_id "
    "WHERE t.school_id={school} AND t.state='approved'",
    "online": "SELECT " + ", ".join(
        _heads(
            "t.staff_id", _in("t.completed_on", y),
            "t.staff_id IN (SELECT e.staff_id FROM people_employment e JOIN people_staff s ON "
            "s.id=e.staff_id AND s.state='approved' WHERE e.school_id={school} AND "
            f"e.state='approved' AND {_TEACHERS} AND {_on(f'{y}-12-31')})",
        )
        for y in YEARS
    ) + " " + _part(
        "teaching_facultytrainingattendance", "teaching_facultytraining", "training_id"
    ) + " AND w.kind='online' AND w.organiser_level IN ('central','province')",
    "advisors": f"WITH roll AS ({ON_ROLL}) SELECT COUNT(*), COUNT(DISTINCT t.staff_id) "
    + _part("teaching_advisorterm", "teaching_trainingclass", "training_class_id")
    + f" AND t.role='advisor' AND {_since('t.start_on', 2020)} AND t.staff_id IN roll",
    "studies": f"SELECT {_count(_since('completed_on', 2020))} " + _own("teaching_fieldstudy"),
    "outreach": f"SELECT {_count(_since('delivered_on', 2020))} " + _own("teaching_outreachlecture"),
    "lessons": "SELECT " + _count(
        "kind IN ('group_preparation','seminar','trial_lecture')", _since("held_on", 2020)
    ) + " " + _own("teaching_lessonstudy"),
    "presentations": "SELECT " + _count("occasion='standing_committee'", f"presented_on<='{END}'")
    + " " + _own("teaching_presentation"),
    "experts": "SELECT " + _heads(
        "t.expert_id", "w.level IN ('province','city')", _since("t.visited_on", 2020)
    ) + " " + _part("teaching_expertvisit", "teaching_expert", "expert_id"),
    "developed": "SELECT " + _heads(
        "t.course_id", "w.kind='course'", "t.step='in_use'", "t.result='passed'",
        f"t.reached_on<='{END}'",
    ) + " " + _part("teaching_coursestage", "teaching_course", "course_id"),
    "awards": "SELECT " + ", ".join([
        _heads("t.course_id", "w.kind='course'", "t.kind IN ('teaching_award','excellent_course')",
               "t.level='city'", f"t.awarded_on<='{END}'"),
        _heads("t.course_id", "w.kind='micro_course'", "t.kind='lecture_contest'",
               "t.level IN ('city','district')", "t.grade IN ('first','second')",
               f"t.awarded_on<='{END}'"),
    ]) + " " + _part("teaching_award", "teaching_course", "course_id"),
    "platform": "SELECT " + _heads(
        "t.course_id", "w.kind='course'", "t.platform='学习强国'", f"t.published_on<='{END}'"
    ) + " " + _part("teaching_platformpublication", "teaching_course", "course_id"),
    "postings": "SELECT " + ", ".join([
        _count("t.kind IN ('secondment_up','secondment_down')", _since("t.start_on", 2020)),
        _heads("t.staff_id", "t.kind='study'", "t.host_level IN ('central','province')",
               _since("t.start_on", 2019)),
        _heads("t.staff_id", "t.kind='shadowing'", _since("t.start_on", 2019)),
        _heads("t.staff_id", "t.kind IN ('first_secretary','village_resident')",
               _since("t.start_on", 2019)),
        _heads("t.staff_id", "t.kind='village_improvement'", _since("t.start_on", 2019)),
        _heads("t.staff_id", "t.kind='office_rotation'", _since("t.start_on", 2019),
               "t.staff_id IN (SELECT h.staff_id FROM people_hire h JOIN people_staff s ON "
               "s.id=h.staff_id AND s.state='approved' WHERE h.school_id={school} AND "
               "h.state='approved' AND h.channel IN ('talent_scheme','selection') AND "
               f"{_since('h.hired_on', 2019)})"),
    ]) + " " + _part("people_posting", "people_staff", "staff_id"),
    "hires": "SELECT " + ", ".join([
        _heads("t.staff_id", "t.channel='talent_scheme'", "t.hired_on>'2018-06-30'",
               f"t.hired_on<='{END}'"),
        _heads("t.staff_id", "t.channel='selection'", "t.hired_on>'2018-06-30'",
               f"t.hired_on<='{END}'"),
        _heads("t.staff_id", "t.channel IN ('talent_scheme','selection')",
               _since("t.hired_on", 2019)),
    ]) + " " + _part("people_hire", "people_staff", "staff_id"),
    "employment": "SELECT " + ", ".join([
        _heads("e.staff_id", f"e.{ROLL}", _on(END)),
        _heads("e.staff_id", _TEACHERS, _on(END)),
        *(_heads("e.staff_id", _TEACHERS, _on(f"{y}-12-31")) for y in YEARS),
        _age(END), _age("2019-12-31"),
    ]) + " FROM people_employment e JOIN people_staff s ON s.id=e.staff_id AND s.state='approved' "
    "WHERE e.school_id={school} AND e.state='approved'",
    "tasks": f"WITH roll AS ({ON_ROLL}) SELECT COUNT(DISTINCT t.staff_id) "
    "FILTER (WHERE t.staff_id IN roll), COUNT(*) "
    "FROM people_centraltaskparticipation t JOIN people_centraltask c ON c.id=t.task_id AND "
    "c.state='approved' JOIN people_staff s ON s.id=t.staff_id AND s.state='approved' WHERE "
    f"t.school_id={{school}} AND t.state='approved' AND {_since('t.start_on', 2020)}",
    "education": f"WITH roll AS ({ON_ROLL}) SELECT COUNT(DISTINCT t.staff_id) "
    + _part("people_education", "people_staff", "staff_id")
    + f" AND t.education_level IN ('11','14') AND t.obtained_on<='{END}' AND t.staff_id IN roll",
}  # fmt: skip


def values(rows: dict[str, tuple[Any, ...]]) -> dict[str, Any]:
    """The value of every indicator from what the queries gave."""
    projects, published, advisory = rows["projects"], rows["publications"], rows["advisory"]
    roll, teachers, *rest = rows["employment"]
    age, heads, age_before, heads_before = rest[3:]
    now, before = Fraction(age, heads), Fraction(age_before, heads_before)
    terms, advisors = rows["advisors"]
    up, study, shadowing, villages, improvement, rotated = rows["postings"]
    talent, selection, newcomers = rows["hires"]
    tasks, task_person_times = rows["tasks"]
    return {
        "research.projects.provincial": projects[0],
        "research.projects.provincial_excellent": projects[1],
        "research.projects.city": projects[2],
        "research.projects.city_excellent": projects[3],
        "research.projects.provincial_and_city": projects[0] + projects[2],
        "research.projects.concluded": projects[4],
        "research.projects.trend": sum(projects[5:8]),
        "research.publications.public_journals": published[0],
        "research.publications.media_and_internal": published[1],
        "research.publications.all": published[2],
        "research.advisory_reports": advisory[0],
        "research.outputs.trend": sum(projects[8:]) + sum(published[3:]) + sum(advisory[1:]),
        "research.challenge.posted": rows["posted"][0],
        "research.challenge.completed": rows["completed"][0],
        "research.seminars.attended": rows["seminars"][0],
        "research.instructions.positive": rows["instructions"][0],
        "teaching.faculty_training.terms": rows["training"][0],
        "teaching.listening.person_times": rows["listening"][0],
        "teaching.online_training.coverage": sum(rows["online"]),
        "teaching.advisor.average": Fraction(terms, roll),
        "teaching.advisor.coverage": advisors,
        "teaching.field_studies.completed": rows["studies"][0],
        "teaching.secondments.person_times": up,
        "teaching.outreach.sessions": rows["outreach"][0],
        "teaching.experts.invited": rows["experts"][0],
        "teaching.lesson_studies.sessions": rows["lessons"][0],
        "teaching.courses.developed": rows["developed"][0],
        "teaching.courses.awarded": rows["awards"][0],
        "teaching.courses.on_platform": rows["platform"][0],
        "teaching.micro_courses.awarded": rows["awards"][1],
        "teaching.presentations.person_times": rows["presentations"][0],
        "people.staff.on_roll": roll,
        "people.staff.teachers": teachers,
        "people.entry.newcomers": newcomers,
        "people.entry.talent_scheme": talent,
        "people.entry.selection": selection,
        "people.age.average": now,
        "people.age.change": before - now,
        "people.postgraduate.share": Fraction(100 * rows["education"][0], roll),
        "people.rotation.newcomers": rotated,
        "people.study.upper_schools": study,
        "people.shadowing.staff": shadowing,
        "people.grassroots.village_posts": villages,
        "people.grassroots.village_improvement": improvement,
        "people.central_tasks.coverage": tasks,
        "people.central_tasks.all_staff": tasks,
        "people.central_tasks.person_times": task_person_times,
    }
