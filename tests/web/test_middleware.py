"""Which schools a request may touch, and for how long."""

from __future__ import annotations

import asyncio
import io

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from sanneng.core.enums import Role
from sanneng.core.models import School
from sanneng.core.row_security import allowed_schools, only_schools
from sanneng.web.middleware import SchoolBoundary
from tests.web.test_pages import user_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db):
    return School.objects.create(code="east", name="东区党校", level="district")


def answered(request, view):
    """What ``view`` answers to ``request`` behind the boundary, as Django calls the two."""

    def get_response(request):
        boundary.process_view(request, view, (), {})
        return view(request)

    boundary = SchoolBoundary(get_response)
    return boundary(request)


@pytest.fixture
def ask(rf, school):
    def asked(view, user=None):
        request = rf.get("/")
        request.user = user or user_of(school)
        return answered(request, view)

    return asked


def said():
    return repr(allowed_schools()).encode()


def test_a_page_may_touch_the_schools_of_its_user(ask, school):
    School.objects.create(code="west", name="西区党校", level="district")
    answer = ask(lambda request: HttpResponse(said()))
    assert answer.content == f"frozenset({{{school.pk}}})".encode()


def test_nobody_may_touch_none_and_a_superuser_all(ask, admin_user):
    assert ask(lambda request: HttpResponse(said()), AnonymousUser()).content == b"frozenset()"
    assert ask(lambda request: HttpResponse(said()), admin_user).content == b"None"


def test_a_member_of_no_work_touches_the_school_all_the_same(ask, school):
    auditor = user_of(school, Role.AUDITOR, "auditor")
    answer = ask(lambda request: HttpResponse(said()), auditor)
    assert answer.content == f"frozenset({{{school.pk}}})".encode()


@pytest.mark.parametrize("fails", [False, True])
def test_what_was_allowed_before_is_allowed_again(ask, fails):
    def view(request):
        if fails:
            raise RuntimeError
        return HttpResponse()

    with only_schools([7]):
        if fails:
            with pytest.raises(RuntimeError):
                ask(view)
        else:
            ask(view)
        assert allowed_schools() == {7}
    assert allowed_schools() is None


def test_a_stream_is_made_with_the_schools_of_its_request(ask, school):
    def pieces():
        yield said()
        yield said()

    answer = ask(lambda request: StreamingHttpResponse(pieces()))
    with only_schools([7]):
        expected = f"frozenset({{{school.pk}}})".encode()
        for piece in answer:
            assert piece == expected
            assert allowed_schools() == {7}


def test_an_awaited_stream_is_so_too(ask, school):
    async def pieces():
        yield said()

    async def read(answer):
        return [piece async for piece in answer]

    answer = ask(lambda request: StreamingHttpResponse(pieces()))
    assert asyncio.run(read(answer)) == [f"frozenset({{{school.pk}}})".encode()]


def test_a_file_is_still_sent_as_a_file(ask):
    answer = ask(lambda request: FileResponse(io.BytesIO(b"x"), filename="a.pdf"))
    assert answer.file_to_stream is not None
    assert b"".join(answer) == b"x"
