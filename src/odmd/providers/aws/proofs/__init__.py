"""Proves what runs need of AWS: one file a sort of need."""

from odmd.providers.aws.proofs.prover import AwsNeed, AwsProver

__all__ = ["AwsNeed", "AwsProver"]
