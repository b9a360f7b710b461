"""``sanneng template``, ``import``, ``export`` and ``undo`` as somebody types them."""

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from sanneng.cli import program
from sanneng.core.errors import SannengError
from sanneng.core.models import ImportBatch, School, User
from sanneng.people.models import Staff
from tests.core.rows import write_sheets

STAFF = ["编号", "姓名", "出生日期", "性别", "状态"]
ZHANG = ["S1", "张三", "1980-01-02", "男", "已通过"]


@pytest.fixture(autouse=True)
def school(db):
    return School.objects.create(code="east", name="东区党校", level="district")


@pytest.fixture
def workbook(tmp_path):
    return write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, ZHANG]})


def run(*arguments, fails=0):
    result = CliRunner().invoke(program, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == fails, result.output
    return result.output


def test_a_workbook_is_imported_exported_changed_and_undone(workbook, tmp_path):
    assert "导入完成，批次号" in run("import", workbook, "--school", "east")
    out = tmp_path / "新" / "出.xlsx"
    assert "1 条记录已写到" in run("export", "--school", "east", "-o", out, "教职工")
    book = load_workbook(out)
    book["教职工"]["B2"] = "张三丰"
    book.save(out)
    run("import", out, "--school", "east")
    assert Staff.objects.get().name == "张三丰"
    batch = ImportBatch.objects.latest("pk")
    assert run("undo", batch.pk) == f"已撤销批次 {batch.pk}：删除 0 条，恢复 1 条。\n"
    assert Staff.objects.get().name == "张三"


def test_a_dry_run_writes_nothing(workbook):
    assert "什么都没有写入" in run("import", workbook, "--school", "east", "--dry-run")
    assert Staff.objects.count() == 0


def test_a_second_import_says_that_nothing_had_to_change(workbook):
    run("import", workbook, "--school", "east")
    assert "什么都不用改" in run("import", workbook, "--school", "east")


def test_the_person_named_is_the_one_who_imported(workbook):
    User.objects.create(username="li", is_superuser=True)
    run("import", workbook, "--school", "east", "--by", "li")
    assert Staff.objects.get().created_by.username == "li"


def test_errors_are_listed_by_place_and_the_rest_counted(tmp_path):
    people = [[f"S{n}", f"人{n}", "不详", "", ""] for n in range(60)]
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, *people]})
    output = run("import", path, "--school", "east", "--errors", "10", fails=2)
    assert "共 60 处错误，什么都没有写入。" in output
    assert "……还有 50 处错误。" in output
    assert output.count("出生日期") == 10


def test_a_file_that_is_no_workbook_is_an_error_in_words(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_text("x")
    with pytest.raises(SannengError, match="这不是 Excel 工作簿"):
        run("import", path, "--school", "east")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export", "--school", "west"), "没有代码为“west”的学校。现有：east。"),
        (("template", "教员"), "没有“教员”这种记录。可用：教职工、"),
        (("undo", "1", "--by", "nobody"), "没有用户名为“nobody”的账号。"),
    ],
)
def test_names_that_are_not_known_are_answered_with_those_that_are(arguments, words):
    assert words in run(*arguments, fails=2).replace("\n", "")


def test_a_batch_that_is_not_there_is_answered_with_the_last_ones(workbook):
    with pytest.raises(SannengError, match="还没有导入过"):
        run("undo", 9)
    run("import", workbook, "--school", "east")
    with pytest.raises(SannengError, match=r"表\.xlsx"):
        run("undo", 0)


def test_a_template_of_one_type_is_written(tmp_path):
    path = tmp_path / "t.xlsx"
    run("template", "-o", path, "people.staff")
    assert load_workbook(path).sheetnames == ["填写说明", "教职工"]


def test_faults_are_marked_in_a_copy_when_asked_for(tmp_path):
    path = write_sheets(tmp_path / "表.xlsx", {"教职工": [STAFF, ["S1", "张三", "不详", "", ""]]})
    marked = tmp_path / "标注.xlsx"
    run("import", path, "--school", "east", "--mark", marked, fails=2)
    assert "不是日期" in load_workbook(marked)["教职工"]["C2"].comment.text
