"""Rules over several rows, held by the database itself.

A check constraint sees one row; "no two main posts at once" needs to see the others. Such a
rule is declared on its model (``row_rules``) and installed as a trigger after every
migration, on SQLite and PostgreSQL alike. Installing again after each migration matters:
SQLite rebuilds a table to alter it, and its triggers are lost with the old table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import Promise


@dataclass(frozen=True)
class RowRule:
    """Refuse a row for which ``violated_when`` holds.

    ``violated_when`` is an SQL condition over ``NEW`` that both engines understand.
    ``message`` tells people what is wrong and what to do.
    ``lock`` names the column whose value serialises writers on PostgreSQL, so that two
    transactions cannot each miss the other's row (on SQLite there is one writer anyway).
    """

    name: str
    violated_when: str
    lock: str
    message: str | Promise


def install_row_rules(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every model of ``app_config`` (a ``post_migrate`` receiver)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for model in app_config.get_models():
        for rule in getattr(model, "row_rules", ()):
            if model._meta.db_table in tables:
                _install(connection, model, rule)
    if app_config.label == "core" and "core_auditentry" in tables:
        with connection.cursor() as cursor:
            for statement in keep_audit_entries(connection):
                cursor.execute(statement)


def keep_audit_entries(connection: BaseDatabaseWrapper) -> list[str]:
    """Refuse changes of the audit log. On SQLite a removed entry is noticed by the chain only:
    emptying a database for a restore has to remain possible there."""
    table, message = "core_auditentry", "the audit log cannot be changed"
    if connection.vendor == "sqlite":
        return [
            "DROP TRIGGER IF EXISTS core_auditentry_kept",
            f"CREATE TRIGGER core_auditentry_kept BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
        ]
    return [
        "CREATE OR REPLACE FUNCTION core_auditentry_kept() RETURNS trigger LANGUAGE plpgsql "
        f"AS $body$ BEGIN RAISE EXCEPTION '{message}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $body$",
        f"DROP TRIGGER IF EXISTS core_auditentry_kept ON {table}",
        f"CREATE TRIGGER core_auditentry_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION core_auditentry_kept()",
    ]


def _install(connection: BaseDatabaseWrapper, model: type[models.Model], rule: RowRule) -> None:
    table = model._meta.db_table
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor](table, rule)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(table: str, rule: RowRule) -> list[str]:
    statements = []
    for event in ("INSERT", "UPDATE"):
        trigger = f"{rule.name}_{event.lower()}"
        statements += [
            f'DROP TRIGGER IF EXISTS "{trigger}"',
            f'CREATE TRIGGER "{trigger}" AFTER {event} ON "{table}" WHEN {rule.violated_when} '
            f"BEGIN SELECT RAISE(ABORT, '{rule.name}'); END",
        ]
    return statements


def _postgresql(table: str, rule: RowRule) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN PERFORM pg_advisory_xact_lock(hashtext('{rule.name}'), "
        f"hashtext(NEW.{rule.lock}::text)); "
        f"IF {rule.violated_when} THEN "
        f"RAISE EXCEPTION '{rule.name}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{rule.name}'; END IF; RETURN NULL; END $body$",
        f'DROP TRIGGER IF EXISTS "{rule.name}" ON "{table}"',
        f'CREATE TRIGGER "{rule.name}" AFTER INSERT OR UPDATE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {rule.name}()",
    ]
