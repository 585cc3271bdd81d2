"""A custom resource of CloudFormation: a schema with its users, made through the Data API in one transaction.

It runs in Lambda, with nothing but boto3: no driver, no way into the VPC.
"""

# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# In Lambda its neighbour is beside it, and no package.

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import boto3
from statements import dropped, made, names, user

_WAKING_SECONDS = 120.0
"""How long a cluster that paused may take to come back."""


class MasterSession:
    """One database, as the master of its cluster uses it."""

    def __init__(self, props: Any) -> None:
        self.name = props["Database"]
        self._api: Any = boto3.client("rds-data")
        self._where = {"resourceArn": props["Cluster"], "secretArn": props["Secret"]}

    def column(self, sql: str, **given: str) -> list[str]:
        parameters = [{"name": name, "value": {"stringValue": text}} for name, text in given.items()]
        found = self._awake(
            lambda: self._api.execute_statement(**self._where, database=self.name, sql=sql, parameters=parameters)
        )
        return [row[0]["stringValue"] for row in found["records"]]

    def do(self, statements: list[str]) -> None:
        """All of them, or none."""
        begun = self._api.begin_transaction(**self._where, database=self.name)["transactionId"]
        try:
            for sql in statements:
                self._api.execute_statement(**self._where, database=self.name, sql=sql, transactionId=begun)
            self._api.commit_transaction(**self._where, transactionId=begun)
        except BaseException:
            self._api.rollback_transaction(**self._where, transactionId=begun)
            raise

    def _awake(self, ask: Any) -> Any:
        until = time.monotonic() + _WAKING_SECONDS
        while True:
            try:
                return ask()
            except self._api.exceptions.DatabaseResumingException:
                if time.monotonic() > until:
                    raise
                time.sleep(5)


def carry_out(kind: str, props: Any) -> dict[str, str]:
    """Makes a schema, or takes it away; returns its users."""
    database, schema = MasterSession(props), props["Schema"]
    (master,) = database.column("SELECT current_user::text")
    every = database.column("SELECT rolname::text FROM pg_roles")
    roles = [one for one in every if one in names(schema)]
    is_there = bool(database.column("SELECT nspname::text FROM pg_namespace WHERE nspname = :name", name=schema))
    if kind == "Delete":
        database.do(list(dropped(schema, master, roles, is_there=is_there)))
        return {}
    database.do(list(made(schema, database.name, master, roles, is_there=is_there)))
    return {kind: user(schema, kind) for kind in ("migrate", "app", "readonly")}


def handler(event: Any, _context: Any) -> None:
    """Tells CloudFormation how it went: whatever happens, it is not left waiting."""
    props = event["ResourceProperties"]
    told = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    told["PhysicalResourceId"] = event.get("PhysicalResourceId") or "nothing"
    try:
        if event["RequestType"] == "Delete" and told["PhysicalResourceId"] != props["Schema"]:
            found = dict[str, str]()  # it was never made, and what is called so is somebody's
        else:
            found = carry_out(event["RequestType"], props)
        if event["RequestType"] != "Delete":
            told["PhysicalResourceId"] = props["Schema"]
        told |= {"Status": "SUCCESS", "Data": found}
    except Exception as wrong:
        told |= {"Status": "FAILED", "Reason": f"{type(wrong).__name__}: {wrong}"[:400]}
    request = urllib.request.Request(  # noqa: S310  # CloudFormation's own address
        event["ResponseURL"], data=json.dumps(told).encode(), method="PUT", headers={"content-type": ""}
    )
    urllib.request.urlopen(request, timeout=30)  # noqa: S310
