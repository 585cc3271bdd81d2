"""ODMD042: a region is one of those that AWS had when this release was made."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from odmd.errors import Diagnostic, Severity
from odmd.graph.draft import Draft

_KNOWN: Final = frozenset(
    {
        "af-south-1",
        *("ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2"),
        *("ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1"),
        *("ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
        *("ap-southeast-6", "ap-southeast-7"),
        *("ca-central-1", "ca-west-1"),
        *("cn-north-1", "cn-northwest-1"),
        *("eu-central-1", "eu-central-2", "eu-isoe-west-1", "eu-north-1"),
        *("eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2"),
        "eu-west-3",
        "eusc-de-east-1",
        "il-central-1",
        *("me-central-1", "me-south-1"),
        "mx-central-1",
        "sa-east-1",
        *("us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1"),
        *("us-iso-east-1", "us-iso-west-1", "us-isob-east-1", "us-isob-west-1"),
        *("us-isof-east-1", "us-isof-south-1", "us-west-1", "us-west-2"),
    }
)


def check(draft: Draft) -> Iterator[Diagnostic]:
    """Warns of regions that nobody knew: AWS opens new ones, and people mistype old ones."""
    for stage in draft.used_stages:
        if stage.region not in _KNOWN:
            near = get_close_matches(stage.region, sorted(_KNOWN), 1)
            yield Diagnostic(
                "ODMD042",
                f"stage {stage.name} is in region {stage.region!r}, which is not known",
                stage.place,
                f"did you mean {near[0]}?" if near else "correct it, unless AWS opened it lately",
                Severity.WARNING,
            )
