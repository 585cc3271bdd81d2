"""Where payments are taken, as an organisation: the same picture in three stages, each following the one before."""

from typing import NamedTuple

from odmd.model import Enver, Organisation, Stage
from payments_org.payments import Service, service
from payments_org.platform import Foundation, foundation
from payments_org.shop import Checkout, checkout
from payments_org.stages import dev, prod, test

__version__ = "0.1.0"


class Everything(NamedTuple):
    """All that runs in one stage."""

    foundation: Foundation
    service: Service
    checkout: Checkout

    def envers(self) -> list[Enver]:
        return [*self.foundation, *self.service, self.checkout]


def everything(at: Stage, before: Everything | None = None) -> Everything:
    """A stage, running what ran in the stage before."""
    ground = foundation(at, before and before.foundation)
    payments = service(at, ground, before and before.service)
    return Everything(ground, payments, checkout(at, payments, before and before.checkout))


in_dev = everything(dev)
in_test = everything(test, in_dev)
in_prod = everything(prod, in_test)

organisation = Organisation(
    "payments",
    central=prod.account,
    envers=[*in_dev.envers(), *in_test.envers(), *in_prod.envers()],
    stages=[dev, test, prod],
)
