"""Who prices what runs, by the settings' prices."""

from __future__ import annotations

from odmd.bootstrap.settings import Settings
from odmd.control.leading.costs import CostReader, pricers_of
from odmd.control.reading.records import Records
from odmd.store.database import Database


def cost_reader(settings: Settings, records: Records, database: Database) -> CostReader:
    """Of what these records show."""
    from odmd.providers.aws.pricing import TemplatePricer, prices_of
    from odmd.store.artifacts import SqlArtifacts

    return CostReader(records, SqlArtifacts(database), pricers_of(TemplatePricer(prices_of(settings.prices))))
