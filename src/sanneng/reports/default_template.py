"""The work report that comes with the product, built as a template that users may edit.

``python -m sanneng.reports.default_template`` writes ``work_report.docx`` anew.
"""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument

from sanneng.reports import gongwen as g

TARGET = Path(__file__).parent / "work_report.docx"

# (style, text): figures are tags, so that no number is typed by hand.
CONTENT: tuple[tuple[str, str], ...] = (
    (g.TITLE, "{{ school }}"),
    (g.TITLE, "教学科研和队伍建设工作情况报告"),
    (g.ADDRESSEE, ""),
    (g.ADDRESSEE, "市委党校："),
    (g.BODY, "现将我校截至{{ as_of }}的教学、科研和队伍建设情况报告如下。文中数字均由业务记录算得，"
             "统计口径见附件，可逐一追溯到记录。"),
    (g.LEVEL_1, "一、教学能力建设"),
    (g.LEVEL_2, "（一）抓理论学习"),
    (g.BODY, "2020年以来，举办校内师资专题培训{{ fig('teaching.faculty_training.terms') }}，教师到主体班随堂听课"
             "{{ fig('teaching.listening.person_times', qualifier='over') }}。每年安排专兼职教师参加中央党校、省委党校的网络培训，"
             "完成情况为{{ fig('teaching.online_training.coverage') }}。"),
    (g.LEVEL_2, "（二）抓实践锻炼"),
    (g.BODY, "教职工轮流担任班主任，人均{{ fig('teaching.advisor.average', qualifier='atleast') }}，"
             "参与面为{{ fig('teaching.advisor.coverage') }}。完成调研项目{{ fig('teaching.field_studies.completed') }}，"
             "上挂下派{{ fig('teaching.secondments.person_times') }}，送教送学{{ fig('teaching.outreach.sessions', qualifier='over') }}。"
             "区委区政府中心工作的参与情况为{{ fig('people.central_tasks.coverage') }}。"),
    (g.LEVEL_2, "（三）抓授课水平"),
    (g.BODY, "请省、市委党校专家{{ fig('teaching.experts.invited') }}到校指导，开展集体备课、集中研讨和课前试讲共"
             "{{ fig('teaching.lesson_studies.sessions', qualifier='over') }}。累计开发专题课{{ fig('teaching.courses.developed', qualifier='over') }}，"
             "其中获市级优秀教学成果奖或精品课{{ fig('teaching.courses.awarded') }}，讲稿在“学习强国”平台刊发"
             "{{ fig('teaching.courses.on_platform') }}。微党课在市、区宣讲比赛中获一、二等奖{{ fig('teaching.micro_courses.awarded') }}，"
             "到区委常委会会议汇报展演{{ fig('teaching.presentations.person_times') }}。"),
    (g.CELL, "{{ chart('abilities') }}"),
    (g.LEVEL_1, "二、科研咨政能力建设"),
    (g.LEVEL_2, "（一）全员参与课题攻关"),
    (g.BODY, "2020年以来立项省级课题{{ fig('research.projects.provincial') }}，其中{{ fig('research.projects.provincial_excellent') }}"
             "获评优秀；立项市级课题{{ fig('research.projects.city') }}，其中{{ fig('research.projects.city_excellent') }}获评优秀。"
             "省、市级立项数的走势为{{ fig('research.projects.trend') }}。"),
    (g.CELL, "{{ chart('projects_by_year') }}"),
    (g.LEVEL_2, "（二）学员揭榜挂帅"),
    (g.BODY, "2021年以来面向长班次发榜{{ fig('research.challenge.posted') }}，已完成{{ fig('research.challenge.completed') }}。"),
    (g.LEVEL_2, "（三）协作开展研究"),
    (g.BODY, "在公开刊物发表文章{{ fig('research.publications.public_journals') }}，在媒体平台和内部刊物发表文章"
             "{{ fig('research.publications.media_and_internal') }}，参加中央、省、市各级理论研讨会{{ fig('research.seminars.attended') }}。"),
    (g.LEVEL_2, "（四）以考核促产出"),
    (g.BODY, "科研咨政成果总量的走势为{{ fig('research.outputs.trend') }}，受到区委领导肯定性批示的成果"
             "{{ fig('research.instructions.positive') }}。"),
    (g.LEVEL_1, "三、队伍管理"),
    (g.LEVEL_2, "（一）进人"),
    (g.BODY, "近五年通过人才引进计划招录{{ fig('people.entry.talent_scheme') }}，遴选{{ fig('people.entry.selection') }}。"
             "教职工平均年龄比2019年末降低{{ fig('people.age.change') }}，研究生学历占{{ fig('people.postgraduate.share') }}。"),
    (g.CELL, "{{ chart('structure') }}"),
    (g.LEVEL_2, "（二）历练"),
    (g.BODY, "2019年以来新进人才到综合股室工作的情况为{{ fig('people.rotation.newcomers') }}；到上级党校进修"
             "{{ fig('people.study.upper_schools') }}，跟班历练{{ fig('people.shadowing.staff') }}。"),
    (g.LEVEL_2, "（三）基层"),
    (g.BODY, "选派到村任第一书记、驻村干部{{ fig('people.grassroots.village_posts') }}，到村参加农村面貌改善"
             "{{ fig('people.grassroots.village_improvement') }}；中心工作参与情况为{{ fig('people.central_tasks.all_staff') }}。"),
    (g.BODY, ""),
    (g.BODY, "附件：统计指标及口径一览表"),
    (g.BODY, ""),
    (g.SIGNATURE, "{{ school }}"),
    (g.SIGNATURE, "{{ as_of }}"),
    (g.ANNEX_MARK, "附件"),
    (g.ADDRESSEE, ""),
    (g.TITLE, "统计指标及口径一览表"),
    (g.CELL, "{{ annex() }}"),
    (g.CELL, "{{ audit }}"),
)  # fmt: skip


IMPRINT = ("抄送：区委组织部，区委宣传部。", "{{ school }}综合股室", "{{ as_of }}")


def build() -> WordDocument:
    """The template as a document: the styles of gongwen.py and the text above."""
    document = Document()
    g.dress(document)
    for style, text in CONTENT:
        document.add_paragraph(text, style=style)
    g.add_imprint(document, *IMPRINT)
    return document


if __name__ == "__main__":
    build().save(str(TARGET))
