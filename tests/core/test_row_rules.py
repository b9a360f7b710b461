"""What the database itself refuses, however a row gets there."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from sanneng.core.domain.refusals import explain
from sanneng.people.models import Employment, Post, Staff
from sanneng.research.models import (
    ChallengeClaim,
    ChallengeTopic,
    Project,
    ProjectMember,
    Publication,
    PublicationAuthor,
)
from sanneng.teaching.models import TrainingClass

DAY = dt.date(2022, 3, 1)


def day(number):
    return DAY + dt.timedelta(days=number)


@pytest.fixture
def make(school):
    """Write a record with no more checks than the database's own."""
    count = iter(range(1000))

    def made(model, **values):
        return model.objects.bulk_create([model(school=school, key=f"K{next(count)}", **values)])[0]

    return made


@pytest.fixture
def staff(make):
    return make(Staff, name="张三", birth_date=DAY)


def refused(model, action):
    """The words for what the database refuses."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        action()
    return explain(model=model, error=caught.value)


@pytest.fixture
def post(make, staff):
    def made(start, end, **values):
        values = {"is_main": True, "post_class": "management"} | values
        end_on = None if end is None else day(end)
        return make(Post, staff=staff, start_on=day(start), end_on=end_on, **values)

    return made


@pytest.fixture
def author(make, staff):
    article = make(
        Publication, title="题", outlet="刊", outlet_kind="proceedings", published_on=DAY
    )

    def made(share, **values):
        return make(
            PublicationAuthor, publication=article, staff=staff, share_percent=share, **values
        )

    return made


@pytest.fixture
def topic(make, staff):
    training = make(TrainingClass, name="一班", kind="main", start_on=DAY)
    return make(
        ChallengeTopic,
        title="题",
        training_class=training,
        mentor=staff,
        posted_on=day(0),
        closes_on=day(9),
        state="approved",
    )


def test_an_end_before_the_start_is_refused(post):
    refusal = refused(Post, lambda: post(5, 4))
    assert refusal.message == "结束日期不能早于开始日期。"
    assert post(5, 5).pk


def test_a_grade_without_a_conclusion_is_refused(make):
    project = {"title": "题", "level": "city", "approved_on": DAY}
    refusal = refused(Project, lambda: make(Project, **project, grade="good"))
    assert refusal.message.startswith("没有结项日期的课题不能有结项等次")
    assert make(Project, **project, grade="good", concluded_on=DAY).pk


def test_one_share_over_100_per_cent_is_refused(author):
    refusal = refused(PublicationAuthor, lambda: author(101))
    assert "100" in refusal.message


def test_shares_that_together_exceed_100_per_cent_are_refused(author):
    author(60)
    refusal = refused(PublicationAuthor, lambda: author(41))
    assert refusal == (
        "一篇文章各作者的份额合计不能超过 100%，请核对各人的份额。",
        ("publication",),
    )
    second = author(40)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicationAuthor.objects.filter(pk=second.pk).update(share_percent=41)


def test_a_voided_share_leaves_room(author):
    author(60, state="voided", reason="重复")
    assert author(100).pk


@pytest.mark.parametrize("span", [(0, None), (9, 9), (5, 7), (-3, 0), (-3, None)])
def test_two_main_posts_at_once_are_refused(post, span):
    post(0, 9)
    refusal = refused(Post, lambda: post(*span))
    assert refusal.message.startswith("同一人同一时间只能有一个主要岗位")
    assert refusal.fields == ("staff",)


@pytest.mark.parametrize("span", [(10, None), (-5, -1)])
def test_main_posts_one_after_another_are_taken(post, span):
    post(0, 9)
    assert post(*span).pk


def test_a_post_beside_the_main_one_is_taken_until_it_becomes_main(post):
    post(0, None)
    beside = post(3, None, is_main=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=beside.pk).update(is_main=True)


@pytest.mark.parametrize("state", ["returned", "voided"])
def test_a_post_that_is_no_fact_stands_in_nobodys_way(post, state):
    wrong = post(0, None, state=state, reason="误录")
    post(3, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=wrong.pk).update(state="approved")


def test_two_people_may_hold_main_posts_at_once(post, make):
    post(0, None)
    other = make(Staff, name="李四", birth_date=DAY)
    assert make(Post, staff=other, start_on=DAY, is_main=True, post_class="management").pk


def test_two_employments_at_once_are_refused(make, staff):
    job = {"staff": staff, "kind": "worker", "establishment": "none"}
    make(Employment, **job, start_on=day(0), end_on=day(9))
    refusal = refused(Employment, lambda: make(Employment, **job, start_on=day(9)))
    assert refusal.message.startswith("同一人同一时间只能有一种任用情况")
    assert make(Employment, **job, start_on=day(10)).pk


@pytest.mark.parametrize("number", [-1, 10])
def test_a_claim_outside_the_window_is_refused(make, topic, number):
    claim = {"topic": topic, "group_name": "一组"}
    refusal = refused(ChallengeClaim, lambda: make(ChallengeClaim, **claim, claimed_on=day(number)))
    assert refusal.message.startswith("只能在发榜之日到截止之日之间揭已通过的榜")
    assert make(ChallengeClaim, **claim, claimed_on=day(0)).pk
    assert make(ChallengeClaim, **claim, claimed_on=day(9)).pk


def test_a_claim_on_a_topic_that_is_not_open_is_refused(make, topic):
    ChallengeTopic.objects.update(state="voided", reason="撤榜")
    refused(
        ChallengeClaim, lambda: make(ChallengeClaim, topic=topic, group_name="甲", claimed_on=DAY)
    )


@pytest.mark.parametrize(("first", "last"), [(3, 9), (0, 1)])
def test_a_window_that_would_leave_a_claim_outside_is_refused(make, topic, first, last):
    claim = make(ChallengeClaim, topic=topic, group_name="一组", claimed_on=day(2))
    moved = ChallengeTopic.objects.filter(pk=topic.pk)

    def move():
        moved.update(posted_on=day(first), closes_on=day(last))

    refusal = refused(ChallengeTopic, move)
    assert refusal.message.startswith("已有小组在这段时间以外揭榜")
    assert refusal.fields == ("posted_on", "closes_on")
    moved.update(posted_on=day(2), closes_on=day(2))
    ChallengeClaim.objects.filter(pk=claim.pk).update(state="voided", reason="退榜")
    move()


def test_a_topic_has_one_awarded_claim(make, topic):
    claim = {"topic": topic, "claimed_on": DAY, "is_awarded": True}
    make(ChallengeClaim, **claim, group_name="一组")
    refusal = refused(ChallengeClaim, lambda: make(ChallengeClaim, **claim, group_name="二组"))
    assert refusal == ("一个选题只能有一个小组中榜。", ("topic",))


def test_a_project_has_one_leader(make, staff):
    project = make(Project, title="题", level="city", approved_on=DAY)
    member = {"project": project, "staff": staff, "role": "lead"}
    make(ProjectMember, **member)
    refusal = refused(ProjectMember, lambda: make(ProjectMember, **member))
    assert refusal == ("一个课题只能有一位主持人。", ("project",))


def test_a_key_twice_is_told_by_its_field(make, staff):
    refusal = refused(
        Staff,
        lambda: Staff.objects.create(
            school=staff.school, key=staff.key, name="李四", birth_date=DAY
        ),
    )
    assert refusal == ("这个编号已经用过，请换一个或修改原记录。", ("school", "key"))


def test_what_is_not_known_is_still_told_in_words(staff):
    refusal = explain(model=Staff, error=IntegrityError("NOT NULL constraint failed: x.y"))
    assert refusal == ("数据库不接受这条记录，请核对各项内容。", ())


@pytest.mark.django_db(transaction=True)
def test_rules_are_there_again_after_a_migration(make):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute('DROP TRIGGER "people_post_one_main_at_a_time_insert"')
        else:
            cursor.execute('DROP TRIGGER "people_post_one_main_at_a_time" ON "people_post"')
    call_command("migrate", verbosity=0, run_syncdb=True)
    staff = make(Staff, name="张三", birth_date=DAY)
    post = {"staff": staff, "start_on": DAY, "is_main": True, "post_class": "worker"}
    make(Post, **post)
    refused(Post, lambda: make(Post, **post))
