"""Proves what runs need of AWS, with the credentials of each account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from odmd.control.running.needs import (
    AccountNeeded,
    BootstrapNeeded,
    CertificateNeeded,
    ExportsNeeded,
    Finding,
    ParametersNeeded,
    PhysicalNamesNeeded,
    Proven,
    QuotaNeeded,
    RightNeeded,
    SecretThereNeeded,
    StackNameNeeded,
    StoreKeysNeeded,
    Unknown,
)
from odmd.errors import CloudRefused
from odmd.model.targets import ActingTarget
from odmd.providers.aws.bootstrapping import Bootstrapping
from odmd.providers.aws.cloud_assembly import Assembly, Bootstrap
from odmd.providers.aws.preflight import preflight
from odmd.providers.aws.proofs import names, quotas, references, rights
from odmd.providers.aws.sessions import Sessions
from odmd.providers.aws.waiting import quiet

AwsNeed: TypeAlias = (
    AccountNeeded
    | BootstrapNeeded
    | CertificateNeeded
    | ExportsNeeded
    | ParametersNeeded
    | PhysicalNamesNeeded
    | QuotaNeeded
    | RightNeeded
    | SecretThereNeeded
    | StackNameNeeded
    | StoreKeysNeeded
)


@dataclass(frozen=True, slots=True)
class AwsProver:
    """A `Prover` of what is in accounts."""

    sessions: Sessions
    qualifiers: Mapping[str, str]

    def prove(self, need: AwsNeed) -> Finding:
        """As `Prover.prove`.

        Raises:
            OdmdError
        """
        try:
            return self._prove(need)
        except CloudRefused as refused:
            if isinstance(need, AccountNeeded) or not isinstance(need.target, ActingTarget):
                raise
            return Unknown(f"the role of this run may not ask: {refused.fact}")

    def _prove(self, need: AwsNeed) -> Finding:
        match need:
            case AccountNeeded():
                return Proven(f"reached as {preflight(self.sessions, need.target)}")
            case BootstrapNeeded():
                return self._bootstrapped(need)
            case RightNeeded():
                return rights.may(self.sessions, need)
            case StackNameNeeded():
                return names.stack_is_free(self.sessions, need)
            case PhysicalNamesNeeded():
                return names.names_are_free(self.sessions, need)
            case ParametersNeeded():
                return references.parameters_have_values(self.sessions, need)
            case ExportsNeeded():
                return references.exports_are_there(self.sessions, need)
            case StoreKeysNeeded():
                return references.keys_are_there(self.sessions, need)
            case SecretThereNeeded():
                return references.secret_is_there(self.sessions, need)
            case CertificateNeeded():
                return references.certificate_is_good(self.sessions, need)
            case QuotaNeeded():
                return quotas.has_room(self.sessions, need)
            case _:
                assert_never(need)

    def _bootstrapped(self, need: BootstrapNeeded) -> Finding:
        made = Bootstrapping(self.sessions, self.qualifiers)
        for bucket in need.buckets:
            made.prove_bucket(need.target, bucket or made.bucket(need.target))
        said = tuple(Bootstrap(parameter, version) for parameter, version in need.versions)
        made.prove(Assembly((), (), bootstraps=said), need.target, quiet)
        return Proven("bootstrapped for CDK")
