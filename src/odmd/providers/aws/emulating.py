"""Starts ministack, and has it know what it does not: two conditions of IAM's, whether a write to S3 is of something
new only, and which role a session has; and statements of an event bus's policy, which it keeps and does not ask."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# ministack has no types.

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, cast

DOUBLES: Final = "ODMD_DOUBLES"
"""The variable that names the folder of what runs beside it, if that is wanted."""
_NAMES: Final = re.compile(rb'"(?:Path|Names)":\s*\[?\s*"(/[^"]*)"')
_SESSION: Final = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


def main() -> None:
    """Serves until it is ended."""
    from ministack import app
    from ministack.core import iam_actions

    known: Any = iam_actions.s3_service_context

    def with_condition(action: str, query: Any, path: str = "", headers: Any = None) -> Any:
        return {**known(action, query, path, headers), "s3:if-none-match": (headers or {}).get("if-none-match")}

    iam_actions.s3_service_context = with_condition
    _know_parameters()
    _know_roles_of_sessions()
    _know_policies_of_buses()
    if folder := os.environ.get(DOUBLES):
        from odmd.providers.aws.doubles import register

        register(Path(folder))
    app.main()


def _know_parameters() -> None:
    """Those below a path, and several at once, are resources: of several it is asked about the first."""
    from ministack.core import iam_actions

    actions: Any = iam_actions
    known = actions.extract_resource_arn

    def with_parameters(service: str, *rest: Any) -> Any:
        found, (_, _, _, body, _, region, account) = known(service, *rest), rest
        names = _NAMES.search(body or b"") if service == "ssm" and found == "*" else None
        return f"arn:aws:ssm:{region}:{account}:parameter{names[1].decode()}" if names else found

    actions.extract_resource_arn = with_parameters


def _know_roles_of_sessions() -> None:
    """`aws:PrincipalArn` of who took a role is the role's, not the session's."""
    from ministack.core import iam_evaluator

    evaluator: Any = iam_evaluator
    known = evaluator._resolve_condition_key

    def of_role(key: str, context: Any) -> Any:
        found = known(key, context)
        session = _SESSION.fullmatch(found) if key.lower() == "aws:principalarn" and found else None
        return f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else found

    evaluator._resolve_condition_key = of_role


def _know_policies_of_buses() -> None:
    from ministack.services import eventbridge
    from ministack.services.cloudformation import provisioners

    buses: Any = eventbridge
    handlers: Any = cast("Any", provisioners)._RESOURCE_HANDLERS
    kept: Any = buses._event_bus_policies  # there is no other way to it

    def put(props: Any) -> str:
        bus, sid = props.get("EventBusName", "default"), props["StatementId"]
        said = {"Effect": "Allow", **props["Statement"], "Sid": sid}
        policy: Any = kept.get(bus) or {"Version": "2012-10-17", "Statement": []}
        others = [one for one in policy["Statement"] if one.get("Sid") != sid]
        kept[bus] = {**policy, "Statement": [*others, said]}
        return f"{bus}|{sid}"

    def create(_logical_id: str, props: Any, _stack: str) -> Any:
        return put(props), {}

    def update(physical_id: str, old: Any, new: Any, _stack: str) -> Any:
        delete(physical_id, old)
        return put(new), {}

    def delete(_physical_id: str, props: Any) -> None:
        bus = props.get("EventBusName", "default")
        buses._remove_permission({"EventBusName": bus, "StatementId": props["StatementId"]})

    handlers["AWS::Events::EventBusPolicy"] = {"create": create, "update": update, "delete": delete}


if __name__ == "__main__":
    main()
