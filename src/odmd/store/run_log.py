"""The lines of runs in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from odmd.control.run_log import LONGEST_LINE, MOST_LINES, Line
from odmd.store.database import Database
from odmd.store.schema import run_log

_LAST_WORD = "… the log ends here: the run said too much"


class SqlRunLog:
    """Appended one batch at a time, so that who reads on by number misses none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        with self._database.adding_lines() as connection:
            kinds = {(line.run, line.lasting) for line in lines}
            room = {kind: MOST_LINES - _count(connection, *kind) for kind in kinds}
            seen, rows = Counter[tuple[int, bool]](), list[dict[str, object]]()
            for line in lines:
                kind = (line.run, line.lasting)
                seen[kind] += 1
                if seen[kind] <= room[kind]:
                    text = _LAST_WORD if seen[kind] == room[kind] else line.text[:LONGEST_LINE]
                    rows.append(_row(line, text))
            if rows:
                connection.execute(run_log.insert(), rows)
                self._database.notify(connection, "odmd_log")

    def lines(self, run: int | None = None, after: int | None = 0, limit: int = 500) -> Sequence[Line]:
        c = run_log.c
        found = select(c.seq, c.run, c.at, c.line, c.lasting).limit(limit)
        found = found.order_by(c.seq.desc()) if after is None else found.where(c.seq > after).order_by(c.seq)
        found = found if run is None else found.where(c.run == run)
        with self._database.reading() as connection:
            rows = connection.execute(found).all()
        lines = [Line(*rest, lasting=bool(lasting)) for *rest, lasting in rows]
        return lines[::-1] if after is None else lines


def _count(connection: Connection, run: int, lasting: bool) -> int:
    kept = select(func.count()).where(run_log.c.run == run, run_log.c.lasting == int(lasting))
    return connection.execute(kept).scalar_one()


def _row(line: Line, text: str) -> dict[str, object]:
    # NUL cannot be stored in Postgres, and says nothing to anybody.
    text = text.replace("\x00", "\ufffd")
    return {"run": line.run, "at": line.at, "lasting": int(line.lasting), "line": text}
