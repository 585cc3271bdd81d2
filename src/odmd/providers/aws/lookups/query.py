"""What an assembly names as missing: the context that its app could not go on without.

The format is that of aws-cdk-lib's cloud-assembly-schema, its names are those of its context queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import AppFailed, LookupFailed
from odmd.providers.aws.inside import regular

MANIFEST: Final = "manifest.json"
NESTED: Final = "cdk:cloud-assembly"
Found = dict[str, Any]
"""What is asked or answered, or a part of it, under AWS's or CDK's names."""


@dataclass(frozen=True, slots=True)
class Query:
    """One question of an app."""

    key: str
    """The name in the app's context under which it looks for the answer."""
    provider: str
    said: Mapping[str, Any]
    """What is asked; the names are CDK's."""

    def needs(self, name: str) -> str:
        """A text that the question cannot do without.

        Raises:
            LookupFailed
        """
        if isinstance(text := self.said.get(name), str) and text:
            return text
        raise self.failed(f"does not say its {name}")

    def table(self, name: str) -> Found:
        """What is said by name, nothing where it is not said."""
        return cast("Found", self.said.get(name) or {})

    def failed(self, why: str) -> LookupFailed:
        """The refusal; `why` goes on after "lookup …"."""
        return LookupFailed(
            f"lookup {self.key} {why}",
            next_step="mend what the app asks for, or make in the account what it looks for",
        )


def missing(folder: Path) -> tuple[Query, ...]:
    """What an assembly, and those inside, name as missing: each key once.

    Raises:
        AppFailed: there is no assembly, or it cannot be read.
    """
    try:
        return tuple({one.key: one for one in _missing(folder, folder)}.values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise AppFailed(
            f"{folder} is no cloud assembly: {type(wrong).__name__}: {wrong}",
            next_step="the app must end with app.synth() and write where CDK_OUTDIR says",
        ) from wrong


def _missing(folder: Path, root: Path) -> Iterator[Query]:
    manifest = json.loads(regular(root, folder / MANIFEST, "the assembly").read_text())
    for one in manifest.get("missing") or ():
        yield Query(str(one["key"]), str(one["provider"]), cast("dict[str, Any]", dict(one["props"])))
    for artifact in manifest.get("artifacts", {}).values():
        if artifact["type"] == NESTED:
            yield from _missing(folder / artifact["properties"]["directoryName"], root)
