"""Takes secrets, and what a terminal obeys, out of what is said, before anybody reads or keeps it."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from odmd.agent.secret_forms import SHAPES, SHORTEST, flat, forms, secrets
from odmd.texts import harmless

HIDDEN: Final = "***"
_BLOCK: Final = re.compile(r"----[- ](?P<what>BEGIN|END) [A-Z0-9 ]{2,60}-{4,5}")
_LONGEST_MARKER: Final = 80
_LONGEST_BLOCK: Final = 1000
"""Lines; a key of 16,384 bits has 200. What began and does not end hides no more than this."""
_BEGINNING: Final = 4
"""Characters at the end of a line by which it may be a secret's beginning."""
_MOST_WAITING: Final = 131_072
_Span = tuple[int, int]


class Mask:
    """Hides the secrets of an environment wherever they stand, others that it is told, and what has the form of one."""

    def __init__(self, environment: Mapping[str, str] = os.environ, also: Sequence[str] = ()) -> None:
        given = [*secrets(environment), *also]
        found = {flat(form) for secret in given for form in forms(secret)}
        self._forms = sorted((form for form in found if len(form) >= SHORTEST), key=len, reverse=True)
        self._by_beginning = defaultdict[str, list[str]](list)
        for form in self._forms:
            self._by_beginning[form[:_BEGINNING]].append(form)
        self._first_lines = tuple({first for secret in given for first in _first_lines(secret)})

    def __call__(self, text: str) -> str:
        """A text that is whole."""
        return MaskedStream(self).whole(text)

    def stream(self) -> MaskedStream:
        """For what comes line by line."""
        return MaskedStream(self)

    def shows(self, text: str) -> bool:
        """Whether one of the environment's secrets stands in it, in whatever form."""
        plain = flat(text)
        return any(form in plain for form in self._forms)

    def known(self, text: str) -> Sequence[_Span]:
        """Where the environment's secrets stand, over the ends of lines too; in order and apart."""
        if not self._forms:
            return ()
        plain = flat(text)
        at = range(len(text)) if plain == text else [n for n, char in enumerate(text) if char not in "\r\n"]
        spans = list[_Span]()
        for first, last in self._found(plain):
            begin, end = at[first], at[last - 1] + 1
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((begin, end))
        return spans

    def _found(self, plain: str) -> Iterator[_Span]:
        """By where they begin; of those that begin at one place the longest, for they stand in that order."""
        for at in range(len(plain) - SHORTEST + 1):
            for form in self._by_beginning.get(plain[at : at + _BEGINNING], ()):
                if plain.startswith(form, at):
                    yield at, at + len(form)
                    break

    def beginning(self, text: str, least: int = _BEGINNING) -> int:
        """Where the last characters begin with which a secret may begin; the end of the text where none do."""
        plain = flat(text)
        for at in range(max(0, len(plain) - self._longest + 1), len(plain) - least + 1):
            tail = plain[at:]
            near = self._forms if len(tail) < _BEGINNING else self._by_beginning.get(tail[:_BEGINNING], ())
            if any(len(form) > len(tail) and form.startswith(tail) for form in near):
                return _place(text, at)
        ends = [len(plain) - len(first) for first in self._first_lines if plain.endswith(first)]
        return _place(text, min(ends)) if ends else len(text)

    @property
    def _longest(self) -> int:
        return len(self._forms[0]) if self._forms else 0


class MaskedStream:
    """Lines that come one after the other, with what a line before them has begun."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._waiting = ""
        """Lines that may hold a secret's beginning."""
        self._depth = 0
        """Blocks that began and did not end."""
        self._room = 0
        self._cut = ""
        """The last that was read of a line that goes on, of which nobody is told more."""

    def __call__(self, line: str, *, cut: bool = False) -> Sequence[str]:
        """What may be shown now; `cut`: the line goes on with the next piece, and nobody is told the rest."""
        if self._cut:
            self._skip(line)
            self._cut = self._cut if cut else ""
            return ()
        self._cut = line[-_LONGEST_MARKER:] if cut else ""
        text = self._waiting + line.rstrip("\r\n") + "\n"
        if cut:
            begins = self._mask.beginning(text, 1)
            text = f"{text[:begins]}{HIDDEN}\n"
        keep = len(text) if len(text) > _MOST_WAITING else self._whole_lines(text)
        self._waiting = text[keep:]
        return self.whole(text[:keep]).splitlines()

    def _skip(self, piece: str) -> None:
        """A key that begins in what nobody is told goes on in what they are."""
        text = self._cut + piece
        for found in _BLOCK.finditer(text):
            if not _BLOCK.match(self._cut, found.start()):  # else it was counted with the piece before
                self._room = self._room if self._depth else _LONGEST_BLOCK
                self._depth = self._depth + 1 if found["what"] == "BEGIN" else max(0, self._depth - 1)
        self._cut = text[-_LONGEST_MARKER:]

    def rest(self) -> Sequence[str]:
        """What waited for a next line, when there is none."""
        text, self._waiting = self._waiting, ""
        return self.whole(text).splitlines()

    def whole(self, text: str) -> str:
        """All of a text, with nothing in it that a terminal obeys, nor a secret in whose midst that stood."""
        shown = self._without_secrets(text)
        return shown if (plain := harmless(shown)) == shown else self._without_secrets(plain)

    def _without_secrets(self, text: str) -> str:
        parts, at = list[str](), 0
        for begin, end in self._mask.known(text):
            parts += [text[at:begin], HIDDEN]
            at = end
        return SHAPES.sub(_hidden, "".join(self._outside("".join([*parts, text[at:]]))))

    def _whole_lines(self, text: str) -> int:
        """How much of it is lines in which no secret begins that may go on."""
        known, keep = self._mask.known(text), self._mask.beginning(text)
        if keep == len(text):
            return keep
        while True:
            before = keep
            keep = text.rfind("\n", 0, keep) + 1
            keep = min([keep, *(begin for begin, end in known if begin < keep < end)])
            if keep == before:
                return keep

    def _outside(self, text: str) -> Iterator[str]:
        """What stands outside of keys and certificates."""
        at = 0
        for found in _BLOCK.finditer(text):
            if found["what"] == "BEGIN":
                if not self._depth:
                    yield from (text[at : found.start()], HIDDEN)
                    self._room = _LONGEST_BLOCK
                self._depth += 1
            elif self._depth:
                self._depth -= 1
                at = found.end()
        if not self._depth:
            yield text[at:]
            return
        self._room -= text.count("\n")
        if self._room <= 0:
            self._depth = 0


def _first_lines(secret: str) -> Iterator[str]:
    """What of a secret of several lines can stand at the end of a line, shorter than `_BEGINNING`."""
    lines = secret.strip().splitlines()
    for number in range(1, len(lines)):
        if 0 < len(first := flat("\n".join(lines[:number]))) < _BEGINNING:
            yield first


def _place(text: str, at: int) -> int:
    """Of the character that is `at` without the ends of lines."""
    return next(number for number, index in enumerate(_indexes(text)) if index == at)


def _indexes(text: str) -> Iterator[int]:
    at = 0
    for char in text:
        is_end = char in "\r\n"
        yield -1 if is_end else at
        at += not is_end


def _hidden(found: re.Match[str]) -> str:
    return (found["head"] or "") + HIDDEN
