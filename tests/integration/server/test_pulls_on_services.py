"""Pull requests on services: their clones, what people ask in comments, what they are told. A real control plane
without a cloud, and a GitHub that is played, with state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from odmd.control.ports.pulls import Pull
from odmd.control.scheduler.messages import EndClones
from odmd.errors import HostUnreachable, OdmdError
from odmd.graph import Compiled, compile_contracts
from odmd.model import (
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    PullRequests,
    Repo,
    Stage,
    Team,
    produced,
)
from odmd.model.kinds import HttpApi
from odmd.store.schema import answered_comments
from support.actors import somebody
from support.github.pulls import PullOffice, pull_office
from support.github.state import PEOPLE, moment

DEV = Stage("dev", Account("dev", "111122223333"), "us-west-1")
TEAM = Team("baristas")


def contracts(said: PullRequests | None) -> Compiled:
    class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", TEAM), clones=said)):
        api: Produces[HttpApi] = produced("orders")

    class Web(CdkEnver, build=Build("web", Repo("acme/web", TEAM), clones=said)):
        shop: Consumes[HttpApi]
        site: Produces[HttpApi] = produced("the shop's page")

    main = Branch("main")
    shop = Shop(on=main, at=DEV)
    web = Web(on=main, at=DEV, shop=shop.api)
    return compile_contracts(Organisation("acme", central=DEV.account, envers=[shop, web]))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[PullOffice]:
    monkeypatch.chdir(tmp_path)
    said = getattr(request, "param", PullRequests())
    with pull_office(contracts(said), tmp_path) as made:
        yield made


CLONE = "shop/b..main-_b..fix"


class TestWhatIsMade:
    def test_a_label_makes_clones_and_one_comment_says_how_they_are(self, office: PullOffice) -> None:
        head = office.open()
        office.look()
        assert office.clones() == {}
        assert head in office.comment()
        office.label("kind/bug")
        office.look()
        assert office.clones() == {}
        office.label()
        office.look()
        (made,) = office.clones().values()
        assert (made.address, made.by.name, made.ttl) == (CLONE, "odmd", 3 * 86_400.0)
        assert "acme/shop#1: label odmd:clone" in made.why
        office.deploy()
        office.look()
        comment = office.comment()
        assert r"shop@main\+fix" in comment
        assert "https://api.acme.example/v1>" in comment
        assert "secret" not in comment
        assert office.check()["conclusion"] == "success"
        before = office.writes()
        office.look()
        office.pulls = office.made()
        office.look()
        assert office.writes() == before

    def test_a_commit_that_says_so_makes_clones_and_one_that_says_delete_ends_them(self, office: PullOffice) -> None:
        office.open(message="cheaper\n\nodmd: create@main\nSigned-off-by: Ada <ada@acme.example>")
        office.look()
        assert office.clones().keys() == {CLONE}
        office.push("shop", "fix", "enough\n\nodmd: delete")
        office.look()
        assert office.clones() == {}
        office.look()
        assert office.clones() == {}

    @pytest.mark.parametrize(
        ("branch", "message"),
        [
            ("main", "cheaper (#7)\n\nodmd: create@main"),  # squashed into what runs for good, and merged onwards
            ("fix", "cheaper\n\nodmd: create@web@main"),  # is no service of this repository
        ],
    )
    def test_a_trailer_that_is_not_about_this_branch_and_repository_makes_none(
        self, office: PullOffice, branch: str, message: str
    ) -> None:
        office.open(branch=branch, message=message, base={"ref": "release" if branch == "main" else "main"})
        office.repositories["shop"].heads.setdefault("refs/heads/release", "1" * 40)
        office.look()
        assert office.clones() == {}

    @pytest.mark.parametrize("office", [PullRequests(every=True, consumers=True)], indirect=True)
    def test_where_the_contracts_say_so_every_one_has_them_with_their_consumers(self, office: PullOffice) -> None:
        office.open()
        office.look()
        (made,) = office.clones().values()
        assert made.set.addresses == (CLONE, "web/b..main-_b..fix")
        office.open("web", number=4)
        office.look(4, repo="web")
        assert r"web@main\+fix is there: odmd made it" in office.comment("web")
        office.close()
        assert office.clones()

    @pytest.mark.parametrize("office", [None], indirect=True)
    def test_where_the_contracts_say_nothing_nothing_is_made_by_itself(self, office: PullOffice) -> None:
        office.open(message="cheaper\n\nodmd: create@main")
        office.label()
        office.look()
        assert office.clones() == {}

    @pytest.mark.parametrize("office", [PullRequests(every=True)], indirect=True)
    def test_a_fork_has_none_whatever_it_says(self, office: PullOffice) -> None:
        stranger = {"id": 666, "full_name": "mallory/shop", "name": "shop", "fork": True, "default_branch": "main"}
        office.open(message="x\n\nodmd: create@main", labels=[{"id": 1, "name": "odmd:clone"}])
        office.repositories["shop"].pulls[1]["head"]["repo"] = stranger
        head = office.served.repositories.head("acme/shop", "branch:fix")
        office.repositories["shop"].pulls[1]["head"]["sha"] = head
        office.say("/odmd clone")
        office.look()
        assert office.clones() == {}
        assert "git push origin" in office.answers()[0]

    def test_what_cannot_be_made_is_said_and_not_tried_at_each_look(self, office: PullOffice) -> None:
        office.open()
        office.label()
        office.repositories["shop"].heads["refs/heads/fix"] = office.served.repositories.head("acme/shop", "branch:fix")
        office.served.repositories.lose("acme/shop", "branch:fix")
        office.look()
        assert "No clones" in office.comment()
        assert office.check()["conclusion"] == "action_required"
        head = office.push("shop", "fix")
        office.look()
        assert office.clones().keys() == {CLONE}
        assert head in office.comment()


class TestWhenTheyGo:
    @pytest.fixture(autouse=True)
    def with_clones(self, office: PullOffice) -> None:
        office.open()
        office.label()
        office.look()
        office.deploy()
        assert office.clones()

    def test_at_once_when_it_is_merged(self, office: PullOffice) -> None:
        office.close(merged=True)
        office.look()
        assert office.clones() == {}
        assert "was merged" in office.comment()
        assert office.kept.with_clones() == []

    def test_at_once_when_its_branch_is_deleted(self, office: PullOffice) -> None:
        office.close()
        del office.repositories["shop"].heads["refs/heads/fix"]
        office.look()
        assert office.clones() == {}

    def test_some_time_after_it_was_closed_and_not_if_it_was_opened_again(self, office: PullOffice) -> None:
        office.close()
        office.look()
        assert office.clones()
        office.repositories["shop"].pulls[1] |= {"state": "open", "closed_at": None}
        office.now += 4000
        office.pulls.look(None)
        assert office.clones()
        office.close()
        office.now += 3601
        office.pulls.look(None)
        assert office.clones() == {}

    def test_nothing_goes_because_github_fails(self, office: PullOffice) -> None:
        faults = office.github.faults.planned
        for operation, status in (("pulls/{pull_number}", 404), ("pulls/{pull_number}", 502), ("git/ref/{ref}", 500)):
            faults += [(operation, status, {}, b"{}"), ("GET /repos/{owner}/{repo}", 502, {}, b"{}")]
            with suppress(OdmdError):
                office.look()
            faults.clear()
        faults += [("git/ref/{ref}", 404, {}, b"{}")] * 2  # neither branch is shown
        office.look()
        assert office.clones()

    def test_nothing_goes_because_a_list_is_empty_or_fails_or_the_app_is_shut_out(self, office: PullOffice) -> None:
        pulls = office.repositories["shop"].pulls
        for broken in ("502", "empty", "out"):
            if broken == "502":
                office.github.faults.planned.append(("GET /repos/{owner}/{repo}/pulls", 502, {}, b"{}"))
            if broken == "out":
                for one in office.github.installations.values():
                    one.repositories = []
                office.pulls = office.made()
            with suppress(OdmdError):
                office.pulls.look(None)
            assert office.clones(), broken
        assert pulls

    def test_one_that_its_repository_has_no_more_is_gone(self, office: PullOffice) -> None:
        office.repositories["shop"].pulls.clear()
        office.pulls.look(None)
        assert office.clones() == {}

    def test_what_happens_to_another_one_is_nothing_to_it(self, office: PullOffice) -> None:
        office.open(branch="other", number=2)
        office.look(1, 2)
        office.close(number=2, merged=True)
        del office.repositories["shop"].heads["refs/heads/other"]
        office.look(1, 2)
        office.look(99)
        assert office.clones().keys() == {CLONE}

    def test_two_that_share_a_branch_share_clones_until_both_are_over(self, office: PullOffice) -> None:
        office.repositories["shop"].heads["refs/heads/next"] = "2" * 40
        office.repositories["shop"].pulls[2] = {**office.repositories["shop"].pulls[1], "number": 2}
        office.look(2)
        assert len(office.kept.with_clones()) == 2
        office.close(number=2, at=office.now - 9000)
        office.look(2)
        assert office.clones()
        office.close(at=office.now - 9000)
        office.look(1)
        assert office.clones() == {}

    def test_those_that_somebody_deleted_are_not_made_again_before_the_next_push(self, office: PullOffice) -> None:
        office.served.leader.ask(EndClones(CLONE, somebody("ada"), "enough"))
        office.look()
        office.look()
        assert office.clones() == {}
        assert "is being removed still" not in office.comment()
        office.push("shop", "fix")
        office.look()  # it is tried, and what is left of them is in the way
        assert "is being removed still" in office.comment()

    def test_a_repository_that_was_renamed_keeps_them(self, office: PullOffice) -> None:
        office.repositories["shop"].names.append("acme/store")
        office.pulls = office.made()
        office.look()
        assert office.clones()
        office.close(merged=True)
        office.look()
        assert office.clones() == {}


class TestWhatPeopleAskFor:
    @pytest.fixture(autouse=True)
    def opened(self, office: PullOffice) -> None:
        office.open()
        office.look()

    def ask(self, office: PullOffice, text: str, login: str = "ada", **more: Any) -> str:
        """The answer."""
        before = len(office.answers())
        office.say(text, login, **more)
        office.look()
        found = office.answers()[before:]
        return found[0] if found else ""

    def test_clones_are_made_for_who_asks_and_stay_as_long_as_he_says(self, office: PullOffice) -> None:
        answer = self.ask(office, "Let us see.\n\n/odmd clone --with-consumers --ttl 12h\n")
        assert "`shop@main+fix` is made" in answer
        (made,) = office.clones().values()
        assert (made.by.name, made.ttl, len(made.set.clones)) == ("ada@acme", 12 * 3600.0, 2)
        assert "a comment of ada" in made.by.proof
        assert "stays longer" in self.ask(office, "/odmd extend --ttl 9d")
        assert next(iter(office.clones().values())).ttl == 9 * 86_400.0

    def test_two_pull_requests_of_two_repositories_have_one_set(self, office: PullOffice) -> None:
        office.open("web", "other", number=12)
        answer = self.ask(office, "/odmd clone with acme/web#12")
        assert "is made" in answer
        (made,) = office.clones().values()
        assert [(one.origin, one.branch) for one in made.set.clones] == [
            ("shop/b..main", "fix"),
            ("web/b..main", "other"),
        ]
        office.look(12, repo="web")
        assert r"shop@main\+fix" in office.comment("web")
        office.close(merged=True)
        office.look()
        assert office.clones()
        office.close("web", 12, merged=True)
        office.look(12, repo="web")
        assert office.clones() == {}

    def test_clones_of_others_need_the_right_to_write_there_too(self, office: PullOffice) -> None:
        office.open("web", "other", number=12)
        office.repositories["web"].rights.clear()
        assert "not by ada" in self.ask(office, "/odmd clone with acme/web#12")
        assert "is no repository of the contracts" in self.ask(office, "/odmd clone with mallory/web#1")
        assert office.clones() == {}

    def test_who_said_delete_gets_none_by_a_label_until_somebody_asks_again(self, office: PullOffice) -> None:
        office.label()
        office.look()
        assert "is being removed" in self.ask(office, "/odmd delete")
        office.push("shop", "fix")
        office.look()
        assert office.clones() == {}
        kept = office.kept.find("acme/shop", 1)
        assert kept
        assert kept.declined

    def test_each_is_done_once_also_after_a_restart_and_a_killed_answer(self, office: PullOffice) -> None:
        office.say("/odmd clone")
        office.github.faults.planned.append(
            ("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", 502, {}, b"{}")
        )
        with pytest.raises(HostUnreachable):
            office.look()
        assert office.clones().keys() == {CLONE}
        office.pulls = office.made()
        for _ in range(3):
            office.look()
        assert len(office.answers()) == 1
        position = office.served.store.position()
        office.pulls = office.made()
        office.look()
        assert office.served.store.position() == position

    def test_an_answer_that_was_given_is_not_given_twice_though_nobody_noted_it(self, office: PullOffice) -> None:
        number = office.say("/odmd help")
        office.look()
        with office.served.store.database.writing() as connection:
            connection.execute(delete(answered_comments).where(answered_comments.c.id == number))
        office.look()
        assert len(office.answers()) == 1

    @pytest.mark.parametrize("how", ["commit", "push"])
    def test_a_push_after_the_comment_voids_it(self, office: PullOffice, how: str) -> None:
        office.say("/odmd clone", at=office.now - 30)
        office.push("shop", "fix", at=office.now - 60 if how == "commit" else office.now - 10)
        office.repositories["shop"].committed_at = office.now - (5 if how == "commit" else 60)
        office.look()
        assert office.clones() == {}
        assert "a push came after it" in office.answers()[0]

    def test_what_was_there_when_it_was_written_is_known_by_the_look_before(self, office: PullOffice) -> None:
        """Something else was pushed to the repository meanwhile."""
        office.repositories["shop"].pushed_at = office.now + 60
        assert "is made" in self.ask(office, "/odmd clone")

    def test_what_is_unclear_or_asked_is_answered(self, office: PullOffice) -> None:
        for text, said in {
            "/odmd clone --ttl soon": "soon is no duration",
            "/odmd clone web@main": "nothing of acme/shop follows web@main",
            "/odmd dance": "there is no /odmd dance",
            "/odmd apply": "it names no plan",
            "/odmd apply 0123456789": "ODMD",
            "/odmd plan web@main": "web@main is none of acme/shop",
            "/odmd approve shop@main": "it names no question",
            "/odmd approve shop@main 0123456789ab": "asks nothing that is called",
            "/odmd extend": "has no clones",
            "/odmd why shop@main": "runs commit",
            "/odmd help": "/odmd apply DIGEST",
        }.items():
            assert said in self.ask(office, text).replace("\\", "").replace("<!-- -->", ""), text
        assert office.clones() == {}

    def test_who_may_not_write_there_is_not_even_answered(self, office: PullOffice) -> None:
        assert self.ask(office, "/odmd clone", "mallory") == ""
        office.repositories["shop"].rights["mallory"] = "write"
        office.look()
        assert office.clones() == {}

    def test_who_is_not_linked_is_told_how(self, office: PullOffice) -> None:
        office.repositories["shop"].rights["cyd"] = "write"
        answer = self.ask(office, "/odmd clone", "cyd")
        assert f"id = {PEOPLE['cyd']}" in answer
        assert office.clones() == {}

    def test_who_may_only_read_clones_nothing_though_github_lets_him_write(self, office: PullOffice) -> None:
        assert "ODMD303" in self.ask(office, "/odmd clone", "bea")
        assert "runs commit" in self.ask(office, "/odmd why shop@main", "bea")

    def test_an_edited_comment_and_one_of_a_program_do_nothing(self, office: PullOffice) -> None:
        assert "was edited" in self.ask(office, "/odmd clone", updated_at=moment(office.now + 5))
        office.repositories["shop"].rights["helper[bot]"] = "write"
        robot = {"id": 7, "login": "helper[bot]", "type": "Bot"}
        assert self.ask(office, "/odmd clone", user=robot) == ""
        assert office.clones() == {}

    def test_what_nobody_heard_for_a_day_is_not_done(self, office: PullOffice) -> None:
        assert "ask again" in self.ask(office, "/odmd clone", at=office.now - 90_000)
        assert office.clones() == {}

    def test_a_plan_is_shown_and_only_that_is_carried_out(self, office: PullOffice) -> None:
        commit = office.push("shop", "main")
        answer = self.ask(office, "/odmd plan")
        found = re.search(r"`/odmd apply ([0-9a-f]{12})`", answer)
        assert found
        assert "is being carried out" in self.ask(office, f"/odmd apply {found[1]}")
        office.deploy()
        assert office.served.service.records.enver("shop@main").commit == commit
        office.push("shop", "main")
        found = re.search(r"`/odmd apply ([0-9a-f]{12})`", self.ask(office, "/odmd plan"))
        assert found
        office.push("shop", "main")
        office.repositories["shop"].pushed_at = office.now - 60
        assert "is outdated" in self.ask(office, f"/odmd apply {found[1]}")


class TestWhatIsTold:
    def test_what_merging_would_deploy_is_told_and_moves_with_each_push(self, office: PullOffice) -> None:
        office.open()
        office.look()
        assert "Merging would deploy" in office.comment()
        assert "shop@main" in office.comment()
        head = office.push("shop", "fix")
        office.look()
        assert head[:7] in office.comment()
        assert len(office.texts()) == 1
        assert office.served.service.records.enver("shop@main").commit != head
        assert office.check()["head_sha"] == head

    def test_what_others_write_is_no_markup(self, office: PullOffice) -> None:
        office.open(branch="a`b|<b>@everyone[x](https://evil.example)", labels=[{"id": 1, "name": "odmd:clone"}])
        office.look()
        comment = office.comment()
        for text in ("<b>", "@everyone", "[x](", "a`b|"):
            assert text not in comment

    def test_a_github_that_takes_no_more_is_told_later(self, office: PullOffice) -> None:
        office.open()
        office.github.faults.content_a_minute = 0
        with pytest.raises(OdmdError):
            office.look()
        assert office.texts() == []
        office.github.faults.content_a_minute = 80
        office.restart()
        office.look()
        assert office.comment()

    def test_one_that_fails_keeps_no_other_waiting(self, office: PullOffice) -> None:
        office.open()
        office.open(branch="more", number=2)
        office.github.faults.planned.append(("pulls/{pull_number}", 502, {}, b"{}"))
        with pytest.raises(HostUnreachable):
            office.pulls.look(None)
        assert len(office.texts()) == 1
        office.pulls.look(None)
        assert len(office.texts()) == 2

    def test_one_that_moves_while_it_is_looked_at_is_told_of_its_new_head(self, office: PullOffice) -> None:
        office.open()
        host, moved = office.pulls.commands.host, list[str]()
        find = host.find

        def found(repository: str, number: int) -> Pull:
            it = find(repository, number)
            if not moved:
                moved.append(office.push("shop", "fix"))
            return it

        host.find = found  # type: ignore[method-assign]
        office.look()
        assert office.texts() == []
        office.look()
        assert moved[0] in office.comment()
