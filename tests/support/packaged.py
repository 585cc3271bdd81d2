"""Contracts as a package: the files of its project."""

from __future__ import annotations

from collections.abc import Mapping

CONTRACTS = '''
"""The contracts of acme."""
from dataclasses import dataclass
from odmd.model import *
from odmd.model.kinds import EventBus, Text, Website

team, dev = Team("platform"), Stage("dev", Account("dev", "111122223333"), "us-west-1")

@dataclass(frozen=True)
class Order:
    id: str
    item: str

class Shop(CdkEnver, build=Build("shop", Repo("acme/shop", team))):
    bus: Produces[EventBus[Order]] = produced("orders")
    page: Produces[Website] = produced("where to order", external=True)

class Kitchen(CdkEnver, build=Build("kitchen", Repo("acme/kitchen", team))):
    orders: Consumes[EventBus[Order]] = consumed("what to make")

main = Branch("main")
shop = Shop(on=main, at=dev)
kitchen = Kitchen(on=main, at=dev, orders=shop.bus)
acme = Organisation("acme", central=dev.account, envers=[shop, kitchen])
'''
PROJECT = """
[build-system]
requires = ["flit_core==3.12.0"]
build-backend = "flit_core.buildapi"

[project]
name = "acme-contracts"
version = "{version}"
description = "Who produces what and who consumes it"
requires-python = ">=3.11"
keywords = ["contracts", "acme"]
dependencies = ["ondemandenv"]
urls = {{ Source = "https://github.com/acme/contracts" }}
"""


def project(version: str = "1.0.0", contracts: str = CONTRACTS) -> Mapping[str, str]:
    """A repository whose root is the project."""
    return {"pyproject.toml": PROJECT.format(version=version), "acme_contracts/__init__.py": contracts}
