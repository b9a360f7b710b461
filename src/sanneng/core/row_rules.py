"""Rules over several rows, held by the database itself.

A check constraint sees one row; "no two main posts at once" needs to see the others. Such a
rule is declared on its model (``row_rules``) and installed as a trigger after every
migration, on SQLite and PostgreSQL alike. Installing again after each migration matters:
SQLite rebuilds a table to alter it, and its triggers are lost with the old table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class RowRule:
    """Refuse a row for which ``violated_when`` holds.

    ``violated_when`` is an SQL condition over ``NEW`` that both engines understand;
    ``only_when`` one over the row alone (over ``OLD`` too, where only updates are watched) that
    has to hold first. ``message`` tells people what is wrong and what to do, ``fields`` are
    those concerned.

    ``lock`` names the column whose value serialises writers on PostgreSQL, so that two
    transactions cannot each miss the other's row (on SQLite there is one writer anyway); rules
    of two tables that guard each other share a ``lock_name``. ``columns`` are those whose
    update is watched; all, where none is named.
    """

    name: str
    message: str | Promise
    violated_when: str = ""
    only_when: str = ""
    lock: str = ""
    lock_name: str = ""
    fields: tuple[str, ...] = ()
    events: tuple[str, ...] = ("INSERT", "UPDATE")
    columns: tuple[str, ...] = ()


def rules_of(model: type[models.Model]) -> list[RowRule]:
    """The rules of ``model``: those it declares, and the school boundary between records."""
    return [*getattr(model, "row_rules", ()), *_boundary_rules(model)]


def _boundary_rules(model: type[models.Model]) -> Iterator[RowRule]:
    """A record stays in its school, and what belongs to a school refers to its records alone."""
    from sanneng.core.models import Record  # models declare their rules with this module

    fields: Any = model._meta.concrete_fields
    if not any(field.name == "school" and not field.null for field in fields):
        return
    table, stays = model._meta.db_table, issubclass(model, Record)
    if stays:
        yield RowRule(
            name=f"{table}_school_stays",
            only_when="NEW.school_id <> OLD.school_id",
            message=_("记录不能移到别的学校，请在那所学校另行登记。"),
            fields=("school",),
            events=("UPDATE",),
            columns=("school_id",),
        )
    for field in fields:
        if field.is_relation and issubclass(field.related_model, Record):
            target = field.related_model._meta.db_table
            yield RowRule(
                name=f"{table}_{field.name}_same_school",
                only_when=f"NEW.{field.column} IS NOT NULL",
                # Looked up by its primary key: asked by both, the planner may walk the school.
                violated_when=(
                    f"COALESCE((SELECT t.school_id <> NEW.school_id FROM {target} t "  # noqa: S608
                    f"WHERE t.id = NEW.{field.column}), TRUE)"
                ),
                message=format_lazy(
                    _("“{field}”只能选本校的记录，请重新选择。"), field=field.verbose_name
                ),
                fields=(field.name,),
                columns=(field.column,) if stays else (field.column, "school_id"),
            )


def install_row_rules(app_config: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Create the triggers of every model of ``app_config`` (a ``post_migrate`` receiver)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    for model in app_config.get_models():
        if model._meta.db_table in tables:
            for rule in rules_of(model):
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
    condition = " AND ".join(f"({one})" for one in (rule.only_when, rule.violated_when) if one)
    for event in rule.events:
        trigger = f"{rule.name}_{event.lower()}"
        statements += [
            f'DROP TRIGGER IF EXISTS "{trigger}"',
            f'CREATE TRIGGER "{trigger}" AFTER {_watched(rule, event)} ON "{table}" '
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{rule.name}'); END",
        ]
    return statements


def _postgresql(table: str, rule: RowRule) -> list[str]:
    lock = (
        f"PERFORM pg_advisory_xact_lock(hashtext('{rule.lock_name or rule.name}'), "
        f"hashtext(NEW.{rule.lock}::text)); "
        if rule.lock
        else ""
    )
    events = " OR ".join(_watched(rule, event) for event in rule.events)
    when = f"WHEN ({rule.only_when}) " if rule.only_when else ""
    return [
        f"CREATE OR REPLACE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN {lock}IF {rule.violated_when or 'true'} THEN "
        f"RAISE EXCEPTION '{rule.name}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{rule.name}'; END IF; RETURN NULL; END $body$",
        f'DROP TRIGGER IF EXISTS "{rule.name}" ON "{table}"',
        f'CREATE TRIGGER "{rule.name}" AFTER {events} ON "{table}" '
        f"FOR EACH ROW {when}EXECUTE FUNCTION {rule.name}()",
    ]


def _watched(rule: RowRule, event: str) -> str:
    """The event, in SQL, and for an update the columns that it is about."""
    if event == "UPDATE" and rule.columns:
        return f"UPDATE OF {', '.join(rule.columns)}"
    return event
