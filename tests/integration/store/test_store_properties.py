"""Whatever is done to both, memory and SQLite give the same answers, also after the file was opened again."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from store_samples import claimed, enver, run, value, wave

from odmd.control.effects import DispatchRun, MirrorProduct
from odmd.control.messages import ClaimRun, RetireValue
from odmd.control.ports import PositionMoved, Step, Touched
from odmd.control.state import RunStatus, ValueRef, ValueStatus
from odmd.store.memory import MemoryStore
from odmd.store.sql import SqlStore

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
EFFECTS = st.lists(st.builds(DispatchRun, NUMBERS) | st.builds(MirrorProduct, NAMES), max_size=2)
MESSAGES = st.builds(ClaimRun, NUMBERS, NAMES) | st.builds(RetireValue, NAMES, NUMBERS)


class Twins(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.sent = ([], [])
        self.memory = MemoryStore(lambda *sent: self.sent[0].append(sent))
        self.sql = self.opened()
        self.end = 0

    def opened(self) -> SqlStore:
        return SqlStore(Path(self.folder.name) / "state.db", lambda _, *sent: self.sent[1].append(sent))

    @rule(id=IDS, message=MESSAGES, at=st.floats(0, 10))
    def receive(self, id, message, at):
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
        for store in (self.memory, self.sql):
            store.record(run_id, attempt, Step(name, str(attempt), 0.5, float(attempt)))

    @rule(name=NAMES, text=st.text(st.characters(codec="utf-8"), max_size=5))
    def put(self, name, text):
        for store in (self.memory, self.sql):
            store.put(name, text)

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
        ):
            assert ask(self.memory) == ask(self.sql)

    def teardown(self):
        self.sql.close()
        self.folder.cleanup()


TestTwins = Twins.TestCase
TestTwins.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
