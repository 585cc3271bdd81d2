"""The checkout of the shop, which relies on a part of the payments API."""

from odmd.model import Build, CdkEnver, Consumes, Produces, Repo, Stage, consumed, produced
from odmd.model.kinds import API_DOC, HttpApi, OpenApi, Website
from payments_org.payments import Service
from payments_org.stages import revision, shop_team


class Checkout(CdkEnver, build=Build("checkout", Repo("acme/checkout", shop_team))):
    """Where customers pay."""

    payments: Consumes[HttpApi] = consumed("where payments are made", schema="checkout.relies-on.yaml")
    document: Consumes[OpenApi] = consumed("what its client is generated from")
    page: Produces[Website] = produced("customers pay here", external=True)


def checkout(at: Stage, on: Service, before: Checkout | None = None) -> Checkout:
    """The checkout of a stage, running what ran in the stage before."""
    api = on.payments.api
    return Checkout(on=revision(at, before), at=at, payments=api, document=api.child(API_DOC))
