"""What a program prints is kept from both ends."""

from __future__ import annotations

import io

from odmd.control.ports.run_log import Room
from odmd.providers.printed import LAST_LINES, Printed


def kept(lines: list[str], room: Room) -> tuple[list[str], list[str]]:
    log, told = io.StringIO(), list[str]()
    printed = Printed(log, told.append, room)
    for line in lines:
        printed.line(line)
    printed.end()
    return log.getvalue().splitlines(), told


def test_what_has_room_is_kept_as_it_came() -> None:
    log, told = kept(["one", "", "two  "], Room(lines=3))
    assert log == ["one", "", "two"]
    assert told == ["app: one", "app: two"]


def test_of_a_flood_its_beginning_and_its_end_and_how_much_was_between() -> None:
    log, told = kept([f"line {number}" for number in range(5000)], Room(lines=10))
    assert told == [f"app: {line}" for line in log]
    assert log[:10] == [f"line {number}" for number in range(10)]
    assert log[10] == f"… left out: {4990 - LAST_LINES} of its lines …"
    assert log[11:] == [f"line {number}" for number in range(5000 - LAST_LINES, 5000)]


def test_few_long_lines_are_a_flood_too_and_none_comes_out_of_its_order() -> None:
    log, _ = kept(["x" * 60, "y" * 60, *("z" * 10 for _ in range(LAST_LINES))], Room(characters=100))
    assert log == ["x" * 60, "… left out: 1 of its lines …", *("z" * 10 for _ in range(LAST_LINES))]


def test_all_programs_of_an_attempt_share_the_room_and_each_has_its_end() -> None:
    told = list[str]()
    printed = Printed(io.StringIO(), told.append, Room(lines=2))
    for program in ("build", "app"):
        for number in range(3):
            printed.line(f"{program} {number}")
        printed.end()
    assert told == [f"app: {program} {number}" for program in ("build", "app") for number in range(3)]
