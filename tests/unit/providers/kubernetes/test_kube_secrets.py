"""Manifests name where a secret is, and something in the cluster fetches it; they never hold its text."""

from __future__ import annotations

import json

import pytest

from odmd.control.running.bound_secrets import BoundSecret
from odmd.errors import ManifestsUnfit
from odmd.model.build_types import KUBERNETES
from odmd.model.secret_references import parse_reference
from odmd.providers.kubernetes import recipe
from odmd.providers.kubernetes.manifests import documents_of
from odmd.providers.kubernetes.placeholders import filled, of_secrets
from support.worlds import node

ENVER = node(0, products=(), build_type=KUBERNETES.name, secrets=("db",))
EXTERNAL = """
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db}
spec:
  target: {name: db}
  data:
  - secretKey: password
    remoteRef: {key: "${odmd.secret:db}", property: "${odmd.secret-field:db}", version: "${odmd.secret-version:db}"}
"""


def objects(text: str) -> list[object]:
    return list(recipe.objects_for(ENVER, list(documents_of("m.yaml", text.encode()))))


def test_where_a_secret_is_stands_in_the_objects_and_in_no_recipe() -> None:
    (made,) = objects(EXTERNAL)
    bound = {"db": BoundSecret(parse_reference("vault://kv/acme/db#password"), "7")}
    said = json.dumps(filled(made, of_secrets(bound)))  # type: ignore[arg-type]
    assert '{"key": "kv/acme/db", "property": "password", "version": "7"}' in said
    assert "kv/acme" not in json.dumps(made)


@pytest.mark.parametrize("placeholder", ["${odmd.secret:other}", "${odmd.secret-text:db}", "${odmd.db}"])
def test_nothing_stands_for_another_secret_nor_for_a_text(placeholder: str) -> None:
    with pytest.raises(ManifestsUnfit):
        objects(EXTERNAL.replace("${odmd.secret-field:db}", placeholder))


def test_a_secret_that_no_manifest_uses_is_said() -> None:
    with pytest.raises(ManifestsUnfit, match="secret:db"):
        objects("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
