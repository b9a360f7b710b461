"""Rows for every record type, made from the same declaration as the product's columns."""

import datetime as dt

from openpyxl import Workbook

from sanneng.core.spreadsheets.columns import Kind, sheets

DAY = dt.date(2022, 3, 1)
STAFF = ["编号", "姓名", "出生日期", "性别", "状态"]
ZHANG = ["S1", "张三", "1980-01-02", "男", "已通过"]


def key_of(model):
    return f"{model._meta.label_lower}-1"


def full_row(sheet):
    """A row with every column filled; all dates are one day, so that none is before another."""
    values = {
        Kind.TEXT: "甲",
        Kind.INTEGER: 3,
        Kind.PERCENT: 60,
        Kind.TENTHS: 125,
        Kind.DATE: DAY,
        Kind.BOOLEAN: True,
        Kind.EVIDENCE: ["东党校〔2022〕1号", "签到表.pdf"],
    }
    row = {}
    for column in sheet.read_columns:
        if column.kind is Kind.CHOICE:
            row[column.name] = next(iter(column.labels))
        elif column.kind is Kind.REFERENCE:
            row[column.name] = key_of(column.target)
        else:
            row[column.name] = values[column.kind]
    return row | {"key": key_of(sheet.model), "state": "approved", "reason": ""}


def rows_of_every_type():
    return {sheet.model: [full_row(sheet)] for sheet in sheets()}


def write_sheets(path, lines_by_title):
    """Lines as a person would type them, written without any help of ours."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, lines in lines_by_title.items():
        page = workbook.create_sheet(title)
        for line in lines:
            page.append(line)
    workbook.save(path)
    return path


def snapshot(model):
    """What records of ``model`` say, and their evidence, without anything about when."""
    fields = [
        field.attname
        for field in model._meta.concrete_fields
        if field.name not in ("id", "created_at", "decided_at", "submitted_at", "import_batch")
    ]
    return [
        (
            {name: getattr(record, name) for name in fields},
            sorted(record.evidence.values_list("title", "digest")),
        )
        for record in model.objects.order_by("key")
    ]


def places(report):
    """Where the faults of an import are."""
    return [(error.sheet, error.row, error.column) for error in report.errors]
