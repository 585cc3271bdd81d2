"""The lines of runs in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, case, func, select

from odmd.control.ports.run_log import FROM_APP, LONGEST_LINE, ROOM, Line, LineKind, Room
from odmd.store.database import Database
from odmd.store.schema import run_log

_TOO_MUCH = "… the log ends here: the run said too much"
LAST_WORDS: Final = {
    LineKind.APP: f"{FROM_APP}… too much: no more of it is kept",
    LineKind.STEP: _TOO_MUCH,
    LineKind.LASTING: _TOO_MUCH,
}


class SqlRunLog:
    """Appended one batch at a time, so that who reads on by number misses none."""

    def __init__(self, database: Database, room: Room = ROOM) -> None:
        self._database, self._room = database, room

    def say(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        with self._database.adding_lines() as connection:
            kinds = {(line.run, line.kind) for line in lines}
            left = {kind: self._left(connection, *kind) for kind in kinds}
            rows = list[dict[str, object]]()
            for line in lines:
                lines_left, characters_left = left[line.run, line.kind]
                text, last_word = line.text[:LONGEST_LINE], LAST_WORDS[line.kind]
                if lines_left <= 1 or len(text) + len(last_word) > characters_left:
                    text, rest = last_word, (0, 0)
                else:
                    rest = (lines_left - 1, characters_left - len(text))
                if lines_left > 0 and characters_left > 0:
                    rows.append(_row(line, text))
                left[line.run, line.kind] = rest
            if rows:
                connection.execute(run_log.insert(), rows)
                self._database.notify(connection, "odmd_log")

    def _left(self, connection: Connection, run: int, kind: LineKind) -> tuple[int, int]:
        """How many lines and characters more of a kind are kept of a run; none behind its last word."""
        c = run_log.c
        is_over = func.max(case((c.line == LAST_WORDS[kind], 1), else_=0))
        kept = select(func.count(), func.sum(func.length(c.line)), is_over)
        lines, characters, over = connection.execute(kept.where(c.run == run, _is_of(kind))).one()
        return (0, 0) if over else (self._room.lines - lines, self._room.characters - (characters or 0))

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        c = run_log.c
        found = select(c.seq, c.run, c.at, c.line, c.lasting).limit(limit)
        found = found.order_by(c.seq.desc()) if after is None else found.where(c.seq > after).order_by(c.seq)
        found = found if run is None else found.where(c.run == run)
        with self._database.reading() as connection:
            rows = connection.execute(found).all()
        lines = [Line(*rest, lasting=bool(lasting)) for *rest, lasting in rows]
        return lines[::-1] if after is None else lines


def _is_of(kind: LineKind) -> ColumnElement[bool]:
    is_from_app = run_log.c.line.startswith(FROM_APP)
    match kind:
        case LineKind.LASTING:
            return run_log.c.lasting == 1
        case LineKind.STEP:
            return (run_log.c.lasting == 0) & ~is_from_app
        case LineKind.APP:
            return (run_log.c.lasting == 0) & is_from_app


def _row(line: Line, text: str) -> dict[str, object]:
    # NUL cannot be stored in Postgres, and says nothing to anybody.
    text = text.replace("\x00", "\ufffd")
    return {"run": line.run, "at": line.at, "lasting": int(line.lasting), "line": text}
