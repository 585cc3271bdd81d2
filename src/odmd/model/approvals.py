"""Who lets something in, and how: how many of a team, when, for how long it is asked; and when nothing is let in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from odmd.errors import Place
from odmd.model.builds import Team
from odmd.model.checked import Checked
from odmd.model.place import caller


@dataclass(frozen=True, slots=True)
class Hours(Checked):
    """Hours of some days of the week, by the clock of a zone: `Hours("Mon-Fri", "09:00", "17:00", "Europe/Berlin")`."""

    days: str = "Mon-Fri"
    begin: str = "09:00"
    end: str = "17:00"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Approval(Checked):
    """What has to be said before something is let in.

    `count` different people of team `by` say so; whoever began what is asked about is none of them if not `author`, and
    they say so within `hours` if those are given. After `expires` nobody can; `remind` is how often they are reminded,
    and `escalate_to` a team that may answer, too, from `escalate_after` on. For a stage, with `changes`: each run that
    would change something there stops before it does, and asks; with `dearer_by`: each that would make an enver cost
    that much more a day, in the currency of the prices of `odmd cost`.
    """

    by: Team
    count: int = 1
    author: bool = True
    hours: Hours | None = None
    expires: timedelta | None = None
    remind: timedelta | None = None
    escalate_to: Team | None = None
    escalate_after: timedelta = timedelta(hours=4)
    changes: bool = False
    dearer_by: float | None = None
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Freeze(Checked):
    """Nothing new begins in a stage, from the first day to the end of the last one by the clock of a zone, unless
    somebody resumes it and says why."""

    stage: str
    first: date
    last: date
    why: str
    zone: str = "UTC"
    place: Place = field(default_factory=caller, init=False, compare=False, repr=False)
