"""By which run, and under which contracts, envers have their inputs, and their stage: older releases noted neither."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

revision = "0011"
down_revision = "0010"

Fields = dict[str, Any]


def upgrade() -> None:
    """As the newest run that succeeded says, and the kept editions of the contracts."""
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT address, body FROM envers")).all()
    envers: dict[str, Fields] = {address: json.loads(body) for address, body in found}
    succeeded, stages = dict(_succeeded(connection)), _stages(connection, envers.values())
    changed = [
        {"address": address, "body": json.dumps(now)}
        for address, said in envers.items()
        if (now := {**said, **_inputs(said, succeeded.get(address)), **_stage(said, stages)}) != said
    ]
    if changed:
        connection.execute(sa.text("UPDATE envers SET body = :body WHERE address = :address"), changed)


def _inputs(said: Fields, run: Fields | None) -> Fields:
    """An enver that was removed has none; where its run is kept no more, what surely runs says under what."""
    if said.get("consumed_under") or not said.get("recipe"):
        return {}
    if run is not None:
        return {"deployed_by": run["id"], "consumed_under": run["fingerprint"]["contracts"]}
    return {"consumed_under": said["deployed"]["contracts"]} if said.get("deployed") else {}


def _succeeded(connection: Connection) -> Iterator[tuple[str, Fields]]:
    newest = "SELECT max(id) FROM runs WHERE status = 'succeeded' GROUP BY enver"
    for enver, body in connection.execute(sa.text(f"SELECT enver, body FROM runs WHERE id IN ({newest})")):  # noqa: S608
        yield enver, json.loads(body)


def _stage(said: Fields, stages: Mapping[tuple[str, ...], str]) -> Fields:
    return {"stage": stages[_place(said)]} if _lacks_stage(said) and _place(said) in stages else {}


def _lacks_stage(said: Fields) -> bool:
    return bool(said.get("account")) and not said.get("stage")


def _place(said: Fields) -> tuple[str, ...]:
    return said["address"], said["account"], said["region"]


def _stages(connection: Connection, envers: Collection[Fields]) -> Mapping[tuple[str, ...], str]:
    """The stage of an enver in an account and region, of those that lack it; newer editions first, as few as do."""
    lacking = {_place(said) for said in envers if _lacks_stage(said)}
    found: dict[tuple[str, ...], str] = {}
    for edition in _editions(connection) if lacking else ():
        declared = {_place(node): node["stage"] for node in edition["envers"].values()}
        found = {**{place: stage for place, stage in declared.items() if place in lacking}, **found}
        if lacking == found.keys():
            break
    return found


def _editions(connection: Connection) -> Iterator[Fields]:
    kept = sa.text("SELECT name FROM documents WHERE name LIKE 'contracts/sha256:%' ORDER BY name")
    names = list(connection.execute(kept).scalars())
    body = sa.text("SELECT body FROM documents WHERE name = :name")
    newest = connection.execute(body, {"name": "contracts/newest"}).scalar()
    for name in sorted(names, key=lambda name: name != newest):
        yield json.loads(connection.execute(body, {"name": name}).scalar_one())
