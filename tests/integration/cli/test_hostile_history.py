"""A history that strangers wrote is read in peace, whichever command shows it."""

from __future__ import annotations

from odmd.agent import LogWriter
from odmd.control.scheduler.messages import Head, PauseScope, StartChange
from odmd.store.run_log import SqlRunLog
from odmd.store.sql import SqlStore
from support.actors import somebody
from support.hostile import EVIL, OBEYED
from support.recording import Desk


def test_a_hostile_history_is_read_in_peace(desk: Desk) -> None:
    """Whoever pushes, answers, pauses or prints wants the terminal of who reads."""
    foundation = Head("foundation/b..main", "c0ffee1234", "contracts", subject=EVIL)
    desk.world.send(StartChange(EVIL, somebody(EVIL), "sha256:0123456789", (foundation,)))
    desk.fail(1, f"ODMD204 {EVIL}\n{EVIL}")
    desk.world.send(PauseScope("writer", somebody(EVIL), EVIL))
    desk.record()
    store = SqlStore(desk.state / "state.db")
    writer = LogWriter(SqlRunLog(store.database))
    writer(1, f"odmd {EVIL}", lasting=True)
    writer(1, f"app: {EVIL}")
    writer.close()
    store.close()
    for words in (["status"], ["runs"], ["why", "foundation@main"], ["values"], ["logs", "1"], ["dora"], ["plan"]):
        done = desk.odmd(*words)
        assert not OBEYED.search(done.out + done.err), (words, ascii(done.out + done.err))
        assert "\n✓ all is well" not in done.out + done.err, words
        assert "\n::error::x" not in done.out + done.err, words
        data = desk.odmd(*words, "--json").out
        assert data.isascii(), words
        assert not OBEYED.search(data), words
