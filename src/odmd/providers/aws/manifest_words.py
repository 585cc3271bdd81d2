"""Every word of the cloud assembly's manifest that may change what is deployed, and what becomes of it.

A test compares these with the schema of aws-cdk-lib, so that a new word is decided on and not passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HONOURED: Final[Mapping[str, frozenset[str]]] = {
    "AssemblyManifest": frozenset({"artifacts"}),
    "ArtifactManifest": frozenset(
        {"type", "environment", "metadata", "additionalMetadataFile", "dependencies", "properties"}
    ),
    "AwsCloudFormationStackProperties": frozenset(
        {
            "templateFile",
            "tags",
            "notificationArns",
            "stackName",
            "terminationProtection",
            "requiresBootstrapStackVersion",
            "bootstrapStackVersionSsmParameter",
            "stackTemplateAssetObjectUrl",
        }
    ),
    "AssetManifestProperties": frozenset(
        {"file", "requiresBootstrapStackVersion", "bootstrapStackVersionSsmParameter"}
    ),
    "NestedCloudAssemblyProperties": frozenset({"directoryName"}),
    "MetadataEntry": frozenset({"type", "data"}),
    "AssetManifest": frozenset({"files"}),
    "FileAsset": frozenset({"source", "destinations"}),
    "FileSource": frozenset({"path", "packaging"}),
    "FileDestination": frozenset({"bucketName", "objectKey", "region"}),
}

REFUSED: Final[Mapping[str, frozenset[str]]] = {
    "AssemblyManifest": frozenset({"missing"}),
    "AwsCloudFormationStackProperties": frozenset({"parameters", "assumeRoleArn", "cloudFormationExecutionRoleArn"}),
    "AssetManifest": frozenset({"dockerImages"}),
    "FileSource": frozenset({"executable"}),
    "FileDestination": frozenset({"assumeRoleArn"}),
}
"""Refused where it asks for what odmd does not do; a role of `cdk bootstrap` asks for nothing of its own."""

_ROLE: Final = "it belongs to a role, and a role of the app's own is refused"
_SHOWN: Final = "it is for people to read"

HARMLESS: Final[Mapping[str, Mapping[str, str]]] = {
    "AssemblyManifest": {
        "version": "a word that is not known is refused by what it is part of, not by a number",
        "minimumCliVersion": "it is about the CDK command line, which does not run",
        "runtime": "it is about how the assembly was made",
    },
    "ArtifactManifest": {"displayName": _SHOWN},
    "AwsCloudFormationStackProperties": {
        "assumeRoleExternalId": _ROLE,
        "assumeRoleAdditionalOptions": _ROLE,
        "lookupRole": "lookups are made, if at all, with the credentials of the account",
        "validateOnSynth": "an error of the app refuses the run in any case",
    },
    "NestedCloudAssemblyProperties": {"displayName": _SHOWN},
    "MetadataEntry": {"trace": _SHOWN},
    "AssetManifest": {"version": "as the manifest's"},
    "FileAsset": {"displayName": _SHOWN},
    "FileDestination": {"assumeRoleExternalId": _ROLE, "assumeRoleAdditionalOptions": _ROLE},
}
