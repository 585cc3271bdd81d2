"""A stored assembly is whatever somebody handed in: it is looked at each time it is loaded, by whom it says it is of.

The attacker has the right to a run of `e0@main` and hands in what he likes; `e1@main` is somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from odmd.agent.removal import remove
from odmd.control.scheduler.effects import RemoveEnver
from odmd.errors import AssemblyUnfit, OdmdError
from odmd.model.targets import Target
from odmd.providers.aws import StackRemover, recipe
from odmd.providers.aws.cloud_assembly import ENVER_TAG, Assembly, Asset, Bootstrap, StackTemplate
from odmd.providers.aws.fake import FakeAws
from odmd.store.artifacts import MemoryArtifacts
from odmd.store.memory import MemoryStore
from support.worlds import address, node

HIS = node(0)
HERE = Target("111122223333", "eu-west-1")
TEMPLATE = json.dumps({"Resources": {"Bus": {"Type": "AWS::Events::EventBus"}}})
OUTPUTS = tuple(product.output for product in HIS.products)


def stack(name: str, of: str, outputs: tuple[str, ...] = ()) -> StackTemplate:
    return StackTemplate(name, TEMPLATE, (), outputs, ((ENVER_TAG, of),))


GOOD = recipe.tagged(
    Assembly(
        (
            replace(
                stack("e0--main", address(0), OUTPUTS), parameters=("Size",), notification_arns=("arn:aws:sns:::t",)
            ),
        ),
        (Asset("asset.a", zip=True, bucket="assets", key="a.zip"),),
        ("a warning",),
        (Bootstrap("/cdk-bootstrap/acme/version", 6),),
        (("vpc", "{}"),),
    ),
    HIS,
)
NAMES_OF_OTHERS = recipe.tagged(Assembly((stack("e0--main", "", OUTPUTS), stack("e1--main", "")), ()), HIS)


def test_what_is_the_envers_is_taken() -> None:
    """Attacks nothing."""
    assert recipe.own(recipe.to_recipe(GOOD), HIS, (), {}) == GOOD


@pytest.mark.parametrize(
    "assembly",
    [
        NAMES_OF_OTHERS,
        Assembly((stack("e0--main", address(1), OUTPUTS),), ()),
        Assembly((replace(stack("e0--main", "", OUTPUTS), tags=()),), ()),
        recipe.tagged(Assembly((stack("e0--main", "", (*OUTPUTS, "OdmdOutMore")),), ()), HIS),
        recipe.tagged(Assembly((stack("e0--main", ""),), ()), HIS),
    ],
    ids=["another's stack", "another's tag", "nobody's tag", "more than is declared", "less than is declared"],
)
def test_what_is_not_the_envers_is_refused_whoever_named_it(assembly: Assembly) -> None:
    """Wants a later run to deploy it with the worker's rights."""
    with pytest.raises(OdmdError) as refused:
        recipe.own(recipe.to_recipe(assembly), HIS, (), {})
    assert refused.value.code in ("ODMD211", "ODMD206")


def garbled(whole: object) -> Iterator[object]:
    """The same with each of its values in turn something else."""
    match whole:
        case dict():
            for key, value in whole.items():
                yield from ({**whole, key: other} for other in garbled(value))
                yield {name: one for name, one in whole.items() if name != key}
        case list():
            for at, value in enumerate(whole):
                yield from ([*whole[:at], other, *whole[at + 1 :]] for other in garbled(value))
        case _:
            pass
    yield from (other for other in (5, None, ["x"], {"x": 1}, "x") if type(other) is not type(whole))


def kinds(whole: object, where: str = "") -> Iterator[tuple[str, type]]:
    """What its values are, by where they are."""
    match whole:
        case dict():
            for key, value in whole.items():
                yield from kinds(value, f"{where}/{key}")
        case list():
            for value in whole:
                yield from kinds(value, f"{where}/*")
        case _:
            yield where, type(whole)


def test_what_is_no_assembly_is_refused_and_breaks_nothing() -> None:
    """Wants whoever reads all that is stored, as `odmd doctor` and removals do, to stumble over it."""
    shapes = [json.dumps(one).encode() for one in garbled(json.loads(recipe.to_recipe(GOOD)))]
    assert len(shapes) > 100
    for content in (*shapes, b"", b"\xff", b"[" * 100_000, b'"\\ud800"', b"NaN"):
        try:
            found = recipe.from_recipe(content)
        except AssemblyUnfit:
            continue
        assert recipe.from_recipe(recipe.to_recipe(found)) == found
        assert set(kinds(json.loads(recipe.to_recipe(found)))) <= set(kinds(json.loads(recipe.to_recipe(GOOD)))), (
            content
        )


def test_a_removal_takes_nothing_of_others_although_an_assembly_names_it() -> None:
    """Named another enver's stack in the assembly of his run. Wants it to go when his enver is removed."""
    aws, artifacts = FakeAws(), MemoryArtifacts()
    for one in (stack("e0--main", address(0)), stack("e1--main", address(1))):
        aws.execute(aws.propose(one, {}, "one", "", HERE), HERE, lambda _line: None)
    handed_in = artifacts.put(recipe.to_recipe(NAMES_OF_OTHERS))
    remover = StackRemover(aws, artifacts, MemoryStore(), lambda _enver: None, "")
    done = remove(remover, RemoveEnver(address(0), HERE, handed_in, "", 1.0, ()))
    assert done.error == ""
    assert not aws.look("e0--main", HERE).is_there
    assert aws.look("e1--main", HERE).is_there
