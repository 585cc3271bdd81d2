"""What proves that an enver works once it is deployed: only then its values are published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from odmd.model.checked import Checked

OnRed = Literal["hold", "roll back"]
"""What becomes of an enver that does not pass: it stays as it is until somebody mends it, or goes back to the inputs of
the run before. Its consumers and promotions wait in both cases."""


@dataclass(frozen=True, slots=True)
class SuiteCheck(Checked):
    """Tests of the build's repository, run by pytest in the environment of its lock file. With none run it fails."""

    tests: str
    """Their folder or file, by path from the build's folder."""
    name: str = ""
    minutes: float = 10
    """How long each try may take."""
    retries: int = 0
    """How often it is tried again; what passes only then is flaky."""
    network: bool = False
    """Whether they may reach the network."""
    may: tuple[str, ...] = ()
    """What they may do in AWS to what is the enver's own, as `"dynamodb:GetItem"`; by a role that is theirs alone."""

    @property
    def label(self) -> str:
        """What it is called among those of its enver."""
        return self.name or self.tests


@dataclass(frozen=True, slots=True)
class CommandCheck(Checked):
    """A command, run in the build's folder: it passes where it ends with 0."""

    command: str
    name: str = ""
    minutes: float = 10
    """How long each try may take."""
    retries: int = 0
    network: bool = False
    """Whether it may reach the network."""
    may: tuple[str, ...] = ()
    """What it may do in AWS to what is the enver's own, as `"sqs:SendMessage"`; by a role that is its alone."""

    @property
    def label(self) -> str:
        return self.name or self.command


@dataclass(frozen=True, slots=True)
class HttpCheck(Checked):
    """An answer over HTTP. It is asked again until it is as it should be, or its time is over."""

    at: str
    """Whose value is the address: a product of the enver or one of its inputs, by name; or an address itself."""
    path: str = ""
    """What is added to it: `/health`."""
    status: int = 200
    contains: str = ""
    """A text that stands in the answer."""
    seconds: float = 60
    """Within which it has to be so."""
    latency: float = 10
    """Seconds that one answer may take."""
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or f"{self.at}{self.path}"


@dataclass(frozen=True, slots=True)
class AlarmCheck(Checked):
    """CloudWatch alarms in the account and region of the stage, none of which may be in state ALARM."""

    alarms: tuple[str, ...]
    """Their names; `${NAME}` in them stands for the value of a product or an input."""
    name: str = ""

    @property
    def label(self) -> str:
        return self.name or f"alarms {', '.join(self.alarms)}"


Check = SuiteCheck | CommandCheck | HttpCheck | AlarmCheck
