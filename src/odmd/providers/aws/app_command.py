"""How the words of `cdk.json` become a program, as the CDK command line (2.1148) has it.

They go through a shell, as they are: nothing but what the app's author wrote is ever part of what the shell reads.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

_NODE = '"$JSII_NODE"'
"""Node, by the variable that names it."""


def shell(words: str) -> tuple[str, ...]:
    """What runs words in a shell."""
    return ("/bin/sh", "-c", words)


def app_command(app: str, source: Path) -> tuple[str, ...]:
    """What runs an app: a file that ends with `.js` and is not executable is Node's, alone or before other words."""
    if _is_there(source / app):
        return shell(_by_ending(app, source))
    first, rest = _first_word(app.strip())
    if _is_there(source / first):
        return shell(f"{_by_ending(first, source)} {rest}".strip())
    return shell(app)


def _is_there(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - a whole command may be too long for the name of a file


def _by_ending(file: str, source: Path) -> str:
    quoted = shlex.quote(file)
    return f"{_NODE} {quoted}" if file.endswith(".js") and not os.access(source / file, os.X_OK) else quoted


def _first_word(words: str) -> tuple[str, str]:
    """The first word, be it in double quotes, and the rest."""
    if words.startswith('"'):
        first, closed, rest = words[1:].partition('"')
        return (first, rest.strip()) if closed else (words, "")
    first, _, rest = words.partition(" ")
    return first, rest
