"""Contracts are light: who only imports them waits for nothing."""

from __future__ import annotations

import subprocess
import sys


def test_contracts_import_nothing_heavy() -> None:
    code = "import odmd.model, sys; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("pydantic", "sqlalchemy", "boto3", "aws_cdk", "dbos", "rich", "typer", "rustworkx"):
        assert f"'{heavy}'" not in imported
