"""What a template may say: few things, so that none of them runs for ever or fills the memory.

Jinja's sandbox keeps a template from the program's objects, but not from ``'a' * 10 ** 10`` or
loops within loops. A template puts figures, charts and names in their places and may leave a
sentence out; it has no use for more.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Call,
    nodes.Keyword, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Concat,
)  # fmt: skip


class TemplateLanguage(SandboxedEnvironment):
    """Jinja with the parts of ``ALLOWED``. Raises SecurityError for any other."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, ALLOWED):
                raise SecurityError(
                    _(
                        "模板里只能写 fig、chart、annex、school、as_of、audit 和 if，不能写“{part}”"
                    ).format(part=type(node).__name__.lower())
                )
        return tree

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Nothing that a template is given has attributes of use to it."""
        return False
