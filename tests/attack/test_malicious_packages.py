"""A package is somebody else's program as soon as it is installed: its build script wants what is not the app's.

It comes from the checkout here, as one from a registry would: by the app's lock file. What is unpacked once for all
apps of an environment is attacked too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import EnvironmentNotMade
from odmd.isolation import Isolation
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.cage import find_cage
from odmd.providers.environments import Environments, Shelf, jsii
from support.until import until

SECRET, SIGN_IN = "s3cret-of-the-worker", "t0ken-of-the-registry"
BACKEND = """
import json, os, pathlib, subprocess, sys, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    found = attack()
    info = "greeting-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / "greeting-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("greeting.json", json.dumps(found))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return "greeting-1.0-py3-none-any.whl"
"""
PYPROJECT = """
[project]
name = "greeting"
version = "1.0"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


class Machine:
    """A worker's machine: its home, its state with another environment on the shelf, and the attacker's checkout."""

    def __init__(self, root: Path) -> None:
        self.home, self.state = root / "home", root / "state"
        self.shelf = Shelf(self.state / "environments")
        self.other = self.shelf.folder / "another" / "1" / "venv" / "app.py"
        for file in (self.home / ".aws" / "credentials", self.state / "state.db", self.other):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(SECRET)
        (self.home / ".npmrc").write_text(f"//registry.example/:_authToken={SIGN_IN}\n")
        self.place = Workplace(self.state / "runs" / "2" / "1")
        self.place.source.mkdir(parents=True)
        self.place.log.write_text("")
        self.told: list[str] = []

    def installs(self, *, scripts: bool = True) -> Path:
        """Makes the environment of the attacker's app; returns where its first folder of programs is."""
        made = Environments(self.shelf, Mask({}), cage=lambda: find_cage(Isolation.REQUIRED), scripts=scripts)
        with made.of(self.place.source, self.place.source, self.place.log, self.told.append) as environment:
            return environment.path[0].resolve()

    def builds(self, attack: str) -> dict[str, object]:
        """Installs a package whose build script is the attacker's; returns what that found."""
        package = self.place.source / "greeting"
        package.mkdir()
        (package / "pyproject.toml").write_text(PYPROJECT)
        (package / "backend.py").write_text(BACKEND + f"def attack():\n{attack}\n")
        (self.place.source / "requirements.txt").write_text("./greeting\n")
        found = next(self.installs().parent.glob("lib/*/site-packages/greeting.json"))
        return json.loads(found.read_text())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return made


def test_a_build_script_finds_no_secret_and_changes_nothing_of_others(machine: Machine) -> None:
    """Wants the worker's key, and to change the state and what another build's app will run."""
    files = [machine.home / ".aws" / "credentials", machine.state / "state.db", machine.other, machine.place.log]
    found = machine.builds(
        f"""
    seen = [name for name, text in os.environ.items() if {SECRET[::-1]!r}[::-1] in text]
    for one in os.listdir("/proc"):
        if one.isdigit():
            try: seen += [one] * ({SECRET[::-1]!r}[::-1].encode() in open(f"/proc/{{one}}/environ", "rb").read())
            except OSError: pass
    for path in {[str(one) for one in files]!r}:
        try: seen += [path] * ({SECRET[::-1]!r}[::-1] in open(path).read())
        except OSError: pass
        try:
            with open(path, "a") as file: file.write("mine")
        except OSError: pass
    return dict(seen=seen, caches=os.path.exists({str(machine.shelf.folder / "another")!r}), home=os.environ["HOME"])
"""
    )
    assert found["seen"] == []
    assert found["caches"] is False
    assert not Path(str(found["home"])).exists(), "its home, with every cache, is gone"
    assert [one.read_text() for one in files[:3]] == [SECRET] * 3
    assert "mine" not in machine.place.log.read_text()
    assert "uv installs what requirements.txt names, caged by bubblewrap, with network" in machine.told


def test_what_a_build_script_leaves_behind_dies_with_it(machine: Machine) -> None:
    """Wants to stay, for the next run's credentials."""
    name = f"left-behind-{os.getpid()}"
    machine.builds(
        f"""
    null = subprocess.DEVNULL  # whoever holds its output is waited for
    code = [sys.executable, "-c", "import time; time.sleep(600)", {name!r}]
    subprocess.Popen(code, start_new_session=True, stdin=null, stdout=null, stderr=null)
    return {{}}
"""
    )
    until(lambda: not running(name))


def running(name: str) -> Sequence[psutil.Process]:
    return [one for one in psutil.process_iter(["cmdline"]) if name in (one.info["cmdline"] or ())]


def test_the_version_file_of_a_checkout_runs_nothing(machine: Machine, tmp_path: Path) -> None:
    """Wants to be the program that is asked which Python it is."""
    evil = machine.place.source / "python"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    (machine.place.source / "requirements.txt").write_text("greeting==1.0\n")
    for named in (str(evil), "./python", "python"):
        (machine.place.source / ".python-version").write_text(f"{named}\n")
        with pytest.raises(EnvironmentNotMade, match=r"\.python-version names a program"):
            machine.installs()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm here")
def test_a_postinstall_reads_the_sign_in_for_its_registry_and_no_more_or_does_not_run(
    machine: Machine, scripts: bool
) -> None:
    """Wants what npm's user has; what it can have is in docs/guides/security.md."""
    script = (
        "const fs = require('fs'), os = require('os'); const look = p => { try { return fs.readFileSync(p, 'utf8') }"
        f" catch (e) {{ return '' }} }}; fs.writeFileSync('found.json', JSON.stringify([look('{machine.home}/.aws/"
        f"credentials'), look('{machine.state}/state.db'), process.env.AWS_SECRET_ACCESS_KEY || '', "
        "look(os.homedir() + '/.npmrc')]))"
    )
    (machine.place.source / "evil.js").write_text(script)
    package = {"name": "app", "version": "1.0.0", "scripts": {"postinstall": "node evil.js"}}
    (machine.place.source / "package.json").write_text(json.dumps(package))
    lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (machine.place.source / "package-lock.json").write_text(json.dumps(lock))

    machine.installs(scripts=scripts)

    found = machine.place.source / "found.json"
    if not scripts:
        assert not found.exists()
        return
    *stolen, sign_in = json.loads(found.read_text())
    assert stolen == ["", "", ""]
    assert SIGN_IN in sign_in


def test_an_apps_cache_of_jsii_is_read_only_and_serves_the_next_app_unharmed(machine: Machine) -> None:
    """Wants its own code in the packages that the next app of this environment loads."""
    entry = machine.state / "unpacked" / "aws-cdk-lib" / "2.0.0" / "abc"
    entry.mkdir(parents=True)
    (entry / ".jsii-runtime-package-cache").write_text("")
    (entry / "index.js").write_text("good")
    touched = machine.place.root / "touched"
    touched.write_text("")
    attack = f"""
import os
entry, refused = {str(entry)!r}, []
def tries(what):
    try: what()
    except OSError: refused.append(1)
tries(lambda: open(entry + "/index.js", "a").write("evil"))
tries(lambda: open(entry + "/new.js", "w").write("evil"))
tries(lambda: os.rename(entry, entry + "2"))
tries(lambda: os.chmod(entry + "/index.js", 0o777))
os.utime(entry + "/.jsii-runtime-package-cache")  # as jsii does
open(entry + "/.jsii-runtime-package-cache", "w").write("mine")
os.makedirs(entry + "/../../../another/1/d", exist_ok=True)  # as jsii does with what is not there yet
print(len(refused))
"""
    placed = list(jsii.shown(machine.state / "unpacked", touched))
    command = find_cage(Isolation.REQUIRED).around([sys.executable, "-c", attack], machine.place.source, placed=placed)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "4", "")
    assert sorted(one.name for one in entry.iterdir()) == [".jsii-runtime-package-cache", "index.js"]
    assert (entry / "index.js").read_text() == "good"
    assert (entry / ".jsii-runtime-package-cache").read_text() == ""
    assert not (machine.state / "unpacked" / "another").exists()


def test_a_real_app_takes_what_is_unpacked_and_needs_to_write_none_of_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real jsii, as it is installed here: with its index, which it could not write any more."""
    (machine.place.source / "app.py").write_text(
        "import constructs, json, os, pathlib\n"
        "node = constructs.RootConstruct('one').node.id\n"
        "out = pathlib.Path(os.environ['CDK_OUTDIR'])\n"
        "(out / 'manifest.json').write_text('{}')\n"
    )
    (machine.place.source / "cdk.json").write_text('{"app": "python app.py"}')
    script = only_constructs(machine.state / "unpack.py")
    monkeypatch.setattr(jsii, "_SCRIPT", script)
    cage = find_cage(Isolation.REQUIRED, reads=[script])
    made = Environments(machine.shelf, Mask({}), cage=lambda: cage)
    synthesiser = CdkSynthesiser(Mask({}).stream, made, cage=lambda: find_cage(Isolation.REQUIRED))
    for _ in range(2):
        synthesiser.synthesise(machine.place.source, machine.place, Target("1" * 12, "eu-west-1"), machine.told.append)
    assert len([line for line in machine.told if "jsii unpacks" in line]) == 1
    assert [one.name for one in machine.shelf.folder.glob("*/*/jsii/*")] == ["constructs"]
    assert list(machine.shelf.folder.glob("*/*/jsii/constructs/*/*/.jsii.runtime*"))


def only_constructs(script: Path) -> Path:
    """The smallest package there is, instead of all."""
    original = Path(jsii.__file__).with_name("unpack.py").read_text()
    for all_of_them, one in (
        ('"*/_jsii/*.jsii.tgz"', '"constructs/_jsii/*.jsii.tgz"'),
        ('"*/*/_jsii', '"x/*/_jsii'),
        ('("aws_cdk", ', '("json", '),
    ):
        assert all_of_them in original
        original = original.replace(all_of_them, one)
    script.write_text(original)
    return script
