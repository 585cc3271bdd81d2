"""Pull requests on the contracts: real repositories, contracts that really run in a cage, a GitHub that is played."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from odmd.bootstrap.github import Hosted
from odmd.bootstrap.planner import plan_beside
from odmd.bootstrap.repositories import repositories
from odmd.bootstrap.settings import read_settings
from odmd.control.leading.reviewing import Reviewing
from odmd.control.ports.hosts import ContractsProposal, Opinion, Review
from odmd.errors import Diagnostic, HostUnreachable, Place
from odmd.isolation import Isolation
from odmd.providers.cage import find_cage
from odmd.providers.github.pulls import GithubProposals
from odmd.store.sql import SqlStore
from support.github.fake import FakeGithub
from support.github.state import FakeRepository, Record
from support.soak import soak_only
from support.workbench import CONTRACTS, Workbench

BREAKS = CONTRACTS.replace("Produces[EventBus[str]]", "Produces[Queue]").replace(
    "Consumes[EventBus[str]]", "Consumes[Queue]"
)
UNSOUND = CONTRACTS.replace("reader = Reader(on=main, at=dev, bus=foundation.bus)", "reader = Reader(on=main, at=dev)")
ADDS = CONTRACTS.replace(
    "acme = Organisation", 'second = Reader(on=Branch("two"), at=dev, bus=foundation.bus)\nacme = Organisation'
).replace("reader, writer]", "reader, writer, second]")
SETTINGS = """
[tool.odmd]
contracts = "contracts.py:acme"
repositories = "repos/{repo}"
[tool.odmd.github]
contracts = "acme/contracts"
"""

pytestmark = pytest.mark.skipif(find_cage(Isolation.PREFERRED).program is None, reason="there is no cage here")


class Office:
    """The repository of contracts at GitHub, and our review of it."""

    def __init__(self, github: FakeGithub, root: Path) -> None:
        self.github, self.root, self.bench = github, root, Workbench(root)
        self.bench.write("pyproject.toml", SETTINGS)
        self.bench.write("repos/acme/contracts/contracts.py", CONTRACTS)
        self.bench.git("contracts", "init", "-q", "-b", "main")
        self.commit(CONTRACTS)
        folder = root / "repos" / "acme" / "contracts"
        self.repository: FakeRepository = github.repository("acme/contracts", folder, rights={"ada": "write"})
        github.install()
        self.settings = read_settings(None)
        self.store = SqlStore(root / ".odmd" / "state.db")
        self.hosted = Hosted(self.settings, github.app, self.store)
        self.reviewing = self.made()

    def made(self) -> Reviewing:
        sources = repositories(self.settings)
        found = self.hosted.reviewing(
            lambda compiled: plan_beside(self.settings, compiled, sources), lambda: "in force", sources
        )
        assert found
        return found

    def terse(self, meanwhile: Callable[[ContractsProposal], object]) -> Reviewing:
        """Without anything that is loaded."""

        def review(proposal: ContractsProposal) -> Review:
            meanwhile(proposal)
            return Review(Opinion.FINE, "fine", f"of {proposal.head}")

        proposals = GithubProposals(self.hosted.client, self.hosted.places, "acme/contracts")
        return Reviewing(proposals, review, lambda: "in force")

    def commit(self, contracts: str, branch: str = "main") -> str:
        self.bench.git("contracts", "checkout", "-q", "-B", branch)
        self.bench.write("repos/acme/contracts/contracts.py", contracts)
        self.bench.git("contracts", "add", "-A")
        self.bench.git("contracts", "commit", "-q", "--allow-empty", "-m", "contracts")
        return self.bench.git("contracts", "rev-parse", "HEAD").strip()

    def propose(self, contracts: str, number: int = 1, **head: Any) -> str:
        commit = self.commit(contracts, f"change-{number}")
        self.bench.git("contracts", "checkout", "-q", "main")
        sides = {"head": {"ref": f"change-{number}", **head}, "base": {"ref": "main"}}
        self.repository.pulls[number] = {"state": "open", "title": "a change", **sides}
        return commit

    @property
    def comments(self) -> list[str]:
        return [one.said["body"] for one in self.repository.comments.values()]

    @property
    def check(self) -> dict[str, Any]:
        return list(self.repository.checks.values())[-1].said

    def writes(self) -> int:
        return sum(not name.startswith("GET") and "access_tokens" not in name for name, _ in self.github.asked)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.chdir(tmp_path)
    for name in ("ODMD_STATE", "ODMD_CONTRACTS"):
        monkeypatch.delenv(name, raising=False)
    with FakeGithub().serving() as github:
        made = Office(github, tmp_path)
        with closing(made.hosted), closing(made.store):
            yield made
        assert github.wrong == []


class TestWhatIsSaid:
    def test_what_is_new_is_compared_and_planned(self, office: Office) -> None:
        office.bench.services()
        head = office.propose(ADDS)
        office.reviewing.look(None)
        (comment,) = office.comments
        assert "3 additive" in comment
        assert "reader@two" in comment
        assert "#### Stage 1" in comment
        assert head in comment
        check = office.check
        assert (check["head_sha"], check["conclusion"], check["output"]["title"]) == (head, "success", "3 additive")
        assert not office.store.get("heads")  # nothing of it is kept
        before = office.writes()
        office.made().look(None)
        assert office.writes() == before  # another process says nothing twice

    def test_what_breaks_names_whom_it_concerns(self, office: Office) -> None:
        office.propose(BREAKS)
        office.reviewing.look([1])
        assert office.check["conclusion"] == "failure"
        assert "platform: reader@main, writer@main" in office.comments[0]

    def test_mistakes_are_annotations_at_their_lines(self, office: Office) -> None:
        office.propose(UNSOUND)
        office.reviewing.look(None)
        check = office.check
        assert check["conclusion"] == "failure"
        (annotation,) = check["output"]["annotations"]
        line = UNSOUND.splitlines().index("reader = Reader(on=main, at=dev)") + 1
        assert (annotation["path"], annotation["start_line"]) == ("contracts.py", line)
        assert annotation["title"].startswith("ODMD")

    @soak_only
    def test_of_many_mistakes_each_is_annotated_fifty_in_a_request(self, office: Office) -> None:
        more = "\n".join(f'r{n} = Reader(on=Branch("b{n}"), at=dev)' for n in range(120))
        listed = ", ".join(f"r{n}" for n in range(120))
        text = CONTRACTS.replace("acme = Organisation", f"{more}\nacme = Organisation")
        office.propose(text.replace("reader, writer]", f"reader, writer, {listed}]"))
        office.reviewing.look(None)
        assert len(office.check["output"]["annotations"]) == 120

    @pytest.mark.parametrize(
        "text",
        [
            "raise SystemExit('stop')",
            pytest.param("import nothing_there", marks=soak_only),
            pytest.param("acme = (", marks=soak_only),
        ],
    )
    def test_what_does_not_load_says_why(self, office: Office, text: str) -> None:
        office.propose(text)
        office.reviewing.look(None)
        assert office.check["conclusion"] == "failure"
        assert "ODMD001" in office.comments[0]
        assert str(office.root) not in office.comments[0]

    def test_nothing_that_contracts_say_is_markup(self, office: Office) -> None:
        said = "</details>@everyone [x](https://evil.example) `|"
        office.propose(CONTRACTS.replace('"what happens"', f'"{said}"').replace('Stage("dev"', 'Stage("d<b>ev@all"'))
        office.reviewing.look(None)
        for text in (office.comments[0], office.check["output"]["summary"]):
            assert "<b>" not in text
            assert "@everyone" not in text
            assert "[x](" not in text


class TestWhenItIsSaid:
    """Whatever is said: here a word for each head."""

    @pytest.fixture(autouse=True)
    def terse(self, office: Office) -> None:
        office.reviewing = office.terse(lambda _proposal: None)

    def test_annotations_that_fail_on_the_way_come_again_as_a_whole(self, office: Office) -> None:
        head = office.propose(ADDS)
        found = tuple(Diagnostic("ODMD101", f"mistake {n}", place=Place("contracts.py", n)) for n in range(1, 121))
        proposal = ContractsProposal(1, head, head, is_trusted=True)
        proposals = GithubProposals(office.hosted.client, office.hosted.places, "acme/contracts")
        office.github.faults.planned.append(("PATCH /repos/{owner}/{repo}/check-runs", 502, {}, b""))
        review = Review(Opinion.WRONG, "mistakes: 120", "many", found)
        with pytest.raises(HostUnreachable):
            proposals.say(proposal, review)
        assert office.check["status"] == "in_progress"
        proposals.say(proposal, review)
        assert (office.check["status"], office.check["conclusion"]) == ("completed", "failure")
        assert len(office.check["output"]["annotations"]) == 120

    def test_one_comment_is_kept_up_to_date(self, office: Office) -> None:
        office.propose(UNSOUND)
        office.reviewing.look(None)
        before = office.writes()
        office.reviewing.look([1])
        assert office.writes() == before
        head = office.propose(ADDS)
        office.reviewing.look([1])
        assert len(office.comments) == 1
        assert head in office.comments[0]
        assert office.check["head_sha"] == head

    def test_a_list_that_lags_behind_makes_no_second_comment(self, office: Office) -> None:
        office.github.faults.lag = 1000
        for contracts in (UNSOUND, ADDS):
            head = office.propose(contracts)
            office.reviewing.look([1])
        assert len(office.comments) == 1
        assert head in office.comments[0]
        office.repository.comments.clear()
        head = office.propose(UNSOUND)
        office.reviewing.look([1])
        assert [head in one for one in office.comments] == [True]

    def test_a_comment_that_somebody_marked_as_ours_is_not_ours(self, office: Office) -> None:
        office.propose(ADDS)
        office.reviewing.look(None)
        (ours,) = office.repository.comments.values()
        forged = type(ours)(1, {**ours.said, "body": "<!-- odmd contracts -->", "performed_via_github_app": None})
        office.repository.comments = {1: forged, **office.repository.comments}
        head = office.propose(UNSOUND)
        office.reviewing.look([1])
        assert forged.said["body"] == "<!-- odmd contracts -->"
        assert head in ours.said["body"]

    def test_what_moved_while_it_was_looked_at_is_not_spoken_of(self, office: Office) -> None:
        office.propose(ADDS)
        office.terse(lambda _proposal: office.propose(UNSOUND)).look([1])
        assert office.comments == []

    def test_a_closed_one_is_left_alone(self, office: Office) -> None:
        office.propose(ADDS)
        office.repository.pulls[1]["state"] = "closed"
        office.reviewing.look([1, 99])
        office.reviewing.look(None)
        assert office.writes() == 0

    def test_one_that_fails_keeps_no_other_waiting_and_comes_again(self, office: Office) -> None:
        office.propose(ADDS, 1)
        office.propose(UNSOUND, 2)
        office.github.faults.planned.append(("pulls/{pull_number}", 502, {}, b""))
        with pytest.raises(HostUnreachable):
            office.reviewing.look([1, 2])
        assert len(office.comments) == 1
        office.reviewing.look([1, 2])
        assert len(office.comments) == 2


class TestStrangers:
    def fork(self, office: Office, contracts: str, number: int = 1) -> str:
        stranger = {"id": 666, "full_name": "mallory/contracts", "name": "contracts", "fork": True}
        return office.propose(contracts, number, repo=stranger)

    def word(self, office: Office, head: str, login: str, text: str = "/odmd check {head}", type: str = "User") -> None:
        made = office.github.number()
        said = {"body": text.format(head=head), "user": {"id": 5, "login": login, "type": type}, "number": 1}
        office.repository.comments[made] = Record(made, said)

    def test_what_they_propose_is_not_run(self, office: Office) -> None:
        marker = office.root / "ran"
        head = self.fork(office, f"open({str(marker)!r}, 'w')\n{ADDS}")
        office.reviewing.look(None)
        assert not marker.exists()
        assert office.check["conclusion"] == "action_required"
        assert f"/odmd check {head}" in office.comments[0]

    def test_a_members_word_is_for_exactly_one_commit(self, office: Office) -> None:
        head = self.fork(office, ADDS)
        self.word(office, head, "ada", "I read it.\n/odmd check {head}\n")
        office.reviewing.look(None)
        assert office.check["conclusion"] == "success"
        self.fork(office, UNSOUND)
        office.reviewing.look([1])
        assert office.check["conclusion"] == "action_required"

    @pytest.mark.parametrize(
        ("login", "text"),
        [
            ("mallory", "/odmd check {head}"),
            ("ada", "> /odmd check {head}"),
            ("ada", "never /odmd check {head}"),
            ("ada", "/odmd check {head:.7}"),
            ("ada", "what is this?\n```\n/odmd check {head}\n```"),
            ("ada", "~~~~ text\n~~~\n/odmd check {head}\n"),
        ],
    )
    def test_other_words_are_none(self, office: Office, login: str, text: str) -> None:
        self.word(office, self.fork(office, ADDS), login, text)
        office.reviewing.look(None)
        assert office.check["conclusion"] == "action_required"

    def test_a_program_vouches_for_nobody_be_it_ours(self, office: Office) -> None:
        office.repository.rights |= {"odmd-acme[bot]": "write", "helper[bot]": "write"}
        head = self.fork(office, ADDS)
        self.word(office, head, "helper[bot]", type="Bot")
        office.reviewing.look(None)
        (ours,) = (one for one in office.repository.comments.values() if "performed_via_github_app" in one.said)
        ours.said["body"] += f"\n/odmd check {head}\n"
        office.made().look(None)
        assert office.check["conclusion"] == "action_required"

    def test_a_head_whose_repository_is_gone_is_a_strangers(self, office: Office) -> None:
        office.propose(ADDS, 1, repo=None)
        office.reviewing.look(None)
        assert office.check["conclusion"] == "action_required"

    def test_contracts_reach_nothing_of_ours(self, office: Office) -> None:
        """Not the network, not the state, not the environment: of each they can only say that it was not there."""
        probe = (
            "import os, pathlib, socket\n"
            "found = [name for name in os.environ if name.startswith(('AWS', 'ODMD', 'GITHUB'))]\n"
            f"found += ['state'] if pathlib.Path({str(office.root / '.odmd' / 'state.db')!r}).exists() else []\n"
            "try:\n"
            f"    socket.create_connection(('127.0.0.1', {office.github.url.rpartition(':')[2]}), 1)\n"
            "    found += ['network']\n"
            "except OSError:\n"
            "    pass\n"
            "raise SystemExit(f'found {found}')\n"
        )
        office.propose(probe)
        office.reviewing.look(None)
        assert r"found \[\]" in office.comments[0]
