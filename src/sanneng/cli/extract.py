from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from sanneng.core.errors import SannengError
from sanneng.figures import extract, to_json
from sanneng.reports.checking.documents import read_document


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--jsonl", is_flag=True, help='逐行读入 {"id","text"}，逐行写出 {"id","claims"}')
def command(file: Path | None, jsonl: bool) -> None:
    """只抽取文字里的数字说法，不核对。FILE 为 .docx 或文本，不给则读标准输入。"""
    if jsonl:
        with file.open(encoding="utf-8") if file else sys.stdin as source:
            for number, line in enumerate(source, start=1):
                if line.strip():
                    _one_line(number, line)
        return
    text = read_document(file).text if file else sys.stdin.read()
    found = [to_json(claim) | {"text": claim.text} for claim in extract(text)]
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


def _one_line(number: int, line: str) -> None:
    try:
        given = json.loads(line)
        text = str(given["text"])
    except (json.JSONDecodeError, KeyError, TypeError):
        raise SannengError(f'第 {number} 行不是 {{"id": …, "text": …}} 形式的 JSON。') from None
    answer = {"id": given.get("id"), "claims": [to_json(claim) for claim in extract(text)]}
    click.echo(json.dumps(answer, ensure_ascii=False))
