"""Parameters that no wire brings."""

from __future__ import annotations

import pytest

from odmd.providers.aws.own_parameters import RunningStack, own_parameters


def template(default: object = None) -> dict[str, object]:
    return {"Parameters": {"Own": {"Type": "String", **({} if default is None else {"Default": default})}}}


@pytest.mark.parametrize(
    ("before", "value", "after", "new"),
    [
        ("small", "small", "small", None),
        ("small", "small", "large", "large"),
        ("small", "by hand", "large", None),
        ("small", "****", "large", None),
        ("small", "small", None, None),
        (None, "by hand", "large", None),
        (1, "1", 2, "2"),
        (1, "1", "1", None),
        (False, "false", True, "true"),
        ("", "", "filled", "filled"),
        ("gr??e", "größe", "größe", None),
        ("gr??e", "größe", "weite", "weite"),
    ],
)
def test_a_value_follows_the_default_that_it_came_from(
    before: object, value: str, after: object, new: str | None
) -> None:
    running = RunningStack(template(before), {"Own": value})

    assert own_parameters(template(after), {}, running) == {"Own": new}


def test_what_is_given_or_new_is_nobodys_own() -> None:
    assert own_parameters(template("x"), {"Own": "given"}, RunningStack(template("x"), {"Own": "x"})) == {}
    assert own_parameters(template("x"), {}, RunningStack()) == {}
    assert own_parameters({}, {}, RunningStack(template("x"), {"Own": "x"})) == {}
