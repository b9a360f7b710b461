import zipfile

import pytest
from openpyxl import load_workbook

from sanneng.core.errors import UnacceptableFile
from sanneng.core.spreadsheets import marking
from sanneng.core.spreadsheets.importing import import_workbook
from sanneng.core.spreadsheets.marking import mark_errors
from sanneng.people.models import Staff
from tests.core.rows import write_sheets

LINES = {
    "教职工": [
        ["编号", "姓名", "出生日期", "生辰"],
        ["S1", "张三", "不详", ""],
        ["S2", "", "1980-01-01", ""],
    ],
    "别的": [["x"]],
}


@pytest.fixture
def source(tmp_path):
    return write_sheets(tmp_path / "表.xlsx", LINES)


def test_each_faulty_cell_bears_a_note_and_colour(source, school, tmp_path):
    report = import_workbook(source, school=school, by=None)
    target = tmp_path / "标注.xlsx"
    mark_errors(source, target, report)
    book = load_workbook(target)
    notes = {
        (page.title, cell.coordinate): cell.comment.text.split("。")[0]
        for page in book
        for row in page.iter_rows()
        for cell in row
        if cell.comment
    }
    assert notes == {
        ("教职工", "D1"): "没有这一列",
        ("教职工", "C2"): "“不详”不是日期",
        ("教职工", "B3"): "必填，不能空着",
        ("别的", "A1"): "没有这种记录",
    }
    assert book["教职工"]["C2"].fill.fgColor.rgb == "FFFFE08A"
    assert book["教职工"]["C3"].fill.fgColor.rgb == "00000000"


def test_the_marked_copy_imports_once_it_is_mended(source, school, tmp_path):
    report = import_workbook(source, school=school, by=None)
    target = tmp_path / "标注.xlsx"
    mark_errors(source, target, report)
    book = load_workbook(target)
    book["教职工"]["C2"], book["教职工"]["B3"], book["教职工"]["D1"] = "1980-01-02", "李四", None
    del book["别的"]
    book.save(target)
    assert import_workbook(target, school=school, by=None).errors == []
    assert Staff.objects.count() == 2


def test_a_very_large_workbook_is_not_copied(source, school, tmp_path, monkeypatch):
    report = import_workbook(source, school=school, by=None)
    monkeypatch.setattr(marking, "MAX_FILE_BYTES", 10)
    with pytest.raises(UnacceptableFile):
        mark_errors(source, tmp_path / "x.xlsx", report)


def test_a_workbook_of_too_many_cells_is_not_copied(source, school, tmp_path, monkeypatch):
    monkeypatch.setattr(marking, "MAX_CELLS", 10)
    report = import_workbook(source, school=school, by=None)
    with pytest.raises(UnacceptableFile, match="太大"):
        mark_errors(source, tmp_path / "标注.xlsx", report)


def test_a_workbook_that_cannot_be_copied_is_refused_in_words(source, school, tmp_path):
    """Reading for an import needs less of the file than copying it with its looks."""
    damaged = tmp_path / "坏.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if name == "xl/styles.xml" else old.read(name))
    report = import_workbook(source, school=school, by=None)
    with pytest.raises(UnacceptableFile):
        mark_errors(damaged, tmp_path / "标注.xlsx", report)
