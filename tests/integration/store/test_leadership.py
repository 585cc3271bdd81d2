"""At most one process decides at a time."""

import os
import signal
import subprocess
import sys

import pytest

from odmd.errors import StateInUse, StateUnreadable
from odmd.store.leadership import FileLeadership
from support.until import TOO_LONG

LEAD = """
import sys, time
from pathlib import Path
from odmd.store.leadership import FileLeadership
with FileLeadership(Path(sys.argv[1])).lead():
    print("leading", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def leader(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", LEAD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"leading\n"
    yield child
    child.kill()
    child.communicate(timeout=TOO_LONG)


def test_the_refusal_names_the_process_and_what_to_do(tmp_path, leader):
    with pytest.raises(StateInUse) as refusal, FileLeadership(tmp_path).lead():
        pass
    assert f"process {leader.pid}" in refusal.value.fact
    assert str(leader.pid) in refusal.value.next_step


def test_a_refused_process_does_not_disturb_the_holder(tmp_path, leader):
    for _ in range(2):
        with pytest.raises(StateInUse, match=str(leader.pid)), FileLeadership(tmp_path).lead():
            pass


def test_it_is_free_once_its_holder_is_killed(tmp_path, leader):
    leader.send_signal(signal.SIGKILL)
    leader.wait(timeout=TOO_LONG)
    with FileLeadership(tmp_path).lead():
        pass


def test_it_can_be_had_again_and_again(tmp_path):
    for _ in range(3):
        with FileLeadership(tmp_path / "new").lead():
            pass


def test_two_in_one_process_exclude_each_other(tmp_path):
    held = FileLeadership(tmp_path).lead()
    with held, pytest.raises(StateInUse, match=str(os.getpid())), FileLeadership(tmp_path).lead():
        pass
    with FileLeadership(tmp_path).lead():
        pass


def test_it_is_free_after_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="no"), FileLeadership(tmp_path).lead():
        raise RuntimeError("no")
    with FileLeadership(tmp_path).lead():
        pass


def test_a_folder_that_is_none_is_refused_with_a_next_step(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnreadable) as refusal, FileLeadership(tmp_path / "file").lead():
        pass
    assert refusal.value.next_step
