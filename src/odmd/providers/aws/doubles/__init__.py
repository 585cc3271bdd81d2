"""What the emulator plays better with programs of its own beside it: it runs in the emulator's process alone."""

from odmd.providers.aws.doubles.aurora import register

__all__ = ["register"]
