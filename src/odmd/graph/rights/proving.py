"""What whoever carries out a run may ask about, to prove before it that what it needs is there; nothing is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from odmd.graph.rights.needs import Needs, Why, nameless
from odmd.graph.rights.statements import Statement, is_like

_DESCRIBE: Final = ("secretsmanager:DescribeSecret",)
_HELD: Final = "ssm:GetParameter"
"""Of a SecureString, without its key: what it holds stays encrypted."""


def proofs(needs: Needs) -> Iterator[Statement]:
    """Secrets that its envers need, as far as they are nobody else's, and those that wires hand over to it."""
    if secrets := dict.fromkeys(name for enver in needs.envers for name in enver.secrets):
        why = f"needs {', '.join(secrets)}: that they are there is proven"
        yield nameless("secretsmanager", needs, Why(why, needs.envers[0].place), _DESCRIBE)
        for right in needs.rights:
            if right.on and is_like(_HELD, (right.action, f"{right.action}:*"), folded=True):
                yield Statement((_HELD,), (right.on,), why, right.place)
    yield from needs.described()
    if needs.producers("acm"):
        why = Why("certificates that its wires lead to are good: that is proven", needs.envers[0].place)
        yield nameless("acm", needs, why, ("acm:DescribeCertificate",))
