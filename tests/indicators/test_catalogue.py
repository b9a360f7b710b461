"""A broken entry is refused with file, line and the valid choices."""

from __future__ import annotations

import pytest

from sanneng.indicators.catalogue import load_catalogue
from sanneng.indicators.errors import CatalogueError, UnknownIndicator

GOOD = """\
- id: a.b
  name: 名
  name_en: Name
  ability: research
  mechanism: all_staff
  measure: count
  dataset: research.Project
  where: {level: provincial}
  time: approved_on
  period: since 2020
  unit: 项
  caliber: 口径
"""


def load(folder, text: str):
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def test_sound_entry_is_read(tmp_path):
    assert load(tmp_path, GOOD)["a.b"].unit == "项"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("level: provincial", "level: provincal"), 8, "provincial"),
        (("{level: provincial}", "{levle: provincial}"), 8, "level"),
        (("research.Project", "research.Projct"), 7, "research.Project"),
        (("measure: count", "measure: cuont"), 6, "count"),
        (("since 2020", "from 2020"), 10, "since YYYY"),
        (("time: approved_on", "time: title"), 9, "日期"),
        (("unit: 项", "unti: 项"), 11, "unit"),
        (("ability: research", "ability: reserch"), 4, "research"),
        (("{level: provincial}", "{level: {like: x}}"), 8, "at_least"),
        (("  caliber: 口径\n", "  caliber: 口径\n  part_of: a.c\n"), 13, "a.b"),
    ],
)
def test_broken_entry_names_line_and_choices(tmp_path, change, line, words):
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, GOOD.replace(*change))
    assert (caught.value.line, words in str(caught.value)) == (line, True), str(caught.value)
    assert "own.yaml" in str(caught.value)


def test_broken_yaml_names_its_line(tmp_path):
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path, GOOD + "  names: [a\n")
    assert caught.value.line >= 13


def test_id_twice_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="a.b"):
        load(tmp_path, GOOD + GOOD)


def test_unknown_indicator_names_the_nearest():
    with pytest.raises(UnknownIndicator, match="research.projects.provincial"):
        load_catalogue()["research.projects.provincail"]
