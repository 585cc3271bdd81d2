"""`odmd demo`: a coffee shop, deployed, changed and moved under steady orders, on an AWS emulator of its own."""

from odmd.cli.demo.command import demo

__all__ = ["demo"]
