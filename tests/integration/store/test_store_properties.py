"""Whatever is done to both, memory and a database give the same answers, also after that was opened again."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from store_samples import answer, claimed, enver, read_beside, run, value, wave

from odmd.control.ports.journal import DoneStep
from odmd.control.ports.log import PositionMoved, Touched
from odmd.control.scheduler.effects import MirrorProduct, RemoveRetired
from odmd.control.scheduler.messages import ClaimRun, RetireValue
from odmd.control.scheduler.runs import RunStatus
from odmd.control.scheduler.values import ValueRef, ValueStatus
from odmd.store.append import Keep
from odmd.store.memory import MemoryStore
from odmd.store.schema import metadata
from odmd.store.sql import SqlStore
from odmd.store.where import Where
from support.soak import rounds
from support.state_files import state_file

NAMES = st.sampled_from(["a@main", "b@main", "c@v1"])
NUMBERS = st.integers(1, 5)
IDS = st.sampled_from(["m1", "m2", "m3", "m4"])
ENVERS = st.builds(
    enver,
    NAMES,
    owes=st.frozensets(NUMBERS, max_size=2),
    leases=st.frozensets(st.builds(ValueRef, NAMES, NUMBERS), max_size=2),
    since=st.floats(0, 10),
)
TOUCHED = st.builds(
    Touched,
    envers=st.lists(ENVERS, max_size=3),
    runs=st.lists(st.builds(run, NUMBERS, NAMES, st.sampled_from(RunStatus)), max_size=3),
    values=st.lists(st.builds(value, NAMES, NUMBERS, st.sampled_from(ValueStatus)), max_size=3),
    waves=st.lists(st.builds(wave, NUMBERS, st.integers(0, 2)), max_size=3),
)
EFFECTS = st.lists(st.builds(RemoveRetired, NAMES, NUMBERS) | st.builds(MirrorProduct, NAMES), max_size=2)
MESSAGES = st.builds(ClaimRun, NUMBERS, NAMES) | st.builds(RetireValue, NAMES, NUMBERS)


class Twins(RuleBasedStateMachine):
    """One machine for each kind of database, below."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = ([], [])
        self.memory = MemoryStore(lambda *sent: self.sent[0].append(sent))
        self.sql = self.opened()
        self.end = 0
        self.now = 0.0

    def where(self) -> Where:
        raise NotImplementedError

    def opened(self) -> SqlStore:
        return SqlStore(self.where(), lambda _, *sent: self.sent[1].append(sent))

    @rule(id=IDS, message=MESSAGES)
    def receive(self, id, message):
        self.now += 1
        at = self.now
        assert self.memory.receive(id, message, at) == self.sql.receive(id, message, at)

    @rule(
        events=st.lists(NUMBERS, min_size=1, max_size=3),
        handled=st.lists(IDS, max_size=2),
        touched=TOUCHED,
        effects=EFFECTS,
    )
    def commit(self, events, handled, touched, effects):
        logged = [claimed(self.end + 1 + n, run_id) for n, run_id in enumerate(events)]
        for store in (self.memory, self.sql):
            store.commit(self.end, handled, logged, touched, effects)
        self.end += len(logged)

    @rule(off=st.sampled_from([-1, 1]), touched=TOUCHED)
    def commit_elsewhere(self, off, touched):
        for store in (self.memory, self.sql):
            try:
                store.commit(self.end + off, [], [claimed(self.end + off + 1)], touched, [])
            except PositionMoved:
                continue
            raise AssertionError("the fence is open")

    @rule(run_id=NUMBERS, name=NAMES, attempt=NUMBERS)
    def record(self, run_id, name, attempt):
        self.now += 1
        for store in (self.memory, self.sql):
            store.record(run_id, attempt, DoneStep(name, str(attempt), 0.5, self.now))

    @rule(back=NUMBERS, keep=st.builds(Keep, st.integers(1, 2), st.integers(1, 3)))
    def prune(self, back, keep):
        assert self.memory.prune(self.now - back, keep) == self.sql.prune(self.now - back, keep)

    @rule(name=NAMES, text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5))
    def put(self, name, text):
        for store in (self.memory, self.sql):
            store.put(name, text)

    @rule(name=NAMES, text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5))
    def put_first(self, name, text):
        assert self.memory.put_first(name, text) == self.sql.put_first(name, text)

    @precondition(lambda self: self.end)
    @rule()
    def open_again(self):
        self.sql.close()
        self.sql = self.opened()

    @invariant()
    def answers_are_equal(self):
        assert self.sent[0] == self.sent[1]
        for ask in (
            lambda store: store.load(),
            lambda store: store.pending(3),
            lambda store: store.read(after=1, limit=2),
            lambda store: store.runs(limit=3),
            lambda store: store.runs("a@main"),
            lambda store: store.values(),
            lambda store: store.values("a@main"),
            lambda store: store.waves(limit=3),
            lambda store: [store.steps(n) for n in range(1, 6)],
            lambda store: store.get("a@main"),
            lambda store: [answer(store, id) for id in ("m1", "m")],
        ):
            assert ask(self.memory) == ask(self.sql)

    def teardown(self):
        self.sql.close()


class SqliteTwins(Twins):
    def where(self) -> Where:
        self.folder = getattr(self, "folder", None) or tempfile.TemporaryDirectory()
        return state_file(Path(self.folder.name))

    def teardown(self):
        super().teardown()
        self.folder.cleanup()


class ReadBesideTwins(SqliteTwins):
    def opened(self) -> SqlStore:
        return read_beside(self.where(), lambda _, *sent: self.sent[1].append(sent))


FEWER = settings(
    max_examples=rounds(12, 25), stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def test_memory_and_sqlite_are_twins():
    run_state_machine_as_test(SqliteTwins, settings=FEWER)


def test_memory_and_who_reads_with_the_driver_alone_are_twins():
    run_state_machine_as_test(ReadBesideTwins, settings=settings(FEWER, max_examples=rounds(4, 8)))


def test_memory_and_postgres_are_twins(postgres):
    class PostgresTwins(Twins):
        def where(self) -> Where:
            return postgres

        def teardown(self):
            with self.sql._database.writing() as connection:
                for table in metadata.tables.values():
                    connection.execute(table.delete())
            super().teardown()

    run_state_machine_as_test(PostgresTwins, settings=settings(FEWER, max_examples=rounds(4, 8)))
