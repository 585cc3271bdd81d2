"""Where the template of a stack inside is, from what the stack around says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from odmd.model.targets import Target

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}][^}]*)\}")
_OF_BUCKET: Final = re.compile(r"^(?P<bucket>.+)\.s3[.-]")


def bucket_and_key(url: object, parameters: Mapping[str, str], target: Target) -> tuple[str, str] | None:
    """None where it depends on what is known only when it is deployed."""
    names = {
        **parameters,
        "AWS::AccountId": target.account,
        "AWS::Region": target.region,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
    }
    if (text := _text(url, names)) is None:
        return None
    parts = urlsplit(text)
    path = unquote(parts.path.lstrip("/"))
    if of := _OF_BUCKET.match(parts.netloc):
        return (of["bucket"], path) if path else None
    bucket, _, key = path.partition("/")
    return (bucket, key) if key else None


def _text(value: object, names: Mapping[str, str]) -> str | None:
    """A value of a template, as far as parameters and the place tell it."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return names.get(name)
        case {"Fn::Join": [str(glue), list()]}:
            parts = [
                _text(part, names)
                for part in cast("list[object]", cast("dict[str, list[object]]", value)["Fn::Join"][1])
            ]
            return None if None in parts else glue.join(cast("list[str]", parts))
        case {"Fn::Sub": str(text)}:
            return _substituted(text, names)
        case {"Fn::Sub": [str(text), dict()]}:
            given = cast("dict[str, object]", cast("dict[str, list[object]]", value)["Fn::Sub"][1])
            known = {name: found for name, one in given.items() if (found := _text(one, names)) is not None}
            return _substituted(text, {**names, **known})
        case _:
            return None


def _substituted(text: str, names: Mapping[str, str]) -> str | None:
    if any(name.strip() not in names for name in _PLACEHOLDER.findall(text)):
        return None
    return _PLACEHOLDER.sub(lambda found: names[found[1].strip()], text)
