"""The words of a contracts file. Imports nothing of AWS, does no I/O."""

from odmd.model.access import READ, READ_WRITE, WRITE, Access
from odmd.model.adopted import (
    ContextKey,
    Export,
    IngressHost,
    IngressUrl,
    ObjectField,
    Output,
    Parameter,
    ServiceAddress,
    SsmParameter,
    Variable,
)
from odmd.model.approvals import Approval, Freeze, Hours
from odmd.model.builds import Build, Repo, Team
from odmd.model.declare import Dockerfile, configured, consumed, hub, late, needed, offered, produced, requested
from odmd.model.enver import (
    CdkEnver,
    CloneSet,
    CommandEnver,
    ContractsEnver,
    Enver,
    ImageEnver,
    KubernetesEnver,
    NpmEnver,
    Promoted,
    PythonPackageEnver,
    Revision,
)
from odmd.model.manifests import HelmChart, Kustomize, Manifests, ManifestSource, PrintedManifests
from odmd.model.offers import Offer, Offers, Requests
from odmd.model.organisation import Organisation
from odmd.model.private import Config, NeededSecret
from odmd.model.revision import Branch, Tag
from odmd.model.stages import Account, Stage
from odmd.model.verification import AlarmCheck, Check, CommandCheck, HttpCheck, OnRed, SuiteCheck
from odmd.model.wiring import Consumes, Hub, Mode, Produces, Wire

__all__ = [
    "READ",
    "READ_WRITE",
    "WRITE",
    "Access",
    "Account",
    "AlarmCheck",
    "Approval",
    "Branch",
    "Build",
    "CdkEnver",
    "Check",
    "CloneSet",
    "CommandCheck",
    "CommandEnver",
    "Config",
    "Consumes",
    "ContextKey",
    "ContractsEnver",
    "Dockerfile",
    "Enver",
    "Export",
    "Freeze",
    "HelmChart",
    "Hours",
    "HttpCheck",
    "Hub",
    "ImageEnver",
    "IngressHost",
    "IngressUrl",
    "KubernetesEnver",
    "Kustomize",
    "ManifestSource",
    "Manifests",
    "Mode",
    "NeededSecret",
    "NpmEnver",
    "ObjectField",
    "Offer",
    "Offers",
    "OnRed",
    "Organisation",
    "Output",
    "Parameter",
    "PrintedManifests",
    "Produces",
    "Promoted",
    "PythonPackageEnver",
    "Repo",
    "Requests",
    "Revision",
    "ServiceAddress",
    "SsmParameter",
    "Stage",
    "SuiteCheck",
    "Tag",
    "Team",
    "Variable",
    "Wire",
    "configured",
    "consumed",
    "hub",
    "late",
    "needed",
    "offered",
    "produced",
    "requested",
]
