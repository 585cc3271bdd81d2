"""The stack: the cluster, and a schema for each client that asks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import CfnDeletionPolicy, CfnResource, Duration
from aws_cdk.aws_iam import PolicyStatement
from aws_cdk.aws_lambda import Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup, RetentionDays
from aws_cdk.aws_rds import CfnDBCluster, CfnDBInstance
from constructs import Construct

from odmd.cdk import EnverStack, config, publish, requests_of
from odmd.cdk.clients import Asking
from odmd.services.postgres.acknowledged import acknowledge
from odmd.services.postgres.contracts import PgSchema, PostgresConfig, PostgresEnver
from odmd.services.postgres.names import schema_of
from odmd.services.postgres.network import subnet_group

_BASIC: Final = (
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]"
)
_SECONDS: Final = 600
"""How long a schema may take: a cluster that paused has to come back first."""
_DATABASE: Final = "main"
_ENGINE: Final = "aurora-postgresql"
_FUNCTION: Final = Path(__file__).with_name("schemas_function")
_DATA_API: Final = ("BeginTransaction", "CommitTransaction", "ExecuteStatement", "RollbackTransaction")


class PostgresStack(EnverStack):
    """Of one enver."""

    def __init__(self, scope: Construct, enver: PostgresEnver) -> None:
        super().__init__(scope, enver)
        self._ephemeral = enver.ephemeral
        self._cluster = self._made(config(enver.config))
        publish(self, enver.writer, f"{self._cluster.attr_endpoint_address}:{self._port}/{_DATABASE}")
        publish(self, enver.cluster, self._cluster.attr_db_cluster_arn)
        if asked := requests_of(enver.schemas):
            self._make_schemas(asked)

    @property
    def _port(self) -> str:
        return self._cluster.attr_endpoint_port

    def _made(self, said: PostgresConfig) -> CfnDBCluster:
        subnets, guard = subnet_group(self, said)
        cluster = CfnDBCluster(
            self,
            "Cluster",
            engine=_ENGINE,
            engine_version=said.engine_version,
            database_name=_DATABASE,
            master_username="master",
            manage_master_user_password=True,
            enable_iam_database_authentication=True,
            enable_http_endpoint=True,
            storage_encrypted=True,
            backup_retention_period=said.backup_days,
            copy_tags_to_snapshot=True,
            deletion_protection=said.deletion_protection and not self._ephemeral,
            db_subnet_group_name=subnets.ref,
            vpc_security_group_ids=[guard.attr_group_id],
            enable_cloudwatch_logs_exports=["postgresql"],
            serverless_v2_scaling_configuration={
                "minCapacity": said.least_capacity,
                "maxCapacity": said.most_capacity,
            },
        )
        leaves = CfnDeletionPolicy.DELETE if self._ephemeral else CfnDeletionPolicy.SNAPSHOT
        cluster.cfn_options.deletion_policy = cluster.cfn_options.update_replace_policy = leaves
        self._writer = CfnDBInstance(
            self,
            "Writer",
            engine=_ENGINE,
            db_instance_class="db.serverless",
            db_cluster_identifier=cluster.ref,
            publicly_accessible=False,
            auto_minor_version_upgrade=False,
        )
        acknowledge(cluster, "AwsSolutions-RDS11", "a port is no secret; who gets in is told by name")
        return cluster

    def _make_schemas(self, asked: tuple[Asking[PgSchema], ...]) -> None:
        function = self._function()
        taken = dict[str, str]()
        for one in asked:
            schema = schema_of(one.offer.schema, one.client)
            if other := taken.get(schema):
                raise ValueError(f"{one.client} and {other} would have one schema, {schema}: ask for another name")
            taken[schema] = one.client
            self._make_schema(one, schema, function)

    def _make_schema(self, asked: Asking[PgSchema], schema: str, function: Function) -> None:
        properties = {
            "ServiceToken": function.function_arn,
            "ServiceTimeout": _SECONDS,
            "Cluster": self._cluster.attr_db_cluster_arn,
            "Secret": self._secret,
            "Database": _DATABASE,
            "Schema": schema,
        }
        made = CfnResource(self, f"Schema-{asked.key}", type="Custom::PgSchema", properties=properties)
        made.node.add_dependency(self._writer, function)
        goes = asked.offer.drop or _is_clone(asked.client)
        options = made.cfn_options
        options.deletion_policy = CfnDeletionPolicy.DELETE if goes else CfnDeletionPolicy.RETAIN
        options.update_replace_policy = CfnDeletionPolicy.RETAIN  # who consumes the old one still runs with it
        options.metadata = {"odmd:holds-data": True}
        for product, kind in (
            (asked.offer.migrate, "migrate"),
            (asked.offer.app, "app"),
            (asked.offer.readonly, "readonly"),
        ):
            publish(self, product, made.get_att(kind).to_string())

    @property
    def _secret(self) -> str:
        return self._cluster.attr_master_user_secret_secret_arn

    def _function(self) -> Function:
        """Makes schemas: may speak to this cluster as its master, and nothing else."""
        function = Function(
            self,
            "Schemas",
            runtime=Runtime.PYTHON_3_14,
            handler="index.handler",
            code=Code.from_asset(str(_FUNCTION)),
            timeout=Duration.minutes(5),
            log_group=LogGroup(self, "Log", retention=RetentionDays.ONE_MONTH),
        )
        actions = [f"rds-data:{one}" for one in _DATA_API]
        statements = [
            PolicyStatement(actions=actions, resources=[self._cluster.attr_db_cluster_arn]),
            PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[self._secret]),
        ]
        for statement in statements:
            function.add_to_role_policy(statement)
        acknowledge(function, _BASIC, "what a function needs to write its log, as AWS keeps it")
        return function


def _is_clone(client: str) -> bool:
    """What a clone has goes with it."""
    return "-_b.." in client
