"""Evidence named in a workbook: files from the folder beside it, or references."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from sanneng.core.domain.evidence import FileFacts, examine_file, keep_file, use_store
from sanneng.core.errors import UnacceptableFile
from sanneng.core.models import Evidence, ImportBatch, Record
from sanneng.core.spreadsheets.cells import CellRefused

FOLDER_SUFFIX = "_佐证"
_REFERENCE = FileFacts("", 0, "")


class Attachment(NamedTuple):
    """Evidence to add; ``facts`` are empty for a reference."""

    title: str
    facts: FileFacts


class EvidenceFolder:
    """The files beside a workbook. Each is examined once, and kept only when asked for."""

    def __init__(self, path: Path | None) -> None:
        self._paths: dict[str, Path] = {}
        if path is not None and path.is_dir():
            # Plain files by their exact names: a name in a cell can reach nothing else.
            self._paths = {
                entry.name: entry
                for entry in path.iterdir()
                if entry.is_file() and not entry.is_symlink()
            }
        self._facts: dict[str, FileFacts] = {}
        self._kept: list[str] = []

    def attachments(self, titles: Iterable[str]) -> list[Attachment]:
        """What ``titles`` stand for. Raises CellRefused for a file that may not be taken."""
        return [Attachment(title, self._facts_of(title)) for title in titles]

    def _facts_of(self, title: str) -> FileFacts:
        path = self._paths.get(title)
        if path is None:
            return _REFERENCE
        if title not in self._facts:
            try:
                with path.open("rb") as source:
                    self._facts[title] = examine_file(source=source, name=title)
            except UnacceptableFile as error:
                raise CellRefused(
                    _("佐证文件不能用：{reason}").format(reason=error),
                    _("请更换佐证文件夹里的这个文件，或在这一格里改填文号。"),
                ) from error
        return self._facts[title]

    def keep(self, attachments: Iterable[Attachment]) -> None:
        """Put the files among ``attachments`` into the store."""
        for title in {item.title for item in attachments if item.facts.digest}:
            with self._paths[title].open("rb") as source:
                if keep_file(source=source, facts=self._facts[title]):
                    self._kept.append(self._facts[title].digest)

    @property
    def newly_kept(self) -> Sequence[str]:
        """Digests that the store did not have before: to be forgotten if all is rolled back."""
        return self._kept


def missing(attachments: Iterable[Attachment], present: set[tuple[str, str]]) -> list[Attachment]:
    """Those of ``attachments`` that a record does not have. ``present`` are its (title,
    digest); a reference is also met by a file of that title."""
    titles = {title for title, _digest in present}
    return [
        item
        for item in attachments
        if (item.title, item.facts.digest) not in present
        and (item.facts.digest or item.title not in titles)
    ]


def present_evidence(model: type[Record], pks: Sequence[int]) -> dict[int, set[tuple[str, str]]]:
    """(title, digest) of what each record has."""
    present: dict[int, set[tuple[str, str]]] = {}
    if not pks:
        return present
    found = Evidence.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id__in=pks
    )
    for pk, title, digest in found.values_list("object_id", "title", "digest"):
        present.setdefault(pk, set()).add((title, digest))
    return present


def add_evidence(
    model: type[Record],
    additions: Iterable[tuple[int, Sequence[Attachment]]],
    folder: EvidenceFolder,
    batch: ImportBatch,
) -> None:
    """Add the attachments of each record (by primary key), and keep their files."""
    content_type = ContentType.objects.get_for_model(model)
    pairs = [(pk, item) for pk, items in additions for item in items]
    use_store()
    folder.keep(item for _pk, item in pairs)
    Evidence.objects.bulk_create(
        [
            Evidence(
                school_id=batch.school_id,
                content_type=content_type,
                object_id=pk,
                title=item.title,
                digest=item.facts.digest,
                size=item.facts.size,
                media_type=item.facts.media_type,
                added_by_id=batch.imported_by_id,
                import_batch=batch,
            )
            for pk, item in pairs
        ],
        batch_size=500,
    )
