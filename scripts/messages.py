"""Message catalogues with Babel alone, so that no system package is needed.

``update`` gathers every marked string into the English catalogue, ``compile`` writes the .mo
file, ``check`` fails when a string is missing, untranslated, fuzzy, or no longer used.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/sanneng"
FOLDER = SOURCE / "locale/en/LC_MESSAGES"
PO = FOLDER / "django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
_TAG = re.compile(
    r"""\{%\s*(?:trans|translate)\s+(?:"([^"]+)"|'([^']+)')(?:\s+context\s+"[^"]+")?[^%]*%\}"""
    r"""|_\("([^"]+)"\)"""
    r"""|\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}""",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def template_messages(text: str) -> set[str]:
    """The msgids of one template, as Django builds them."""
    found: set[str] = set()
    for double, single, inline, options, block in _TAG.findall(text):
        if block:
            body = block
            if "trimmed" in options:
                body = " ".join(line.strip() for line in body.strip().splitlines())
            found.add(_VARIABLE.sub(r"%(\1)s", body.replace("%", "%%")))
        else:
            found.add(double or single or inline)
    return found


def gathered() -> Catalog:
    catalog = Catalog(locale="en", charset="utf-8", fuzzy=False)
    python = [("**.py", "python")]
    for name, _line, message, _notes, context in extract_from_dir(
        SOURCE, method_map=python, keywords=KEYWORDS
    ):
        if "sample/" not in name.replace("\\", "/"):
            catalog.add(message, context=context)
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        for message in template_messages(path.read_text(encoding="utf-8")):
            catalog.add(message)
    return catalog


def existing() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en", charset="utf-8")
    with PO.open("rb") as handle:
        return read_po(handle, locale="en")


def update() -> None:
    known = existing()
    fresh = gathered()
    for message in fresh:
        old = known.get(message.id, message.context) if message.id else None
        if old is not None:
            message.string = old.string
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as handle:
        write_po(handle, fresh, sort_output=True, omit_header=False, width=100)


def compile_catalogue() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "django.mo").open("wb") as handle:
        write_mo(handle, existing())


def check() -> int:
    known = existing()
    wanted = {(m.id, m.context) for m in gathered() if m.id}
    have = {(m.id, m.context): m for m in known if m.id}
    faults = [f"missing: {key[0]}" for key in wanted - set(have)]
    faults += [f"no longer used: {key[0]}" for key in set(have) - wanted]
    for key, message in have.items():
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if not all(strings) or message.fuzzy:
            faults.append(f"untranslated: {key[0]}")
        elif _names(message.id) != _names(message.string):
            faults.append(f"placeholders differ: {key[0]}")
    for fault in sorted(faults):
        print(fault)
    return 1 if faults else 0


def _names(text: object) -> set[str]:
    joined = " ".join(text) if isinstance(text, tuple) else str(text)
    return set(re.findall(r"%\((\w+)\)s|\{(\w+)", joined))  # type: ignore[arg-type]


if __name__ == "__main__":
    commands = {"update": update, "compile": compile_catalogue, "check": check}
    sys.exit(commands[sys.argv[1]]() or 0)
