"""What the recorded organisation declares in the end; `make.py` adds the envers that left it."""

from odmd.model import (
    WRITE,
    Account,
    Branch,
    Build,
    CdkEnver,
    Consumes,
    Organisation,
    Produces,
    Promoted,
    Repo,
    Stage,
    Team,
    consumed,
    produced,
)
from odmd.model.kinds import EventBus, TextKind


class Queue(TextKind):
    """A queue by URL."""

    pattern = r"https?://.+"


platform, readers = Team("platform"), Team("readers")
account = Account("dev", "111122223333")
dev, prod = Stage("dev", account, "us-west-1"), Stage("prod", account, "eu-west-1")


class Foundation(CdkEnver, build=Build("foundation", Repo("acme/foundation", platform))):
    """What everybody rests on."""

    bus: Produces[EventBus[str]] = produced("what happens")


class Reader(CdkEnver, build=Build("reader", Repo("acme/reader", readers))):
    """Reads what happens."""

    bus: Consumes[EventBus[str]]
    queue: Produces[Queue] = produced("what was read")


class Writer(CdkEnver, build=Build("writer", Repo("acme/writer", platform))):
    """Writes what happens."""

    bus: Consumes[EventBus[str]] = consumed("where to write", access=WRITE)


class Audit(CdkEnver, build=Build("audit", Repo("acme/audit", platform))):
    """Takes another bus when somebody approved it."""

    bus: Consumes[EventBus[str]]
    queue: Consumes[Queue]


main = Branch("main")
foundation = Foundation(on=main, at=dev)
foundation_prod = Foundation(on=Promoted(foundation, by=platform), at=prod)
reader = Reader(on=main, at=dev, bus=foundation.bus)
writer = Writer(on=main, at=dev, bus=foundation.bus)
audit = Audit(on=main, at=dev, bus=foundation.bus.gated(by=platform), queue=reader.queue)
acme = Organisation("acme", central=account, envers=[foundation, foundation_prod, reader, writer, audit])
