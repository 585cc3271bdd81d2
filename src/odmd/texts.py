"""What is text: Python's strings may hold more, namely bytes that were no UTF-8, and halves of characters."""

from __future__ import annotations


def is_text(said: str) -> bool:
    """Whether files, databases and other programs can be given it: whole characters, and no zero byte."""
    return "\0" not in said and is_whole(said)


def is_whole(said: str) -> bool:
    """Whether it has whole characters only."""
    return said.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in said)
