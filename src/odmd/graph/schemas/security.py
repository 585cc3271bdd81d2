"""What a client has to prove to be let in: schemes by what they are, whatever they are called, with their scopes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from odmd.graph.schemas.document import Json, resolved

_ONLY_TOLD: Final = ("description", "bearerFormat")


def more_security(given: tuple[Json, Sequence[Any]], used: tuple[Json, Sequence[Any]]) -> str:
    """What is asked for beyond what a client has; empty where each of the ways in that it knows is enough.

    Args:
        given: the API and what it asks for, one way after the other.
        used: the same, as the client knows it.
    """
    theirs, mine = (_schemes(api) for api, _ in (given, used))
    asked = [_needs(one, theirs, mine) for one in given[1]] or [{}]
    has = [_needs(one, mine, theirs) for one in used[1]] or [{}]
    if all(any(needs.keys() <= brings.keys() for needs in asked) for brings in has):
        return ""
    return " or ".join(" and ".join(sorted(set(one.values()))) for one in asked)


def _schemes(api: Json) -> Mapping[str, str]:
    """Name → what it is."""
    said: Mapping[str, Any] = api.get("components", {}).get("securitySchemes", {})
    return {name: _what(resolved(api, one)) for name, one in said.items()}


def _needs(way: Mapping[str, Any], known: Mapping[str, str], elsewhere: Mapping[str, str]) -> Mapping[str, str]:
    """What has to be brought → what that is called. One that the other document does not speak of goes by its name."""
    found: dict[str, str] = {}
    for name, scopes in way.items():
        what = known.get(name, name)
        what = what if name in elsewhere or what in elsewhere.values() else name
        found[what] = name
        found |= {f"{what} {scope}": f"{name} ({scope})" for scope in scopes or ()}
    return found


def _what(scheme: Json) -> str:
    said: dict[str, Any] = {word: one for word, one in scheme.items() if word not in _ONLY_TOLD}
    flows: Mapping[str, Json] = said.pop("flows", {})
    if str(said.get("type")).lower() == "http":
        said["scheme"] = str(said.get("scheme")).lower()
    return json.dumps([said, sorted(flows)], sort_keys=True)
