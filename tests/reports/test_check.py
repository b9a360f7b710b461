"""The seed speech against the sample school, and what one altered record does to it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from docx import Document

from sanneng.core.errors import UnacceptableFile
from sanneng.people.models import CentralTaskParticipation, Employment, Hire, Posting
from sanneng.reports.checking import Verdict, check_document
from sanneng.reports.checking.output import write_checked
from sanneng.research import models as research
from sanneng.teaching import models as teaching

AS_OF = dt.date(2023, 6, 30)
SINCE = dt.date(2020, 1, 1)
pytestmark = pytest.mark.django_db


def check(source, school):
    return check_document(source, school=school, as_of=AS_OF)


def verdicts(result) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for claim in result.claims:
        found.setdefault(claim.entry.figure or claim.entry.id, set()).add(claim.verdict.value)
    return found


def test_every_figure_of_the_speech_agrees_and_nothing_else_is_a_claim(
    sample, seed_speech, seed_figures
):
    result = check(seed_speech, sample)
    assert set(verdicts(result)) == set(seed_figures)
    assert result.counts["agrees"] == len(result.claims)
    numeric = [c for c in result.claims if c.value is not None]
    assert len(numeric) == sum(bool(row["value"]) for row in seed_figures.values())
    assert result.contradictions == ()


def test_claims_of_the_speech_have_the_stated_values(sample, seed_speech, seed_figures):
    for claim in check(seed_speech, sample).claims:
        row = seed_figures[claim.entry.figure]
        if claim.value is not None:
            assert (str(claim.value), claim.unit, claim.qualifier) == (
                row["value"], row["unit"], row["qualifier"]
            )  # fmt: skip


def one(model, **where):
    return model.objects.counted().filter(**where).order_by("pk").first()


def once_only(model, **where):
    """A row whose person has no other of its kind."""
    people: dict[int, list] = {}
    for row in model.objects.counted().filter(**where):
        people.setdefault(row.staff_id, []).append(row)
    return next(rows[0] for rows in people.values() if len(rows) == 1)


def advisor_of_many():
    rows = teaching.AdvisorTerm.objects.counted().filter(
        role="advisor", start_on__gte=SINCE, staff__employments__end_on__isnull=True
    )
    return next(row for row in rows if rows.filter(staff=row.staff_id).count() > 1)


def stage_in_use():
    return one(teaching.CourseStage, step="in_use", course__kind="course")


def joiner():
    return Employment.objects.filter(start_on__year=2022, end_on__isnull=True).first()


def graduate():
    from sanneng.people.models import Education

    return Education.objects.filter(
        education_level="14", staff__employments__establishment="institution",
        staff__employments__end_on__isnull=True,
    ).first()  # fmt: skip


def expert_visits():
    expert = one(teaching.Expert, level="province")
    return teaching.ExpertVisit.objects.filter(expert=expert)


def posting(kind, **where):
    return Posting.objects.filter(kind=kind, start_on__gte=dt.date(2019, 1, 1), **where)


def project(level, **where):
    return one(research.Project, level=level, approved_on__gte=SINCE, **where)


# What is taken away, and which figures may turn besides the one asked about.
ALTERATIONS = {
    "T01": (lambda: one(teaching.FacultyTraining, kind="in_school", start_on__gte=SINCE), ""),
    "T02": (lambda: one(teaching.Listening, listened_on__gte=SINCE,
                        training_class__kind__in=("main", "long")), ""),
    "T03": (lambda: one(teaching.FacultyTrainingAttendance, training__kind="online"), ""),
    "T04": (advisor_of_many, ""),
    "T05": (lambda: one(teaching.FieldStudy, completed_on__gte=SINCE), ""),
    "T06": (lambda: posting("secondment_down").first(), ""),
    "T07": (lambda: one(teaching.OutreachLecture, delivered_on__range=(SINCE, AS_OF)), ""),
    "T08": (lambda: once_only(teaching.AdvisorTerm, role="advisor",
                              staff__employments__end_on__isnull=True), "T04"),
    "T09": (lambda: once_only(CentralTaskParticipation), "P10"),
    "T10": (expert_visits, ""),
    "T11": (lambda: one(teaching.LessonStudy, held_on__gte=SINCE), ""),
    "T12": (stage_in_use, ""),
    "T13": (lambda: one(teaching.Award, kind="teaching_award", level="city"), ""),
    "T14": (lambda: teaching.PlatformPublication.objects.filter(platform="学习强国").last(), ""),
    "T15": (lambda: one(teaching.Award, kind="lecture_contest", grade="second"), ""),
    "T16": (lambda: one(teaching.Presentation, occasion="standing_committee"), ""),
    "R01": (lambda: project("city", approved_on__year=2022), "R04"),
    "R02": (lambda: project("provincial", approved_on__year=2023), ""),
    "R03": (lambda: project("provincial", grade="excellent"), "R02 R01 R11"),
    "R04": (lambda: project("city", approved_on__year=2023), "R11"),
    "R05": (lambda: project("city", grade="excellent"), "R04 R01 R11"),
    "R06": (lambda: one(research.ChallengeTopic), "R07"),
    "R07": (lambda: one(research.ChallengeClaim, is_awarded=True), ""),
    "R08": (lambda: one(research.Publication, outlet_kind="public_journal",
                        published_on__year=2023), ""),
    "R09": (lambda: one(research.Publication, outlet_kind="media_platform",
                        published_on__year=2023), ""),
    "R10": (lambda: one(research.Seminar, level="city", held_on__gte=SINCE), ""),
    "R11": (lambda: one(research.AdvisoryReport, reported_on__year=2022,
                        instructions__isnull=True), ""),
    "R12": (lambda: one(research.AdvisoryReport, instructions__nature="affirmative"), "R11"),
    "P01": (lambda: Hire.objects.filter(channel="talent_scheme", hired_on__year=2020).first(),
            "P05"),
    "P02": (lambda: Hire.objects.filter(channel="selection", hired_on__year=2018).first(), ""),
    "P03": (joiner, "T03 T04 T08 T09 P10 P04"),
    "P04": (graduate, ""),
    "P05": (lambda: posting("office_rotation", staff__hires__channel="talent_scheme").first(), ""),
    "P06": (lambda: once_only(Posting, kind="study", start_on__gte=dt.date(2019, 1, 1),
                              host_level__in=("central", "province")), ""),
    "P07": (lambda: posting("shadowing").order_by("staff__key").last(), ""),
    "P08": (lambda: posting("first_secretary").first(), ""),
    "P09": (lambda: posting("village_improvement").first(), ""),
    "P10": (lambda: once_only(CentralTaskParticipation), "T09"),
}  # fmt: skip


@pytest.mark.parametrize("figure", ALTERATIONS)
def test_altered_record_turns_its_figure_and_no_other(sample, seed_speech, figure):
    chosen, also = ALTERATIONS[figure]
    record = chosen()
    rows = record if hasattr(record, "update") else type(record).objects.filter(pk=record.pk)
    assert rows.update(state="voided", reason="重复登记") >= 1
    if figure == "T12":
        also = "T13 T14"
    found = verdicts(check(seed_speech, sample))
    turned = {one for one, kinds in found.items() if kinds != {"agrees"}}
    assert figure in turned
    assert "disagrees" in found[figure]
    assert turned <= {figure, *also.split()}


def test_made_up_claims_are_judged(sample):
    result = check(
        "2020年以来，立项省级课题12项，其中4项获评优秀。接待来访15批次。全员参与区委区政府中心工作。",
        sample,
    )
    assert [(c.claim.text[:4], c.verdict.value, c.found) for c in result.claims] == [
        ("12项", "disagrees", "11项"),
        ("4项", "agrees", "4项"),
        ("15批次", "unknown", None),
        ("全员参与", "agrees", "26人全覆盖"),
    ]


def test_period_said_in_the_text_is_the_one_asked(sample):
    result = check("2021年，立项省级课题3项。2022年以来立项省级课题5项。", sample)
    assert [c.verdict.value for c in result.claims] == ["agrees", "agrees"]


def test_part_above_its_whole_is_a_contradiction(sample):
    result = check("共立项省级课题3项，其中5项获评优秀。", sample)
    assert [one.kind for one in result.contradictions] == ["part_above_whole"]


def test_contradictions_are_given_out_in_words(sample):
    text = "现有教师19名（高级7名、中级9名、初级4名）。共立项课题3项，其中5项获评优秀。"
    given = check(text, sample).as_json()["contradictions"]
    assert [(one["kind"], one["claims"]) for one in given] == [
        ("part_above_whole", [4, 5]), ("parts_above_whole", [0, 3]),
    ]  # fmt: skip
    assert "19名" in given[1]["message"]


def test_parts_that_may_overlap_are_not_added_up(sample):
    assert check("现有教师19名，其中党员15名、女教师11名。", sample).contradictions == ()


def test_word_document_comes_back_coloured_with_its_text(sample, tmp_path):
    source, target = tmp_path / "draft.docx", tmp_path / "checked.docx"
    document = Document()
    paragraph = document.add_paragraph("2020年以来，立项省级课题")
    paragraph.add_run("1").bold = True
    paragraph.add_run("2项，完成调研项目32个。")
    document.save(source)
    result = check(source, sample)
    write_checked(result, target)
    back = Document(target)
    assert [p.text for p in back.paragraphs] == ["2020年以来，立项省级课题12项，完成调研项目32个。"]
    shaded = [r.text for p in back.paragraphs for r in p.runs if "w:shd" in r._r.xml]
    assert "".join(shaded) == "12项32个"
    assert len(list(back.comments)) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b"PK\x03\x04broken"),
        ("a.doc", bytes.fromhex("D0CF11E0A1B11AE1") + b"0" * 64),
        ("a.pdf", b"%PDF-1.7 "),
        ("a.txt", b"\xff\xfe\x00\x00\x00\x81"),
    ],
)
def test_wrong_file_is_refused_in_plain_words(sample, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnacceptableFile):
        check(path, sample)


def test_command_prints_json_and_ends_with_the_right_code(sample, tmp_path):
    from sanneng.cli import program

    text = tmp_path / "draft.txt"
    options = ["--school", "demo", "--as-of", "2023-06-30", "--json"]
    text.write_text("2020年以来，完成调研项目32个。", encoding="utf-8")
    agreed = CliRunner().invoke(program, ["check", str(text), *options])
    text.write_text("2020年以来，完成调研项目33个。", encoding="utf-8")
    disagreed = CliRunner().invoke(program, ["check", str(text), *options])
    assert (agreed.exit_code, disagreed.exit_code) == (0, 1)
    claim = json.loads(disagreed.stdout)["claims"][0]
    assert claim == {
        "text": "33个", "subject": "完成调研项目", "value": 33, "unit": "个", "qualifier": "exact",
        "kind": "count", "period": "2020年以来", "start": 14, "end": 17,
        "indicator": "teaching.field_studies.completed", "verdict": "disagrees", "found": "32个",
        "records": 32,
    }  # fmt: skip
    assert Verdict.DISAGREES.label


@pytest.mark.parametrize("arguments", [
    ["check", "没有这个文件.docx", "--school", "demo"],
    ["check", "x.txt", "--school", "nowhere"],
])  # fmt: skip
def test_bad_input_ends_with_code_2_and_one_clear_line(sample, monkeypatch, capsys, arguments):
    from sanneng.cli import main

    monkeypatch.setattr("sys.argv", ["sanneng", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021年全年送教送学109场次。", [("agrees", "109场次")]),
        ("2022年，我校成绩显著。全年立项市级课题7项。", [("agrees", "7项")]),
        ("今年以来，立项市级科研课题2项。", [("agrees", "2项")]),
        ("去年，立项省市级课题共10项。", [("agrees", "10项")]),
        ("截至2022年底，揭榜挂帅共发榜20项。", [("agrees", "20项")]),
        ("截至2021年底，揭榜挂帅共发榜20项。", [("disagrees", "13项")]),
        ("2023年上半年，参加理论研讨会7场次。", [("agrees", "7场次")]),
        (
            "近三年，在公开刊物发表文章13篇。\n选派教职工到上级党校进修8名。",
            [("agrees", "13篇"), ("agrees", "8名")],
        ),
        ("2021年以来，累计立项省级课题8项。", [("agrees", "8项")]),
        ("截止2022年06月30日，立项市级课题18项。", [("agrees", "18项")]),
        ("2022年1月至6月，立项省级课题3项。", [("agrees", "3项")]),
        ("2019年末，教职工平均年龄45.7岁。", [("agrees", "45.7岁")]),
        ("教职工平均年龄37.2岁。", [("agrees", "37.2岁")]),
        ("十四五以来，立项省级课题5项。", [("ambiguous", "11项")]),
        ("截至2022年12月31日，立项国家级课题1项。", [("unknown", None)]),
        ("2024年计划立项省级课题5项。", [("unknown", None)]),
        ("力争到明年，专题课达到50个。", [("unknown", None)]),
        ("并非全员参与中心工作。", []),
        ("尚未实现网络师资培训全覆盖。", []),
        (
            "共发表文章61篇，其中公开刊物14篇、媒体和内部刊物43篇。",
            [("agrees", "61篇"), ("agrees", "14篇"), ("agrees", "43篇")],
        ),
    ],
)
def test_sentences_put_otherwise_are_judged_over_the_time_they_name(sample, text, expected):
    result = check(text, sample)
    assert [(c.verdict.value, c.found) for c in result.claims] == expected


def test_parts_told_apart_by_respectively_contradict_nothing(sample):
    text = "2020年以来省级课题立项11项、市级课题立项20项，分别有4项、6项获评优秀。"
    assert check(text, sample).contradictions == ()


def test_part_of_those_covered_is_true_when_it_does_not_claim_all(sample):
    newcomer = one(Hire, channel="talent_scheme", hired_on__gte=SINCE).staff
    rotation = one(Posting, kind="office_rotation", staff=newcomer)
    Posting.objects.filter(pk=rotation.pk).update(state="voided", reason="重复登记")
    (some,) = check("2019年以来，新进人才中4名承担综合股室工作。", sample).claims
    every = check("2019年以来，新进4名人才均承担综合股室工作。", sample).claims
    assert some.verdict.value == "agrees"
    assert {claim.verdict.value for claim in every} == {"disagrees"}


def test_round_and_exact_number_of_one_thing_do_not_contradict(sample):
    assert check("累计开发专题课30余个。累计开发专题课31个。", sample).contradictions == ()
    assert len(check("累计开发专题课30余个。累计开发专题课45个。", sample).contradictions) == 1
