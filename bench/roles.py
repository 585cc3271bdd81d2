"""How long roles take to derive: `python bench/roles.py [BUILDS]`, each with three envers and three wires."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/unit/graph/rights"))

from shops import DEV, PROD, client, compiled, shop

from odmd.graph.rights.derive import bootstraps
from odmd.graph.rights.roles import Trusts
from odmd.model import READ, Branch, Promoted

builds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
kitchen: Any = shop("kitchen")(on=Branch("main"), at=DEV)
envers: list[Any] = [kitchen]
for number in range(builds):
    one: Any = client(f"s{number:05}x", READ)(on=Branch("main"), at=DEV, theirs=kitchen.table)
    envers += [one, type(one)(on=Promoted(one), at=PROD, theirs=kitchen.table), one.clone(Branch("fix"))]
contracts = compiled(*envers)
began = time.perf_counter()
(found,) = bootstraps(contracts.graph, contracts.kinds, Trusts()).values()
took = time.perf_counter() - began
roles = len(found.roles())
print(f"{len(envers)} envers, {roles} roles: {took:.2f} s, {took / roles * 1e6:.0f} µs a role")
