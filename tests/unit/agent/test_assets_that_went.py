"""Assets that somebody cleaned out of their bucket, while a template refers to them: after aws/aws-cdk-rfcs#64."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from odmd.model.targets import Target
from odmd.providers.aws.cloud_assembly import Assembly, Asset
from odmd.providers.aws.fake import FakeAws
from support.office import Office, one_stack
from support.worlds import ACCOUNT, DEV

HERE = Target(ACCOUNT.id, DEV.region)
CODE = Asset("code", zip=True, bucket="assets", key="abc.zip")
STORED: Assembly = replace(one_stack(), assets=(CODE,))


class Heard:
    """What a run says that lasts."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, _run: int, line: str, *, lasting: bool = False) -> None:
        if lasting:
            self.lines.append(line)


def carried_out(folder: Path, cloud: FakeAws) -> list[str]:
    heard, office = Heard(), Office(folder)
    assert office.carry_out_with(cloud, cloud, heard, STORED).failure == ""
    office.leader.stop()
    return heard.lines


def test_new_values_alone_are_enough_while_the_stored_template_has_its_assets(tmp_path: Path) -> None:
    cloud = FakeAws()
    cloud.assets.add((CODE.bucket, CODE.key))
    assert not [line for line in carried_out(tmp_path, cloud) if "full run" in line or "warning" in line]


def test_without_them_it_is_made_from_source_and_a_rollback_that_needs_them_is_warned_of(tmp_path: Path) -> None:
    full, warning, *_ = carried_out(tmp_path, FakeAws())
    assert full == "a full run after all: asset abc.zip of the stored template is not in its bucket any more"
    assert warning.startswith("warning: asset abc.zip of what runs now is not in its bucket any more")
