"""The kinds that come with odmd; an organisation adds its own in five lines (`class Queue(TextKind): ...`)."""

from odmd.model.kinds.aws import EventBus, Image, IpamPool, Secret, Table
from odmd.model.kinds.base import Child, Handover, Kind, NotOfKind, TextKind
from odmd.model.kinds.network import Cidr, HostName, NameServers
from odmd.model.kinds.web import API_DOC, HttpApi, OpenApi

__all__ = [
    "API_DOC",
    "Child",
    "Cidr",
    "EventBus",
    "Handover",
    "HostName",
    "HttpApi",
    "Image",
    "IpamPool",
    "Kind",
    "NameServers",
    "NotOfKind",
    "OpenApi",
    "Secret",
    "Table",
    "TextKind",
]
