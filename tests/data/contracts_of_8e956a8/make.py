"""Writes down the contracts beside it as the release does that it runs with; see README.md."""

from __future__ import annotations

import json
from pathlib import Path

from odmd.control.leading.editions import encode_edition
from odmd.graph import compile_contracts, load_organisation
from odmd.graph.difference import edition

HERE = Path(__file__).parent.resolve()


def main() -> None:
    loaded = load_organisation("contracts.py:acme", HERE)
    compiled = compile_contracts(loaded.organisation, loaded.declared)
    said = json.loads(encode_edition(edition(compiled)))
    slices = {address: compiled.graph.slice(address) for address in compiled.graph.envers}
    kept = {"digest": compiled.graph.digest(), "slices": slices, "edition": said}
    (HERE / "kept.json").write_text(json.dumps(kept, indent=1).replace(f"{HERE}/", "") + "\n")


if __name__ == "__main__":
    main()
