import pytest

from sanneng.running.ledger import (
    Happened,
    ledger_file,
    read_ledger,
    witnesses_of_backups,
    write_down,
)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = tmp_path


def happened(event, *heads):
    write_down(Happened(event, "2026-01-01T00:00:00+00:00", "/b.zip", "m", list(heads)))


def test_what_backups_saw_is_a_witness():
    happened("backup", ("east", 3, "c"), ("", 1, "a"))
    happened("backup", ("east", 5, "e"))
    assert list(witnesses_of_backups()) == [("east", 3, "c"), ("", 1, "a"), ("east", 5, "e")]


def test_after_a_restore_what_was_seen_beyond_it_is_not_expected():
    happened("backup", ("east", 3, "c"))
    happened("backup", ("east", 9, "i"), ("west", 2, "b"))
    happened("restore", ("east", 3, "c"))
    happened("backup", ("east", 4, "other"))
    assert list(witnesses_of_backups()) == [
        ("east", 3, "c"),
        ("east", 3, "c"),
        ("east", 4, "other"),
    ]


def test_a_line_that_cannot_be_read_is_counted_and_the_rest_kept():
    happened("backup", ("east", 3, "c"))
    with ledger_file().open("a") as file:
        file.write('{"cut off\n{"event": "backup"}\n')
    happened("restore", ("east", 3, "c"))
    ledger = read_ledger()
    assert ([one.event for one in ledger.entries], ledger.unreadable) == (["backup", "restore"], 2)
    assert ledger.last("backup").heads == [("east", 3, "c")]
