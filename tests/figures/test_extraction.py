"""What is a figure in a Chinese text, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanneng.figures import claims, contradictions, extract, holds, statements, to_json
from sanneng.figures.numerals import parse
from sanneng.figures.writing import QualifierNotTrue, write, write_date, write_range

# (text, what it states as (value, unit, qualifier)); our own sentences.
GOLD = [
    ("全年举办主体班12期，培训学员1,286人次。", [(12, "期", "exact"), (1286, "人次", "exact")]),
    ("发表论文5篇、报告3篇、案例2篇。", [(5, "篇", "exact"), (3, "篇", "exact"), (2, "篇", "exact")]),
    ("到会人数300余人，其中女干部近百人。", [(300, "人", "over"), (100, "人", "under")]),
    ("每名教师听课不少于10次，人均授课8.5学时。", [(10, "次", "atleast"), (8.5, "学时", "exact")]),
    ("满意率达98.6%，同比提高2.3个百分点。", [(98.6, "%", "exact"), (2.3, "个百分点", "exact")]),
    ("投入经费约35万元，争取项目资金1.2亿元。", [(35, "万元", "approx"), (1.2, "亿元", "exact")]),
    ("走访群众三百二十户，化解矛盾二十三件。", [(320, "户", "exact"), (23, "件", "exact")]),
    ("参训率稳定在95%～98%。", [((95, 98), "%", "exact")]),
    ("每期培训3—5天，每班40至50人。", [((3, 5), "天", "exact"), ((40, 50), "人", "exact")]),
    ("获一等奖1项、二等奖两项。", [(1, "项", "exact"), (2, "项", "exact")]),
    ("教职工由28人增加到31人。", [(28, "人", "exact"), (31, "人", "exact")]),
    ("位居全市第2名。", [(2, "名", "exact")]),
    ("十余名教师参加，听众两千余人次。", [(10, "名", "over"), (2000, "人次", "over")]),
    ("培训人数突破5000人，逾60场宣讲。", [(5000, "人", "over"), (60, "场", "over")]),
    ("办班次数（期）\t12\n参训人数（人）\t468", [(12, "期", "exact"), (468, "人", "exact")]),
    ("共收到建议十七八条。", [((17, 18), "条", "approx")]),
    ("百分之八十的学员完成了作业。", [(80, "%", "exact")]),
    ("集中授课40学时以上，实地教学20小时左右。",
     [(40, "学时", "atleast"), (20, "小时", "approx")]),
    ("不到30人的小班占六成。", [(30, "人", "under"), (6, "成", "exact")]),
    ("２０２２年新聘教师３名。", [(3, "名", "exact")]),
]  # fmt: skip
NOTHING = [
    "2021年3月5日上午9:30，第十四次会议在3楼召开。",
    "坚持“两个确立”、做到“两个维护”，增强四个意识。",
    "一是提高认识，二是压实责任，三是强化保障。",
    "（一）总体要求\n1. 指导思想\n2．基本原则",
    "市委〔2023〕12号文件，国办发8号。",
    "第12期中青班、2021级3班的学员代表发言。",
    "“十四五”规划和党的二十大精神。",
    "认真落实中央八项规定精神，推进三农工作。",
    "打造一支高素质队伍，形成一个中心、两个基本点的格局。",
    "近五年来，特别是2019年以来。",
    "担任第一书记，开展一对一帮扶，实行一票否决。",
    "20世纪80年代以来的经验。",
    "五四青年节、七一前夕、3·15活动。",
    "万众一心，千方百计，百年大计。",
    "进一步统一思想，提升十分明显。",
]


@pytest.mark.parametrize(("text", "stated"), GOLD, ids=[text[:12] for text, _s in GOLD])
def test_figures_are_found_with_unit_and_qualifier(text, stated):
    given = [to_json(claim) for claim in extract(text)]
    assert [(c["value"], c["unit"], c["qualifier"]) for c in given] == [
        (list(value) if isinstance(value, tuple) else value, unit, qualifier)
        for value, unit, qualifier in stated
    ]


@pytest.mark.parametrize("text", NOTHING, ids=[text[:12] for text in NOTHING])
def test_dates_ordinals_and_names_are_no_figures(text):
    assert [c.text for c in extract(text)] == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("研究生学历占比上升至27%。", "ratio"),
        ("平均年龄较2019年下降9岁。", "change"),
        ("教师平均年龄41.5岁。", "age"),
        ("人均担任班主任9次。", "average"),
        ("全市排名第三。", "rank"),
        ("拨付经费30万元。", "money"),
        ("较上年增加教师3名。", "change"),
        ("新增教师3名。", "count"),
    ],
)
def test_kind_is_told_from_the_words_around(text, kind):
    assert [c.kind for c in extract(text)] == [kind]


def test_coordinated_figures_are_of_one_kind():
    assert [c.kind for c in extract("省、市课题分别增长70%和30%。")] == ["change", "change"]


def test_part_names_its_whole():
    whole, part, other, its_part = extract(
        "立项省级课题11项，其中4项获评优秀；立项市级课题20项、6项获评优秀。"
    )
    assert (part.part_of, other.part_of, its_part.part_of) == (0, None, 2)
    assert "省级" in part.subject
    assert "市级" in its_part.subject
    assert whole.part_of is None


def test_period_reaches_the_figures_after_it():
    first, second = extract("2020年以来，举办培训8期，听课300余人次。")
    assert [one.period.since for one in (first, second)] == [2020, 2020]


def test_period_of_one_table_row_does_not_reach_the_next():
    first, second = extract("课题（项）\t11\t2020年以来\n展演（人次）\t8\t累计")
    assert (first.period, second.period) == (None, None)


def test_statements_are_coverages_and_trends():
    found = statements("立项数逐年提升，全员参与中心工作，新进教师均承担综合股室工作。")
    assert [(one.kind, one.qualifier) for one in found] == [
        ("trend", "rising"), ("coverage", "every"), ("coverage", "every"),
    ]  # fmt: skip


def test_two_values_for_one_thing_contradict():
    found = claims("完成调研项目32个。会议指出，完成调研项目30个。")
    assert [one.kind for one in contradictions(found)] == ["two_values"]


@pytest.mark.parametrize(
    ("qualifier", "stated", "found", "true"),
    [
        ("over", 300, 299, False), ("over", 300, 300, False), ("over", 300, 301, True),
        ("over", 300, 399, True), ("over", 300, 400, False), ("over", 300, 412, False),
        ("over", 30, 39, True), ("over", 30, 40, False), ("over", 320, 329, True),
        ("over", 320, 331, False), ("atleast", 9, 9, True), ("atleast", 9, 8.96, False),
        ("under", 300, 299, True), ("under", 300, 300, False), ("exact", 27, 26.92, True),
        ("exact", 27, 27.5, False), ("exact", 26.9, 26.92, True), ("approx", 300, 310, True),
        ("approx", 300, 340, False), ("above", 300, 412, True), ("above", 300, 300, False),
        ("atmost", 5.5, 5.2, True), ("atmost", 5.5, 5.6, False), ("exact", (3, 5), 4, True), ("exact", (3, 5), 6, False),
    ],
)  # fmt: skip
def test_qualifier_holds_exactly_where_its_words_are_true(qualifier, stated, found, true):
    from fractions import Fraction

    assert holds(qualifier, stated, Fraction(str(found))) is true


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "written"),
    [
        (301, "人次", "over", "300余人次"), (412, "场次", "over", "400余场次"),
        (1234, "人", "over", "1200余人"), (9, "次", "atleast", "9次以上"),
        (299, "人", "under", "近300人"), (0.5, "%", "exact", "0.5%"), (27, "%", "exact", "27%"),
        (302, "人", "approx", "约300人"),
    ],
)  # fmt: skip
def test_figures_are_written_the_official_way(value, unit, qualifier, written):
    assert write(value, unit, qualifier) == written


@pytest.mark.parametrize(("value", "qualifier"), [(300, "over"), (8, "over"), (412, "under")])
def test_false_qualifier_is_refused(value, qualifier):
    with pytest.raises(QualifierNotTrue):
        write(value, "人", qualifier)


def test_ranges_and_dates_are_written_in_full():
    import datetime as dt

    assert write_range(63, 68, "%") == "63%～68%"
    assert write_range(3, 5, "次") == "3～5次"
    assert write_date(dt.date(2026, 1, 5)) == "2026年1月5日"


@pytest.mark.parametrize(
    ("text", "value"),
    [("二十三", 23), ("三百二", 320), ("一万五", 15000), ("十二", 12), ("两千零五", 2005),
     ("二〇二三", 2023), ("三四", None), ("十十", None), ("", None)],
)  # fmt: skip
def test_chinese_numerals(text, value):
    assert parse(text) == value


@given(st.integers(min_value=10, max_value=99999), st.sampled_from(["over", "exact", "atleast"]))
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_back_and_true(value, qualifier):
    try:
        text = write(value, "人次", qualifier)
    except QualifierNotTrue:
        return
    (claim,) = extract(f"共到会{text}。")
    assert holds(claim.qualifier, claim.value, value)


@given(
    st.text(
        alphabet="一二三十百千万余多近第其中，。、0123456789.%年月日人次项个\n\t（）“”", max_size=80
    )
)
@settings(max_examples=300, deadline=None)
def test_offsets_are_those_of_the_text_whatever_it_is(text):
    for claim in claims(text):
        assert text[claim.start : claim.end] == claim.text


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all_is_read_without_error(text):
    for claim in claims(text):
        assert text[claim.start : claim.end] == claim.text


def test_a_number_without_end_counts_nothing_and_what_follows_is_found():
    text = "9" * 5000 + "人次，" + "一百二十三亿" * 500 + "人，到会12人。"
    assert [claim.value for claim in claims(text)] == [12]


def test_a_list_without_end_takes_time_with_its_length_alone():
    started = time.process_time()
    assert list(claims("1、" * 40_000)) == []
    assert time.process_time() - started < 20
