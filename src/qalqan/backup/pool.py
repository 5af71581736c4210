"""The lake's files in a backup: each is copied once, for files of a lake never change."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from qalqan.backup import points
from qalqan.backup.points import File
from qalqan.lake.storage import storage, sync


class Pool:
    """The lake's files in the backup."""

    def __init__(self, lake_root: str, folder: Path, known: Mapping[str, File], link: bool) -> None:
        self.lake_root = lake_root
        self.folder = folder
        self.files: dict[str, File] = {}
        self.copied = self.size = 0
        self._known = known
        self._link = link
        self._new: list[Path] = []

    def take(self, names: Iterable[str]) -> None:
        """Have these files of the lake in the pool."""
        for name in names:
            self.files[name] = self._taken(name)

    def _taken(self, name: str) -> File:
        target = self.folder / name
        known = self._known.get(name)
        if known is not None and target.exists() and target.stat().st_size == known.size:
            return known
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = storage(self.lake_root).local(name)
        part = target.with_name(f".{target.name}.part")
        part.unlink(missing_ok=True)
        if self._link:
            os.link(source, part)
        else:
            shutil.copyfile(source, part)
        found = points.file_of(part)
        sync([part])
        part.replace(target)
        self._new.append(target)
        self.copied, self.size = self.copied + 1, self.size + found.size
        return found

    def keep(self) -> None:
        """The names of new files on stable storage."""
        folders = {folder for path in self._new for folder in path.relative_to(self.folder).parents}
        sync([self.folder / one for one in sorted(folders, key=lambda one: -len(one.parts))])
