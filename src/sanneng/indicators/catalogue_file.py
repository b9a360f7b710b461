"""Reading one catalogue file: YAML with line numbers, so that an error says where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from sanneng.indicators.errors import CatalogueError


@dataclass(frozen=True)
class RawEntry:
    """One entry as written: its values, and the line of each key."""

    path: Path
    line: int
    values: dict[str, Any]
    lines: dict[str, int]

    def error(self, key: str, message: str) -> CatalogueError:
        return CatalogueError(message, path=self.path.name, line=self.lines.get(key, self.line))


def read_entries(path: Path) -> Iterator[RawEntry]:
    """The entries of ``path`` in order. Raises CatalogueError for anything that is no list of
    mappings, or a key given twice."""
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(
            _("不是有效的 YAML：{problem}").format(problem=error.problem), path=path.name, line=line
        ) from error
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise CatalogueError(_("文件应当是一列指标，每项以“- id:”开头。"), path=path.name, line=1)
    for node in root.value:
        yield _entry(path, node)


def _entry(path: Path, node: yaml.Node) -> RawEntry:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise CatalogueError(_("指标应当写成“键: 值”的形式。"), path=path.name, line=line)
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in values:
            raise CatalogueError(
                _("“{key}”写了两次。").format(key=key),
                path=path.name,
                line=key_node.start_mark.line + 1,
            )
        values[key] = _plain(value_node)
        lines[key] = key_node.start_mark.line + 1
    return RawEntry(path, line, values, lines)


def _plain(node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
