"""Images for real: built by buildah in a cage, pushed to the registry of an AWS, and read back."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from odmd.agent.removal import remove
from odmd.control.running.needs import ArtifactNeeded, Proven, Unknown
from odmd.control.scheduler.effects import ClearUnits, RemoveEnver
from odmd.control.scheduler.units import DeployedUnit
from odmd.control.scheduler.values import Resource
from odmd.errors import (
    AppOverLimit,
    ArtifactMissing,
    ConfigShown,
    ImageDiffers,
    ImagesUnreachable,
    ImageUnfit,
    RecipeUnfit,
    RepositoryOfAnother,
    RightLacking,
)
from odmd.graph.built import ImageNode
from odmd.graph.nodes import Consumer
from odmd.model.build_types import IMAGE
from odmd.model.kinds import Image
from odmd.model.targets import Target
from odmd.providers.aws import AwsImageCloud, Emulator
from odmd.providers.images import ImageHandovers, ImageProof, ImageRemover
from odmd.providers.leash import ProgramLimits
from odmd.trees import remove_tree
from support.images import PLAIN, Kitchen, enver, finished, image, needs_buildah
from support.worlds import wire

pytestmark = needs_buildah
REGION = "us-west-1"
STATE = "this"
_accounts = itertools.count(210000000001)
RUNS = "FROM scratch\nCOPY root /\n"


@pytest.fixture
def account() -> str:
    return str(next(_accounts))


@pytest.fixture(scope="module")
def cloud(emulator: Emulator) -> AwsImageCloud:
    return AwsImageCloud(emulator.sessions())


@pytest.fixture
def kitchen(tmp_path: Path, cloud: AwsImageCloud, account: str) -> Kitchen:
    return Kitchen(tmp_path, cloud, enver(account)).commits(PLAIN)


@pytest.fixture
def running(tmp_path: Path, cloud: AwsImageCloud, account: str) -> Callable[..., Kitchen]:
    """Builds whose Dockerfile runs programs."""

    def make(lines: str, how: ImageNode | None = None, **more: object) -> Kitchen:
        made = enver(account, image("app", "tea-image/b..main", how=how or ImageNode()))
        return Kitchen(tmp_path, cloud, made, roots=True, **more).commits({"Dockerfile": RUNS + lines})

    return make


def described(kitchen: Kitchen, slot: str = "b..main") -> list[dict]:
    found = kitchen.cloud.ecr(Target(kitchen.enver.account, REGION)).describe_images(repositoryName="tea-image")
    return found["imageDetails"]


class TestAnImage:
    def test_is_built_pushed_and_published_by_its_digest(self, kitchen: Kitchen, account: str) -> None:
        (repository, pushed), texts = kitchen.run()
        uri, _, digest = texts["app"].partition("@")
        assert uri == f"{account}.dkr.ecr.{REGION}.amazonaws.com/tea-image"
        assert [change.action for change in repository.changes] == ["Add"]
        assert pushed.changes[0].type == "AWS::ECR::Image"
        (stored,) = described(kitchen)
        assert stored["imageDigest"] == digest
        assert stored["imageTags"] == [f"main.app.{kitchen.commit[:12]}-{digest[7:19]}"]
        assert "Basic" not in kitchen.log
        assert "ministack-auth-token" not in kitchen.log

    def test_its_repository_is_as_it_should_be(self, kitchen: Kitchen, account: str) -> None:
        kitchen.run()
        ecr = kitchen.cloud.ecr(Target(account, REGION))
        (made,) = ecr.describe_repositories(repositoryNames=["tea-image"])["repositories"]
        assert made["imageTagMutability"] == "IMMUTABLE"
        assert made["imageScanningConfiguration"] == {"scanOnPush": True}
        tags = ecr.list_tags_for_resource(resourceArn=made["repositoryArn"])["tags"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {
            "odmd:build": "tea-image",
            "odmd:team": "baristas",
            "odmd:state": STATE,
        }
        (rule,) = json.loads(ecr.get_lifecycle_policy(repositoryName="tea-image")["lifecyclePolicyText"])["rules"]
        assert rule["selection"]["tagStatus"] == "untagged"

    def test_private_config_in_an_argument_is_part_of_what_it_is_built_of(
        self, running: Callable[..., Kitchen]
    ) -> None:
        how = ImageNode(arguments=(("KIND", "${odmd.config:taste.kind}"),))
        kitchen = running("ARG KIND\nRUN echo $KIND > /kind\n", how)
        job = replace(kitchen.job(), config={"taste": '{"kind":"oolong"}'})
        first = kitchen.procedure.prepare(job)
        asked = kitchen.asked
        assert kitchen.procedure.prepare(replace(kitchen.job(), config=job.config)) == first
        assert kitchen.asked == asked, "what was built once is not built again"
        assert kitchen.procedure.prepare(replace(kitchen.job(), config={"taste": '{"kind":"puerh"}'})) != first
        with pytest.raises(ConfigShown):
            kitchen.procedure.prepare(replace(job, hidden=("oolong",)))

    def test_of_the_same_source_is_not_built_again_and_settles_within_a_second(self, kitchen: Kitchen) -> None:
        _, before = kitchen.run()
        asked, took = kitchen.asked, list[float]()
        for _ in range(3):
            began = time.perf_counter()
            proposals, after = kitchen.run()
            took.append(time.perf_counter() - began)
            assert (after, kitchen.asked) == (before, asked)
            assert all(proposal.empty for proposal in proposals)
        assert min(took) < 1 + 4 * _slowness(), took

    def test_of_the_same_source_is_the_same_on_another_machine(
        self, kitchen: Kitchen, tmp_path: Path, cloud: AwsImageCloud
    ) -> None:
        _, here = kitchen.run()
        other = Kitchen(tmp_path / "other", cloud, kitchen.enver).commits(PLAIN)
        (_, pushed), there = other.run()
        assert (other.asked, there) == (2, here)
        assert pushed.empty or pushed.changes[0].cause.startswith("is there")

    def test_that_an_agent_of_another_place_built_is_built_again(self, kitchen: Kitchen) -> None:
        kitchen.run()
        remove_tree(kitchen.folder / "images")
        asked, job = kitchen.asked, replace(kitchen.job(), previous_is_foreign=True)
        finished(kitchen.prepared(job))
        assert kitchen.asked == asked + 2

    def test_of_other_source_is_another_one_beside_it(self, kitchen: Kitchen) -> None:
        _, before = kitchen.run()
        _, after = kitchen.commits({**PLAIN, "app": "coffee\n"}).run()
        assert before != after
        assert len(described(kitchen)) == 2

    def test_is_built_of_what_its_contract_says(self, tmp_path: Path, cloud: AwsImageCloud, account: str) -> None:
        files = {
            "docker/Dockerfile": "FROM scratch AS wanted\nARG KIND\nCOPY $KIND /app\nFROM scratch\nCOPY nowhere /\n",
            "shop/tea": "tea\n",
        }
        how = ImageNode("shop", "wanted", (("KIND", "tea"),))
        address = "tea-image/b..main"
        wanted = image("app", address, source="docker/Dockerfile", how=how)
        _, texts = Kitchen(tmp_path, cloud, enver(account, wanted)).commits(files).run()
        assert "@sha256:" in texts["app"]

    def test_comes_for_several_platforms_as_one_index(self, tmp_path: Path, cloud: AwsImageCloud, account: str) -> None:
        both = image("app", "tea-image/b..main", how=ImageNode(platforms=("linux/amd64", "linux/arm64")))
        kitchen = Kitchen(tmp_path, cloud, enver(account, both)).commits(PLAIN)
        _, texts = kitchen.run()
        digest = texts["app"].partition("@")[2]
        (index,) = [one for one in described(kitchen) if one["imageDigest"] == digest]
        assert index["imageManifestMediaType"] == "application/vnd.oci.image.index.v1+json"
        assert len(described(kitchen)) == 3

    def test_of_several_in_a_build_each_is_published(self, tmp_path: Path, cloud: AwsImageCloud, account: str) -> None:
        address = "tea-image/b..main"
        both = (image("app", address, source="app/Dockerfile"), image("migration", address, source="db/Dockerfile"))
        files = {f"{folder}/{name}": text for folder in ("app", "db") for name, text in PLAIN.items()}
        files["db/app"] = "a schema\n"
        _, texts = Kitchen(tmp_path, cloud, enver(account, *both)).commits(files).run()
        assert texts["app"] != texts["migration"]


class TestWhoMayPull:
    def policy(self, kitchen: Kitchen) -> list[dict]:
        ecr = kitchen.cloud.ecr(Target(kitchen.enver.account, REGION))
        try:
            return json.loads(ecr.get_repository_policy(repositoryName="tea-image")["policyText"])["Statement"]
        except ecr.exceptions.RepositoryPolicyNotFoundException:
            return []

    def consumed(self, account: str, *by: str, slot: str = "b..main"):
        told = [Consumer(f"shop/b..{one}", one, REGION, "read") for one in by]
        return enver(account, image("app", f"tea-image/{slot}", *told), slot=slot)

    def test_are_the_consumers_accounts_and_the_roles_that_it_is_told(
        self, tmp_path: Path, cloud: AwsImageCloud, account: str
    ) -> None:
        other, role = "999900001111", f"arn:aws:iam::{account}:role/nodes"
        kitchen = Kitchen(tmp_path, cloud, self.consumed(account, other, account)).commits(PLAIN)
        kitchen.run({"puller": role})
        first, functions = self.policy(kitchen)
        assert sorted(first["Principal"]["AWS"]) == [role, f"arn:aws:iam::{other}:root"]
        assert functions["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert all("Put" not in action and "Upload" not in action for action in first["Action"])
        kitchen.enver = self.consumed(account)
        kitchen.run()
        assert self.policy(kitchen) == []

    def test_of_two_envers_neither_takes_the_others_rights(
        self, tmp_path: Path, cloud: AwsImageCloud, account: str
    ) -> None:
        one = Kitchen(tmp_path / "one", cloud, self.consumed(account, "999900001111")).commits(PLAIN)
        other = Kitchen(tmp_path / "two", cloud, self.consumed(account, "999900002222", slot="b..dev")).commits(PLAIN)
        one.run()
        other.run()
        one.run()
        principals = {one["Principal"].get("AWS", [""])[0] for one in self.policy(one)} - {""}
        assert principals == {"arn:aws:iam::999900001111:root", "arn:aws:iam::999900002222:root"}


class TestARepository:
    def test_that_nobody_of_ours_made_is_asked_about(self, kitchen: Kitchen, account: str) -> None:
        kitchen.cloud.ecr(Target(account, REGION)).create_repository(repositoryName="tea-image")
        work = kitchen.prepared(kitchen.job())
        look = work.look(work.units[0])
        assert look.is_foreign
        with pytest.raises(RepositoryOfAnother, match="was not made by odmd"):
            work.propose(work.units[0], continued=False)

    def test_of_another_build_is_left_alone(self, kitchen: Kitchen, account: str) -> None:
        tags = [{"Key": "odmd:build", "Value": "coffee-image"}]
        kitchen.cloud.ecr(Target(account, REGION)).create_repository(repositoryName="tea-image", tags=tags)
        with pytest.raises(RepositoryOfAnother, match="of build coffee-image"):
            kitchen.prepared(kitchen.job())
        assert kitchen.asked == 0, "nothing was built for it"

    def test_that_somebody_changed_is_as_it_should_be_again(self, kitchen: Kitchen, account: str) -> None:
        kitchen.run()
        ecr = kitchen.cloud.ecr(Target(account, REGION))
        ecr.put_image_tag_mutability(repositoryName="tea-image", imageTagMutability="MUTABLE")
        (repository, _), _ = kitchen.run()
        assert [change.cause for change in repository.changes] == ["tags never move any more"]
        assert all(proposal.empty for proposal in kitchen.run()[0])


class TestAfterAKill:
    def test_what_was_pushed_and_not_journalled_is_not_pushed_again(self, kitchen: Kitchen) -> None:
        work = kitchen.prepared(kitchen.job())
        for unit in work.units:
            work.look(unit)
            work.carry_out(work.propose(unit, continued=False))
        again = kitchen.procedure.open(kitchen.kept or b"", kitchen.job())
        proposals, _ = finished(again)
        assert all(proposal.empty for proposal in proposals)
        assert len(described(kitchen)) == 1

    def test_what_is_there_and_on_no_shelf_gets_another_commits_tag_and_is_not_built(self, kitchen: Kitchen) -> None:
        kitchen.run()
        remove_tree(kitchen.folder / "images")
        asked = kitchen.asked
        (_, tagged), _ = kitchen.commits(PLAIN).run()
        assert [change.action for change in tagged.changes] == ["Modify"]
        assert kitchen.asked == asked
        (stored,) = described(kitchen)
        assert len(stored["imageTags"]) == 2

    def test_what_is_on_no_shelf_any_more_is_built_again_and_is_the_same(self, kitchen: Kitchen) -> None:
        work = kitchen.prepared(kitchen.job())
        remove_tree(kitchen.folder / "images")
        _, texts = finished(work)
        assert kitchen.asked == 3
        assert described(kitchen)[0]["imageDigest"] in texts["app"]

    def test_what_is_built_again_and_is_not_the_same_is_not_pushed(self, kitchen: Kitchen) -> None:
        work = kitchen.prepared(kitchen.job())
        remove_tree(kitchen.folder / "images")
        first, pushed = work.units
        work.look(first)
        work.carry_out(work.propose(first, continued=False))
        (work._job.place.source / "app").write_text("another tea\n")
        with pytest.raises(ImageDiffers, match="of the same source"):
            work.carry_out(work.propose(pushed, continued=False))
        assert described(kitchen) == []


class TestBadDockerfiles:
    def refused(self, kitchen: Kitchen, kind: type[Exception] = ImageUnfit) -> str:
        with pytest.raises(kind) as wrong:
            kitchen.prepared(kitchen.job())
        return f"{wrong.value} {getattr(wrong.value, 'next_step', '')}"

    def test_that_fail_say_why(self, running: Callable[..., Kitchen]) -> None:
        kitchen = running("RUN echo the tea is cold; exit 3\n")
        assert "exit" in self.refused(kitchen)
        assert "the tea is cold" in kitchen.log

    def test_that_hang_are_ended(self, running: Callable[..., Kitchen]) -> None:
        kitchen = running("RUN sleep 600\n", limits=replace(ProgramLimits(), seconds=6))
        assert "`minutes`" in self.refused(kitchen, AppOverLimit)

    def test_that_fill_the_disk_are_ended(self, running: Callable[..., Kitchen]) -> None:
        kitchen = running("RUN while true; do cat /bin/sh; done > /full\n", limits=replace(ProgramLimits(), disk_mb=60))
        assert "disk-mb in [tool.odmd.app-limits]" in self.refused(kitchen, AppOverLimit)
        assert not list(kitchen.folder.glob("runs/**/layout")), "nothing half made is left"

    @pytest.mark.parametrize(("copies", "fits"), [("COPY app /app", True), ("COPY . /", False)])
    def test_whose_context_has_2_gb_take_what_they_copy(
        self, tmp_path: Path, cloud: AwsImageCloud, account: str, copies: str, fits: bool
    ) -> None:
        kitchen = Kitchen(tmp_path, cloud, enver(account), limits=replace(ProgramLimits(), disk_mb=200))
        job = kitchen.commits({**PLAIN, "Dockerfile": f"FROM scratch\n{copies}\n"}).job()
        job.checkout()
        with (job.place.source / "large").open("wb") as large:
            large.truncate(2_000_000_000)
        job = replace(job, checkout=lambda: None)
        if fits:
            kitchen.procedure.prepare(job)
            return
        with pytest.raises(AppOverLimit, match="more than 200 MB on the disk"):
            kitchen.procedure.prepare(job)

    def test_that_print_a_secret_are_masked(self, running: Callable[..., Kitchen]) -> None:
        how = ImageNode(secrets=(("key", "acme/key"),))
        line = "RUN --mount=type=secret,id=key cat /run/secrets/key && echo got it\n"
        kitchen = running(line, how, secrets={"acme/key": "a-very-secret-key"})
        kitchen.run()
        assert "got it" in kitchen.log
        assert "a-very-secret-key" not in kitchen.log
        assert not list(kitchen.folder.glob("runs/**/secret-*"))

    def test_find_no_network_and_no_file_of_the_machine(self, running: Callable[..., Kitchen], tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("of this machine")
        line = f"RUN cat /proc/net/dev; cat /proc/1/root{tmp_path}/mine || echo there is no such file\n"
        kitchen = running(line)
        kitchen.run()
        assert "there is no such file" in kitchen.log
        assert "of this machine" not in kitchen.log
        assert "eth0" not in kitchen.log

    def test_that_copy_over_a_link_out_of_the_context_get_nothing(self, kitchen: Kitchen, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("of this machine")
        job = kitchen.job()
        job.checkout()
        (job.place.source / "app").unlink()
        (job.place.source / "app").symlink_to(tmp_path / "mine")
        with pytest.raises(ImageUnfit):
            kitchen.procedure.prepare(job)

    def test_whose_base_is_out_of_reach_for_now_are_tried_again(self, kitchen: Kitchen) -> None:
        kitchen.commits({"Dockerfile": "FROM 127.0.0.1:9/tea:1\n"})
        assert "fetching of 127.0.0.1:9/tea:1" in self.refused(kitchen, ImagesUnreachable)
        assert "warning: it begins from 127.0.0.1:9/tea:1, which may move" in kitchen.log

    def test_whose_base_nobody_knows_fail(self, kitchen: Kitchen) -> None:
        assert "fetching of no-such-base" in self.refused(kitchen.commits({"Dockerfile": "FROM no-such-base\n"}))

    def test_that_are_not_there_say_where_they_were_looked_for(self, kitchen: Kitchen) -> None:
        assert "Dockerfile: it is not there" in self.refused(kitchen.commits({"app": "tea\n"}))

    def test_that_are_a_link_out_are_not_read(self, kitchen: Kitchen, tmp_path: Path) -> None:
        job = kitchen.job()
        job.checkout()
        (job.place.source / "Dockerfile").unlink()
        (job.place.source / "Dockerfile").symlink_to("/etc/passwd")
        with pytest.raises(ImageUnfit, match="outside of"):
            kitchen.procedure.prepare(job)


class TestWhatNobodyNeeds:
    def test_an_image_goes_with_its_value(self, kitchen: Kitchen, account: str) -> None:
        _, before = kitchen.run()
        _, after = kitchen.commits({**PLAIN, "app": "coffee\n"}).run()
        digest = before["app"].partition("@")[2]
        handovers = ImageHandovers(kitchen.cloud, STATE)
        behind = Resource("AWS::ECR::Image", f"tea-image@{digest}", account, REGION, "images")
        assert handovers.retire(behind, None, "tea-image/b..main/app") == ""
        assert [one["imageDigest"] for one in described(kitchen)] == [after["app"].partition("@")[2]]
        assert handovers.retire(behind, None, "tea-image/b..main/app") == ""

    def test_an_image_in_a_repository_of_another_state_stays(self, kitchen: Kitchen, account: str) -> None:
        _, texts = kitchen.run()
        digest = texts["app"].partition("@")[2]
        behind = Resource("AWS::ECR::Image", f"tea-image@{digest}", account, REGION, "images")
        assert "is kept" in ImageHandovers(kitchen.cloud, "another").retire(behind, None, "tea-image/b..main/app")
        assert len(described(kitchen)) == 1

    def test_an_enver_takes_its_images_along_and_the_last_one_the_repository(
        self, kitchen: Kitchen, account: str, tmp_path: Path
    ) -> None:
        kitchen.run()
        other = Kitchen(tmp_path / "dev", kitchen.cloud, enver(account, slot="b..dev"))
        other.commits({**PLAIN, "app": "coffee\n"}).run()
        said = list[str]()
        remover = ImageRemover(kitchen.cloud, lambda _enver, _unit: True, STATE, lambda _enver, what: said.append(what))
        both = remover.look(RemoveEnver("tea-image/b..main", Target(account, REGION), None, "")).inventory
        assert [(one.what, bool(one.asks)) for one in both.goes] == [("image", False), ("repository", False)]
        assert [one.why for one in both.stays] == ["it is of other envers, or of nobody"]
        done = remove(remover, RemoveEnver("tea-image/b..main", Target(account, REGION), None, ""))
        assert done.error == ""
        assert len(described(kitchen)) == 1
        last = remover.look(RemoveEnver("tea-image/b..dev", Target(account, REGION), None, "")).inventory
        assert last.keys == (f"image tea-image@{described(kitchen)[0]['imageDigest']}", REPOSITORY)
        remove(remover, RemoveEnver("tea-image/b..dev", Target(account, REGION), None, ""))
        remove(remover, RemoveEnver("tea-image/b..dev", Target(account, REGION), None, ""))
        assert said == [
            "1 image went from repository tea-image",
            "1 image went, and with the last one repository tea-image",
        ]

    def test_a_repository_that_its_enver_went_away_from_loses_its_images_and_single_ones_go_with_their_values(
        self, kitchen: Kitchen, account: str
    ) -> None:
        kitchen.run()
        there = Target(account, REGION)
        repository, image = (DeployedUnit(name, there, IMAGE.unit) for name in ("repository tea-image", "image app"))
        remover = ImageRemover(kitchen.cloud, lambda _enver, _unit: True, STATE, lambda _enver, _what: None)
        of_images = ClearUnits("tea-image/b..main", (image,), "", 7.0)
        assert remover.clear(of_images).removed == (image,)
        assert len(described(kitchen)) == 1
        both = replace(of_images, units=(repository, image))
        assert remover.clear(both).removed == (repository, image)
        assert remover.look(RemoveEnver("tea-image/b..main", there, None, "")).inventory.keys == ()


REPOSITORY = "repository tea-image with its last image"


class TestTheProofOfAConsumer:
    def need(self, text: str, reader: str) -> ArtifactNeeded:
        return ArtifactNeeded(Image, text, wire(1, 0), Target(reader, REGION))

    def test_takes_an_image_that_is_there_and_no_other_one(self, kitchen: Kitchen, account: str) -> None:
        _, texts = kitchen.run()
        proof = ImageProof(kitchen.cloud)
        assert isinstance(proof.prove(self.need(texts["app"], account)), Proven)
        with pytest.raises(ArtifactMissing, match="is not there"):
            proof.prove(self.need(f"{texts['app'][:-64]}{'0' * 64}", account))
        with pytest.raises(ArtifactMissing):
            proof.prove(self.need(texts["app"].replace("tea-image@", "no-image@"), account))

    def test_knows_nothing_of_what_is_in_no_registry_of_aws(self, kitchen: Kitchen, account: str) -> None:
        text = f"registry.example/tea@sha256:{'0' * 64}"
        assert isinstance(ImageProof(kitchen.cloud).prove(self.need(text, account)), Unknown)

    def test_asks_for_the_right_of_the_account_that_pulls(self, kitchen: Kitchen, account: str) -> None:
        told, proof = Consumer("shop/b..main", "111122223333", REGION, "read"), ImageProof(kitchen.cloud)
        kitchen.enver = enver(account, image("app", "tea-image/b..main", told), slot="b..main")
        _, texts = kitchen.run()
        found = proof.prove(self.need(texts["app"], "111122223333"))
        assert found == Proven("is there, and the policy of its repository lets account 111122223333 pull it")
        with pytest.raises(RightLacking, match="does not let account 444455556666 pull it"):
            proof.prove(self.need(texts["app"], "444455556666"))


def test_a_recipe_of_another_enver_is_not_opened(kitchen: Kitchen) -> None:
    kitchen.prepared(kitchen.job())
    kept, kitchen.enver = kitchen.kept or b"", replace(kitchen.enver, address="tea-image/b..dev")
    with pytest.raises(RecipeUnfit):
        kitchen.procedure.open(kept, kitchen.job())


def _slowness() -> float:
    """How many times as long as on a quiet machine a little work takes now, less one."""
    began = time.perf_counter()
    sum(range(2_000_000))
    return max(0.0, (time.perf_counter() - began) / 0.05 - 1)
