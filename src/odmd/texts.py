"""What is text: Python's strings may hold more, namely bytes that were no UTF-8, and halves of characters."""

from __future__ import annotations


def is_text(said: str) -> bool:
    """Whether files, databases and other programs can be given it: whole characters, and no zero byte."""
    if said.isascii():
        return "\0" not in said
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in said)
