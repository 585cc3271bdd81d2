"""Others on the same machine: another user, and another program of the same user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from odmd.client import Client
from odmd.control.access.local_token import kept_token
from support import ordinary
from support.served import Served
from support.worlds import graph_of, node

CONTRACTS = """
from odmd.model import *
team, dev = Team("kitchen"), Stage("dev", Account("dev", "111122223333"), "eu-west-1")
class Orders(CommandEnver, build=Build("orders", Repo("acme/orders", team))):
    pass
acme = Organisation("acme", central=dev.account, envers=[Orders(on=Branch("main"), at=dev, commands=["true"])])
"""
LOOKS = """
import ctypes
def attached(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.ptrace(16, pid, 0, 0) == 0  # PTRACE_ATTACH
def reads(path):
    try:
        with open(path, "rb") as file: return len(file.read(10)) > 0
    except PermissionError: return False
def links(path):
    try: return bool(os.readlink(path))
    except PermissionError: return False
pid = {pid}
print(reads(f"/proc/{{pid}}/environ"), links(f"/proc/{{pid}}/cwd"), links(f"/proc/{{pid}}/fd/0"), attached(pid))
"""


@pytest.mark.parametrize(
    ("before", "found"), [("", "True True True True"), ("be_discreet()", "False False False False")]
)
def test_a_program_of_the_same_user_reads_no_key_of_ours(before: str, found: str) -> None:
    """Runs as the user whose odmd deploys. Wants the keys in its environment and memory."""
    program = f"{before}\nprint('ready', flush=True)\ninput()"
    victim = ordinary.start("from odmd.cli.discreet import be_discreet", program, AWS_SECRET_ACCESS_KEY="s3cret")
    try:
        assert victim.stdout
        assert victim.stdout.readline() == "ready\n"
        assert ordinary.run("", LOOKS.format(pid=victim.pid)).strip() == found
    finally:
        victim.kill()
        victim.communicate()


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server of the user who runs the tests, which was told to want no tokens; its token is where it keeps it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    monkeypatch.delenv("ODMD_TOKEN", raising=False)
    with Served(graph_of([node(0)]), tmp_path).serving() as made:
        port = int(made.url.rpartition(":")[2])
        with kept_token("127.0.0.1", port, made.own):
            yield made


@pytest.mark.skipif(not ordinary.is_root(), reason="there is no other user")
def test_another_user_is_told_to_ask_for_a_token(mine: Served, tmp_path: Path) -> None:
    """Is another user of the machine. Wants to deploy: by asking, and with the token of the server's user."""
    ordinary.let_through(tmp_path)
    asking = f"""
from odmd.client import Client
from odmd.errors import NotSignedIn
def ask(state):
    os.environ["XDG_STATE_HOME"] = state
    try:
        with Client({mine.url!r}) as client: return str(list(client.all_envers()))
    except NotSignedIn as refused: return f"{{refused.code}} {{refused.next_step}}"
import os
ask("/nowhere")  # imports what it needs
"""
    said = ordinary.run(asking, f"print(ask({os.environ['XDG_STATE_HOME']!r}))")
    assert "ODMD302" in said
    assert "ask as ada" in said
    assert "odmd token create" in said
    with Client(mine.url) as client:
        assert [one.enver for one in client.all_envers()] == []
        assert client.tokens() == [], "whose it is administers"


@pytest.mark.skipif(not ordinary.is_root(), reason="there is no other user")
def test_another_user_reads_nothing_of_the_state_whatever_the_umask_was(tmp_path: Path) -> None:
    """Is another user of the machine. Wants to read what runs, and logs: odmd was started with umask 000."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "contracts.py").write_text(CONTRACTS)
    (folder / "pyproject.toml").write_text('[tool.odmd]\ncontracts = "contracts:acme"\n')
    odmd = f"umask 000; {sys.executable} -m odmd"
    says = f"{odmd} token create --name ada --scope read >/dev/null; {odmd} backup ../copy.db; {odmd} apply --yes"
    subprocess.run(["sh", "-c", says], cwd=folder, env=environment(tmp_path), capture_output=True, check=False)
    ordinary.let_through(folder)
    made = [one for one in tmp_path.rglob("*") if ".odmd" in one.parts or one.name.startswith("copy")]
    assert {"state.db", "copy.db"} <= {one.name for one in made}
    program = f"""
def reads(path):
    try: return bool(os.listdir(path) if os.path.isdir(path) else open(path, "rb"))
    except PermissionError: return False
print([one for one in {[str(one) for one in made]!r} if reads(one)])
"""
    assert ordinary.run("", program) == "[]\n"


def environment(home: Path) -> Mapping[str, str]:
    """Of somebody whose folders are below `home`; there is no cloud."""
    own = {name: text for name, text in os.environ.items() if not name.startswith(("ODMD_", "AWS_", "XDG_"))}
    cloud = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    return {**own, **cloud, "HOME": str(home), "AWS_MAX_ATTEMPTS": "1"}


def test_a_name_that_leads_to_another_users_server_gets_no_token(mine: Served) -> None:
    """Listens at ::1 beside a server at 127.0.0.1. Wants `localhost` to lead its user's commands, and token, there."""
    with Client(mine.url.replace("127.0.0.1", "localhost")) as client:
        list(client.all_envers())
        assert client._server.http.base_url.host == "127.0.0.1"  # pyright: ignore[reportPrivateUsage]


def test_a_proxy_is_not_told_the_token(mine: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the proxy of the user's network, as in HTTP_PROXY. Wants to see what goes to this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Client(mine.url) as client:
        assert list(client.all_envers()) == []
