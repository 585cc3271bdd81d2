"""What verifies envers: tests and commands of their repository, answers over HTTP, alarms."""

from odmd.providers.verification.verifier import WorldVerifier

__all__ = ["WorldVerifier"]
