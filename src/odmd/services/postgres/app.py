"""The CDK app: run by its build, with `odmd.services.postgres` as source."""

from __future__ import annotations

from aws_cdk import App

from odmd.cdk import target
from odmd.services.postgres import PostgresEnver
from odmd.services.postgres.stack import PostgresStack


def main() -> None:
    """Synthesises its stack."""
    app = App(analytics_reporting=False)
    PostgresStack(app, target(PostgresEnver))
    app.synth()


if __name__ == "__main__":
    main()
