"""Records as Parquet, for engines that read many schools at once."""

from __future__ import annotations

import csv
import importlib
import tempfile
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError
from sanneng.core.registry import all_types
from sanneng.indicators.datasets import column_types

_DUCKDB_TYPES = {"int64": "BIGINT", "string": "VARCHAR", "date": "DATE", "boolean": "BOOLEAN"}
_CHUNK = 20_000
# Stands for nothing, as an empty text is a value of its own.
_NULL = "\\N"


def export_parquet(folder: Path) -> Any:
    """Write each record type to ``folder/<table>.parquet`` with the columns that indicators
    read, all schools; returns a DuckDB connection that sees the files under the table names.

    Needs the ``duckdb`` extra.
    """
    duckdb = _duckdb()
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    for record_type in all_types():
        _write(connection, record_type.model, folder)
    return connection


def _duckdb() -> Any:
    """DuckDB, which is an extra: only who exports needs it. Raises SannengError without it."""
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        message = _("还没有装 DuckDB。请运行：{command}")
        command = "uv pip install --require-hashes -r requirements/duckdb.txt"
        raise SannengError(message.format(command=command), code="no_duckdb") from None


def open_parquet(folder: Path) -> Any:
    """A DuckDB connection over files that ``export_parquet`` wrote."""
    connection = _duckdb().connect()
    for path in sorted(folder.glob("*.parquet")):
        connection.execute(f"CREATE VIEW \"{path.stem}\" AS FROM '{_quoted(path)}'")
    return connection


def _write(connection: Any, model: type[models.Model], folder: Path) -> None:
    table, types = model._meta.db_table, column_types(model)
    columns = ", ".join(f'"{name}" {_DUCKDB_TYPES[kind]}' for name, kind in types.items())
    connection.execute(f'CREATE TABLE "{table}" ({columns})')
    names = [field.attname for field in model._meta.concrete_fields if field.column in types]
    # By way of a CSV file: DuckDB takes single rows in very slowly.
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for row in model._default_manager.order_by("pk").values_list(*names).iterator(_CHUNK):
            writer.writerow([_NULL if value is None else value for value in row])
        file.flush()
        connection.execute(
            f"COPY \"{table}\" FROM '{_quoted(Path(file.name))}' "
            f"(FORMAT csv, HEADER false, NULLSTR '{_NULL}', DELIMITER ',', QUOTE '\"', ESCAPE '\"')"
        )
    target = folder / f"{table}.parquet"
    connection.execute(f"COPY \"{table}\" TO '{_quoted(target)}' (FORMAT parquet)")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
