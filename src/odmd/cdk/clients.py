"""What a shared enver's app sees of those who use it: who consumes a product, and what each client asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from aws_cdk.aws_iam import AccountPrincipal
from aws_cdk.aws_secretsmanager import ISecret

from odmd.errors import NotInRun
from odmd.model import Enver, Offer, Offers, Produces
from odmd.model.kinds import Kind
from odmd.model.run_document import DocumentConsumer, DocumentRequest

O_co = TypeVar("O_co", bound=Offer, covariant=True)
O = TypeVar("O", bound=Offer)  # noqa: E741  # O as in offer


def consumers_of(product: Produces[Kind]) -> tuple[DocumentConsumer, ...]:
    """Who consumes a product of this enver, with account, region and access; empty without a run.

    Raises:
        NotInRun: the contract does not say `produced(…, tells_consumers=True)`.
    """
    run = product.owner.run if isinstance(product.owner, Enver) else None
    if run is None or not run.run:
        return ()
    known = run.products.get(product.name)
    if known is None or known.consumers is None:
        raise NotInRun(
            f"{run.enver} is not told who consumes {product.name}",
            next_step="declare it as produced(…, tells_consumers=True)",
        )
    return known.consumers


@dataclass(frozen=True)
class Asking(Generic[O_co]):
    """A client's request: `offer` has what it says, and the products to publish for it."""

    offer: O_co
    client: str
    """The client's address."""
    account: str
    key: str


def let_read(secret: ISecret, readers: Iterable[DocumentConsumer | Asking[Offer]]) -> None:
    """Lets the accounts of a product's consumers, or of who asks for it, read a secret, and nobody else: what its wires
    mean. Within its own account the roles of readers are granted it by themselves.

        let_read(user, consumers_of(enver.user))

    Raises:
        NotInRun: one of them is in another account, and the secret has no KMS key of its own, which that one could use.
    """
    here = secret.stack.account
    for account in sorted({one.account for one in readers} - {here}):
        if secret.encryption_key is None:
            raise NotInRun(
                f"account {account} is to read {secret.node.path}, whose key no other account can use",
                next_step="give it a key of KMS: Secret(…, encryption_key=Key(…))",
            )
        secret.grant_read(AccountPrincipal(account))


def requests_of(offers: Offers[O]) -> tuple[Asking[O], ...]:
    """What clients ask of this enver, in the order of the contracts; empty without a run."""
    run = offers.owner.run
    asked = run.requests.get(offers.name, ()) if run else ()
    return tuple(Asking(_offer(offers, one), one.client, one.account, one.key) for one in asked)


def _offer(offers: Offers[O], asked: DocumentRequest) -> O:
    try:
        offer = offers.offer(**asked.offer)
    except TypeError as wrong:
        raise NotInRun(
            f"{asked.client} asks for what {offers.offer.__name__} of this contracts package does not know: {wrong}",
            next_step="install the organisation's newer contracts package in this service",
        ) from wrong
    for name, kind in offer.products.items():
        object.__setattr__(offer, name, Produces[Kind](offers.owner, f"{asked.key}/{name}", kind))
    return offer
