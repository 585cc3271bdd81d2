"""Who prices what runs, or would, by the settings' prices."""

from __future__ import annotations

from collections.abc import Mapping

from odmd.bootstrap.settings import Settings
from odmd.control.leading.costs import CostReader
from odmd.control.reading.records import Records
from odmd.control.running.pricing import Pricer
from odmd.model.build_types import CDK
from odmd.store.database import Database


def pricers(settings: Settings) -> Mapping[str, Pricer]:
    """By build type; what others bring about costs nothing by being there."""
    from odmd.providers.aws.pricing import TemplatePricer, prices_of

    return {CDK.name: TemplatePricer(prices_of(settings.prices))}


def cost_reader(settings: Settings, records: Records, database: Database) -> CostReader:
    """Of what these records show."""
    from odmd.store.artifacts import SqlArtifacts

    by_unit = {CDK.unit: pricers(settings)[CDK.name]}
    return CostReader(records, SqlArtifacts(database), by_unit)
