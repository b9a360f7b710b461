"""Figures from the command line: indicators, trace, report, extract, export and the demo."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner
from django.core.management import call_command

from sanneng.cli import program
from sanneng.cli.demo import ACCOUNTS
from sanneng.core.errors import SannengError
from sanneng.core.models import Membership, School, User
from sanneng.indicators.catalogue import load_catalogue
from sanneng.reports.reading import read_figures

SCHOOL = ["--school", "demo"]
QUESTION = [*SCHOOL, "--as-of", "2023-06-30"]
pytestmark = pytest.mark.django_db


def run(*arguments, fails=0, given=None):
    result = CliRunner().invoke(program, [str(one) for one in arguments], input=given)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == fails, result.output
    return result.stdout


def test_indicators_are_given_as_json_and_as_csv_alike(sample):
    given = json.loads(run("indicators", *QUESTION, "--json"))
    rows = list(csv.DictReader(io.StringIO(run("indicators", *QUESTION, "--csv"))))
    assert [one["id"] for one in given] == [row["id"] for row in rows]
    assert [one["shown"] for one in given] == [row["shown"] for row in rows]
    shown = {one["figure"]: one["shown"] for one in given}
    assert (shown["R02"], shown["P04"], shown["T08"]) == ("11项", "27%", "26人全覆盖")


def test_indicators_by_year_show_each_year(sample):
    table = run("indicators", *QUESTION, "--by", "year", "--table")
    line = next(line for line in table.splitlines() if "立项省级科研课题" in line)
    assert "2020 3" in line


@pytest.mark.parametrize("by", ["nonsense", "created_at", "staff.nothing"])
def test_dimension_that_no_figure_has_is_an_error(sample, by):
    with pytest.raises(SannengError, match=by):
        run("indicators", *QUESTION, "--by", by)


def test_report_is_checked_as_of_its_own_day_unless_another_is_asked(sample, tmp_path):
    target = tmp_path / "report.docx"
    run("report", *QUESTION, "-o", target, "--no-pdf")
    run("check", target, *SCHOOL)
    run("check", target, *SCHOOL, "--as-of", "2022-06-30", fails=1)


def test_trace_names_the_records_and_their_evidence(sample):
    said = run("trace", "research.projects.provincial", *QUESTION)
    assert ("立项省级科研课题：11项" in said, said.count("KT00"), "立项通知" in said) == (
        True, 11, True,
    )  # fmt: skip


def test_report_is_written_and_a_figure_of_it_traced(sample, tmp_path):
    target = tmp_path / "new" / "report.docx"
    assert "38 个数字" in run("report", *QUESTION, "-o", target, "--no-pdf")
    assert len(read_figures(target)) == 38
    assert "报告中写的是：4项" in run("trace", f"{target}#R03", *SCHOOL)


def test_extract_answers_line_by_line():
    given = '{"id": 7, "text": "举办培训班12期，培训300余人次。"}\n\n{"id": "b", "text": ""}\n'
    first, second = map(json.loads, run("extract", "--jsonl", given=given).splitlines())
    assert [(c["value"], c["unit"], c["qualifier"]) for c in first["claims"]] == [
        (12, "期", "exact"), (300, "人次", "over"),
    ]  # fmt: skip
    assert (first["id"], second) == (7, {"id": "b", "claims": []})


@pytest.mark.parametrize("line", ["{", "[]", "3", '{"id": 1}'])
def test_line_that_is_no_request_is_named(line):
    with pytest.raises(SannengError, match="第 2 行"):
        run("extract", "--jsonl", given='{"id": 1, "text": "x"}\n' + line)


def test_extract_reads_a_text_as_it_is():
    (claim,) = json.loads(run("extract", given="共举办3期。"))
    assert (claim["text"], claim["value"], claim["unit"]) == ("3期", 3, "期")


def test_records_are_exported_as_parquet(sample, tmp_path):
    run("export", "--parquet", tmp_path / "p")
    assert (tmp_path / "p" / "research_project.parquet").stat().st_size > 0


def test_export_without_duckdb_says_what_to_install(sample, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(SannengError, match="duckdb.txt"):
        run("export", "--parquet", tmp_path / "p")


@pytest.mark.django_db(transaction=True)
def test_demo_makes_everything_once_and_keeps_it(tmp_path, monkeypatch, settings):
    monkeypatch.chdir(tmp_path)
    settings.HOME = tmp_path
    call_command("flush", verbosity=0, interactive=False)
    monkeypatch.setattr("sanneng.cli.demo.to_pdf", lambda path: None)
    first = run("demo")
    assert "已导入" in first
    assert {"report.docx", "check.html", "check.docx"} <= {
        one.name for one in (tmp_path / "out").iterdir()
    }
    assert all(entry.name[:6] in first for entry in load_catalogue().figures)
    user = User.objects.get(username="office")
    password = (tmp_path / "demo_passwords").read_text().split()[1]
    assert (user.check_password(password), password in first) == (True, True)
    assert oct((tmp_path / "demo_passwords").stat().st_mode)[-3:] == "600"
    again = run("demo")
    assert ("已导入" in again, password in again) == (False, True)
    assert School.objects.filter(code="demo").count() == 1
    assert sorted(Membership.objects.values_list("role", flat=True)) == sorted(
        role for _name, _label, role in ACCOUNTS
    )
