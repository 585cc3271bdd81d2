"""What `[tool.odmd.notify]` says: who is told of what, where, and when not.

[tool.odmd.notify.payments]
to = ["env:ODMD_NOTIFY_PAYMENTS"]         # addresses of apprise, by reference: a variable, or file:PATH with one a line
about = ["questions", "failures"]         # what NewsTopic has: questions, answers, failures …; else all
teams = ["payments"]                      # not said: all
stages = ["prod"]                         # not said: all
every = 60                                # seconds between messages, at least
quiet = "22:00-24:00"                     # when only what is urgent is told
days = "Mon-Sun"                          # of the quiet hours
zone = "Europe/Berlin"
title = "${organisation}: ${title}"       # what a message's title is made of: title, organisation, count
line = "${line} (https://odmd.acme.example)"  # the same of each line: line, topic, organisation
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final, cast

from odmd.bootstrap.numbers import is_number
from odmd.control.leading.notifying import LINE_FIELDS, TITLE_FIELDS, NewsTopic, Route
from odmd.errors import NotTold, SettingsInvalid
from odmd.graph.approvals import HoursNode, hours_node, wrong_hours
from odmd.model.approvals import Hours

_LISTS: Final = ("to", "about", "teams", "stages")
_TEMPLATES: Final = {"title": TITLE_FIELDS, "line": LINE_FIELDS}
_TEXTS: Final = ("quiet", "days", "zone", *_TEMPLATES)
_KNOWN: Final = (*_LISTS, *_TEXTS, "every")
_EXAMPLE: Final = 'write to = ["env:NAME"], and about = ["questions"]'
_KINDS: Final = ("env", "file")


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """A route, and where its addresses are found."""

    route: Route
    to: tuple[str, ...]
    base: Path

    def addresses(self) -> Sequence[str]:
        """As they are now.

        Raises:
            NotTold: one of them is not there.
        """
        return [address for reference in self.to for address in _read(reference, self.base)]


def read_notify(said: object, base: Path, file: str) -> tuple[NotifySettings, ...]:
    """By name.

    Raises:
        SettingsInvalid
    """
    where = f"{file}: [tool.odmd.notify]"
    if not isinstance(said, dict):
        raise SettingsInvalid(f"{where} must be a table of routes", next_step="write [tool.odmd.notify.NAME]")
    return tuple(_route(where, name, table, base) for name, table in sorted(cast("dict[str, object]", said).items()))


def _route(where: str, name: str, said: object, base: Path) -> NotifySettings:
    given: Mapping[str, object] = cast("Mapping[str, object]", said) if isinstance(said, dict) else {}
    wrong = [one for one in given if one not in _KNOWN]
    wrong += [one for one in _LISTS if not _is_texts(given.get(one, []))]
    wrong += [one for one in _TEXTS if not isinstance(given.get(one, ""), str)]
    wrong += [] if is_number(given.get("every", 60)) else ["every"]
    wrong += [] if given.get("to") else ["to"]
    if wrong:
        raise SettingsInvalid(
            f"{where} {name} lacks, or does not take as it is, {', '.join(wrong)}", next_step=_EXAMPLE
        )
    lists = {one: frozenset(cast("list[str]", given.get(one, []))) for one in _LISTS}
    if unknown := sorted(lists["about"] - {str(topic) for topic in NewsTopic}):
        raise SettingsInvalid(f"{where} {name} is about {', '.join(unknown)}", next_step=f"name {', '.join(NewsTopic)}")
    for one in (to := tuple(cast("list[str]", given["to"]))):
        if one.partition(":")[0] not in _KINDS or not one.partition(":")[2]:
            raise SettingsInvalid(
                f"{where} {name}: an address holds a token, and is said by reference", next_step="env:NAME or file:PATH"
            )
    topics = frozenset(map(NewsTopic, lists["about"])) or frozenset(NewsTopic)
    texts = cast("Mapping[str, str]", given)
    quiet = _quiet(f"{where} {name}", texts) if "quiet" in texts else None
    every = float(cast("int", given.get("every", 60)))
    made = Route(name, topics, lists["teams"], lists["stages"], every, quiet, **_templates(f"{where} {name}", texts))
    return NotifySettings(made, to, base)


def _templates(where: str, said: Mapping[str, str]) -> Mapping[str, str]:
    found = {name: said[name] for name in _TEMPLATES if name in said}
    for name, text in found.items():
        template = Template(text)
        if not template.is_valid() or not set(template.get_identifiers()) <= set(_TEMPLATES[name]):
            fields = ", ".join(f"${{{one}}}" for one in _TEMPLATES[name])
            raise SettingsInvalid(f"{where} has {name} = {text!r}", next_step=f"there are {fields}; a $ is $$")
    return found


def _quiet(where: str, said: Mapping[str, str]) -> HoursNode:
    begin, _, end = said["quiet"].partition("-")
    hours = Hours(said.get("days", "Mon-Sun"), begin, end, said.get("zone", "UTC"))
    for what, hint in wrong_hours(hours):
        raise SettingsInvalid(f"{where} {what}", next_step=hint)
    return hours_node(hours)


def _read(reference: str, base: Path) -> Sequence[str]:
    kind, _, name = reference.partition(":")
    read: Callable[[], str] = (lambda: os.environ[name]) if kind == "env" else (base / name).read_text
    try:
        return [line.strip() for line in read().splitlines() if line.strip()]
    except (KeyError, OSError, UnicodeDecodeError) as missing:
        raise NotTold(f"{reference} has no address", next_step="set it where the server runs") from missing


def _is_texts(said: object) -> bool:
    return isinstance(said, list) and all(isinstance(one, str) for one in cast("list[object]", said))
