"""Staff of the sample school: who was there when, and the three gates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sanneng.people import models as m
from sanneng.sample.rows import AS_OF, Rows
from sanneng.sample.wording import GIVEN, PLACES, SURNAMES, UPPER

TEACHER, PART_TIME, OFFICE = "full_time_teacher", "part_time_teacher", "administration"


@dataclass
class Person:
    key: str
    name: str
    born: dt.date
    kind: str
    joined: dt.date
    left: dt.date | None = None
    channel: str = "transfer"
    postgraduate: bool = False
    establishment: str = "institution"

    def there(self, day: dt.date) -> bool:
        return self.joined <= day and (self.left is None or self.left >= day)

    @property
    def teaches(self) -> bool:
        return self.kind in (TEACHER, PART_TIME)


@dataclass
class Staff:
    people: list[Person] = field(default_factory=list)

    def there(self, day: dt.date, *, teachers: bool = False) -> list[Person]:
        return [p for p in self.people if p.there(day) and (p.teaches or not teachers)]

    def on_roll(self, day: dt.date = AS_OF) -> list[Person]:
        return [p for p in self.people if p.there(day) and p.establishment != "none"]

    @property
    def newcomers(self) -> list[Person]:
        """Hired by talent scheme or selection since 2019."""
        return [p for p in self.people if p.channel in ("talent_scheme", "selection")
                and p.joined.year >= 2019]  # fmt: skip


# (birth year, kind, joined, left, channel, postgraduate): 14 who stay, 11 who retire or leave,
# 12 who come after 2019, and 5 part-time teachers from other units.
_STAYING = [
    (1966, OFFICE, 1996, 0), (1968, TEACHER, 1994, 0), (1970, TEACHER, 1998, 0),
    (1972, OFFICE, 2001, 0), (1974, TEACHER, 2000, 0), (1976, TEACHER, 2003, 0),
    (1978, OFFICE, 2005, 0), (1980, TEACHER, 2006, 0), (1982, TEACHER, 2008, 0),
    (1983, TEACHER, 2010, 0), (1985, OFFICE, 2012, 0), (1987, TEACHER, 2013, 1),
    (1989, TEACHER, 2015, 0),
]  # fmt: skip
_LEAVING = [
    (1960, TEACHER, 1988, (2020, 6)), (1960, OFFICE, 1985, (2020, 9)),
    (1961, TEACHER, 1990, (2021, 3)), (1961, OFFICE, 1987, (2021, 5)),
    (1961, TEACHER, 1992, (2021, 8)), (1962, TEACHER, 1989, (2022, 2)),
    (1962, OFFICE, 1991, (2022, 6)), (1972, OFFICE, 1995, (2022, 9)),
    (1975, OFFICE, 1998, (2020, 11)), (1978, TEACHER, 2002, (2021, 12)),
    (1980, TEACHER, 2004, (2022, 11)),
]  # fmt: skip
_COMING = [
    (1994, TEACHER, (2020, 7), "talent_scheme", 1), (1995, TEACHER, (2021, 7), "talent_scheme", 1),
    (1996, TEACHER, (2022, 3), "talent_scheme", 1), (1992, TEACHER, (2020, 9), "selection", 1),
    (1993, TEACHER, (2021, 10), "selection", 0), (1995, OFFICE, (2020, 8), "open_exam", 0),
    (1997, TEACHER, (2021, 8), "open_exam", 1), (1998, TEACHER, (2022, 8), "open_exam", 1),
    (1990, OFFICE, (2020, 10), "transfer", 0), (1991, OFFICE, (2021, 4), "transfer", 0),
    (1988, OFFICE, (2021, 9), "military", 0), (1993, OFFICE, (2022, 10), "transfer", 0),
]  # fmt: skip


def build_people(rows: Rows) -> Staff:
    staff = Staff()
    names = _names(rows)

    def join(born: int, kind: str, joined: dt.date, **more: object) -> None:
        key = f"S{len(staff.people) + 1:03d}"
        month, day = rows.random.randint(1, 12), rows.random.randint(1, 28)
        person = Person(key, next(names), dt.date(born, month, day), kind, joined, **more)  # type: ignore[arg-type]
        staff.people.append(person)

    for born, kind, year, postgraduate in _STAYING:
        join(born, kind, dt.date(year, 8, 1), postgraduate=bool(postgraduate))
    join(1990, TEACHER, dt.date(2018, 9, 3), channel="selection")
    for born, kind, year, (left, month) in _LEAVING:
        join(born, kind, dt.date(year, 3, 1), left=dt.date(left, month, 20))
    for born, kind, (year, month), channel, postgraduate in _COMING:
        join(born, kind, dt.date(year, month, 6), channel=channel, postgraduate=bool(postgraduate))
    for index in range(5):
        join(1970 + 3 * index, PART_TIME, dt.date(2018, 3, 1), establishment="none",
             channel="none", postgraduate=index == 0)  # fmt: skip
    for person in staff.people:
        _write_person(rows, person)
    _write_gates(rows, staff)
    return staff


def _names(rows: Rows):  # type: ignore[no-untyped-def]
    surnames, given = list(SURNAMES), list(GIVEN)
    rows.random.shuffle(surnames)
    rows.random.shuffle(given)
    for index in range(len(given)):
        yield surnames[index % len(surnames)] + given[index]


def _write_person(rows: Rows, p: Person) -> None:
    rows.by_model[m.Staff].append(
        {"key": p.key, "state": "approved", "reason": "", "name": p.name, "birth_date": p.born,
         "gender": rows.pick("12"), "evidence": ["干部人事档案基本信息表"]}
    )  # fmt: skip
    rows.add(m.Employment, "RY", staff=p.key, kind=p.kind, establishment=p.establishment,
             office="综合股" if p.kind == OFFICE else "教研股", start_on=p.joined, end_on=p.left,
             evidence=["任用审批表"])  # fmt: skip
    graduated = min(dt.date(p.born.year + 22, 7, 1), p.joined)
    rows.add(m.Education, "XL", staff=p.key, education_level="20", degree="4",
             institution="省属高校", obtained_on=graduated)  # fmt: skip
    if p.postgraduate:
        rows.add(m.Education, "XL", staff=p.key, education_level="14", degree="3",
                 institution="省属高校", obtained_on=min(dt.date(p.born.year + 25, 7, 1), p.joined),
                 evidence=["硕士学位证书"])  # fmt: skip
    rows.add(m.PoliticalStatus, "MM", staff=p.key, status=rows.pick(["01", "01", "01", "13"]),
             start_on=p.joined)  # fmt: skip
    if p.establishment == "none":
        return
    professional = p.kind == TEACHER
    rows.add(m.Post, "GW", staff=p.key, is_main=True, start_on=p.joined, end_on=p.left,
             post_class="professional" if professional else "management",
             post_level="专技十级" if professional else "八级职员",
             duty="教师" if professional else "科员")  # fmt: skip
    if professional:
        rank = {True: ("高级讲师", "associate"), False: ("讲师", "intermediate")}
        name, level = rank[p.born.year < 1980]
        rows.add(m.Title, "ZC", staff=p.key, name=name, rank=level,
                 start_on=max(p.joined, dt.date(p.born.year + 28, 12, 1)), end_on=None)  # fmt: skip


def _write_gates(rows: Rows, staff: Staff) -> None:
    for p in staff.people:
        if p.joined.year >= 2018 and p.channel != "none":
            rows.add(m.Hire, "JR", staff=p.key, channel=p.channel, hired_on=p.joined,
                     came_from="省属高校" if p.channel == "talent_scheme" else "区级机关",
                     basis="区委编办用编批复", evidence=["录用（调动）审批表"])  # fmt: skip
    rows.uncounted(m.Hire, "JR", rows.by_model[m.Hire][1])
    selected = [p for p in staff.people if p.channel in ("talent_scheme", "selection")]
    for p in selected:
        _posting(rows, p, "office_rotation", "综合股室", "school", p.joined, 360)
    _study(rows, staff)
    present = [p for p in staff.on_roll() if p.kind == TEACHER]
    for p in present[3:5]:
        _posting(rows, p, "shadowing", "区委组织部", "district", dt.date(2021, 3, 1), 180)
    _posting(rows, present[3], "shadowing", "区委办公室", "district", dt.date(2022, 5, 9), 120)
    for index, kind in enumerate(("secondment_up",) * 2 + ("secondment_down",) * 3):
        host, level = ("市委党校", "city") if kind == "secondment_up" else (PLACES[index], "town")
        _posting(rows, present[5 + index % 4], kind, host, level,
                 dt.date(2020 + index % 3, 3 + index, 2), 200)  # fmt: skip
    _posting(rows, present[6], "secondment_up", "市委党校", "city", dt.date(2019, 3, 4), 200)
    office = [p for p in staff.on_roll() if p.kind == OFFICE]
    _posting(rows, office[0], "first_secretary", "东岭村", "village", dt.date(2019, 5, 6), 730)
    for p in office[1:3]:
        _posting(rows, p, "village_resident", "白沙村", "village", dt.date(2021, 6, 1), 730)
    _posting(rows, office[1], "village_resident", "东岭村", "village", dt.date(2019, 2, 11), 600)
    for p in office[3:5]:
        _posting(rows, p, "village_improvement", "东岭村", "village", dt.date(2020, 4, 7), 300)
    rows.uncounted(m.Posting, "LL", rows.by_model[m.Posting][-1], staff=office[5].key)
    _central_tasks(rows, staff)


def _posting(
    rows: Rows, p: Person, kind: str, host: str, level: str, start: dt.date, days: int
) -> None:
    end = start + dt.timedelta(days=days)
    rows.add(m.Posting, "LL", staff=p.key, kind=kind, host=host, host_level=level, start_on=start,
             planned_end_on=end, end_on=end if end <= AS_OF else None, basis="校委会会议纪要",
             evidence=["选派通知"])  # fmt: skip


def _study(rows: Rows, staff: Staff) -> None:
    """8 people at central or provincial schools since 2019, two of them twice."""
    present = staff.on_roll()
    for index, p in enumerate(present[2:10]):
        level = "central" if index % 4 == 0 else "province"
        _posting(rows, p, "study", UPPER[level][0], level, dt.date(2019 + index % 4, 4, 8), 30)
    for p in present[2:4]:
        _posting(rows, p, "study", UPPER["province"][0], "province", dt.date(2022, 10, 10), 20)
    _posting(rows, present[10], "study", UPPER["city"][0], "city", dt.date(2021, 5, 10), 10)
    _posting(rows, present[11], "study", UPPER["province"][0], "province", dt.date(2018, 5, 7), 30)


def _central_tasks(rows: Rows, staff: Staff) -> None:
    names = (
        "疫情防控下沉社区",
        "全国文明城区创建",
        "人口普查入户登记",
        "防汛值守",
        "重点项目征拆协调",
    )
    tasks = [
        rows.add(m.CentralTask, "ZX", name=name, organiser="区委区政府",
                 start_on=dt.date(2020 + index % 4, 2, 3), evidence=["区委区政府工作方案"])
        for index, name in enumerate(names)
    ]  # fmt: skip
    for index, p in enumerate(staff.on_roll()):
        for task in tasks[: 1 if index == 0 else 1 + index % 3]:
            rows.add(m.CentralTaskParticipation, "CY", task=task["key"], staff=p.key,
                     duty="包片网格员", start_on=max(p.joined, rows.day(task["start_on"])),
                     evidence=["工作专班名单"])  # fmt: skip
