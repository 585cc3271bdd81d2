"""What changed of envers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from odmd.graph.difference.both import Both
from odmd.graph.difference.changes import ContractChange, How, Verdict, What
from odmd.graph.difference.configs import of_configs
from odmd.graph.difference.products import product_removed
from odmd.graph.difference.say import changed, compared, place, text
from odmd.graph.nodes import EnverNode

_PLAIN: Final = (
    "revision",
    "stage",
    "repo",
    "folder",
    "team",
    "ephemeral",
    "approver",
    "origin",
)
"""Of an enver, what may change without anybody else being concerned."""
_MOVES: Final = ("build_type", "account", "region", "stack")


def of_envers(both: Both) -> Iterator[ContractChange]:
    """New ones, gone ones, and what changed of the others."""
    old, new = both.before.graph.envers, both.after.graph.envers
    for address in new.keys() - old.keys():
        yield ContractChange(Verdict.ADDITIVE, How.ADDED, What.ENVER, address, after=place(new[address]))
    for address in old.keys() - new.keys():
        yield _enver_removed(both, old[address])
    for address in old.keys() & new.keys():
        yield from _enver_changed(both, old[address], new[address])


def _enver_removed(both: Both, enver: EnverNode) -> ContractChange:
    products = [product_removed(both, enver, product) for product in enver.products]
    breaks = any(change.verdict is Verdict.BREAKING for change in products)
    verdict = Verdict.BREAKING if breaks else Verdict.REMOVED
    consumers = tuple(sorted({consumer for change in products for consumer in change.consumers}))
    return ContractChange(verdict, How.REMOVED, What.ENVER, enver.address, before=place(enver), consumers=consumers)


def _enver_changed(both: Both, old: EnverNode, new: EnverNode) -> Iterator[ContractChange]:
    for name in _PLAIN:
        yield from compared(Verdict.VALUE_ONLY, What.ENVER, old.address, name, text(old, name), text(new, name))
    yield from _built_otherwise(old, new)
    if any(text(old, name) != text(new, name) for name in _MOVES):
        consumers = sorted({wire.consumer for product in old.products for wire in both.staying(product.address)})
        for name in _MOVES:
            said = name.replace("_", " "), text(old, name), text(new, name)
            yield from compared(Verdict.BREAKING, What.ENVER, old.address, *said, consumers=tuple(consumers))
    yield from of_configs(both, old, new)
    yield from _listed(old.address, "secret", _secrets(old), _secrets(new))
    asked = ({f"{one.key} ({one.field})": one.offer for one in node.asked} for node in (old, new))
    yield from _listed(old.address, "request", *asked)


def _secrets(enver: EnverNode) -> Mapping[str, str]:
    return {name: "restarts" if name in enver.restarting else "" for name in enver.secrets}


def _built_otherwise(old: EnverNode, new: EnverNode) -> Iterator[ContractChange]:
    """What only envers of its build type say, if it is of the same one; of its stack more is said."""
    if old.build_type != new.build_type:
        return
    before, after = _aspects(old), _aspects(new)
    for name in {**before, **after}:
        if name not in _MOVES:
            said = name, before.get(name, ""), after.get(name, "")
            yield from compared(Verdict.VALUE_ONLY, What.ENVER, old.address, *said)


def _aspects(node: EnverNode) -> Mapping[str, str]:
    return node.built.aspects() if node.built else {}


def _listed(enver: str, aspect: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[ContractChange]:
    """Secrets and requests of an enver, by name."""
    for name in sorted(new.keys() - old.keys()):
        yield changed(Verdict.ADDITIVE, What.ENVER, enver, aspect, "", name)
    for name in sorted(old.keys() - new.keys()):
        yield changed(Verdict.REMOVED, What.ENVER, enver, aspect, name, "")
    for name in sorted(old.keys() & new.keys()):
        yield from compared(Verdict.VALUE_ONLY, What.ENVER, enver, f"{aspect} {name}", old[name], new[name])
