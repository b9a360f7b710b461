"""The one command-line program, ``sanneng``: each module of this package is one command."""

from __future__ import annotations

import ast
import importlib
import keyword
import os
import pkgutil
import sys
import warnings
from pathlib import Path

import click
import django
from django.db.utils import OperationalError, ProgrammingError
from django.utils.translation import gettext as _

from sanneng.core.errors import SannengError


class Commands(click.Group):
    """Finds a command by its module, so that only the one asked for is imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(
            module.name.removesuffix("_").replace("_", "-")
            for module in pkgutil.iter_modules(__path__)
            if not module.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{__name__}.{_module(name)}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, read from their sources: importing them all takes seconds."""
        with formatter.section(_("命令")):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])


def _module(name: str) -> str:
    """A module's name has underscores for hyphens; ``import`` is a word of the language, so
    its module carries one at the end."""
    return f"{name}_" if keyword.iskeyword(name) else name.replace("-", "_")


def _summary(name: str) -> str:
    """The first line of what a command says of itself."""
    tree = ast.parse((Path(__file__).parent / f"{_module(name)}.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            return (ast.get_docstring(node) or "").partition("\n")[0]
    return ""


@click.group(cls=Commands)
def program() -> None:
    """三能：基层党校教学、科研、队伍建设的记录、指标与报告。"""


def main() -> None:
    """Entry point. Exit code 2 for bad input, with one clear line and no traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanneng.config.settings")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    django.setup()
    try:
        program.main(prog_name="sanneng", standalone_mode=True)
    except SannengError as error:
        _end(str(error))
    except (OSError, UnicodeError) as error:
        _end(_("文件读不出或写不进：{error}").format(error=error))
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error) and "does not exist" not in str(error):
            raise
        _end(_("数据库里还没有表。请先运行 make demo，或运行 sanneng manage migrate。"))


def _end(message: str) -> None:
    click.echo(click.style(_("错误："), fg="red") + message, err=True)
    sys.exit(2)
