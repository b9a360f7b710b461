import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from sanneng.core.errors import UnacceptableFile
from sanneng.core.spreadsheets.opening import MAX_RECTANGLE, open_workbook

OLE = bytes.fromhex("D0CF11E0A1B11AE1")


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    book = Workbook()
    book.active.append(["a", 1])
    book.save(path)
    return path


def refused(path, content=None):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnacceptableFile) as caught:
        open_workbook(path)
    return caught.value.code


def rewrite(path, name, content):
    """Replace one member of the workbook, as somebody with bad intentions would."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    path.write_bytes(buffer.getvalue())
    return path


def test_a_workbook_opens(workbook):
    assert open_workbook(workbook).get_sheet_by_index(0).to_python() == [["a", 1.0]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        ("姓名,出生日期".encode(), "not_xlsx"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (OLE + b"Workbook", "old_format"),
        (OLE + b"..." + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_no_workbook_is_told_apart(tmp_path, content, code):
    assert refused(tmp_path / "x.xlsx", content) == code


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    assert refused(tmp_path / "x.xlsx") == "missing"


def test_another_kind_of_zip_is_no_workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(path) == "not_xlsx"


def test_a_workbook_whose_parts_are_broken_is_damaged(workbook):
    assert refused(rewrite(workbook, "xl/workbook.xml", b"<workbook")) == "damaged"


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("address", ["XFD1048576", "xfd1048576"])
def test_one_value_in_the_far_corner_does_not_take_all_memory(workbook, quote, address):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c r="A1"><v>1</v></c></row>'
        f"<row><c  r ={quote}{address}{quote} t='n'><v>1</v></c></row></sheetData></worksheet>"
    )
    assert refused(rewrite(workbook, "xl/worksheets/sheet1.xml", sheet)) == "too_large"


def test_an_address_cut_in_two_by_the_reading_is_seen(workbook):
    start = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    far = '<row><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData></worksheet>'
    for cut in range(5, 30, 4):
        filler = " " * ((1 << 20) - len(start) - cut)
        assert refused(rewrite(workbook, "xl/worksheets/sheet1.xml", start + filler + far)) == (
            "too_large"
        )


def test_formatted_empty_cells_far_below_do_no_harm(workbook):
    book = load_workbook(workbook)
    book.active["CZ1048576"].font = Font(bold=True)
    book.save(workbook)
    assert MAX_RECTANGLE < 104 * 1048576
    assert open_workbook(workbook).get_sheet_by_index(0).to_python() == [["a", 1.0]]


def test_a_bomb_is_refused_before_it_is_parsed(workbook):
    rewrite(workbook, "xl/worksheets/sheet1.xml", b" " * (80 << 20))
    assert workbook.stat().st_size < 1 << 20
    assert refused(workbook) == "too_large"


def test_entities_are_not_expanded(workbook):
    sheet = (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    )
    rewrite(workbook, "xl/worksheets/sheet1.xml", sheet)
    try:
        cells = open_workbook(workbook).get_sheet_by_index(0).to_python()
    except Exception as error:
        cells = str(error)
    assert "root:" not in str(cells)
