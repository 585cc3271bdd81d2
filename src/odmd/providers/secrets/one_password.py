"""1Password, through its own program `op`.

It knows who asks: by `OP_SERVICE_ACCOUNT_TOKEN`, or by a sign-in on this machine.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from odmd.control.ports.secrets import Described, SecretStanding
from odmd.errors import SecretMissing, SecretRotated, SecretStoreUnreachable, ToolMissing
from odmd.model.secret_references import OnePasswordField
from odmd.model.targets import Target

_PROGRAM: Final = "op"
_SECONDS: Final = 30.0
_HANDED_ON: Final = re.compile(r"OP_\w+|HOME|USER|LANG|LC_ALL|XDG_\w+|TMPDIR|(HTTPS?|NO|ALL)_PROXY", re.IGNORECASE)
_ABSENT: Final = re.compile(r"isn't (an? |in )|not found|no (item|vault|field)|does not have a field|could not find")
_UNREADABLE: Final = re.compile(
    r"not (currently )?signed in|unauthori[sz]ed|forbidden|permission|invalid token|No accounts"
)
_TIMED: Final = re.compile(r"^\[ERROR\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")


@dataclass(frozen=True, slots=True)
class OnePassword:
    """Asked as an environment says; a version is that of the whole item, and only the newest can be read."""

    environment: Mapping[str, str]

    def describe(self, reference: OnePasswordField, target: Target) -> Described:  # noqa: ARG002
        """`op` gives items with their texts; nothing but version, time and the names of fields is looked at."""
        said = self._op("item", "get", reference.item, "--vault", reference.vault, "--format", "json")
        if isinstance(said, Described):
            return said
        try:
            item = cast("Mapping[str, object]", json.loads(said))
            fields = [cast("Mapping[str, object]", one) for one in cast("list[object]", item.get("fields", []))]
            version, state, changed = item["version"], item.get("state"), str(item.get("updated_at", ""))
            is_there = any(_is(one, reference) for one in fields)
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise _away("what it says is no item") from wrong
        if state == "ARCHIVED":
            return Described(SecretStanding.LEAVING, why="the item is archived")
        if not is_there:
            return Described(SecretStanding.ABSENT, why="the item has no such field")
        return Described(SecretStanding.THERE, str(version), _seconds(changed))

    def read(self, reference: OnePasswordField, target: Target, version: str = "") -> str:
        described = self.describe(reference, target)
        if described.standing is not SecretStanding.THERE:
            raise SecretMissing.of(str(reference), described.standing, described.why)
        if version and described.version != version:
            raise SecretRotated.of(str(reference))
        text = self._op("read", "--no-newline", str(reference))
        if isinstance(text, Described):
            raise SecretMissing.of(str(reference), text.standing, text.why)
        return text

    def _op(self, *words: str) -> str | Described:
        program = shutil.which(_PROGRAM, path=self.environment.get("PATH"))
        if program is None:
            raise ToolMissing(
                "a secret is bound to 1Password (op://…), and there is no program `op` here",
                next_step="install 1Password's command line where runs are carried out, or bind another reference",
            )
        handed_on = {name: text for name, text in self.environment.items() if _HANDED_ON.fullmatch(name)}
        try:
            done = subprocess.run(  # noqa: S603  # a reference has no word that begins with a dash
                [program, *words],
                env={**handed_on, "PATH": self.environment.get("PATH", "")},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            text, failed = done.stdout.decode(), done.stderr.decode(errors="replace")
        except (OSError, subprocess.TimeoutExpired, UnicodeError) as wrong:
            raise _away(type(wrong).__name__) from wrong
        if done.returncode == 0:
            return text
        return _refused(failed)


def _refused(said: str) -> Described:
    lines: Sequence[str] = [line for line in said.splitlines() if line.strip()]
    why = _TIMED.sub("", lines[-1].strip()) if lines else "it says nothing"
    if _UNREADABLE.search(why):
        return Described(SecretStanding.UNREADABLE, why=f"op: {why[:300]}")
    if _ABSENT.search(why):
        return Described(SecretStanding.ABSENT, why=f"op: {why[:300]}")
    raise _away(why[:300])


def _is(field: Mapping[str, object], reference: OnePasswordField) -> bool:
    section = cast("Mapping[str, object]", field.get("section") or {})
    names = {field.get("id"), field.get("label")}
    of = {section.get("id"), section.get("label")}
    return reference.field in names and (not reference.section or reference.section in of)


def _away(why: str) -> SecretStoreUnreachable:
    return SecretStoreUnreachable(
        f"1Password tells nothing of its secrets: {why}",
        next_step="see `op whoami` where runs are carried out; runs that need it are tried again",
    )


def _seconds(said: str) -> float | None:
    try:
        return datetime.fromisoformat(said).timestamp()
    except ValueError:
        return None
