"""An app whose tool, or what its tool would fetch, is not where it runs: the refusal names it, and the next step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from odmd.agent.mask import Mask
from odmd.control.running.place import Workplace
from odmd.errors import AppFailed, ToolMissing
from odmd.model.targets import Target
from odmd.providers.aws import CdkSynthesiser
from odmd.providers.cage import Isolation, find_cage

TARGET = Target("111122223333", "eu-west-1")
MAVEN_SAYS = """
[INFO] Scanning for projects...
[ERROR] Failed to execute goal on project app: Could not resolve dependencies for project acme:app:jar:1: Could not \
transfer artifact software.amazon.awscdk:aws-cdk-lib:jar:2.275.0 from/to central: Unknown host repo.maven.apache.org
[ERROR]
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/DependencyResolutionException
"""
GRADLE_SAYS = """
FAILURE: Build failed with an exception.
* What went wrong:
> Could not GET 'https://repo.maven.apache.org/maven2/a.pom'. > java.net.UnknownHostException: repo.maven.apache.org
BUILD FAILED in 1s
"""
DOTNET_SAYS = "error NU1301: Unable to load the service index for source https://api.nuget.org/v3/index.json."
GO_SAYS = (
    'go: a@v1.0.0: Get "https://proxy.golang.org/a": dial tcp: lookup proxy.golang.org on 1.1.1.1:53: no such host'
)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path / "1" / "1")
    made.source.mkdir(parents=True)
    return made


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that is on PATH."""
    made = tmp_path / "bin"
    made.mkdir()
    monkeypatch.setenv("PATH", str(made))
    return made


def synthesise(place: Workplace, app: str, *, caged: bool = False) -> None:
    (place.source / "cdk.json").write_text(json.dumps({"app": app}))
    cage = find_cage(Isolation.PREFERRED if caged else Isolation.OFF)
    CdkSynthesiser(Mask().stream, cage=lambda: cage).synthesise(place.source, place, TARGET, lambda _: None)


@pytest.mark.parametrize("caged", [False, True])
@pytest.mark.parametrize(
    ("app", "named"),
    [
        ("dotnet run --project src/App/App.csproj", "dotnet"),
        ("mvn -e -q compile exec:java", "mvn"),
        ("gradle run", "gradle"),
        ("./gradlew run", "./gradlew"),
        ("go mod download && go run app.go", "go"),
    ],
)
@pytest.mark.usefixtures("tools")
def test_a_tool_that_is_not_there_is_named(place: Workplace, app: str, named: str, caged: bool) -> None:
    with pytest.raises(ToolMissing) as missing:
        synthesise(place, app, caged=caged)
    assert missing.value.fact == f"the app needs `{named}`, and there is none where it runs"
    assert missing.value.next_step
    assert "install it there, on PATH" in missing.value.next_step


@pytest.mark.parametrize(
    ("tool", "says", "fact"),
    [
        ("mvn", MAVEN_SAYS, "[ERROR] Failed to execute goal on project app: Could not resolve dependencies"),
        ("gradle", GRADLE_SAYS, "UnknownHostException: repo.maven.apache.org"),
        ("dotnet", DOTNET_SAYS, "Unable to load the service index"),
        ("go", GO_SAYS, "no such host"),
    ],
)
def test_what_a_tool_could_not_fetch_is_told_with_how_to_have_it(
    place: Workplace, tools: Path, tool: str, says: str, fact: str
) -> None:
    (tools / tool).write_text(f"#!/bin/sh\n/bin/cat <<'END'\n{says.strip()}\nEND\nexit 1\n")
    (tools / tool).chmod(0o755)
    with pytest.raises(AppFailed) as failed:
        synthesise(place, f"{tool} run")
    assert fact in failed.value.fact
    assert failed.value.next_step
    assert failed.value.next_step.startswith("an app has no network: fetch what it needs where runs are carried out")


@pytest.mark.skipif(shutil.which("mvn") is None, reason="there is no Maven on this machine")
def test_maven_itself_says_so(place: Workplace) -> None:
    (place.source / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>acme</groupId><artifactId>app</artifactId>"
        "<version>1</version></project>"
    )
    with pytest.raises(AppFailed) as failed:
        synthesise(place, "mvn -Dmaven.repo.local=m2 -q compile exec:java", caged=True)
    assert "[ERROR] No plugin found for prefix 'exec'" in failed.value.fact
    assert failed.value.next_step
    assert "mvn dependency:go-offline" in failed.value.next_step
