"""The command line: one file a command, thin over `bootstrap`. Heavy things are imported where they are used."""

from odmd.cli.main import main

__all__ = ["main"]
