"""Commands of a service's own, run for real: what they get, what becomes of what they write, how they end."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from odmd.agent.mask import Mask
from odmd.agent.removal import clear, remove
from odmd.control.running.place import Workplace
from odmd.control.running.procedures import Job
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.units import DeployedUnit
from odmd.errors import CommandFailed, PublishedWrong, RecipeUnfit, SecretShown
from odmd.graph import EnverNode, ProductNode, WireEdge
from odmd.graph.built import CommandNode
from odmd.isolation import Isolation
from odmd.model.build_types import COMMAND
from odmd.model.kinds import Text
from odmd.model.targets import Target
from odmd.private import private_folder
from odmd.providers.cage import find_cage
from odmd.providers.command import CommandProcedure, CommandRemover
from odmd.providers.command.running import Runner
from odmd.providers.git.fake import FakeRepositories
from odmd.providers.workroom import Workroom
from odmd.store.artifacts import MemoryArtifacts
from support.jobs import job as a_job
from support.worlds import address, node

TEXT = f"{Text.__module__}:Text"
ITEMS = ProductNode(f"{address(0)}/items", "items", TEXT)


class Site:
    """A repository with files, and what one run of its enver says and leaves."""

    def __init__(
        self,
        folder: Path,
        *commands: str,
        files: Mapping[str, str] | None = None,
        wires: tuple[WireEdge, ...] = (),
        remove: str = "",
        network: bool = False,
    ) -> None:
        made = node(0, products=(ITEMS,))
        self.enver: EnverNode = replace(
            made, wires=wires, build_type=COMMAND.name, built=CommandNode(commands, remove, 0, network)
        )
        self.repositories, self.folder, self.said = FakeRepositories(), folder, list[str]()
        self.commit = self.repositories.commit(self.enver.repo, "main", files or {"README": "x"})
        self.artifacts = MemoryArtifacts()
        self.runner = Runner(Workroom(lambda hidden: Mask(hidden).stream(), lambda: find_cage(Isolation.PREFERRED)))

    def job(self, texts: Mapping[str, str] | None = None, *, attempt: int = 1, run: int = 1) -> Job:
        place = Workplace(private_folder(self.folder / str(run) / str(attempt)))
        return a_job(
            place,
            self.enver,
            commit=self.commit,
            texts=texts,
            run=run,
            attempt=attempt,
            checkout=lambda: self.repositories.checkout(self.enver.repo, self.commit, place.source),
            said=self.said,
        )

    def run(self, job: Job | None = None) -> Mapping[str, str]:
        """The products of a run that goes well."""
        job, procedure = job or self.job(), CommandProcedure(self.runner, self.artifacts)
        procedure.preflight(job)
        work = procedure.open(procedure.prepare(job), job)
        work.prove()
        work.deliver()
        (unit,) = work.units
        assert not work.look(unit).is_there
        carried_out = work.carry_out(work.propose(unit, continued=False))
        work.settle(unit)
        return work.observe(unit, json.loads(json.dumps(carried_out))).texts


def wire(name: str, to: str = "") -> WireEdge:
    place = node(0).place
    return WireEdge(address(0), name, "p/b..main/x", TEXT, "read", "automatic", None, None, place, "p/b..main", "", to)  # type: ignore[arg-type]


def test_its_products_are_what_it_writes(tmp_path: Path) -> None:
    site = Site(tmp_path, "echo making the menu", """printf '{"items": "tea"}' > "$ODMD_PRODUCTS" """)
    assert site.run() == {"items": "tea"}
    assert "app: making the menu" in site.said
    assert "! runs echo making the menu" in site.said


def test_what_is_no_text_is_json(tmp_path: Path) -> None:
    assert Site(tmp_path, """printf '{"items": {"b": 1, "a": [true]}}' > "$ODMD_PRODUCTS" """).run() == {
        "items": '{"a": [true], "b": 1}'
    }


def test_its_inputs_stand_in_its_environment_and_in_the_run_document(tmp_path: Path) -> None:
    read = """python3 -c "import json, os; run = json.load(open(os.environ['ODMD_RUN']));
said = [os.environ['ODMD_IN_BUS_NAME'], os.environ['MENU'], run['inputs']['bus-name']['text'], run['enver']]
json.dump({'items': ' '.join(said)}, open(os.environ['ODMD_PRODUCTS'], 'w'))" """
    site = Site(tmp_path, read, wires=(wire("bus-name"), wire("menu", "Variable:MENU")))
    assert site.run(site.job({"bus-name": "orders", "menu": "tea"})) == {"items": "orders tea orders e0/b..main"}


def test_it_gets_the_texts_of_its_secrets_and_what_it_prints_of_them_is_hidden(tmp_path: Path) -> None:
    prints = """
for part in 'the first half of ' 'something nobody hears'; do printf "%s" "$part"; done; echo
printf "%s" "$ODMD_SECRET_DB_PASSWORD" | base64; echo "it is $ODMD_SECRET_DB_PASSWORD"
printf '{"items": "tea"}' > "$ODMD_PRODUCTS" """
    site, text = Site(tmp_path, prints), "the first half of something nobody hears"
    job = replace(site.job(), secret_texts={"db-password": text})
    assert site.run(job) == {"items": "tea"}
    assert "app: it is ***" in site.said
    heard = "\n".join([*site.said, job.place.log.read_text()]).replace(prints, "")
    assert text not in heard
    assert base64.b64encode(text.encode()).decode()[:40] not in heard


def test_products_that_show_a_secret_are_kept_nowhere(tmp_path: Path) -> None:
    site, text = (
        Site(tmp_path, """printf '{"items": "%s"}' "$ODMD_SECRET_DB" > "$ODMD_PRODUCTS" """),
        "nobody hears this",
    )
    job = replace(site.job(), secret_texts={"db": text}, shows=Mask({"ODMD_SECRET_DB": text}).shows)
    with pytest.raises(SecretShown, match="its product items"):
        site.run(job)
    assert text not in repr(vars(site.artifacts))


def test_all_attempts_at_a_run_have_one_key_and_other_runs_have_others(tmp_path: Path) -> None:
    site = Site(tmp_path, """printf '{"items": "%s"}' "$ODMD_IDEMPOTENCY_KEY" > "$ODMD_PRODUCTS" """)
    one, again, other = (site.run(site.job(run=run, attempt=n)) for run, n in ((1, 1), (1, 2), (2, 1)))
    assert one == again != other


def test_it_has_nothing_of_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-worker")
    monkeypatch.setenv("ODMD_TOKEN", "secret-of-the-worker")
    site = Site(tmp_path, """printf '{"items": "%s"}' "$(env | grep -c secret-of-the-worker)" > "$ODMD_PRODUCTS" """)
    assert site.run() == {"items": "0"}


def test_it_is_caged_as_an_app_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wants what is not the service's: the home folder, the state, other processes, and to stay."""
    if find_cage(Isolation.PREFERRED).program is None:
        pytest.skip("this machine has no cage")
    home, state = tmp_path / "home" / ".aws", tmp_path / "state.db"
    home.mkdir(parents=True)
    for file in (home / "credentials", state):
        file.write_text("secret")
    monkeypatch.setenv("HOME", str(home.parent))
    looks = f"""python3 -c "import json, os, subprocess
pids = [one for one in os.listdir('/proc') if one.isdigit()]
wanted = {str(home)!r}, {str(state)!r}, '/root/.aws', os.path.expanduser('~/.aws')
seen = [one for one in wanted if os.path.exists(one)]
subprocess.Popen(['sleep', '612'], start_new_session=True)
for one in ({str(state)!r}, {str(tmp_path / "new")!r}):
    try: open(one, 'a').write('mine')
    except OSError: pass
json.dump({{'items': str(len(seen)) + ' ' + str(len(pids) < 9)}}, open(os.environ['ODMD_PRODUCTS'], 'w'))" """
    assert Site(tmp_path / "runs", looks).run() == {"items": "0 True"}
    assert state.read_text() == "secret"
    assert not (tmp_path / "new").exists()
    assert not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "612"]]


def test_the_commands_are_run_in_the_builds_folder_and_what_one_leaves_the_next_one_finds(tmp_path: Path) -> None:
    files = {"menu/recipe": "tea", "other/recipe": "coffee"}
    site = Site(tmp_path, "cp recipe made", """printf '{"items": "%s"}' "$(cat made)" > $ODMD_PRODUCTS""", files=files)
    site.enver = replace(site.enver, folder="menu")
    assert site.run() == {"items": "tea"}


@pytest.mark.parametrize(
    ("commands", "clean"),
    [(("exit 3",), False), (("true", "exit 3"), False), (("echo why >&2; exit 3", "true"), False)],
)
def test_a_command_that_fails_ends_the_run_and_nobody_knows_what_it_moved(
    tmp_path: Path, commands: tuple[str, ...], clean: bool
) -> None:
    site = Site(tmp_path, *commands)
    with pytest.raises(CommandFailed, match="ended with 3") as failed:
        site.run()
    assert failed.value.clean is clean


def test_a_folder_that_is_not_there_is_told_before_anything_moves(tmp_path: Path) -> None:
    site = Site(tmp_path, "true")
    site.enver = replace(site.enver, folder="nowhere")
    with pytest.raises(CommandFailed, match="has no folder nowhere") as failed:
        site.run()
    assert failed.value.clean


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("true", "wrote no products"),
        ("printf x > $ODMD_PRODUCTS", "nobody can read"),
        ("printf '[]' > $ODMD_PRODUCTS", "no JSON object"),
        ("""printf '{"other": "x"}' > $ODMD_PRODUCTS""", "publishes other, which its contract does not declare"),
        ("head -c 2000000 /dev/zero > $ODMD_PRODUCTS", "more than 1,000,000"),
        ("ln -s /etc/hostname $ODMD_PRODUCTS", "outside of products"),
        ("mkfifo $ODMD_PRODUCTS", "a pipe"),
    ],
)
def test_products_that_cannot_be_read_are_refused_with_what_to_write(tmp_path: Path, written: str, said: str) -> None:
    with pytest.raises(PublishedWrong, match=said) as wrong:
        Site(tmp_path, written).run()
    assert "$ODMD_PRODUCTS" in wrong.value.next_step


def test_who_goes_on_after_the_commands_ran_needs_no_file_of_theirs(tmp_path: Path) -> None:
    site = Site(tmp_path, """printf '{"items": "tea"}' > "$ODMD_PRODUCTS" """)
    procedure, job = CommandProcedure(site.runner, site.artifacts), site.job()
    work = procedure.open(procedure.prepare(job), job)
    carried_out = work.carry_out(work.propose(work.units[0], continued=False))
    later = procedure.open(procedure.prepare(job), site.job(attempt=2))
    assert later.observe(later.units[0], carried_out).texts == {"items": "tea"}


def test_a_recipe_that_runs_other_commands_is_not_the_envers(tmp_path: Path) -> None:
    site = Site(tmp_path, "true")
    kept = CommandProcedure(site.runner, site.artifacts).prepare(site.job())
    for other in (b"", b"{}", kept.replace(b'"true"', b'"rm -rf /"'), kept.replace(b"e0/b..main", b"e1/b..main")):
        with pytest.raises(RecipeUnfit):
            CommandProcedure(site.runner, site.artifacts).open(other, site.job())


def is_left(_enver: str, _unit: DeployedUnit) -> bool:
    return True


def removal(allowed: str = "") -> RemoveEnver:
    return RemoveEnver(address(0), Target("111122223333", "us-west-1"), None, allowed, 7.0)


def test_what_commands_brought_about_is_taken_away_by_the_command_for_it_once_somebody_allows_that(
    tmp_path: Path,
) -> None:
    ran = tmp_path / "ran"
    site = Site(tmp_path, "true", remove=f"touch {ran.name}; pwd")
    remover = CommandRemover(
        replace(site.runner, room=replace(site.runner.room, cage=None)), lambda _enver, _there: site.job(), is_left
    )
    asked = remove(remover, removal())
    assert asked.loss is not None
    assert f"runs `touch {ran.name}; pwd` of" in asked.loss.what
    assert not any("runs touch" in line for line in site.said)
    done = remove(remover, removal(asked.loss.digest))
    assert (done.error, done.loss, done.began) == ("", None, 7.0)
    assert any("runs touch" in line for line in site.said)
    assert not site.job().place.source.exists(), "nothing of it is left"


def test_a_removal_that_fails_says_why_and_is_tried_again_when_somebody_asks(tmp_path: Path) -> None:
    site = Site(tmp_path, "true", remove="echo it is in use; exit 1")
    remover = CommandRemover(site.runner, lambda _enver, _there: site.job(), is_left)
    asked = remove(remover, removal())
    assert asked.loss is not None
    done = remove(remover, removal(asked.loss.digest))
    assert "it is in use" in done.error


def test_where_its_enver_was_before_the_command_of_then_takes_it_away_once_that_is_allowed(tmp_path: Path) -> None:
    site = Site(tmp_path, "true", remove="echo gone > gone; cat gone")
    before = DeployedUnit("commands", Target("444455556666", "us-west-1"), COMMAND.unit)
    asked_of = list[Target | None]()

    def last(_enver: str, there: Target | None) -> Job | None:
        asked_of.append(there)
        return site.job()

    remover, left = CommandRemover(site.runner, last, is_left), ClearUnits(address(0), (before,), "", 7.0)
    asked = clear(remover, left)
    assert asked.loss is not None
    assert "its removal runs `echo gone > gone; cat gone`" in asked.loss.what
    assert clear(remover, replace(left, allowed=asked.loss.digest)).removed == (before,)
    assert asked_of == [before.target] * 2
    assert any("gone" in line for line in site.said)


def test_without_a_command_for_it_people_say_that_it_may_be_forgotten(tmp_path: Path) -> None:
    site = Site(tmp_path, "true")
    remover = CommandRemover(site.runner, lambda _enver, _there: site.job(), is_left)
    asked = remove(remover, removal())
    assert asked.loss is not None
    assert "names no command" in asked.loss.what
    assert remove(remover, removal(asked.loss.digest)).error == ""


def test_of_what_never_ran_nothing_is_left(tmp_path: Path) -> None:
    site = Site(tmp_path, "true")
    remover = CommandRemover(site.runner, lambda _enver, _there: None, is_left)
    assert remove(remover, removal()).error == ""
    assert remover.clear(ClearUnits(address(0), (), "", 7.0)).removed == ()


@pytest.mark.parametrize("network", [False, True])
def test_it_reaches_the_network_only_where_its_contract_says_so(tmp_path: Path, network: bool) -> None:
    if find_cage(Isolation.PREFERRED).program is None:
        pytest.skip("this machine has no cage")
    count = """python3 -c "import json, os, socket
json.dump({'items': str(len(socket.if_nameindex()))}, open(os.environ['ODMD_PRODUCTS'], 'w'))" """
    site = Site(tmp_path, count, network=network)
    assert int(site.run()["items"]) == (len(socket.if_nameindex()) if network else 1)
