"""Aurora Postgres: clusters that a stack makes have a Postgres behind them, and their master's secret has its password.

It hooks into what ministack keeps to itself: a test sees that all of that is there.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportPrivateUsage=false
# ministack has no types.

from __future__ import annotations

import atexit
import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from odmd.providers.aws.doubles.data_api import connect
from odmd.providers.aws.doubles.postgres import PostgresServer

CLUSTER: Final = "AWS::RDS::DBCluster"
INSTANCE: Final = "AWS::RDS::DBInstance"
_HERE: Final = "127.0.0.1"
_MOST_CAPACITY: Final = 256
_SHORTEST_BACKUP: Final = 1


def register(folder: Path) -> None:
    """Has the emulator play them, with what the servers hold in a folder."""
    from ministack.services import rds, rds_data, secretsmanager
    from ministack.services.cloudformation import provisioners

    aurora = Aurora(folder, provisioners, rds, secretsmanager)
    handlers: Any = provisioners._RESOURCE_HANDLERS
    handlers[CLUSTER] = {**handlers[CLUSTER], **aurora.of_clusters(handlers[CLUSTER])}
    handlers[INSTANCE] = {**handlers[INSTANCE], **aurora.of_instances(handlers[INSTANCE])}
    data_api: Any = rds_data
    data_api._connect = connect
    atexit.register(aurora.stop)


class Aurora:
    """The clusters of one emulator, each with its server."""

    def __init__(self, folder: Path, provisioners: Any, rds: Any, secret_store: Any) -> None:
        self._folder, self._made, self._rds, self._secrets = folder, provisioners, rds, secret_store
        self._servers: dict[str, PostgresServer] = {}

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()

    def of_clusters(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is done with them, around what the emulator does."""

        def create(logical_id: str, props: Any, stack: str) -> Any:
            _refuse(props)
            name, attributes = known["create"](logical_id, props, stack)
            if "postgres" not in props.get("Engine", ""):
                return name, attributes
            cluster = self._rds._clusters[name]
            secret = self._with_password(cluster, props)
            self._serve(cluster, props)
            return name, {**self._made._rds_db_cluster_attrs(cluster), **secret}

        def update(name: str, old: Any, new: Any, stack: str, logical_id: Any = None) -> Any:
            _refuse(new)
            cluster = self._rds._clusters.get(name)
            kept = {key: cluster[key] for key in ("Port", "Endpoint", "ReaderEndpoint") if cluster}
            name, attributes = known["update"](name, old, new, stack, logical_id)
            found = self._rds._clusters[name]
            if found is cluster:
                found.update(kept)
                secret = found.get("MasterUserSecret", {}).get("SecretArn")
                more = {"MasterUserSecret.SecretArn": secret} if secret else {}
                return name, {**self._made._rds_db_cluster_attrs(found), **more}
            return name, attributes

        def delete(name: str, props: Any) -> None:
            cluster = self._rds._clusters.get(name)
            if cluster and cluster.get("DeletionProtection"):
                raise ValueError("Cannot delete protected Cluster, please disable deletion protection and try again.")
            known["delete"](name, props)
            if cluster and (server := self._servers.pop(cluster["DBClusterArn"], None)):
                server.remove()

        return {"create": create, "update": update, "delete": delete}

    def of_instances(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of a cluster are at its server."""

        def create(logical_id: str, props: Any, stack: str) -> Any:
            name, attributes = known["create"](logical_id, props, stack)
            cluster = self._rds._clusters.get(props.get("DBClusterIdentifier", ""))
            if cluster is None or cluster["DBClusterArn"] not in self._servers:
                return name, attributes
            instance = self._rds._instances[name]
            instance["Endpoint"] = {**instance["Endpoint"], "Address": _HERE, "Port": cluster["Port"]}
            instance["_docker_container_id"] = "odmd"  # so the Data API knows that somebody is there
            return name, self._made._rds_db_instance_attrs(instance)

        return {"create": create}

    def _with_password(self, cluster: Any, props: Any) -> Mapping[str, str]:
        """The secret in which RDS keeps the master's password, where it is to manage it."""
        if not self._made._cfn_bool(props.get("ManageMasterUserPassword", False)):
            return {}
        cluster["_MasterUserPassword"] = secrets.token_urlsafe(24)
        said = {"username": props["MasterUsername"], "password": cluster["_MasterUserPassword"]}
        name = f"rds!{cluster['DbClusterResourceId'].lower()}"
        _, _, body = self._secrets._create_secret({"Name": name, "SecretString": json.dumps(said)})
        arn = str(json.loads(body)["ARN"])
        cluster["MasterUserSecret"] = {"SecretArn": arn, "SecretStatus": "active"}
        return {"MasterUserSecret.SecretArn": arn}

    def _serve(self, cluster: Any, props: Any) -> None:
        arn = cluster["DBClusterArn"]
        server = self._servers[arn] = PostgresServer(self._folder / _short(arn))
        server.start()
        server.master(cluster["MasterUsername"], cluster["_MasterUserPassword"], props.get("DatabaseName", ""))
        cluster.update(Endpoint=_HERE, ReaderEndpoint=_HERE, Port=server.port)


def _short(arn: str) -> str:
    """A folder for it: the path of a socket in it has to be short."""
    return hashlib.sha256(arn.encode()).hexdigest()[:16]


def _refuse(props: Any) -> None:
    """What AWS refuses of a cluster."""
    scaling = props.get("ServerlessV2ScalingConfiguration") or {}
    least, most = float(scaling.get("MinCapacity", 0)), float(scaling.get("MaxCapacity", 1))
    if scaling and not (0 <= least <= most and 1 <= most <= _MOST_CAPACITY):
        raise ValueError(f"ServerlessV2ScalingConfiguration: {least} to {most} is not a range within 0 and 256")
    if int(props.get("BackupRetentionPeriod", 1)) < _SHORTEST_BACKUP:
        raise ValueError("Invalid backup retention period: Aurora keeps backups for 1 to 35 days")
    if props.get("ManageMasterUserPassword") and props.get("MasterUserPassword"):
        raise ValueError("You can't specify MasterUserPassword when ManageMasterUserPassword is specified")
