"""What `cdk.json` says: how to run the app, and its context."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from odmd.errors import AppFailed


@dataclass(frozen=True, slots=True)
class CdkApp:
    """A CDK app in its folder."""

    command: tuple[str, ...]
    context: Mapping[str, object]


def read_cdk_json(source: Path) -> CdkApp:
    """Reads `cdk.json`, and the answers to lookups in `cdk.context.json`.

    Raises:
        AppFailed: it is missing, or says nothing of use.
    """
    settings = _object(source / "cdk.json")
    if settings is None:
        raise AppFailed(
            "there is no cdk.json", next_step='add one: {"app": "python app.py"}, or set the build\'s folder'
        )
    context = {**settings.get("context", {}), **(_object(source / "cdk.context.json") or {})}
    return CdkApp(_command(settings.get("app"), source), context)


def _command(app: object, source: Path) -> tuple[str, ...]:
    try:
        words = shlex.split(app) if isinstance(app, str) else [str(word) for word in cast("list[object]", app or [])]
    except (ValueError, TypeError) as wrong:
        raise AppFailed(f"`app` in {source.name}/cdk.json is no command: {wrong}") from wrong
    if not words:
        raise AppFailed(f"{source.name}/cdk.json has no `app`", next_step='say how to run it: {"app": "python app.py"}')
    return tuple(words)


def _object(file: Path) -> dict[str, Any] | None:
    try:
        loaded = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as wrong:
        raise AppFailed(f"{file.name} cannot be read: {wrong}") from wrong
    if not isinstance(loaded, dict):
        raise AppFailed(f"{file.name} holds no object")
    return cast("dict[str, Any]", loaded)
