"""Evidence named in a workbook."""

import pytest
from django.db import connection

from sanneng.core.models import Evidence
from sanneng.people.models import Staff
from tests.core.rows import STAFF, ZHANG, places


def test_evidence_is_a_file_where_there_is_one_and_else_a_reference(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "鉴定.pdf").write_bytes(b"%PDF-1.7 x")
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "鉴定.pdf；东党校〔2022〕1号"]]}
    take(lines)
    file, reference = Evidence.objects.order_by("-size")
    assert (file.title, file.size, file.media_type) == ("鉴定.pdf", 10, "application/pdf")
    assert (reference.title, reference.is_file) == ("东党校〔2022〕1号", False)
    assert (evidence_root / file.digest[:2] / file.digest[2:4] / file.digest).exists()
    assert take(lines).unchanged == 1
    (folder / "鉴定.pdf").unlink()
    assert take(lines).unchanged == 1
    assert Evidence.objects.count() == 2


def test_evidence_may_be_added_later_and_is_never_taken_away(take):
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "甲号"]]}
    take(lines)
    lines["教职工"][1][-1] = "乙号"
    assert take(lines).changed == 1
    assert sorted(Staff.objects.get().evidence.values_list("title", flat=True)) == ["乙号", "甲号"]
    assert Staff.objects.get().version == 2


def test_a_file_that_is_not_what_it_says_is_a_fault_of_the_row(take, tmp_path, evidence_root):
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "鉴定.pdf").write_bytes(b"MZ\x90")
    lines = {"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "鉴定.pdf"]]}
    report = take(lines, evidence_dir=folder)
    assert places(report) == [("教职工", 2, "佐证材料")]
    assert not evidence_root.exists()


def test_a_name_in_a_cell_reaches_nothing_outside_the_folder(take, tmp_path):
    (tmp_path / "秘密.pdf").write_bytes(b"%PDF-1.7 secret")
    folder = tmp_path / "材料"
    folder.mkdir()
    (folder / "链接.pdf").symlink_to(tmp_path / "秘密.pdf")
    names = f"../秘密.pdf；{tmp_path / '秘密.pdf'}；链接.pdf"
    take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, names]]}, evidence_dir=folder)
    assert [evidence.is_file for evidence in Evidence.objects.all()] == [False] * 3


def test_files_of_a_refused_import_do_not_stay_in_the_store(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 x")
    take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "a.pdf"]]}, dry_run=True)
    assert [path for path in evidence_root.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the trigger is written for SQLite")
def test_a_refusal_that_no_row_explains_is_an_error_of_the_file(take, tmp_path, evidence_root):
    folder = tmp_path / "表_佐证"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 x")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER no_memory AFTER INSERT ON core_importedrow "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    report = take({"教职工": [[*STAFF, "佐证材料"], [*ZHANG, "a.pdf"]]})
    assert places(report) == [("", 0, "")]
    assert (Staff.objects.count(), report.batch) == (0, None)
    assert [path for path in evidence_root.rglob("*") if path.is_file()] == []
