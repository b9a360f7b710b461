"""Things that tests need, with nothing said that the test does not care about."""

from __future__ import annotations

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from sanneng.core.enums import Role
from sanneng.core.models import Membership, School, User
from sanneng.people.models import Staff, Title
from sanneng.research.models import Project, ProjectMember
from sanneng.teaching.models import TrainingClass

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 32
PDF = b"%PDF-1.4\n" + b"0" * 32


class SchoolFactory(DjangoModelFactory):
    class Meta:
        model = School

    code = factory.Sequence(lambda n: f"school-{n}")
    name = factory.LazyAttribute(lambda school: f"{school.code} 党校")
    level = "district"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user-{n}")


def member(school: School, *roles: Role | str, **values: object) -> User:
    """A user with ``roles`` in ``school``."""
    user = UserFactory(**values)
    for role in roles:
        Membership.objects.create(
            user=user, school=school, role=role, valid_from=dt.date(2020, 1, 1)
        )
    return user


class RecordFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    school = factory.SubFactory(SchoolFactory)
    key = factory.Sequence(lambda n: f"K{n}")


class StaffFactory(RecordFactory):
    class Meta:
        model = Staff

    name = factory.Sequence(lambda n: f"教工{n}")
    birth_date = dt.date(1980, 1, 2)
    state = "approved"


class TitleFactory(RecordFactory):
    class Meta:
        model = Title

    staff = factory.SubFactory(StaffFactory, school=factory.SelfAttribute("..school"))
    name = "讲师"
    rank = "intermediate"
    start_on = dt.date(2020, 1, 1)


class ProjectFactory(RecordFactory):
    class Meta:
        model = Project

    title = factory.Sequence(lambda n: f"课题{n}")
    level = "city"
    approved_on = dt.date(2022, 1, 1)


class ProjectMemberFactory(RecordFactory):
    class Meta:
        model = ProjectMember

    project = factory.SubFactory(ProjectFactory, school=factory.SelfAttribute("..school"))
    staff = factory.SubFactory(StaffFactory, school=factory.SelfAttribute("..school"))
    role = "member"


class TrainingClassFactory(RecordFactory):
    class Meta:
        model = TrainingClass

    name = factory.Sequence(lambda n: f"班次{n}")
    kind = "main"
    start_on = dt.date(2022, 3, 1)
    state = "approved"
