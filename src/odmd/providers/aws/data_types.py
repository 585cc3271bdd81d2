"""What holds data: one reviewed list, and the two ways in which a template says more of it than a type can.

A type is listed if its replacement or removal takes from others what nobody can make again from source: rows, files,
messages that are kept for days, keys, identities of people, names that others delegated to. Left out is what a
redeployment brings back (functions, roles, rules, queues' policies). Decided one by one:

- SQS queues are listed: what waits in them is somebody's order, and a dead-letter queue is kept for just that.
- SSM parameters are left out: CloudFormation makes them from the template's text.
- EC2 instances are listed: their root volume goes with them by default. Launch templates and groups are not.
- ElastiCache is listed, since its snapshots and Valkey/Redis data outlive a node; DAX, a cache of a table, is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from odmd.providers.aws.templates import section

HOLDS_DATA_MARK: Final = "odmd:holds-data"
"""Metadata of any resource (a custom one, most of all): `true` if it holds data, `false` if it does not."""
KEPT_ON_DELETION: Final = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})
"""Deletion policies under which nothing is lost when a stack, or a resource of it, goes."""
HOLDS_DATA: Final = frozenset(
    {
        "AWS::APS::Workspace",
        "AWS::Backup::BackupVault",
        "AWS::Backup::LogicallyAirGappedBackupVault",
        "AWS::Cassandra::Keyspace",
        "AWS::Cassandra::Table",
        "AWS::CloudTrail::EventDataStore",
        "AWS::CodeArtifact::Domain",
        "AWS::CodeArtifact::Repository",
        "AWS::CodeCommit::Repository",
        "AWS::Cognito::IdentityPool",
        "AWS::Cognito::UserPool",
        "AWS::DSQL::Cluster",
        "AWS::DocDB::DBCluster",
        "AWS::DocDB::DBInstance",
        "AWS::DocDBElastic::Cluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Instance",
        "AWS::EC2::Volume",
        "AWS::ECR::PublicRepository",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::EKS::Cluster",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::Elasticsearch::Domain",
        "AWS::Events::Archive",
        "AWS::FSx::FileSystem",
        "AWS::FSx::Volume",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::HealthLake::FHIRDatastore",
        "AWS::IoT::Thing",
        "AWS::IoTAnalytics::Datastore",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::Kendra::Index",
        "AWS::Kinesis::Stream",
        "AWS::KinesisVideo::Stream",
        "AWS::Lightsail::Bucket",
        "AWS::Lightsail::Database",
        "AWS::Lightsail::Disk",
        "AWS::Lightsail::Instance",
        "AWS::Logs::LogGroup",
        "AWS::MSK::Cluster",
        "AWS::MSK::ServerlessCluster",
        "AWS::MemoryDB::Cluster",
        "AWS::Neptune::DBCluster",
        "AWS::Neptune::DBInstance",
        "AWS::NeptuneGraph::Graph",
        "AWS::OpenSearchServerless::Collection",
        "AWS::OpenSearchService::Domain",
        "AWS::QLDB::Ledger",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::RDS::GlobalCluster",
        "AWS::Redshift::Cluster",
        "AWS::RedshiftServerless::Namespace",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::S3Express::DirectoryBucket",
        "AWS::S3Tables::Namespace",
        "AWS::S3Tables::Table",
        "AWS::S3Tables::TableBucket",
        "AWS::S3Vectors::VectorBucket",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::NotebookInstance",
        "AWS::SecretsManager::Secret",
        "AWS::Timestream::Database",
        "AWS::Timestream::InfluxDBInstance",
        "AWS::Timestream::Table",
        "AWS::WorkSpaces::Workspace",
    }
)
"""Types whose replacement or removal takes from others what nobody can make again."""


def is_kept(resource: Mapping[str, Any]) -> bool:
    """Whether its deletion policy keeps a resource, or a snapshot of it, when it goes. One that a macro has yet to
    compute is no promise."""
    policy = resource.get("DeletionPolicy")
    return isinstance(policy, str) and policy in KEPT_ON_DELETION


def holds_data(resource: Mapping[str, Any]) -> bool:
    """Whether a resource of a template holds data: by what its metadata says, else by its type."""
    said = section(resource, "Metadata").get(HOLDS_DATA_MARK)
    return resource.get("Type") in HOLDS_DATA if said is None else str(said).lower() == "true"
