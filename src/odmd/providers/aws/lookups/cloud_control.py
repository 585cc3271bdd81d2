"""The lookup of any resource by its type, in Cloud Control: by its identifier, or by what its properties are."""

from __future__ import annotations

import json
from typing import Any, Final, cast

from odmd.providers.aws.lookups.api import LookupApi
from odmd.providers.aws.lookups.query import Found, Query

_ONE_AT_MOST: Final = ("at-most-one", "exactly-one")
_ONE_AT_LEAST: Final = ("at-least-one", "exactly-one")
_ABSENT: Final = ("ResourceNotFoundException",)


def cloud_control(query: Query, api: LookupApi) -> object:
    """For each resource, the properties that are asked for, and its identifier."""
    type, id, match = query.needs("typeName"), query.said.get("exactIdentifier"), query.said.get("propertyMatch")
    if bool(id) is bool(match):
        raise query.failed("must say either an exactIdentifier or a propertyMatch")
    found = _get(api, type, str(id)) if id else _matching(query, api, type, cast("Found", match))
    expected = "exactly-one" if id else query.said.get("expectedMatchCount") or "any"
    if expected in _ONE_AT_MOST and len(found) > 1:
        raise query.failed(f"finds {len(found)} of {type}, and needs one at most")
    if expected in _ONE_AT_LEAST and not found:
        if query.said.get("ignoreErrorOnMissingContext") and isinstance(query.said.get("dummyValue"), list):
            return query.said["dummyValue"]
        raise query.failed(f"finds no {type} {id or json.dumps(match)}")
    return [_as_told(query, one) for one in found]


def _get(api: LookupApi, type: str, id: str) -> list[Found]:
    found = api.read("cloudcontrol", "get_resource", absent=_ABSENT, TypeName=type, Identifier=id)
    return [found["ResourceDescription"]] if found.get("ResourceDescription") else []


def _matching(query: Query, api: LookupApi, type: str, match: Found) -> list[Found]:
    model = query.said.get("resourceModel")
    asked: Found = {"TypeName": type, **({"ResourceModel": json.dumps(model)} if model else {})}
    listed = api.every("cloudcontrol", "list_resources", "ResourceDescriptions", **asked)
    return [one for one in listed if all(_at(query, _properties(one), path) == is_ for path, is_ in match.items())]


def _as_told(query: Query, found: Found) -> Found:
    wanted = cast("list[str]", query.said.get("propertiesToReturn") or [])
    told = {path: _at(query, _properties(found), path) for path in wanted}
    return {**told, "Identifier": found.get("Identifier", "*MISSING*")}


def _properties(found: Found) -> Found:
    return cast("Found", json.loads(found.get("Properties") or "{}"))


def _at(query: Query, properties: Found, path: str) -> object:
    """What is at a path of names with dots between them.

    Raises:
        LookupFailed: there is nothing.
    """
    at: Any = properties
    for name in path.split("."):
        if not isinstance(at, dict) or name not in at:
            raise query.failed(f"finds a resource without {path}")
        at = cast("Found", at)[name]
    return cast("object", at)
