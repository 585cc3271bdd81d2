"""Kinds of packages and other artifacts. They are immutable: a name and exactly one version."""

from __future__ import annotations

import re
from typing import Final

from odmd.model.kinds.arn import ArnKind
from odmd.model.kinds.base import READ_ONLY, TextKind

_SEMVER: Final = r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.\-]+)?(\+[0-9A-Za-z.\-]+)?"


class NpmPackage(TextKind):
    """An npm package."""

    pattern = rf"(@[a-z0-9~\-][a-z0-9._~\-]*/)?[a-z0-9~\-][a-z0-9._~\-]*@{_SEMVER}"
    looks_like = "a package like @acme/orders@1.2.3"
    accesses = READ_ONLY


class PythonPackage(TextKind):
    """A Python package."""

    pattern = r"[A-Za-z0-9]([A-Za-z0-9._\-]*[A-Za-z0-9])?==[0-9][0-9A-Za-z.!+\-_]*"
    looks_like = "a package like acme-orders==1.2.3"
    accesses = READ_ONLY

    def identity(self) -> str:
        """Case makes no difference, nor which of - _ . is in the name."""
        name, _, version = self.value.lower().partition("==")
        return f"{re.sub(r'[-_.]+', '-', name)}=={version}"


class MavenPackage(TextKind):
    """A Maven artifact."""

    pattern = r"[A-Za-z0-9_.\-]+:[A-Za-z0-9_.\-]+:(?!.*-SNAPSHOT$)[A-Za-z0-9_.\-+]+"
    looks_like = "group:artifact:version, no snapshot"
    accesses = READ_ONLY


class LambdaLayer(ArnKind):
    """One version of a Lambda layer."""

    service = "lambda"
    resource = r"layer:[A-Za-z0-9_\-]{1,140}:[0-9]+"
    looks_like = "an ARN like arn:aws:lambda:…:layer:tools:3"
    accesses = READ_ONLY


class GenericArtifact(TextKind):
    """A file of any sort, by the version of the S3 object that it is."""

    pattern = r"s3://[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]/[^\s?#]+\?versionId=(?!null$)[A-Za-z0-9._\-]+"
    looks_like = "an object version like s3://bucket/path/file.zip?versionId=…"
    accesses = READ_ONLY

    def short(self) -> str:
        """The file's name, and how its version begins."""
        path, _, version = self.value.partition("?versionId=")
        return f"{path.rpartition('/')[2] or path}@{version[:7]}"
