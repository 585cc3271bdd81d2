"""Which resources hold data."""

from __future__ import annotations

import pytest

from odmd.providers.aws.data_types import HOLDS_DATA, holds_data


def test_what_nobody_can_make_again_is_listed() -> None:
    must = """
        Backup::BackupVault Cassandra::Table CodeArtifact::Repository CodeCommit::Repository Cognito::IdentityPool
        Cognito::UserPool DocDB::DBCluster DynamoDB::GlobalTable DynamoDB::Table EC2::Instance EC2::Volume
        ECR::PublicRepository ECR::Repository EFS::FileSystem EKS::Cluster ElastiCache::ReplicationGroup FSx::FileSystem
        KMS::Key Kinesis::Stream Lightsail::Database Logs::LogGroup MSK::Cluster MemoryDB::Cluster Neptune::DBCluster
        OpenSearchServerless::Collection OpenSearchService::Domain QLDB::Ledger RDS::DBCluster RDS::DBInstance
        Redshift::Cluster RedshiftServerless::Namespace Route53::HostedZone S3::Bucket S3Tables::TableBucket SQS::Queue
        SecretsManager::Secret Timestream::Table
    """

    assert {f"AWS::{name}" for name in must.split()} <= HOLDS_DATA


def test_what_a_redeployment_brings_back_is_not_listed() -> None:
    assert not HOLDS_DATA & {"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::Events::Rule", "AWS::SSM::Parameter"}


@pytest.mark.parametrize("said", [True, "true", "True"])
def test_a_custom_resource_says_that_it_holds_data(said: object) -> None:
    assert holds_data({"Type": "Custom::Tenant", "Metadata": {"odmd:holds-data": said}})
    assert not holds_data({"Type": "Custom::Tenant"})


def test_the_authors_word_counts_more_than_the_type() -> None:
    assert not holds_data({"Type": "AWS::SQS::Queue", "Metadata": {"odmd:holds-data": False}})
