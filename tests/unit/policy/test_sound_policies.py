"""Policies that are not Cedar, speak of what there is not, or leave nobody who could mend them, are refused."""

from __future__ import annotations

import pytest

from odmd.policy.check import findings
from support.governed import governed

WRONG = [
    ("permit (principal, action, resource);\n\nforbid (principal, action, ressource);", "ODMD120", 3, "ressource"),
    ("permit (principal in ?principal, action, resource);", "ODMD120", 1, "template"),
    ('permit (principal, action == Action::"paus", resource);', "ODMD121", 1, "paus"),
    ("// why\n\npermit (principal, action, resource) when { resource.tem };", "ODMD121", 3, "`tem`"),
    (
        '@id("a") permit (principal, action, resource);\n@id("a") permit (principal, action, resource);',
        "ODMD121",
        2,
        "'a'",
    ),
    ('permit (principal in Team::"baristaz", action, resource);', "ODMD122", 1, "baristaz"),
    ('permit (principal, action, resource in Stage::"live");', "ODMD122", 1, "live"),
    ('permit (principal, action, resource == Enver::"e9@main");', "ODMD122", 1, "e9@main"),
    ('permit (principal, action, resource) when { principal.kind == Kind::"persn" };', "ODMD122", 1, "persn"),
    ('forbid (principal, action in Action::"govern", resource);', "ODMD123", 1, "change policies"),
    (
        'permit (principal in Team::"baristas", action == Action::"pause", resource);\n'
        'forbid (principal, action in Action::"act", resource);',
        "ODMD121",
        1,
        "it permits nothing, as p0.cedar:2 forbids all of it",
    ),
]


@pytest.mark.parametrize(("text", "code", "line", "says"), WRONG)
def test_it_is_refused_at_its_line(text: str, code: str, line: int, says: str) -> None:
    found = findings(governed(text))
    assert {one.code for one in found} == {code}
    first = found[0]
    assert (first.place and (first.place.file, first.place.line)) == ("policies/p0.cedar", line)
    assert says in first.fact
    assert first.next_step


def test_what_was_meant_is_suggested() -> None:
    (found,) = findings(governed('permit (principal in Team::"barista", action, resource);'))
    assert found.next_step == "did you mean baristas?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// nothing yet",
        'permit (principal, action, resource) when { "a;b" != "// c" };',
        'forbid (principal, action in Action::"govern", resource) unless { principal in Team::"roasters" };',
        'forbid (principal, action in Action::"govern", resource) unless { principal == Actor::"ada" };',
        'permit (principal == Actor::"whoever@anywhere", action in Action::"look", resource);',
        'permit (principal, action in Action::"act", resource);\n'
        'forbid (principal, action == Action::"pause", resource);',
        'permit (principal, action == Action::"pause", resource);\n'
        'forbid (principal, action == Action::"pause", resource) when { resource.production };',
    ],
)
def test_these_are_sound(text: str) -> None:
    assert not findings(governed(text))


def test_every_mistake_is_told_at_once() -> None:
    found = findings(governed("permit (;", 'permit (principal in Team::"x", action, resource);'))
    assert [one.code for one in found] == ["ODMD120", "ODMD122"]
