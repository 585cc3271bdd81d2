"""The emulator with services: a real Postgres behind each Aurora cluster, reached as AWS's is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError

from odmd.model.targets import Target
from odmd.providers.aws.emulator import Emulator

HERE = Target("111122223333", "us-west-1")


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with Emulator(tmp_path_factory.mktemp("doubles"), services=True).start() as running:
        said = running.environment(HERE)
        yield lambda service: boto3.client(
            service,
            endpoint_url=said["AWS_ENDPOINT_URL"],
            region_name=HERE.region,
            aws_access_key_id=said["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=said["AWS_SECRET_ACCESS_KEY"],
        )


def stack(**more: Any) -> str:
    cluster = {
        "Type": "AWS::RDS::DBCluster",
        "Properties": {
            "Engine": "aurora-postgresql",
            "EngineVersion": "17.6",
            "MasterUsername": "master",
            "ManageMasterUserPassword": True,
            "DatabaseName": "main",
            "EnableHttpEndpoint": True,
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 2},
            **more,
        },
    }
    writer = {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {
            "Engine": "aurora-postgresql",
            "DBInstanceClass": "db.serverless",
            "DBClusterIdentifier": {"Ref": "Cluster"},
        },
    }
    outputs = {
        "Arn": {"Value": {"Fn::GetAtt": ["Cluster", "DBClusterArn"]}},
        "Secret": {"Value": {"Fn::GetAtt": ["Cluster", "MasterUserSecret.SecretArn"]}},
        "Host": {"Value": {"Fn::GetAtt": ["Cluster", "Endpoint.Address"]}},
        "Port": {"Value": {"Fn::GetAtt": ["Cluster", "Endpoint.Port"]}},
    }
    return json.dumps({"Resources": {"Cluster": cluster, "Writer": writer}, "Outputs": outputs})


@pytest.fixture(scope="module")
def outputs(emulated: Any) -> dict[str, str]:
    formation = emulated("cloudformation")
    formation.create_stack(StackName="db", TemplateBody=stack())
    formation.get_waiter("stack_create_complete").wait(StackName="db", WaiterConfig={"Delay": 1})
    found = formation.describe_stacks(StackName="db")["Stacks"][0]["Outputs"]
    return {one["OutputKey"]: one["OutputValue"] for one in found}


def test_the_data_api_speaks_to_a_real_postgres(emulated: Any, outputs: dict[str, str]) -> None:
    api = emulated("rds-data")
    where = {"resourceArn": outputs["Arn"], "secretArn": outputs["Secret"], "database": "main"}
    begun = api.begin_transaction(**where)["transactionId"]
    api.execute_statement(**where, sql="CREATE TABLE t (x jsonb)", transactionId=begun)
    api.rollback_transaction(resourceArn=outputs["Arn"], secretArn=outputs["Secret"], transactionId=begun)
    gone = api.execute_statement(**where, sql="SELECT to_regclass('t')::text AS t")
    assert gone["records"] == [[{"isNull": True}]], "statements of a transaction are one"

    api.execute_statement(**where, sql="CREATE TABLE t (x jsonb)")
    given = [{"name": "x", "value": {"stringValue": '{"a": "100%"}'}}]
    api.execute_statement(**where, sql="INSERT INTO t VALUES (:x::jsonb)", parameters=given)
    found = api.execute_statement(**where, sql="SELECT x FROM t WHERE x::text LIKE '%100%'")
    assert found["records"] == [[{"stringValue": '{"a": "100%"}'}]]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1; SELECT 2", "cannot insert multiple commands"),
        ("CREATE ROLE god SUPERUSER", "permission denied"),
        ("SELECT rolpassword FROM pg_authid", "permission denied"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied"),
    ],
)
def test_what_aurora_refuses_is_refused(emulated: Any, outputs: dict[str, str], sql: str, says: str) -> None:
    where = {"resourceArn": outputs["Arn"], "secretArn": outputs["Secret"], "database": "main"}
    with pytest.raises(ClientError, match=says):
        emulated("rds-data").execute_statement(**where, sql=sql)


def test_its_endpoint_takes_who_has_the_password(emulated: Any, outputs: dict[str, str]) -> None:
    said = json.loads(emulated("secretsmanager").get_secret_value(SecretId=outputs["Secret"])["SecretString"])
    where = {"host": outputs["Host"], "port": outputs["Port"], "user": said["username"], "dbname": "main"}
    with psycopg.connect(**where, password=said["password"]) as connection:
        assert connection.execute("SELECT session_user").fetchone() == ("master",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**where, password="guessed")


def test_a_cluster_that_aws_would_refuse_is_refused(emulated: Any) -> None:
    formation = emulated("cloudformation")
    wrong = {"MinCapacity": 3, "MaxCapacity": 2}
    formation.create_stack(StackName="wrong", TemplateBody=stack(ServerlessV2ScalingConfiguration=wrong))
    found = formation.describe_stack_events(StackName="wrong")["StackEvents"]
    assert any("is not a range within 0 and 256" in one.get("ResourceStatusReason", "") for one in found), found


def test_what_the_double_hooks_into_is_there() -> None:
    """Of ministack's own: another release may have moved it."""
    from ministack.services import rds, rds_data, secretsmanager  # type: ignore[import-untyped]
    from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]

    for kind in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance"):
        assert {"create", "update", "delete"} <= provisioners._RESOURCE_HANDLERS[kind].keys()
    for module, names in {
        provisioners: ("_rds_db_cluster_attrs", "_rds_db_instance_attrs", "_cfn_bool"),
        rds: ("_clusters", "_instances"),
        rds_data: ("_connect", "_has_real_endpoint"),
        secretsmanager: ("_create_secret",),
    }.items():
        assert [name for name in names if not hasattr(module, name)] == []
    assert rds_data._has_real_endpoint({"Endpoint": {"Port": 1}, "_docker_container_id": "odmd"})
