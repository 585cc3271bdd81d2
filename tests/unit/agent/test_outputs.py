"""What a run publishes is looked at where it is produced."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from odmd.agent.outputs import publications
from odmd.control.running.procedures import Observed
from odmd.errors import PublishedWrong, ValueTooLong
from odmd.graph import ProductNode
from odmd.model.kinds import Kind, SensitiveText, Text
from odmd.model.kinds.base import LONGEST_VALUE
from support.worlds import node


class Wordy(Text):
    """Consumers get more than was published."""

    def consumed(self) -> str:
        return self.value * 2


@dataclass
class Odd(Kind):
    """Breaks when it is read."""

    @classmethod
    def parse(cls, text: str) -> Odd:
        raise RuntimeError(text)


KINDS = {kind.__name__: kind for kind in (Text, SensitiveText, Wordy, Odd)}


def publish(text: str, kind: type[Kind] = Text) -> list[str]:
    enver = node(0, products=(ProductNode("e0/b..main/p", "p", kind.__name__, sensitive=kind.sensitive),))
    return [one.text for one in publications(enver, KINDS, Observed({"p": text}, {}))]


@pytest.mark.parametrize(
    "text", ["x", "x" * LONGEST_VALUE, "é" * (LONGEST_VALUE // 2), "é\n" * 1365 + "x", "😀" * 1024]
)
def test_a_value_that_a_parameter_can_hold_is_published(text: str) -> None:
    assert publish(text) == [text]


@pytest.mark.parametrize(
    ("text", "kind", "size"),
    [
        ("x" * (LONGEST_VALUE + 1), Text, 4097),
        ("é" * 2049, Text, 4098),
        ("é\n" * 1365 + "xy", Text, 4097),
        ("😀" * 1024 + "\n", Text, 4097),
        ("x" * 2049, Wordy, 4098),
        ("{}" * 9999, Text, 19998),
    ],
)
def test_a_longer_one_is_refused_where_it_is_produced(text: str, kind: type[Kind], size: int) -> None:
    with pytest.raises(ValueTooLong) as refused:
        publish(text, kind)

    assert refused.value.fact.startswith(f"e0@main publishes `p` with {size} bytes, and consumers take 4096 at most: ")
    assert len(refused.value.fact) < 200
    assert "GenericArtifact" in refused.value.next_step


def test_of_one_that_people_need_not_see_its_length_alone_is_told() -> None:
    with pytest.raises(ValueTooLong, match=r"take 4096 at most$"):
        publish("secret" * 1000, SensitiveText)


def test_what_a_kind_cannot_read_is_cut() -> None:
    with pytest.raises(PublishedWrong) as refused:
        publish("y" * 100_000, Odd)

    assert len(refused.value.fact) < 300
