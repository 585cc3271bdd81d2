"""Layers of config in a private repository: `config/stage/dev.yaml`, as a branch has them now. Read, never written.

What a layer said, who brought it into the branch, and why, is the branch's own history, a merge as one step of it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from odmd.control.config.document import EMPTY, LARGEST, ConfigDocument, read_document
from odmd.control.config.layers import Layer, read_layer
from odmd.control.ports.settings import Edit, WrittenSettings
from odmd.errors import (
    CheckoutIncomplete,
    ConfigUnreadable,
    FileUnfit,
    OdmdError,
    RepositoryUnreachable,
    RevisionNotFound,
    SettingsUnreachable,
    StoreReadOnly,
)
from odmd.foreign import read_bytes
from odmd.providers.git.repositories import GitRepositories

ENDS: Final = ".yaml"
_COMMIT: Final = "\x1e"
_FIELD: Final = "\x1f"
_FORMAT: Final = f"--format={_COMMIT}%H{_FIELD}%an{_FIELD}%at{_FIELD}%s"
_AS_THE_BRANCH_WENT: Final = ("-z", _FORMAT, "-m", "--first-parent")
_SHORT: Final = 9
_KNOWN: Final = dict[tuple[str, str], Mapping[Layer, WrittenSettings]]()
"""What this process read, by commit and folder: a commit says the same for ever."""
_MOST_KNOWN: Final = 4
_LINES: Final = re.compile(r"[\0\n]+")


class _Step(NamedTuple):
    """One commit of the branch."""

    commit: str
    by: str
    at: float
    why: str
    paths: frozenset[str]


class GitLayers:
    """Where settings are reviewed as all else is.

    Args:
        folder: of the repository, that has the layers.
    """

    def __init__(self, repositories: GitRepositories, repo: str, branch: str = "main", folder: str = "config") -> None:
        self._repositories, self._repo, self._branch = repositories, repo, branch
        self._folder = PurePosixPath(folder)

    def newest(self) -> Mapping[Layer, WrittenSettings]:
        with self._reading():
            head = self._head()
            key = head, str(self._folder)
            if (found := _KNOWN.get(key)) is None:
                found = self._read(head)
                if len(_KNOWN) >= _MOST_KNOWN:
                    _KNOWN.clear()
                _KNOWN[key] = found
            return found

    def _read(self, head: str) -> Mapping[Layer, WrittenSettings]:
        with tempfile.TemporaryDirectory(prefix="odmd-config-") as folder:
            into = Path(folder) / "tree"
            self._repositories.checkout(self._repo, head, into)
            last = self._last(head)
            return {
                layer: self._written(layer, file, into, last[path]) for layer, path, file in self._files(into, last)
            }

    def find(self, layer: Layer) -> WrittenSettings | None:
        return next(iter(self.history(layer, 1)), None)

    def history(self, layer: Layer, limit: int = 50) -> Sequence[WrittenSettings]:
        path = self._path(layer)
        with self._reading():
            steps = self._steps(self._head(), f"--max-count={limit}", path)
            return [self._as_it_was(layer, path, step) for step in steps]

    def write(self, edit: Edit, at: float) -> WrittenSettings:  # noqa: ARG002
        raise StoreReadOnly(
            f"{edit.layer.label} is said in {self._path(edit.layer)} of repository {self._repo}, and not from here",
            next_step=f"commit it there, and have it merged into {self._branch}; "
            f"`odmd config get {edit.layer.typed}` shows what it says then",
        )

    def _head(self) -> str:
        return self._repositories.head(self._repo, f"branch:{self._branch}")

    def _path(self, layer: Layer) -> str:
        named = self._folder / layer.kind
        return f"{named / layer.label.removeprefix(f'{layer.kind} ') if layer.of else named}{ENDS}"

    def _files(self, tree: Path, known: Collection[str]) -> Iterator[tuple[Layer, str, Path]]:
        """Each layer by the one path that it has."""
        root = tree / self._folder
        for file in sorted(root.rglob(f"*{ENDS}")):
            kind, _, of = str(file.relative_to(root)).removesuffix(ENDS).partition("/")
            with suppress(ValueError):
                layer = read_layer(f"{kind}:{of}" if of else kind)
                if (path := self._path(layer)) == str(file.relative_to(tree)) and path in known:
                    yield layer, path, file

    def _written(self, layer: Layer, file: Path, tree: Path, step: _Step) -> WrittenSettings:
        path = self._path(layer)
        try:
            text = read_bytes(file, within=tree, most=LARGEST)
            document, unreadable = read_document(text, path), ""
        except (ConfigUnreadable, FileUnfit, OSError) as wrong:
            document, unreadable = EMPTY, wrong.fact if isinstance(wrong, OdmdError) else f"{path}: {wrong.strerror}"
        return _at(layer, step, document, unreadable)

    def _as_it_was(self, layer: Layer, path: str, step: _Step) -> WrittenSettings:
        text = self._repositories.text(self._repo, step.commit, path)
        try:
            document, unreadable = read_document(text.encode(), f"{path} at {step.commit[:_SHORT]}"), ""
        except ConfigUnreadable as wrong:
            document, unreadable = EMPTY, wrong.fact
        return _at(layer, step, document, unreadable)

    def _last(self, head: str) -> Mapping[str, _Step]:
        """Of each file, the commit that brought it as it is."""
        found = dict[str, _Step]()
        for step in self._steps(head, "--name-only", str(self._folder)):
            for path in step.paths:
                found.setdefault(path, step)
        return found

    def _steps(self, head: str, how: str, path: str) -> list[_Step]:
        said = self._repositories.log(self._repo, head, path, *_AS_THE_BRANCH_WENT, how)
        return [_step(one) for one in said.split(_COMMIT)[1:]]

    @contextmanager
    def _reading(self) -> Generator[None]:
        try:
            yield
        except (RepositoryUnreachable, RevisionNotFound, CheckoutIncomplete) as wrong:
            raise SettingsUnreachable(f"settings cannot be read: {wrong.fact}", next_step=wrong.next_step) from wrong


def _step(said: str) -> _Step:
    about, *paths = filter(None, _LINES.split(said))
    commit, by, at, why = about.split(_FIELD, 3)
    return _Step(commit, by, float(at), why, frozenset(paths))


def _at(layer: Layer, step: _Step, document: ConfigDocument, unreadable: str) -> WrittenSettings:
    return WrittenSettings(layer, 0, document, step.by, step.why, step.at, step.commit[:_SHORT], unreadable)
