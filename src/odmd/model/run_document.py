"""What a run tells a service's CDK app: its names, its place, its inputs. One JSON file, in any language's reach.

The app finds it through the environment variable `ODMD_RUN`; it never loads the organisation's contracts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from odmd.errors import NotInRun

VARIABLE: Final = "ODMD_RUN"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A consumed value and the CloudFormation parameter that carries it."""

    parameter: str
    product: str
    kind: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class DocumentProduct:
    """A product to publish and the CloudFormation output that carries it."""

    output: str
    kind: str


@dataclass(frozen=True, slots=True)
class RunDocument:
    """Format 1."""

    run: int
    enver: str
    build: str
    slot: str
    stage: str
    account: str
    region: str
    ephemeral: bool
    inputs: Mapping[str, DocumentInput]
    products: Mapping[str, DocumentProduct]

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, sort_keys=True)

    @staticmethod
    def read(path: Path) -> RunDocument:
        """Reads a run document.

        Raises:
            NotInRun: the file is missing or is no run document of this format.
        """
        try:
            data: dict[str, Any] = json.loads(path.read_text())
            if data.pop("format") != FORMAT:
                raise ValueError(f"it is not of format {FORMAT}")
            data["inputs"] = {name: DocumentInput(**given) for name, given in data["inputs"].items()}
            data["products"] = {name: DocumentProduct(**given) for name, given in data["products"].items()}
            return RunDocument(**data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise NotInRun(
                f"{path} is no run document: {wrong}", next_step=f"unset {VARIABLE} to synthesise without a run"
            ) from wrong
