"""What a Dockerfile begins from: the images that have to be fetched before it is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_CONTINUED: Final = re.compile(r"\\[ \t]*$")
_ESCAPE: Final = re.compile(r"^#\s*escape\s*=\s*(?P<which>\S)", re.IGNORECASE)
_ARG: Final = re.compile(r"ARG\s+(?P<rest>.+)", re.IGNORECASE)
_FROM: Final = re.compile(r"FROM\s+(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_COPY: Final = re.compile(r"(?:COPY|ADD)\s+(?:--\S+\s+)*?--from=(?P<image>\S+)", re.IGNORECASE)
_MOUNT: Final = re.compile(r"RUN\s.*?--mount=\S*?from=(?P<image>[^,\s]+)", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>\w+)(?::(?P<how>[-+])(?P<other>[^}]*))?\}|(?P<plain>\w+))")
_SCRATCH: Final = "scratch"


def bases(text: str, arguments: Mapping[str, str]) -> Sequence[str]:
    """The images that it is built on or copies from, each once; its own stages and `scratch` are none."""
    said, stages, found = dict[str, str](), set[str](), dict[str, None]()
    begun = False
    for line in _instructions(text):
        if begins := _FROM.match(line):
            begun = True
            image = _filled(begins["image"], said)
            if image.lower() not in stages and image != _SCRATCH:
                found[image] = None
            stages |= {str(begins["name"]).lower()} if begins["name"] else set()
        elif copied := _COPY.match(line) or _MOUNT.match(line):
            image = _filled(copied["image"], said)
            if image.lower() not in stages and not image.isdigit():
                found[image] = None
        elif not begun and (declared := _ARG.match(line)):
            said |= _declared(declared["rest"], arguments)
    return list(found)


def is_pinned(image: str) -> bool:
    """Whether it is named by its digest, so that it never moves."""
    return "@sha256:" in image


def _instructions(text: str) -> Iterator[str]:
    """Each on one line, without comments."""
    lines = text.removeprefix("\ufeff").splitlines()
    chosen = _ESCAPE.match(lines[0]) if lines else None
    ends = re.compile(re.escape(chosen["which"]) + r"[ \t]*$") if chosen else _CONTINUED
    whole = ""
    for line in lines:
        if line.lstrip().startswith("#"):
            continue
        if ends.search(line):
            whole += ends.sub(" ", line)
            continue
        if said := (whole + line).strip():
            yield said
        whole = ""
    if whole.strip():
        yield whole.strip()


def _declared(rest: str, arguments: Mapping[str, str]) -> dict[str, str]:
    """What an ARG line before the first FROM says, and who builds says otherwise."""
    pairs = (word.partition("=") for word in rest.split())
    return {name: arguments.get(name, text.strip("\"'")) for name, _, text in pairs}


def _filled(image: str, said: Mapping[str, str]) -> str:
    def text(found: re.Match[str]) -> str:
        name = found["braced"] or found["plain"]
        if found["how"] == "-":
            return said.get(name) or found["other"]
        if found["how"] == "+":
            return found["other"] if said.get(name) else ""
        return said.get(name, "")

    return _VARIABLE.sub(text, image.strip("\"'"))
