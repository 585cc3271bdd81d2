"""What to write where, so that the code says what somebody changed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odmd.control.reading.drift import EnverDrift, FindingView

_NOT_CODE = {
    "gone": "no code takes away what it declares: revert it, or take the enver out of the contracts",
    "output": "it follows from the resource that it names: adopt what changed of that",
    "image": "what an image is, its build says: revert it, or release another one",
    "package": "what a package is, its build says: revert it, or release another version",
    "value": "odmd writes it again by itself",
}


def lines(known: EnverDrift) -> Iterator[str]:
    """Each finding, with what to write."""
    for seen in known.findings:
        yield f"{seen.id}  {seen.unit}: {seen.sort} {seen.what}"
        yield from (f"  {line}" for line in how_to_adopt(seen))


def how_to_adopt(seen: FindingView) -> Iterator[str]:
    """The place in the code, and how to see what is there now. What is there is not told: whoever changed it by hand
    may have written a secret."""
    if (why := _NOT_CODE.get(seen.sort)) is not None:
        yield why
        return
    match seen.sort:
        case "template":
            yield f"let the app's template have it so at {seen.what}"
            yield f"what is there: aws cloudformation get-template --stack-name {seen.unit}"
        case "resource":
            name, _, part = seen.what.partition(" ")
            yield f"let the construct with logical id {name} have it so{f': {part}' if part else ''}"
            yield (
                f"what is there: aws cloudformation describe-stack-resource-drifts --stack-name {seen.unit} "
                f"--query \"StackResourceDrifts[?LogicalResourceId=='{name}'].PropertyDifferences\""
            )
        case "parameter":
            yield "it carries a value, or config: let its producer publish that, or `odmd config set` say it"
        case "tag":
            said = f'"{seen.found}"' if seen.found else "what is there"
            yield f'in the app: Tags.of(stack).add("{seen.what}", {said})'
        case _:
            yield f"let the manifests have it so: {seen.what}"
            yield f"what is there: kubectl get {seen.what.partition(' ')[0]} -o yaml"
