"""`odmd emulator`: says how to reach it, and ends when told."""

from __future__ import annotations

import signal
from pathlib import Path

from support.workbench import Workbench


def test_the_emulator_says_how_to_reach_it_and_ends_when_told(tmp_path: Path) -> None:
    bench = Workbench(tmp_path)
    with bench.start("emulator") as started:
        assert started.stdout is not None
        said = ""
        for line in started.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        contracts = (tmp_path / "contracts.py").read_text()
        bench.write("contracts.py", contracts + "1 / 0\n")
        assert "cannot be read now" in started.stdout.readline()
        bench.write("contracts.py", contracts.replace("111122223333", "444455556666"))
        assert "444455556666 in us-west-1" in started.stdout.readline(), "it learns accounts while it runs"
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=60) == 0
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:" in said
    assert "export AWS_ACCESS_KEY_ID=111122223333" in said
