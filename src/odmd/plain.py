"""What pydantic finds wrong with something that people wrote, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_WORDS: Final[Mapping[str, str]] = {
    "missing": "it is missing",
    "extra_forbidden": "nobody knows this field",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "finite_number": "expected a number that has an end",
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "string_type": "expected a text",
    "list_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "json_invalid": "it is no JSON",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "string_too_short": "expected {min_length} characters or more",
    "string_too_long": "expected {max_length} characters or fewer",
    "too_short": "expected {min_length} or more of them",
    "too_long": "expected {max_length} or fewer of them",
    "string_pattern_mismatch": "expected a text that matches {pattern}",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
}
"""By the kind of mistake; pydantic's own words where one is not here."""


def plain(wrong: Mapping[str, Any]) -> str:
    """One of the `errors()` of a `ValidationError`, without where it is and without what was given."""
    said: str = wrong["msg"]
    words = _WORDS.get(wrong["type"])
    return said.removeprefix("Value error, ") if words is None else words.format_map(wrong.get("ctx") or {})


def placed(wrong: Mapping[str, Any]) -> str:
    """`body.until: expected a number`."""
    where: Sequence[object] = wrong["loc"]
    return f"{'.'.join(map(str, where))}: {plain(wrong)}" if where else plain(wrong)
