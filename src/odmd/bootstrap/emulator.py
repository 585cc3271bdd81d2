"""The emulator of AWS that commands start for people: which one there is, is chosen here."""

from odmd.providers.aws import Emulator

__all__ = ["Emulator"]
