"""The audit log: what is done is noted with it, and what is done to the log shows."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from sanneng.core.domain import audit
from sanneng.core.domain.editing import create_record
from sanneng.core.domain.records import approve_record, submit_record
from sanneng.core.enums import AuditAction, Role
from sanneng.core.models import AuditEntry, AuditHead
from sanneng.research.models import Project

WRITERS = """
import sys, threading
from django.db import connection
from sanneng.core.domain.audit import note, verify
from sanneng.core.enums import AuditAction
from sanneng.core.models import AuditEntry, School
school = School.objects.create(code="east", name="东区党校", level="district")
def write(number):
    for turn in range(25):
        note(AuditAction.SETTINGS, school=school if turn % 2 else None, by=None, writer=number)
    connection.close()
threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(AuditEntry.objects.count(), AuditEntry.objects.filter(chain="east").count(), verify())
"""


@pytest.fixture
def chain(school, office):
    """Five entries in the chain of a school."""
    for number in range(5):
        audit.note(AuditAction.SETTINGS, school=school, by=office, of=school, step=number)
    assert audit.verify() == []
    return school.code


@pytest.fixture
def tamper(db):
    """Change the log behind the program's back, as somebody with the database's password."""

    def run(*statements):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER core_auditentry_kept")
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
            for statement in statements:
                cursor.execute(statement)

    return run


def broken(known_heads=()):
    return [(fault.chain, fault.number) for fault in audit.verify(known_heads)]


def test_a_deleted_entry_is_named(chain, tamper):
    tamper("DELETE FROM core_auditentry WHERE number = 3")
    assert broken() == [("east", 3)]


@pytest.mark.parametrize(
    "change",
    [
        "details = '{\"step\": 9}'",
        "actor_name = '别人'",
        "action = 'void'",
        "address = '10.0.0.9'",
        "algorithm = 'md5'",
        "algorithm = 'none'",
    ],
)
def test_a_changed_entry_is_named(chain, tamper, change):
    tamper(f"UPDATE core_auditentry SET {change} WHERE number = 4")
    assert broken() == [("east", 4)]


def test_entries_in_another_order_are_noticed(chain, tamper):
    tamper(
        "UPDATE core_auditentry SET number = 99 WHERE number = 2",
        "UPDATE core_auditentry SET number = 2 WHERE number = 3",
        "UPDATE core_auditentry SET number = 3 WHERE number = 99",
    )
    assert broken() == [("east", 2)]


def test_an_entry_put_in_between_is_noticed(chain, tamper):
    forged = AuditEntry.objects.get(number=5)
    forged.pk, forged.number, forged.previous = None, 6, "0" * 64
    forged.digest = audit.digest_of(forged)
    forged.save(force_insert=True)
    assert broken() == [("east", 6)]


def test_an_end_cut_off_is_noticed_by_the_head(chain, tamper):
    tamper("DELETE FROM core_auditentry WHERE number >= 4")
    assert broken() == [("east", 4)]


def test_an_end_cut_off_with_its_head_is_noticed_by_what_was_kept_elsewhere(chain, tamper):
    heads = audit.heads()
    third = AuditEntry.objects.get(number=3)
    tamper(
        "DELETE FROM core_auditentry WHERE number >= 4",
        f"UPDATE core_audithead SET number = 3, digest = '{third.digest}'",
    )
    assert broken() == []
    assert broken(heads) == [("east", 4)]


def test_a_chain_written_anew_is_noticed_by_what_was_kept_elsewhere(chain, school, office, tamper):
    heads = audit.heads()
    tamper("DELETE FROM core_auditentry", "DELETE FROM core_audithead")
    for _number in range(6):
        audit.note(AuditAction.SETTINGS, school=school, by=office)
    assert broken() == []
    assert broken(heads) == [("east", 5)]


def test_two_witnesses_that_contradict_each_other_are_noticed(chain):
    (head,) = audit.heads()
    assert broken([head, ("east", 5, "0" * 64)]) == [("east", 5)]


def test_a_chain_that_is_gone_is_noticed_by_what_was_kept_elsewhere(db):
    assert broken([("east", 2, "0" * 64)]) == [("east", 1)]
    assert broken([("east", 0, "")]) == []


def test_only_the_chain_that_is_broken_is_named(chain, other_school, office, tamper):
    audit.note(AuditAction.SETTINGS, school=other_school, by=office)
    audit.note(AuditAction.BACKUP, school=None, by=None)
    tamper("UPDATE core_auditentry SET actor_name = 'x' WHERE chain = 'west'")
    assert broken() == [("west", 1)]


def test_the_digest_is_sm3_where_asked_for_and_old_entries_keep_theirs(
    chain, school, office, settings
):
    settings.AUDIT_DIGEST = "sm3"
    entry = audit.note(AuditAction.SETTINGS, school=school, by=office)
    assert entry.algorithm == "sm3"
    assert hashlib.new("sm3", b"abc").hexdigest().startswith("66c7f0f462eeedd9")
    assert broken() == []
    assert set(AuditEntry.objects.values_list("algorithm", flat=True)) == {"sha256", "sm3"}


def test_the_database_refuses_to_change_an_entry(chain):
    with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
        AuditEntry.objects.filter(number=2).update(actor_name="x")
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="cannot be changed"), transaction.atomic():
            AuditEntry.objects.filter(number=2)._raw_delete("default")
    assert broken() == []


def test_an_entry_is_rolled_back_with_what_it_tells_of(school, member):
    teacher, office = member(Role.TEACHER), member(Role.OFFICE)
    values = {"title": "题", "level": "city", "approved_on": "2022-03-01"}
    record = create_record(Project, school=school, values=values, by=teacher)
    submit_record(record=record, by=teacher)
    noted = AuditEntry.objects.count()
    with transaction.atomic():
        approve_record(record=record, by=office)
        assert AuditEntry.objects.count() == noted + 1
        transaction.set_rollback(True)
    record.refresh_from_db()
    assert (record.state, AuditEntry.objects.count()) == ("submitted", noted)
    assert AuditHead.objects.get().number == noted
    assert broken() == []


def test_writers_at_the_same_time_leave_whole_chains(installation):
    assert installation.python(WRITERS).split() == ["200", "96", "[]"]
