"""What cdk-nag finds and is meant so, with its reason."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from constructs import Construct


def acknowledge(of: Construct, rule: str, why: str) -> None:
    """Says why a rule does not hold here."""
    Validations.of(of).acknowledge(Acknowledgment(id=rule, reason=why))
