"""A CDK app of a service as both type checkers must accept it."""

from __future__ import annotations

from typing import assert_type

from constructs import Construct
from right import Network, Payments, PgSchema, SharedDb

from odmd.cdk import Asking, EnverStack, consume, consumers_of, publish, requests_of, target
from odmd.model import Wire
from odmd.model.kinds import API_DOC, HostName

assert_type(target(Payments), Payments)


class PaymentsStack(EnverStack):
    """Takes a wire, a product made on request and a hub's entries; publishes text."""

    def __init__(self, scope: Construct, enver: Payments, network: Network) -> None:
        super().__init__(scope, enver, part="api")
        assert_type(enver.db_host, Wire[HostName])
        assert_type(consume(self, enver.db_host), str)
        assert_type(consume(self, enver.app, at="synth"), str)
        assert_type(consume(self, enver.db.app), str)
        assert_type([consume(self, network.name_servers[zone]) for zone in network.name_servers], list[str])
        publish(self, enver.api, "https://" + enver.name("api"))
        publish(self, enver.api.child(API_DOC), "https://" + enver.name("docs"))


class SharedDbStack(EnverStack):
    """Makes what its clients ask for, and lets those in who consume it."""

    def __init__(self, scope: Construct, enver: SharedDb) -> None:
        super().__init__(scope, enver)
        for asked in requests_of(enver.schemas):
            assert_type(asked, Asking[PgSchema])
            publish(self, asked.offer.app, enver.name(asked.offer.schema))
        assert_type([one.account for one in consumers_of(enver.host)], list[str])
