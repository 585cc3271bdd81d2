"""The engine in memory on a clock that only a test turns."""

from odmd.control.scheduler.effects import MirrorProduct, SendLater
from odmd.control.scheduler.messages import RetireValue
from odmd.engine.memory import ImmediateEngine


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def turn(engine: ImmediateEngine, clock: Clock, to: float) -> None:
    clock.now = to
    engine.clock_moved()
    assert engine.wait_until_idle(30)


def test_a_timer_of_an_hour_takes_no_time():
    clock, done = Clock(), []
    engine = ImmediateEngine(clock)
    engine.start(done.append)
    timer = SendLater(3600.0, RetireValue("p", 1))
    engine.outbox(1, [timer])
    turn(engine, clock, 3599.0)
    assert done == []
    turn(engine, clock, 3600.0)
    assert done == [timer]
    engine.stop()


def test_waiting_between_attempts_doubles_up_to_half_a_minute():
    clock, tried = Clock(), []
    engine = ImmediateEngine(clock)

    def fail(_):
        tried.append(clock.now)
        raise ConnectionError

    engine.start(fail)
    engine.outbox(1, [MirrorProduct("p")])
    for tenth in range(1000):
        turn(engine, clock, tenth / 2)
    assert tried[:9] == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5]
    engine.stop()


def test_the_same_commit_twice_is_harmless():
    done = []
    engine = ImmediateEngine()
    for _ in range(2):
        engine.outbox(1, [MirrorProduct("p")])
    engine.start(done.append)
    assert engine.wait_until_idle(30)
    assert done == [MirrorProduct("p")]
    engine.stop()
