"""What `odmd init` writes: templates of an organisation and of a service in it, filled with names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

_HERE: Final = Path(__file__).parent
_ENDING: Final = ".tmpl"


def rendered(part: str, words: Mapping[str, str]) -> Mapping[str, str]:
    """The files of one part, a folder beside this file: `$word` in a text and `{word}` in a path are filled."""
    folder = _HERE / part
    return {
        str(file.relative_to(folder)).removesuffix(_ENDING).format_map(words): Template(
            file.read_text("utf-8")
        ).substitute(words)
        for file in sorted(folder.rglob(f"*{_ENDING}"))
    }
