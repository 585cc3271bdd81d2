"""What `cdk.json` says, as the CDK command line (2.1148) reads it: how to run the app, and its context.

Of `~/.cdk.json` nothing is read: it is a person's, and no part of the commit. Other keys are about that command line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from odmd.errors import CdkJsonWrong, FileUnfit
from odmd.foreign import read_json

_FILE: Final = "cdk.json"
_ANSWERS: Final = "cdk.context.json"
_SHOWN: Final = 60
_SWITCHES: Final = {
    "pathMetadata": "aws:cdk:enable-path-metadata",
    "assetMetadata": "aws:cdk:enable-asset-metadata",
}


@dataclass(frozen=True, slots=True)
class CdkApp:
    """How a CDK app is run, in its author's words."""

    app: str
    """Words for a shell, or the folder of an assembly that is there."""
    build: str
    """Words for a shell, run before the app; empty: nothing."""
    context: Mapping[str, object]
    variables: Mapping[str, str]


def read_cdk_json(source: Path, checkout: Path) -> CdkApp:
    """Reads `cdk.json`, and the answers to lookups in `cdk.context.json`, which it outranks.

    Raises:
        CdkJsonWrong
    """
    if (settings := _object(source / _FILE, checkout)) is None:
        raise CdkJsonWrong(
            f"there is no {_FILE}", next_step='add one: {"app": "python app.py"}, or set the build\'s folder'
        )
    said: object = settings.get("context") or {}
    if not isinstance(said, dict):
        raise CdkJsonWrong(f"`context` in {_FILE} must be an object, not {_shown(said)}")
    context = _merged(_object(source / _ANSWERS, checkout) or {}, cast("dict[str, object]", said))
    return CdkApp(_app(settings), _build(settings), {**context, **_switches(settings)}, _variables(settings))


def _app(settings: Mapping[str, object]) -> str:
    said = _joined(settings.get("app"))
    if not said:
        raise CdkJsonWrong(f"{_FILE} has no `app`", next_step='say how to run it: {"app": "python app.py"}')
    if not isinstance(said, str):
        raise CdkJsonWrong(f"`app` in {_FILE} must be a text, not {_shown(said)}")
    return said


def _joined(said: object) -> object:
    """A list is its words with spaces between them, for the shell as any other text."""
    if not isinstance(said, list):
        return said
    words = cast("list[object]", said)
    return " ".join(map(str, words)) if all(isinstance(word, str) for word in words) else words


def _build(settings: Mapping[str, object]) -> str:
    said = settings.get("build") or ""
    if not isinstance(said, str):
        raise CdkJsonWrong(f"`build` in {_FILE} must be a text, not {_shown(said)}")
    return said


def _switches(settings: Mapping[str, object]) -> Mapping[str, object]:
    """What the app's library is told through the context."""
    return {key: True for name, key in _SWITCHES.items() if _is_on(settings, name)}


def _variables(settings: Mapping[str, object]) -> Mapping[str, str]:
    debug = {"CDK_DEBUG": "true"} if settings.get("debug") or settings.get("debugApp") else {}
    return {**debug, "CDK_VALIDATION": "false"} if settings.get("validation") is False else debug


def _is_on(settings: Mapping[str, object], name: str) -> bool:
    said = settings.get(name)
    return True if said is None else bool(said)


def _merged(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Objects are merged key by key, at every depth; of anything else the upper one counts."""
    merged = dict(under)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merged(cast("dict[str, object]", below), cast("dict[str, object]", value))
        else:
            merged[key] = value
    return merged


def _object(file: Path, checkout: Path) -> dict[str, Any] | None:
    try:
        loaded = read_json(file, within=checkout)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, FileUnfit) as wrong:
        raise CdkJsonWrong(f"{file.name} cannot be read: {wrong}") from wrong
    if not isinstance(loaded, dict):
        raise CdkJsonWrong(f"{file.name} must hold an object, not {_shown(loaded)}")
    return cast("dict[str, Any]", loaded)


def _shown(said: object) -> str:
    text = json.dumps(said)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
