"""Environments of apps: made of what a lock file names, once, and never half."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import EnvironmentNotMade, LockMissing, RegistryUnreachable, ToolMissing
from odmd.isolation import Isolation
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.cage import find_cage
from odmd.providers.environments import Environments, Shelf, others
from odmd.providers.environments.recipe import Lock, key_of
from odmd.providers.environments.requirements import read_requirements
from support.until import TOO_LONG

TARGET = Target("111122223333", "eu-west-1")
APP = """
import json, os, pathlib, sys
import greeting
out = pathlib.Path(os.environ["CDK_OUTDIR"]); out.mkdir(exist_ok=True)
(out / "manifest.json").write_text("{}")
print(greeting.TEXT, sys.prefix)
"""


def write_wheel(folder: Path, text: str = "hello", version: str = "1.0") -> str:
    """A package `greeting` that nothing has to be built for; returns the wheel's name."""
    info = f"greeting-{version}.dist-info"
    files = {
        "greeting.py": f"TEXT = {text!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    hashes = {
        name: base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
        for name, content in files.items()
    }
    record = "".join(f"{name},sha256={hashes[name]},{len(files[name])}\n" for name in files)
    wheel = f"greeting-{version}-py3-none-any.whl"
    with zipfile.ZipFile(folder / wheel, "w") as packed:
        for name, content in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            packed.writestr(name, content)
    return wheel


def tool(folder: Path, name: str, script: str) -> None:
    """A program of this name, first in PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{textwrap.dedent(script)}")
    (folder / name).chmod(0o755)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    (tmp_path / "run" / "source").mkdir(parents=True)
    return Workplace(tmp_path / "run")


@pytest.fixture
def environments(tmp_path: Path) -> Environments:
    return Environments(Shelf(tmp_path / "environments"), lambda text: text.replace("hunter2", "***"))


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes `npm` a script."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)

    def make(script: str) -> None:
        tool(tmp_path / "bin", "npm", f'echo made >> "{tmp_path}/made"; {script}')

    tool(tmp_path / "bin", "node", "exit 1")
    make("mkdir -p node_modules/.bin; echo $1 > node_modules/.bin/tool")
    return make


def node_app(folder: Path, **package: object) -> None:
    (folder / "package.json").write_text(json.dumps(package))
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": {}}))


def prepared(environments: Environments, place: Workplace, folder: str = "") -> tuple[list[str], dict[str, str]]:
    """What was told while an environment was prepared, and what the app got of it."""
    told: list[str] = []
    with environments.of(place.source / folder, place.source, place.log, told.append) as made:
        return told, {"PATH": os.pathsep.join(map(str, made.path)), **made.variables}


class TestPython:
    @pytest.mark.parametrize("with_uv", [True, False])
    def test_the_app_runs_with_what_its_list_pins_and_odmd_gets_nothing(
        self, place: Workplace, environments: Environments, monkeypatch: pytest.MonkeyPatch, with_uv: bool
    ) -> None:
        if not with_uv:
            monkeypatch.setattr("odmd.providers.environments.python.find_uv", lambda: None)
        (place.source / "requirements.txt").write_text(f"./{write_wheel(place.source)}\n")
        (place.source / "app.py").write_text(APP)
        (place.source / "cdk.json").write_text('{"app": "python app.py"}')

        told: list[str] = []
        CdkSynthesiser(Mask().stream, environments).synthesise(place.source, place, TARGET, told.append)
        CdkSynthesiser(Mask().stream, environments).synthesise(place.source, place, TARGET, told.append)

        said = [line for line in told if line.startswith("app: hello")]
        assert len(said) == 2
        assert said[0] == said[1]
        assert str(environments.shelf.folder) in said[0]
        assert [line for line in told if "installs" in line] == [
            f"{'uv' if with_uv else 'pip'} installs what requirements.txt names"
        ]
        assert subprocess.run([sys.executable, "-c", "import greeting"], capture_output=True, check=False).returncode

    def test_uv_lock_names_a_package_of_the_checkout_as_it_is_now(
        self, place: Workplace, environments: Environments
    ) -> None:
        vendored, app = place.source / "vendored", place.source / "service"
        vendored.mkdir(), app.mkdir()
        wheel = write_wheel(vendored)
        (app / "pyproject.toml").write_text(
            '[project]\nname = "service"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["greeting"]\n'
            f'[tool.uv.sources]\ngreeting = {{ path = "../vendored/{wheel}" }}\n'
        )
        subprocess.run(["uv", "lock", "--offline", "--quiet"], cwd=app, check=True, env=with_tools())

        first = prepared(environments, place, "service")[1]["VIRTUAL_ENV"]
        assert says(first) == "hello"
        assert prepared(environments, place, "service")[1]["VIRTUAL_ENV"] == first

        write_wheel(vendored, "good day")
        (app / "uv.lock").unlink()
        subprocess.run(["uv", "lock", "--offline", "--quiet"], cwd=app, check=True, env=with_tools())
        assert says(prepared(environments, place, "service")[1]["VIRTUAL_ENV"]) == "good day"

    def test_all_that_a_build_sees_decides_on_its_environment(self, tmp_path: Path) -> None:
        package = tmp_path / "package"
        (package / "__pycache__").mkdir(parents=True)
        (package / "setup.py").write_text("import helper")
        keys = [key_of("uv", trees=[package])]
        for name, make in (
            ("__pycache__/helper.pyc", lambda file: file.write_text("evil")),
            ("helper.py", lambda file: file.symlink_to("../elsewhere")),
        ):
            make(package / name)
            keys.append(key_of("uv", trees=[package]))

        assert len(set(keys)) == 3

    def test_a_list_that_pins_nothing_is_no_lock(self, place: Workplace, environments: Environments) -> None:
        (place.source / "requirements.txt").write_text("aws-cdk-lib\nconstructs>=10\n")

        told, made = prepared(environments, place)

        assert told == ["no lock file: the app runs in odmd's own environment"]
        assert made == {"PATH": ""}

    def test_a_list_is_read_with_what_it_includes(self, tmp_path: Path) -> None:
        (tmp_path / "base.txt").write_text("a==1 \\\n  --hash=sha256:00  # why\n-r requirements.txt\n")
        (tmp_path / "requirements.txt").write_text("-r base.txt\n-c limits.txt\n-e .\nb>=2\n--index-url https://x/\n")

        read = read_requirements(tmp_path / "requirements.txt", tmp_path)

        assert read.lines == (
            *("a==1 --hash=sha256:00", f"-c {tmp_path}/limits.txt", f"{tmp_path}", "b>=2"),
            "--index-url https://x/",
        )
        assert (read.local, read.pinned, read.all_pinned) == ((tmp_path,), 2, False)

    def test_a_path_out_of_the_checkout_is_refused(self, place: Workplace, environments: Environments) -> None:
        (place.source / "requirements.txt").write_text("-e ../../elsewhere\n")

        with pytest.raises(EnvironmentNotMade, match="from a path that the checkout does not have"):
            prepared(environments, place)

    def test_a_lock_of_another_tool_is_no_silence(self, place: Workplace, environments: Environments) -> None:
        (place.source / "poetry.lock").write_text("")

        with pytest.raises(EnvironmentNotMade, match=r"locked in poetry\.lock"):
            prepared(environments, place)


def with_tools() -> dict[str, str]:
    return {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def says(venv: str) -> str:
    return subprocess.check_output([f"{venv}/bin/python", "-c", "import greeting; print(greeting.TEXT)"], text=True)[
        :-1
    ]


@pytest.mark.usefixtures("fake_npm")
class TestNode:
    def test_modules_are_linked_into_the_checkout(self, place: Workplace, environments: Environments) -> None:
        node_app(place.source)

        made = prepared(environments, place)[1]
        prepared(environments, place)

        assert (place.source / "node_modules").is_symlink()
        assert (Path(made["PATH"]) / "tool").read_text() == "ci\n"
        assert (environments.shelf.folder.parent / "made").read_text() == "made\n"

    @pytest.mark.parametrize(
        "package", [{"workspaces": ["a"]}, {"scripts": {"postinstall": "patch-package"}}, {"scripts": {"prepare": "x"}}]
    )
    def test_what_needs_its_checkout_is_installed_there(
        self, place: Workplace, environments: Environments, package: dict[str, object]
    ) -> None:
        node_app(place.source, **package)

        prepared(environments, place)

        assert (place.source / "node_modules" / ".bin").is_dir()
        assert not (place.source / "node_modules").is_symlink()

    def test_the_nearest_folder_with_a_lock_counts(self, place: Workplace, environments: Environments) -> None:
        (place.source / "team" / "service").mkdir(parents=True)
        node_app(place.source)
        node_app(place.source / "team")

        prepared(environments, place, "team/service")

        assert (place.source / "team" / "node_modules").is_symlink()
        assert not (place.source / "node_modules").exists()

    def test_another_lock_is_another_environment(self, place: Workplace, environments: Environments) -> None:
        node_app(place.source)
        prepared(environments, place)
        first = (place.source / "node_modules").resolve()
        (place.source / "package-lock.json").write_text("{}")

        prepared(environments, place)

        assert (place.source / "node_modules").resolve() != first
        assert first.is_dir()


class TestOthers:
    @pytest.mark.parametrize(
        ("file", "name"), [("pom.xml", "mvn"), ("build.gradle.kts", "gradle"), ("go.sum", "go"), ("yarn.lock", "yarn")]
    )
    def test_a_tool_that_is_not_there_is_named(
        self,
        place: Workplace,
        environments: Environments,
        monkeypatch: pytest.MonkeyPatch,
        file: str,
        name: str,
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        (place.source / file).write_text("")

        with pytest.raises(ToolMissing, match=rf"{name}\b.* on this machine"):
            prepared(environments, place)

    def test_a_wrapper_of_the_project_is_enough(
        self, place: Workplace, environments: Environments, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        (place.source / "build.gradle").write_text("")
        (place.source / "gradlew").write_text("")

        assert prepared(environments, place) == ([], {"PATH": ""})

    @pytest.mark.parametrize(
        ("options", "said", "reads"),
        [
            ("", "-Dmaven.repo.local={home}/.m2/repository", "{home}/.m2/repository"),
            ("-Xmx1g", "-Xmx1g -Dmaven.repo.local={home}/.m2/repository", "{home}/.m2/repository"),
            ("-Dmaven.repo.local=/srv/m2 -Xmx1g", "-Dmaven.repo.local=/srv/m2 -Xmx1g", "/srv/m2"),
        ],
    )
    def test_maven_reads_the_machines_repository_though_there_is_no_home_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str, said: str, reads: str
    ) -> None:
        tool(tmp_path / "tools", "mvn", "")
        monkeypatch.setenv("PATH", str(tmp_path / "tools"))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("MAVEN_OPTS", options)
        monkeypatch.delenv("JAVA_HOME", raising=False)
        (tmp_path / "pom.xml").write_text("")

        made = others.by_maven(Lock(tmp_path / "pom.xml", tmp_path, tmp_path)).use(tmp_path)

        assert made.variables == {"MAVEN_OPTS": said.format(home=tmp_path)}
        assert list(map(str, made.reads)) == [reads.format(home=tmp_path)]

    def test_a_tool_is_read_where_it_was_unpacked_and_no_folder_that_only_has_a_link_to_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        go = tmp_path / "go1.26"
        (go / "pkg" / "tool").mkdir(parents=True)
        tool(go / "bin", "go", "")
        home = tmp_path / "home" / ".local" / "bin"
        home.mkdir(parents=True)
        monkeypatch.setenv("PATH", str(home))
        monkeypatch.setenv("GOMODCACHE", "/srv/modules")
        (tmp_path / "go.sum").write_text("")
        lock = Lock(tmp_path / "go.sum", tmp_path, tmp_path)

        (home / "go").symlink_to(go / "bin" / "go")
        linked = others.by_go(lock).use(tmp_path)
        (home / "go").unlink()
        tool(home, "go", "")
        written = others.by_go(lock).use(tmp_path)

        assert (linked.path, linked.reads) == ((go / "bin",), (Path("/srv/modules"), go))
        assert (written.path, written.reads) == ((), (Path("/srv/modules"),))
        assert linked.variables == written.variables == {"GOMODCACHE": "/srv/modules"}

    @pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java on this machine")
    def test_java_starts_in_a_cage(self, place: Workplace) -> None:
        cage = find_cage(Isolation.PREFERRED)
        (place.source / "App.java").write_text(
            "public class App { public static void main(String[] all) throws Exception {"
            'java.nio.file.Files.writeString(java.nio.file.Path.of(System.getenv("CDK_OUTDIR"), "manifest.json"),'
            '"{}" + java.security.Security.getProviders().length); } }'
        )
        (place.source / "cdk.json").write_text('{"app": "java App.java"}')

        CdkSynthesiser(Mask().stream, cage=lambda: cage).synthesise(place.source, place, TARGET, lambda _: None)

        assert (place.built / "manifest.json").read_text().startswith("{}")


class TestWithout:
    def test_a_lock_can_be_demanded(self, place: Workplace, environments: Environments) -> None:
        strict = Environments(environments.shelf, environments.mask, demand_lock=True)

        with pytest.raises(LockMissing, match="no lock file"):
            prepared(strict, place)


class TestFailing:
    def test_what_the_installer_said_is_the_reason_and_secrets_are_hidden(
        self, place: Workplace, environments: Environments, fake_npm: Callable[[str], None]
    ) -> None:
        fake_npm("echo //registry/:_authToken=hunter2; echo E404 no such package >&2; exit 1")
        node_app(place.source)

        with pytest.raises(EnvironmentNotMade, match=r"npm ended with 1: .*E404 no such package"):
            prepared(environments, place)

        assert "_authToken=***" in place.log.read_text()
        assert "hunter2" not in place.log.read_text()

    def test_an_unreachable_registry_may_be_there_later(
        self, place: Workplace, environments: Environments, fake_npm: Callable[[str], None]
    ) -> None:
        fake_npm("echo npm error code ENOTFOUND; exit 1")
        node_app(place.source)

        with pytest.raises(RegistryUnreachable) as failed:
            prepared(environments, place)

        assert failed.value.retryable
        assert "proxy" in failed.value.next_step

    def test_what_failed_is_made_anew(
        self, place: Workplace, environments: Environments, fake_npm: Callable[[str], None]
    ) -> None:
        fake_npm("mkdir node_modules; exit 1")
        node_app(place.source)
        with pytest.raises(EnvironmentNotMade):
            prepared(environments, place)
        fake_npm("mkdir -p node_modules/whole")

        prepared(environments, place)

        assert (place.source / "node_modules" / "whole").is_dir()

    def test_an_installer_that_hangs_is_ended(
        self, place: Workplace, environments: Environments, fake_npm: Callable[[str], None]
    ) -> None:
        fake_npm("sleep 600")
        node_app(place.source)
        hasty = Environments(environments.shelf, environments.mask, limit=0.2)

        with pytest.raises(EnvironmentNotMade, match="not done after"):
            prepared(hasty, place)

    def test_installers_know_registries_and_no_credentials_of_a_cloud(
        self,
        place: Workplace,
        environments: Environments,
        fake_npm: Callable[[str], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "cloud")
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://packages.acme.example/")
        fake_npm("mkdir node_modules; env")
        node_app(place.source)

        prepared(environments, place)

        said = place.log.read_text()
        assert "NPM_CONFIG_REGISTRY=https://packages.acme.example/" in said
        assert "cloud" not in said


class TestShelf:
    def test_two_at_once_make_one(self, tmp_path: Path) -> None:
        shelf, made, waiting, go_on = Shelf(tmp_path), [], threading.Event(), threading.Event()

        def make(into: Path) -> None:
            made.append(into)
            go_on.wait()

        def use() -> None:
            with shelf.kept("key", make, waiting.set):
                pass

        threads = [threading.Thread(target=use, daemon=True) for _ in range(3)]
        for thread in threads:
            thread.start()
        waited = waiting.wait(TOO_LONG)
        go_on.set()
        for thread in threads:
            thread.join(20)

        assert waited
        assert len(made) == 1

    def test_a_maker_that_was_killed_leaves_nothing_that_is_used(self, tmp_path: Path) -> None:
        fifo = tmp_path / "began"
        os.mkfifo(fifo)
        maker = textwrap.dedent(f"""
            import time
            from pathlib import Path
            from odmd.providers.environments import Shelf
            def make(into):
                (into / "half").write_text("")
                open({str(fifo)!r}, "w").close()
                time.sleep(600)
            with Shelf(Path({str(tmp_path / "shelf")!r})).kept("key", make, print): pass
        """)
        running = subprocess.Popen([sys.executable, "-c", maker])
        fifo.read_text()
        running.send_signal(signal.SIGKILL)
        running.wait()

        with Shelf(tmp_path / "shelf").kept("key", lambda into: (into / "whole").touch(), pytest.fail) as made:
            assert [file.name for file in made.iterdir()] == ["whole"]
        assert len(list((tmp_path / "shelf" / "key").glob("*/whole"))) == 1

    def test_the_unused_go_and_the_used_stay(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path, keep=0)
        for key in ("used", "unused"):
            with shelf.kept(key, lambda into: (into / "x").write_text("x"), pytest.fail):
                pass

        with shelf.kept("used", pytest.fail, pytest.fail) as made:
            assert shelf.prune() == ["unused"]
            assert (made / "x").is_file()

    def test_beyond_the_size_the_longest_unused_go(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path, most=15)
        for age, key in ((30, "old"), (20, "new")):
            with shelf.kept(key, lambda into: (into / "x").write_text("x" * 10), pytest.fail):
                pass
            ready = tmp_path / key / "ready"
            os.utime(ready, (ready.stat().st_mtime - age,) * 2)

        assert shelf.prune() == ["old"]
