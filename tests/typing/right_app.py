"""A CDK app of a service as both type checkers must accept it."""

from __future__ import annotations

from typing import assert_type

from constructs import Construct
from right import Network, Payments

from odmd.cdk import EnverStack, consume, publish, target
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
