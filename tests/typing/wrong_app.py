"""Wrong uses of `odmd.cdk`: every marked line must be refused by mypy and by pyright, and no other line."""

from __future__ import annotations

from constructs import Construct
from right import Payments

from odmd.cdk import EnverStack, consume, consumers_of, publish, requests_of, target

target("payments")  # wrong: (str|Literal).+type\[


class PaymentsStack(EnverStack):
    def __init__(self, scope: Construct, enver: Payments) -> None:
        super().__init__(scope, enver)
        consume(self, enver.dbhost)  # wrong: dbhost
        consume(self, "db_host")  # wrong: (str|Literal).+Wire\[Kind\]
        consume(self, enver.db)  # wrong: PgSchema.+Wire\[Kind\]
        consume(self, enver.app, at="build")  # wrong: build.+deploy
        publish(self, enver.app, "uri")  # wrong: Wire\[Image\].+Produces\[Kind\]
        publish(self, enver.api, 443)  # wrong: (int|Literal).+str
        requests_of(enver.db)  # wrong: PgSchema.+Offers
        consumers_of(enver.app)  # wrong: Wire\[Image\].+Produces\[Kind\]
