"""Why something stays that cdk-nag finds."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(of: IConstruct, rule: str, why: str) -> None:
    """What is written beside the rule in the app's report."""
    Validations.of(of).acknowledge(Acknowledgment(id=rule, reason=why))
