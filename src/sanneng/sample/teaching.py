"""Teaching of the sample school: classes, training, courses and what is given outside."""

from __future__ import annotations

import datetime as dt

from sanneng.sample.people import Person, Staff
from sanneng.sample.rows import AS_OF, START, Row, Rows
from sanneng.sample.wording import FIELDS, LECTURES, PLACES, UNITS
from sanneng.teaching import models as m

ADVISOR_TERMS = 234  # 9.0 for each of the 26 on the roll
LISTENINGS, OUTREACH, LESSON_STUDIES, FIELD_STUDIES = 301, 401, 31, 32
BEFORE, AFTER = dt.date(2019, 9, 16), dt.date(2023, 7, 12)


def build_teaching(rows: Rows, staff: Staff) -> None:
    classes = _classes(rows)
    _advisors(rows, staff, classes)
    _listening(rows, staff, classes)
    _faculty_training(rows, staff)
    courses = _courses(rows, staff)
    _awards(rows, courses)
    _practice(rows, staff, courses)


def someone(rows: Rows, staff: Staff, day: dt.date) -> Person:
    """A teacher who was there on ``day``."""
    person = rows.pick(staff.there(day, teachers=True))
    assert isinstance(person, Person)
    return person


def _classes(rows: Rows) -> list[Row]:
    series = [("科级干部进修班", "main"), ("中青年干部培训班", "long"), ("党员发展对象培训班", "special"),
              ("村（社区）干部培训班", "special"), ("年轻干部能力提升班", "main")]  # fmt: skip
    found = []
    for index in range(125):
        name, kind = series[index % 5]
        start = START + dt.timedelta(days=10 * index + 5)
        start = start if start <= AS_OF - dt.timedelta(days=5) else AS_OF - dt.timedelta(days=20)
        length = 45 if kind == "long" else 5
        found.append(
            rows.add(m.TrainingClass, "BC", name=f"{start.year}年{name}第{index // 5 + 1}期",
                     kind=kind, start_on=start, end_on=start + dt.timedelta(days=length),
                     planned_trainees=40, evidence=["办班通知"])
        )  # fmt: skip
    rows.add(m.TrainingClass, "BC", name="2019年科级干部进修班", kind="main", start_on=BEFORE,
             end_on=BEFORE + dt.timedelta(days=5), planned_trainees=50)  # fmt: skip
    for one in [c for c in found if c["kind"] == "long"][-3:]:
        for index in range(12):
            rows.add(m.Trainee, "XY", training_class=one["key"],
                     name=f"学员{one['key'][-3:]}{index + 1:02d}", unit=rows.pick(UNITS),
                     duty="科员")  # fmt: skip
    return found


def _advisors(rows: Rows, staff: Staff, classes: list[Row]) -> None:
    """Exactly ``ADVISOR_TERMS`` by people now on the roll, everyone at least once; then terms
    of people who have left, organisers, and a class of 2019."""
    roll = staff.on_roll()
    taken: set[tuple[str, str]] = set()
    turns = 0

    def serve(p: Person, one: Row, role: str = "advisor") -> bool:
        if (p.key, one["key"]) in taken or not p.there(one["start_on"]):
            return False
        taken.add((p.key, one["key"]))
        rows.add(m.AdvisorTerm, "BZ", training_class=one["key"], staff=p.key, role=role,
                 start_on=one["start_on"], end_on=one["end_on"], evidence=["班级管理分工表"])  # fmt: skip
        return True

    for p in roll:
        turns += next(serve(p, one) for one in reversed(classes) if p.there(one["start_on"]))
    regulars = roll[1:]  # the first serves once only
    while turns < ADVISOR_TERMS:
        turns += serve(rows.pick(regulars), rows.pick(classes))
    for p in [p for p in staff.people if p.left]:
        for one in classes[:40:9]:
            serve(p, one)
    for one in classes[::8]:
        serve(rows.pick(regulars), one, "organiser")
    old = rows.by_model[m.TrainingClass][-1]
    serve(regulars[0], old)
    last = rows.by_model[m.AdvisorTerm][0]
    rows.uncounted(m.AdvisorTerm, "BZ", last)


def _listening(rows: Rows, staff: Staff, classes: list[Row]) -> None:
    good = [c for c in classes if c["kind"] in ("main", "long")]
    for index in range(LISTENINGS + 12):
        one = rows.pick(good if index < LISTENINGS else [c for c in classes if c not in good])
        rows.add(m.Listening, "TK", staff=someone(rows, staff, one["start_on"]).key,
                 training_class=one["key"], topic=rows.pick(LECTURES), lecturer="外请专家",
                 listened_on=one["start_on"], notes="联系实际紧密，互动可再充分一些。")  # fmt: skip
    first = rows.by_model[m.Listening][0]
    rows.uncounted(m.Listening, "TK", first)
    rows.add(m.Listening, "TK", staff=first["staff"], training_class=first["training_class"],
             topic=LECTURES[0], lecturer="外请专家", listened_on=BEFORE, notes="")  # fmt: skip


def _faculty_training(rows: Rows, staff: Staff) -> None:
    for index in range(8):
        day = dt.date(2020 + index // 2 % 4, 3 + 2 * (index % 2), 9)
        one = rows.add(m.FacultyTraining, "SZ", name=f"校内师资专题培训第{index + 1}期",
                       kind="in_school", organiser_level="school", start_on=day,
                       end_on=day + dt.timedelta(days=2), hours_x10=160, evidence=["培训方案"])  # fmt: skip
        for p in staff.there(day, teachers=True):
            _attend(rows, one, p, day)
    rows.uncounted(m.FacultyTraining, "SZ", rows.by_model[m.FacultyTraining][0])
    rows.add(m.FacultyTraining, "SZ", name="校内师资专题培训（2019年）", kind="in_school",
             organiser_level="school", start_on=BEFORE, end_on=BEFORE, hours_x10=80)  # fmt: skip
    rows.add(m.FacultyTraining, "SZ", name="赴外师资培训", kind="outside", organiser_level="province",
             start_on=dt.date(2021, 6, 7), end_on=dt.date(2021, 6, 11), hours_x10=400)  # fmt: skip
    for year in (2020, 2021, 2022):
        central, province = (
            rows.add(m.FacultyTraining, "SZ", name=f"{year}年{label}网络师资培训", kind="online",
                     organiser_level=level, start_on=dt.date(year, 3, 2),
                     end_on=dt.date(year, 12, 20), hours_x10=500)
            for label, level in (("中央党校", "central"), ("省委党校", "province"))
        )  # fmt: skip
        for index, p in enumerate(staff.there(dt.date(year, 12, 31), teachers=True)):
            joined = max(dt.date(year, 3, 2), p.joined)
            _attend(rows, (central, province)[index % 2], p, joined, dt.date(year, 12, 15))


def _attend(
    rows: Rows, training: Row, p: Person, day: dt.date, done: dt.date | None = None
) -> None:
    rows.add(m.FacultyTrainingAttendance, "PX", training=training["key"], staff=p.key,
             joined_on=day, completed_on=done or day, hours_x10=training["hours_x10"],
             evidence=["结业证书" if done else "签到表"])  # fmt: skip


def _courses(rows: Rows, staff: Staff) -> list[Row]:
    """31 courses in use (one since retired), 4 that stopped earlier, 7 micro-courses."""
    steps = ("proposed", "outline_reviewed", "prepared", "seminar_held", "trial_held", "in_use")
    found = []
    for index in range(42):
        kind = "micro_course" if index >= 35 else "course"
        day = dt.date(2018 + index % 5, 2 + index % 3, 5)
        lead = someone(rows, staff, day)
        title = f"{FIELDS[index % len(FIELDS)]}{'微课' if kind == 'micro_course' else '专题'}"
        one = rows.add(m.Course, "KC", title=f"{title}（{index + 1}）", kind=kind, lead=lead.key,
                       proposed_on=day, evidence=["课程教案"])  # fmt: skip
        found.append(one)
        reached = steps if index < 31 or kind == "micro_course" else steps[: 2 + index % 4]
        for number, step in enumerate(reached):
            rows.add(m.CourseStage, "HJ", course=one["key"], step=step, result="passed",
                     reached_on=day + dt.timedelta(days=12 * number), opinion="同意进入下一环节")  # fmt: skip
    rows.add(m.CourseStage, "HJ", course=found[0]["key"], step="retired", result="passed",
             reached_on=dt.date(2023, 3, 1), opinion="内容更新后重新申报")  # fmt: skip
    rows.add(m.CourseStage, "HJ", course=found[33]["key"], step="in_use", result="sent_back",
             reached_on=dt.date(2022, 3, 1), opinion="试讲意见尚未落实")  # fmt: skip
    return found


def _awards(rows: Rows, courses: list[Row]) -> None:
    def award(course: Row, name: str, kind: str, level: str, grade: str, day: dt.date) -> Row:
        return rows.add(m.Award, "JX", course=course["key"], name=name, kind=kind, level=level,
                        grade=grade, awarded_on=day, organiser="主办单位评审委员会",
                        evidence=["获奖证书"])  # fmt: skip

    award(
        courses[3],
        "全市党校系统优秀教学成果奖",
        "teaching_award",
        "city",
        "first",
        dt.date(2021, 11, 5),
    )
    award(courses[7], "全市党校系统精品课", "excellent_course", "city", "", dt.date(2022, 10, 14))
    award(
        courses[7],
        "全市党校系统优秀教学成果奖",
        "teaching_award",
        "city",
        "second",
        dt.date(2022, 11, 8),
    )
    award(courses[9], "区级优质课", "quality_lesson", "district", "first", dt.date(2021, 5, 20))
    award(courses[11], "区级精品课", "excellent_course", "district", "", dt.date(2022, 5, 20))
    contests = (
        ("city", "first"),
        ("city", "second"),
        ("district", "first"),
        ("district", "second"),
    )
    for course, (level, grade) in zip(courses[35:39], contests, strict=True):
        award(course, "基层理论宣讲比赛", "lecture_contest", level, grade, dt.date(2022, 6, 24))
    award(
        courses[35],
        "基层理论宣讲比赛",
        "lecture_contest",
        "district",
        "first",
        dt.date(2021, 6, 18),
    )
    award(
        courses[39],
        "基层理论宣讲比赛",
        "lecture_contest",
        "district",
        "third",
        dt.date(2022, 6, 24),
    )
    rows.uncounted(m.Award, "JX", rows.by_model[m.Award][0], course=courses[12]["key"])
    for course, platform, year in (
        (courses[4], "学习强国", 2021), (courses[4], "学习强国", 2022), (courses[8], "学习强国", 2022),
        (courses[5], "山川在线", 2022),
    ):  # fmt: skip
        rows.add(m.PlatformPublication, "KF", course=course["key"], platform=platform,
                 title=course["title"], published_on=dt.date(year, 9, 9), evidence=["平台截图"])  # fmt: skip


def _practice(rows: Rows, staff: Staff, courses: list[Row]) -> None:
    kinds = ("group_preparation", "seminar", "trial_lecture")
    for index in range(LESSON_STUDIES):
        day = rows.day()
        rows.add(m.LessonStudy, "BK", kind=kinds[index % 3], topic=rows.pick(LECTURES),
                 course=courses[index]["key"], presenter=someone(rows, staff, day).key,
                 held_on=day, attendance=rows.random.randint(9, 22), evidence=["签到表"])  # fmt: skip
    rows.uncounted(m.LessonStudy, "BK", rows.by_model[m.LessonStudy][0])
    for index in range(10):
        day = BEFORE if index < 2 else rows.day()
        rows.add(m.Presentation, "HB", staff=someone(rows, staff, day).key,
                 occasion="other" if index in (2, 3, 4) else "standing_committee",
                 topic=rows.pick(FIELDS) + "汇报", presented_on=day, evidence=["会议通知"])  # fmt: skip
    rows.add(m.Presentation, "HB", staff=staff.on_roll()[2].key, occasion="standing_committee",
             topic="乡村产业振兴汇报", presented_on=dt.date(2022, 4, 1))  # fmt: skip
    for index in range(FIELD_STUDIES + 5):
        started = rows.day(dt.date(2020, 2, 3), dt.date(2023, 2, 1))
        done: dt.date | None = rows.day(
            started + dt.timedelta(days=30), started + dt.timedelta(days=120)
        )
        open_or_early = index - FIELD_STUDIES
        if open_or_early >= 0:
            started, done = (
                (BEFORE, dt.date(2019, 12, 30)) if open_or_early < 2 else (started, None)
            )
        rows.add(m.FieldStudy, "DY", title=f"{FIELDS[index % len(FIELDS)]}调研（{index + 1}）",
                 lead=someone(rows, staff, started).key, place=rows.pick(PLACES),
                 started_on=started, completed_on=done, evidence=["调研报告"] if done else [])  # fmt: skip
    for index in range(OUTREACH + 3):
        day = rows.day() if index < OUTREACH else (BEFORE, AFTER, AFTER)[index - OUTREACH]
        rows.add(m.OutreachLecture, "SJ", staff=someone(rows, staff, day).key,
                 course=rows.pick(courses[:31])["key"], topic=rows.pick(LECTURES),
                 host=rows.pick(UNITS), delivered_on=day, audience=rows.random.randint(25, 160),
                 evidence=["送教回执"])  # fmt: skip
    rows.uncounted(m.OutreachLecture, "SJ", rows.by_model[m.OutreachLecture][0])
    _experts(rows)


def _experts(rows: Rows) -> None:
    levels = ["province"] * 3 + ["city"] * 5 + ["central", "district"]
    names = [
        "申屠致一",
        "令狐望",
        "上官允",
        "欧阳序",
        "司徒简",
        "皇甫澄",
        "诸葛恒",
        "尉迟朗",
        "公孙勉",
        "慕容谨",
    ]
    label = {
        "province": "省委党校",
        "city": "市委党校",
        "central": "中央党校",
        "district": "邻区委党校",
    }
    for index, (level, name) in enumerate(zip(levels, names, strict=True)):
        expert = rows.add(m.Expert, "ZJ", name=name, unit=label[level], level=level, title="教授")
        for visit in range(1 + index % 3):
            rows.add(m.ExpertVisit, "ZD", expert=expert["key"], topic=rows.pick(LECTURES),
                     visited_on=dt.date(2020 + (index + visit) % 3, 4 + visit, 16), audience=20,
                     evidence=["邀请函"])  # fmt: skip
