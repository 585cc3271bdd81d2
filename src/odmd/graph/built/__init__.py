"""What envers say that only those of their build type can: a file with a frozen node for each type, and a line here."""

from __future__ import annotations

from odmd.graph.built.cdk import CdkNode, read_cdk
from odmd.graph.built.command import CommandNode, read_command
from odmd.graph.built.how import HowBuilt
from odmd.graph.built.images import ImageNode, ImagesNode, read_images
from odmd.graph.built.kubernetes import KubernetesNode, read_kubernetes
from odmd.graph.built.package import PackageNode, read_package
from odmd.model import (
    CdkEnver,
    CommandEnver,
    ContractsEnver,
    Enver,
    ImageEnver,
    KubernetesEnver,
    NpmEnver,
    PythonPackageEnver,
)

Built = CdkNode | CommandNode | ImagesNode | KubernetesNode | PackageNode
"""The node of any build type."""


def read_built(enver: Enver) -> Built | None:
    """What an enver says as one of its build type; None where it says none of that."""
    match enver:
        case CdkEnver():
            return read_cdk(enver)
        case CommandEnver():
            return read_command(enver)
        case ImageEnver():
            return read_images(enver)
        case KubernetesEnver():
            return read_kubernetes(enver)
        case ContractsEnver() | PythonPackageEnver() | NpmEnver():
            return read_package(enver)
        case _:
            return None


__all__ = [
    "Built",
    "CdkNode",
    "CommandNode",
    "HowBuilt",
    "ImageNode",
    "ImagesNode",
    "KubernetesNode",
    "PackageNode",
    "read_built",
]
