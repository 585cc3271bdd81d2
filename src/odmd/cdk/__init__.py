"""What a service's CDK app imports: the enver it is synthesised for, what that consumes, what it publishes.

enver = target(Orders)
bus = EventBus.from_event_bus_name(self, "bus", consume(self, enver.bus))
publish(self, enver.api, api.url)
"""

from odmd.cdk.clients import Asking, consumers_of, let_read, requests_of
from odmd.cdk.config import config, config_location, config_text, live_config
from odmd.cdk.letting import allow_consumers
from odmd.cdk.secrets import secret, secret_reference, secret_value, secret_version, secure_string
from odmd.cdk.stack import EnverStack
from odmd.cdk.target import target
from odmd.cdk.values import consume, publish

__all__ = [
    "Asking",
    "EnverStack",
    "allow_consumers",
    "config",
    "config_location",
    "config_text",
    "consume",
    "consumers_of",
    "let_read",
    "live_config",
    "publish",
    "requests_of",
    "secret",
    "secret_reference",
    "secret_value",
    "secret_version",
    "secure_string",
    "target",
]
