"""What the guide to schemas prints is what is printed, and its contracts are sound."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coffee_shop import organisation
from odmd.cli.can_i_deploy import lines
from odmd.control.leading.documents import keep_documents
from odmd.control.leading.in_use import DeployAsked, InUse
from odmd.control.leading.leader import Leader
from odmd.control.reading.recorded import recorded
from odmd.control.scheduler.messages import ClaimRun, FinishRun, Head, Publication, StartChange
from odmd.control.scheduler.setup import Limits, Setup
from odmd.graph import compile_contracts, load_organisation
from odmd.graph.difference import Edition, edition
from odmd.plan import build_plan
from odmd.plan.words import sections
from odmd.store.memory import MemoryStore
from support.actors import SOMEBODY

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "schemas.md").read_text()
ORDER = "coffee_shop.schemas:OrderPlaced"


def renamed(order: Mapping[str, Any]) -> Mapping[str, Any]:
    """`cents` is called `price`."""
    properties = {"price" if name == "cents" else name: one for name, one in order["properties"].items()}
    return {**order, "properties": properties, "required": list(properties)}


class CoffeeShop:
    """It runs, and then somebody renames a field."""

    def __init__(self) -> None:
        self.compiled = compile_contracts(organisation)
        self.graph = self.compiled.graph
        self.store = MemoryStore(lambda _position, _effects: None)
        self.now = edition(self.compiled)
        keep_documents(self.store, self.now)
        leader = Leader(self.store, Setup(self.graph, Limits(9), 0.0))
        leader.start()
        heads = tuple(Head(one.address, "c" * 40, one.slice()) for one in self.graph.envers.values())
        leader.ask(StartChange("first", SOMEBODY, "", heads))
        while run := next(iter(self.store.load().runs.values()), None):
            leader.ask(ClaimRun(run.id, "somebody"))
            published = [(one.address, one.kind) for one in self.graph.envers[run.enver].products]
            values = tuple(Publication(product, product, product, kind) for product, kind in published)
            leader.ask(FinishRun(run.id, run.attempt + 1, "sha256:one", values))
        leader.stop()
        documents = {**self.now.documents, ORDER: renamed(self.now.documents[ORDER])}
        self.in_use = InUse(Edition(self.graph, documents), recorded(self.store.load()), self.store)


def test_the_incompatible_message_is_caught_as_it_says() -> None:
    shop = CoffeeShop()
    answer = shop.in_use.can_deploy(DeployAsked("order-manager@main"))
    said = "\n".join(line.plain.rstrip() for line in lines(answer))
    assert not answer.possible
    (printed,) = re.findall(r"```text\n\$ odmd can-i-deploy order-manager@main\n(.*?)```", GUIDE, re.DOTALL)
    assert printed.strip() == said.strip()


def test_the_plan_stops_as_it_says() -> None:
    shop = CoffeeShop()
    heads = dict.fromkeys(shop.graph.envers, "c" * 40) | {"order-manager/b..main": "d" * 40}
    plan = shop.in_use.with_misfits(build_plan(shop.graph, recorded(shop.store.load()), heads))
    ((title, told),) = [one for one in sections(plan) if one[0].startswith("Does not fit")]
    assert "\n".join((title, *(f"  {line}" for line in told))) in GUIDE


def test_its_contracts_are_sound(tmp_path: Path) -> None:
    (text,) = re.findall(r"```python\n(from odmd.*?)```", GUIDE, re.DOTALL)
    (tmp_path / "guide.py").write_text(text)
    (tmp_path / "orders.openapi.yaml").write_text("openapi: 3.1.0\npaths: {/orders: {get: {responses: {}}}}\n")
    (tmp_path / "sales.avsc").write_text('{"type": "record", "name": "Sale", "fields": []}')
    (tmp_path / "till.pact.json").write_text(
        '{"consumer": {"name": "till"}, "provider": {"name": "orders"}, "interactions": []}'
    )
    loaded = load_organisation("guide.py:acme", tmp_path)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    assert not compiled.warnings
    assert compiled.graph.envers["screen/b..main"].wires[0].uses == ("GET /orders", "GET /orders/{id} total")
