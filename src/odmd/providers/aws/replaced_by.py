"""Which properties of what holds data cannot change without its replacement.

The `createOnlyProperties` and `conditionalCreateOnlyProperties` of AWS's resource schemas (as cfn-lint 1.58 has them),
for the types of `data_types`. It is asked only where CloudFormation itself does not say what it would replace.
"""

from __future__ import annotations

from typing import Final

_PROPERTIES: Final = {
    "AWS::APS::Workspace": "KmsKeyArn",
    "AWS::Backup::BackupVault": "BackupVaultName EncryptionKeyArn",
    "AWS::Backup::LogicallyAirGappedBackupVault": "BackupVaultName EncryptionKeyArn MaxRetentionDays MinRetentionDays",
    "AWS::Cassandra::Keyspace": "KeyspaceName",
    "AWS::Cassandra::Table": (
        "ClientSideTimestampsEnabled ClusteringKeyColumns KeyspaceName PartitionKeyColumns TableName"
    ),
    "AWS::CodeArtifact::Domain": "DomainName EncryptionKey",
    "AWS::CodeArtifact::Repository": "DomainName DomainOwner RepositoryName",
    "AWS::DocDB::DBCluster": (
        "AvailabilityZones DBClusterIdentifier DBSubnetGroupName KmsKeyId MasterUsername SnapshotIdentifier "
        "SourceDBClusterIdentifier StorageEncrypted"
    ),
    "AWS::DocDB::DBInstance": "AvailabilityZone DBClusterIdentifier DBInstanceIdentifier",
    "AWS::DocDBElastic::Cluster": "AdminUserName AuthType ClusterName KmsKeyId",
    "AWS::DynamoDB::GlobalTable": "GlobalTableSourceArn KeySchema LocalSecondaryIndexes TableName",
    "AWS::DynamoDB::Table": "ImportSourceSpecification KeySchema TableName",
    "AWS::EC2::Instance": (
        "AdditionalInfo Affinity AvailabilityZone BlockDeviceMappings CpuOptions EbsOptimized "
        "ElasticGpuSpecifications ElasticInferenceAccelerators EnclaveOptions HibernationOptions HostId "
        "HostResourceGroupArn ImageId InstanceType Ipv6AddressCount Ipv6Addresses KernelId KeyName "
        "LaunchTemplate LicenseSpecifications NetworkInterfaces PlacementGroupName PrivateDnsNameOptions "
        "PrivateIpAddress RamdiskId SecurityGroupIds SecurityGroups SubnetId Tenancy UserData"
    ),
    "AWS::ECR::PublicRepository": "RepositoryName",
    "AWS::ECR::Repository": "EncryptionConfiguration RepositoryName",
    "AWS::EFS::FileSystem": "AvailabilityZoneName Encrypted KmsKeyId PerformanceMode",
    "AWS::EKS::Cluster": (
        "AccessConfig BootstrapSelfManagedAddons EncryptionConfig KubernetesNetworkConfig Name OutpostConfig RoleArn"
    ),
    "AWS::ElastiCache::CacheCluster": (
        "CacheSubnetGroupName ClusterName Engine IpDiscovery NetworkType Port PreferredAvailabilityZones "
        "SnapshotArns SnapshotName"
    ),
    "AWS::ElastiCache::ReplicationGroup": (
        "AtRestEncryptionEnabled AuthToken CacheSubnetGroupName DataTieringEnabled GlobalReplicationGroupId "
        "KmsKeyId NetworkType NodeGroupConfiguration Port PreferredCacheClusterAZs ReplicationGroupId "
        "SnapshotArns SnapshotName"
    ),
    "AWS::ElastiCache::ServerlessCache": (
        "ConnectionType KmsKeyId NetworkType ServerlessCacheName SnapshotArnsToRestore SubnetIds"
    ),
    "AWS::Elasticsearch::Domain": "DomainName",
    "AWS::Events::Archive": "ArchiveName SourceArn",
    "AWS::FSx::FileSystem": "BackupId FileSystemType KmsKeyId SecurityGroupIds SubnetIds",
    "AWS::FSx::Volume": "BackupId OntapConfiguration OpenZFSConfiguration VolumeType",
    "AWS::Glue::Database": "DatabaseName",
    "AWS::Glue::Table": "CatalogId DatabaseName Name TableInput",
    "AWS::HealthLake::FHIRDatastore": "DatastoreTypeVersion PreloadDataConfig SseConfiguration",
    "AWS::IoT::Thing": "ThingName",
    "AWS::IoTAnalytics::Datastore": "DatastoreName",
    "AWS::KMS::ReplicaKey": "PrimaryKeyArn",
    "AWS::Kendra::Index": "Edition ServerSideEncryptionConfiguration",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisVideo::Stream": "Name",
    "AWS::Lightsail::Bucket": "BucketName",
    "AWS::Lightsail::Database": (
        "AvailabilityZone MasterDatabaseName MasterUsername RelationalDatabaseBlueprintId "
        "RelationalDatabaseBundleId RelationalDatabaseName"
    ),
    "AWS::Lightsail::Disk": "AvailabilityZone DiskName SizeInGb",
    "AWS::Lightsail::Instance": "AvailabilityZone BlueprintId BundleId InstanceName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::MSK::Cluster": "BrokerNodeGroupInfo ClusterName EncryptionInfo",
    "AWS::MSK::ServerlessCluster": "ClientAuthentication ClusterName Tags VpcConfigs",
    "AWS::MemoryDB::Cluster": (
        "ClusterName DataTiering KmsKeyId MultiRegionClusterName NetworkType Port SnapshotArns SnapshotName "
        "SubnetGroupName TLSEnabled"
    ),
    "AWS::Neptune::DBCluster": (
        "AvailabilityZones DBClusterIdentifier DBSubnetGroupName GlobalClusterIdentifier KmsKeyId "
        "RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier StorageEncrypted "
        "UseLatestRestorableTime"
    ),
    "AWS::Neptune::DBInstance": (
        "AutoMinorVersionUpgrade AvailabilityZone DBClusterIdentifier DBInstanceIdentifier "
        "DBParameterGroupName DBSnapshotIdentifier DBSubnetGroupName PreferredMaintenanceWindow"
    ),
    "AWS::NeptuneGraph::Graph": (
        "GraphName ImportTask KmsKeyIdentifier ProvisionedMemory ReplicaCount VectorSearchConfiguration"
    ),
    "AWS::OpenSearchServerless::Collection": "CollectionGroupName EncryptionConfig Name StandbyReplicas Tags Type",
    "AWS::OpenSearchService::Domain": "AdvancedSecurityOptions DomainName EncryptionAtRestOptions EngineMode",
    "AWS::QLDB::Ledger": "Name",
    "AWS::RDS::DBCluster": (
        "AvailabilityZones ClusterScalabilityType DBClusterIdentifier DBSubnetGroupName DBSystemId "
        "DatabaseName Engine EngineMode GlobalClusterIdentifier KmsKeyId MasterUsername PubliclyAccessible "
        "RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier SourceDbClusterResourceId "
        "SourceRegion StorageEncrypted UseLatestRestorableTime"
    ),
    "AWS::RDS::DBInstance": (
        "AutoMinorVersionUpgrade AvailabilityZone BackupRetentionPeriod BackupTarget CharacterSetName "
        "CustomIAMInstanceProfile DBClusterIdentifier DBClusterSnapshotIdentifier DBInstanceIdentifier DBName "
        "DBParameterGroupName DBSnapshotIdentifier DBSubnetGroupName DBSystemId Engine KmsKeyId "
        "MasterUsername MultiAZ NcharCharacterSetName PerformanceInsightsKMSKeyId PreferredMaintenanceWindow "
        "RestoreTime SourceDBClusterIdentifier SourceDBInstanceAutomatedBackupsArn SourceDBInstanceIdentifier "
        "SourceDbiResourceId SourceRegion StorageEncrypted Timezone UseLatestRestorableTime"
    ),
    "AWS::RDS::GlobalCluster": "Engine GlobalClusterIdentifier SourceDBClusterIdentifier StorageEncrypted",
    "AWS::Redshift::Cluster": (
        "ClusterIdentifier ClusterSubnetGroupName DBName MasterUsername OwnerAccount "
        "SnapshotClusterIdentifier SnapshotIdentifier"
    ),
    "AWS::RedshiftServerless::Namespace": "NamespaceName",
    "AWS::Route53::HostedZone": "DelegationSetId Name",
    "AWS::S3::Bucket": "BucketName BucketNamePrefix BucketNamespace",
    "AWS::S3Express::DirectoryBucket": "BucketName DataRedundancy LocationName",
    "AWS::S3Tables::Namespace": "Namespace TableBucketARN",
    "AWS::S3Tables::Table": "IcebergMetadata OpenTableFormat StorageClassConfiguration TableBucketARN WithoutMetadata",
    "AWS::S3Tables::TableBucket": "TableBucketName",
    "AWS::S3Vectors::VectorBucket": "EncryptionConfiguration VectorBucketName",
    "AWS::SQS::Queue": "FifoQueue QueueName",
    "AWS::SageMaker::Domain": "AuthMode DomainName DomainSettings KmsKeyId VpcId",
    "AWS::SageMaker::FeatureGroup": (
        "Description EventTimeFeatureName FeatureGroupName OfflineStoreConfig OnlineStoreConfig "
        "RecordIdentifierFeatureName RoleArn Tags"
    ),
    "AWS::SageMaker::NotebookInstance": (
        "DirectInternetAccess KmsKeyId NotebookInstanceName PlatformIdentifier SecurityGroupIds SubnetId"
    ),
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Timestream::Database": "DatabaseName",
    "AWS::Timestream::InfluxDBInstance": (
        "Bucket Name NetworkType Organization Password PubliclyAccessible Username VpcSecurityGroupIds VpcSubnetIds"
    ),
    "AWS::Timestream::Table": "DatabaseName TableName",
    "AWS::WorkSpaces::Workspace": (
        "BundleId DirectoryId RootVolumeEncryptionEnabled UserName UserVolumeEncryptionEnabled VolumeEncryptionKey"
    ),
}
REPLACED_BY: Final = {type: frozenset(properties.split()) for type, properties in _PROPERTIES.items()}
"""A type that is not here may be replaced by a change of any property."""
