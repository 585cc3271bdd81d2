"""What users wait for, in whole processes: `make bench`. Ratios are against a baseline of the same run.

The first demo starts without jsii's unpacked packages, the second finds those of the first, as on a user's machine.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
ODMD = (sys.executable, "-m", "odmd")
COFFEE = {"ODMD_CONTRACTS": "coffee_shop:organisation"}


def main() -> None:
    """Prints every figure."""
    print(f"load before: {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    start = seconds((sys.executable, "-c", "pass"))
    print(f"{'python -c pass':<28} {start:6.3f} s   baseline")
    for words in (("--help",), ("--version",), ("check",)):
        took = seconds((*ODMD, *words), COFFEE)
        print(f"{'odmd ' + ' '.join(words):<28} {took:6.3f} s   {took / start:4.1f} × baseline")
    print(f"{'odmd check, memory':<28} {memory((*ODMD, 'check'), COFFEE):6.0f} MB")
    for services in (300, 1000, 3000, 10000):
        print(run((sys.executable, str(ROOT / "bench" / "scale.py"), str(services))), end="")
    for services in (300, 1000, 3000, 10000):
        print(run((sys.executable, str(ROOT / "bench" / "plan.py"), str(services))), end="")
    for services in (300, 3000):
        print(run((sys.executable, str(ROOT / "bench" / "fitting.py"), str(services))), end="")
    for envers in (1000, 10000, 100000):
        print(run((sys.executable, str(ROOT / "bench" / "messages.py"), str(envers))), end="")
    for words in (("300", "300"), ("300", "300", "20")):
        print(run((sys.executable, str(ROOT / "bench" / "simulate.py"), *words)), end="")
    for figures in (
        "makespan.py",
        "audit.py",
        "workers.py",
        "server.py",
        "policy.py",
        "offers.py",
        "clusters.py",
        "cdk_cli.py",
    ):
        print(run((sys.executable, str(ROOT / "bench" / figures))), end="")
    with tempfile.TemporaryDirectory(prefix="odmd-bench-") as folder:
        cache = {"XDG_CACHE_HOME": folder, "JSII_RUNTIME_PACKAGE_CACHE_ROOT": f"{folder}/jsii"}
        for which in ("first", "second"):
            demo(which, Path(folder) / "state", cache)
        for words in (("status",), ("values",), ("runs",), ("why", "order-manager@main")):
            took = seconds((*ODMD, *words, "--state", f"{folder}/state"), COFFEE)
            print(f"{'odmd ' + ' '.join(words):<28} {took:6.3f} s   {took / start:4.1f} × baseline")


def seconds(command: Sequence[str], environment: Mapping[str, str] | None = None, times: int = 15) -> float:
    """Median seconds of a whole process, after one run to warm up."""
    measured: list[float] = []
    for _ in range(times + 1):
        began = time.perf_counter()
        run(command, environment)
        measured.append(time.perf_counter() - began)
    return statistics.median(measured[1:])


def memory(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Peak resident MB of a process."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    return int(run((sys.executable, "-c", code, *command), environment)) / 1024


def demo(which: str, state: Path, cache: Mapping[str, str]) -> None:
    """One demo, its acts, and what a deployment of values costs against a full one."""
    began = time.perf_counter()
    said = run((*ODMD, "demo", "--state", str(state)), cache)
    print(f"{which + ' demo':<28} {time.perf_counter() - began:6.1f} s")
    for title, took in re.findall(r"^([0-9A-Z].*?) +(\d+\.\d) *$", said.partition("act  ")[2], re.MULTILINE):
        print(f"    {title:<36} {took:>6} s")
    runs = json.loads(run((*ODMD, "runs", "--json", "--state", str(state)), {}))
    full, values = (
        statistics.mean(one["finished_at"] - one["started_at"] for one in runs if one["mode"] == mode)
        for mode in ("full", "values only")
    )
    print(f"    full run {full:.2f} s, values-only run {values:.3f} s: {values / full:.1%}")
    print(f"    {re.findall(r'orders: .*', said)[-1]}")
    print(f"    largest process so far: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Runs a command to its end; returns what it printed."""
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
