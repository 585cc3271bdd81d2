"""A server behind a balancer, workers that come and go with the runs, and their database, each in reach of no more than
it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rds as rds
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from reasons import acknowledge
from rights import anchors_bucket, server_role, worker_role
from wanted import Wanted

PORT: Final = 8471
DATABASE: Final = "odmd"
RANGE: Final = "10.0.0.0/16"
"""Of a network that is made here."""
PLACES: Final = 4
"""Runs that a worker carries out at a time."""
WORKERS_AT_MOST: Final = 8
_EDGE: Final = "balancer"
_HERE: Final = Path(__file__).parent


class ControlPlane(Stack):
    """All of it."""

    def __init__(self, scope: Construct, id: str, wanted: Wanted, **props: object) -> None:
        super().__init__(scope, id, termination_protection=True, **props)  # pyright: ignore[reportArgumentType]
        Tags.of(self).add("odmd", "control-plane")
        self.wanted = wanted
        self.key = kms.Key(self, "key", enable_key_rotation=True, description="all that odmd keeps")
        self.network = self._network()
        self.database = self._database()
        self.cluster = ecs.Cluster(
            self, "cluster", vpc=self.network, container_insights_v2=ecs.ContainerInsights.ENABLED
        )
        self.log = self._log("log")
        access = self._access_logs()
        anchors = anchors_bucket(self, access)
        served = server_role(self, wanted, self.key, anchors)
        server = self._service("server", ["serve", "--host", "0.0.0.0", "--no-worker"], served)  # noqa: S104
        working = worker_role(self, wanted, self.key)
        workers = self._service("worker", ["worker", "--places", str(PLACES)], working)
        balancer = self._balanced(server, access)
        self._workers_as_runs(workers)
        for name, value, about in (
            ("BalancerName", balancer.load_balancer_dns_name, "where the hostname leads"),
            ("AnchorsBucket", anchors.bucket_name, "for [tool.odmd.audit] anchors"),
            ("ServerRole", served.role_arn, "for [tool.odmd.roles] server"),
            ("WorkerRole", working.role_arn, "for [tool.odmd.roles] trusts"),
        ):
            CfnOutput(self, name, value=value, description=about)

    def _network(self) -> ec2.IVpc:
        if self.wanted.vpc:
            return ec2.Vpc.from_lookup(self, "network", vpc_id=self.wanted.vpc)
        made = ec2.Vpc(
            self,
            "network",
            ip_addresses=ec2.IpAddresses.cidr(RANGE),
            max_azs=2,
            nat_gateways=1,
            restrict_default_security_group=True,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="public",
                    subnet_type=ec2.SubnetType.PUBLIC,
                    cidr_mask=24,
                    map_public_ip_on_launch=False,
                ),
                ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=20),
                ec2.SubnetConfiguration(name="data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
                ec2.SubnetConfiguration(name=_EDGE, subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=26),
            ],
        )
        made.add_flow_log("flows", destination=ec2.FlowLogDestination.to_cloud_watch_logs(self._log("flows-log")))
        return made

    def _database(self) -> rds.DatabaseCluster:
        """Server and workers find each other through it: all that there is to back up."""
        log = self._log("database-log", f"/aws/rds/cluster/{DATABASE}/postgresql")
        made = rds.DatabaseCluster(
            self,
            "database",
            cluster_identifier=DATABASE,
            engine=rds.DatabaseClusterEngine.aurora_postgres(version=rds.AuroraPostgresEngineVersion.VER_17_5),
            credentials=rds.Credentials.from_generated_secret("odmd", encryption_key=self.key),
            default_database_name=DATABASE,
            writer=rds.ClusterInstance.serverless_v2("writer", auto_minor_version_upgrade=True),
            readers=[rds.ClusterInstance.serverless_v2("reader", scale_with_writer=True)],
            serverless_v2_min_capacity=0.5,
            serverless_v2_max_capacity=8,
            vpc=self.network,
            vpc_subnets=self._private() if self.wanted.vpc else ec2.SubnetSelection(subnet_group_name="data"),
            port=5433,
            storage_encrypted=True,
            storage_encryption_key=self.key,
            iam_authentication=True,
            parameters={"rds.force_ssl": "1"},
            backup=rds.BackupProps(retention=Duration.days(30)),
            cloudwatch_logs_exports=["postgresql"],
            deletion_protection=True,
            copy_tags_to_snapshot=True,
            removal_policy=RemovalPolicy.SNAPSHOT,
        )
        made.node.add_dependency(log)  # else it is made without an end to what it keeps
        why = "tasks have it from their start: who changes it brings new ones, as deploy/README.md says"
        acknowledge(made, "AwsSolutions-SMG4", why)
        return made

    def _log(self, name: str, physical: str | None = None) -> logs.LogGroup:
        kept = logs.RetentionDays.ONE_YEAR
        return logs.LogGroup(self, name, log_group_name=physical, retention=kept, removal_policy=RemovalPolicy.RETAIN)

    def _service(self, name: str, command: list[str], role: iam.Role) -> ecs.FargateService:
        """Tasks of the organisation's image that reach the database, AWS, and what their role may."""
        task = ecs.FargateTaskDefinition(self, f"{name}-task", cpu=2048, memory_limit_mib=8192, task_role=role)
        password = self.database.secret
        assert password is not None, "its credentials are generated"  # noqa: S101
        place = self.database.cluster_endpoint
        container = task.add_container(
            name,
            image=ecs.ContainerImage.from_registry(self.wanted.image),
            command=command,
            logging=ecs.LogDriver.aws_logs(stream_prefix=name, log_group=self.log),
            environment={
                "ODMD_DATABASE_URL": f"postgresql://odmd@{place.socket_address}/{DATABASE}?sslmode=require",
                "ODMD_KEY": f"kms:{self.key.key_arn}",
                "ODMD_ISOLATION": "off",  # Fargate lets no container make a cage: each worker is one of its own
                **(self._asked_as() if name == "server" else {}),
            },
            secrets={
                "PGPASSWORD": ecs.Secret.from_secrets_manager(password, "password"),
                **(self._secrets() if name == "server" else {}),
            },
            port_mappings=[ecs.PortMapping(container_port=PORT)] if name == "server" else [],
            readonly_root_filesystem=True,
            stop_timeout=Duration.seconds(120),
        )
        for volume, path in (("kept", "/var/lib/odmd"), ("tmp", "/tmp")):  # noqa: S108
            task.add_volume(name=volume)
            mount = ecs.MountPoint(source_volume=volume, container_path=path, read_only=False)
            container.add_mount_points(mount)
        self._pulls(task)
        service = ecs.FargateService(
            self,
            name,
            cluster=self.cluster,
            task_definition=task,
            desired_count=1,  # a balancer would have a second server that waits for the leader to go ended as unwell
            min_healthy_percent=0,
            max_healthy_percent=100,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            vpc_subnets=self._private(),
        )
        self.database.connections.allow_default_port_from(service, "state")
        acknowledge(service.task_definition, "AwsSolutions-ECS2", "what stands there is no secret: names and ARNs")
        return service

    def _private(self) -> ec2.SubnetSelection:
        return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)

    def _edge(self) -> ec2.SubnetSelection:
        """Where the balancer is, and nothing else: what comes from there is believed where it comes from."""
        if not self.wanted.vpc:
            return ec2.SubnetSelection(subnet_group_name=_EDGE)
        if not self.wanted.proxies:
            return self._private()
        return ec2.SubnetSelection(subnet_filters=[ec2.SubnetFilter.by_cidr_ranges(list(self.wanted.proxies))])

    def _asked_as(self) -> dict[str, str]:
        """By which name the server is asked, and through whom."""
        made = [] if self.wanted.vpc else self.network.select_subnets(subnet_group_name=_EDGE).subnets
        proxies = [*self.wanted.proxies, *(one.ipv4_cidr_block for one in made)]
        return {"ODMD_NAMES": self.wanted.hostname} | ({"ODMD_PROXIES": ",".join(proxies)} if proxies else {})

    def _secrets(self) -> dict[str, ecs.Secret]:
        """Those that were said: for the server alone, and in no template."""
        found = {
            name: secretsmanager.Secret.from_secret_complete_arn(self, name, arn)
            for name, arn in self.wanted.secrets.items()
        }
        return {name: ecs.Secret.from_secrets_manager(secret) for name, secret in found.items()}

    def _pulls(self, task: ecs.FargateTaskDefinition) -> None:
        """The image, where it is in ECR, and nothing else there."""
        host, _, rest = self.wanted.image.partition("/")
        if ".dkr.ecr." not in host:
            return
        account, region = host.split(".")[0], host.split(".")[3]
        arn = f"arn:{self.partition}:ecr:{region}:{account}:repository/{rest.partition('@')[0].partition(':')[0]}"
        role = task.obtain_execution_role()
        actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[arn]))
        token = iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"])
        role.add_to_principal_policy(token)
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "ECR gives its token for no narrower resource")

    def _balanced(self, server: ecs.FargateService, access: s3.Bucket) -> elb.ApplicationLoadBalancer:
        """For who is in the network, and asks by the name; who else may reach it, a network decides that is joined to
        this one."""
        made = elb.ApplicationLoadBalancer(
            self,
            "balancer",
            vpc=self.network,
            internet_facing=False,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            idle_timeout=Duration.seconds(60),
            preserve_host_header=True,
            xff_header_processing_mode=elb.XffHeaderProcessingMode.APPEND,
            vpc_subnets=self._edge(),
        )
        made.log_access_logs(access)
        listener = made.add_listener(
            "https",
            port=443,
            open=False,
            ssl_policy=elb.SslPolicy.TLS13_RES,
            certificates=[acm.Certificate.from_certificate_arn(self, "certificate", self.wanted.certificate)],
            default_action=elb.ListenerAction.fixed_response(404, content_type="text/plain", message_body="not here"),
        )
        within = self.network.vpc_cidr_block if self.wanted.vpc else RANGE
        made.connections.allow_from(ec2.Peer.ipv4(within), ec2.Port.tcp(443), "from the network")
        listener.add_targets(
            "leader",
            conditions=[elb.ListenerCondition.host_headers([self.wanted.hostname])],
            priority=1,
            port=PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            targets=[server],
            deregistration_delay=Duration.seconds(30),
            health_check=elb.HealthCheck(
                path="/readyz",
                interval=Duration.seconds(5),
                timeout=Duration.seconds(4),
                healthy_threshold_count=2,
                unhealthy_threshold_count=2,
            ),
        )
        return made

    def _access_logs(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "access",
            encryption=s3.BucketEncryption.S3_MANAGED,  # a balancer writes with no other
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(365))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(bucket, "AwsSolutions-S1", "it is where access is logged")
        return bucket

    def _workers_as_runs(self, workers: ecs.FargateService) -> None:
        """As many as it takes for the runs that have not ended; the last ones go only when those have."""
        scale = workers.auto_scale_task_count(min_capacity=1, max_capacity=WORKERS_AT_MOST)
        runs = cloudwatch.Metric(
            namespace="odmd", metric_name="RunsUnderWay", statistic="Maximum", period=Duration.minutes(1)
        )
        steps = [scaling.ScalingInterval(upper=PLACES, change=1)]
        steps += [
            scaling.ScalingInterval(lower=PLACES * count, change=count + 1) for count in range(1, WORKERS_AT_MOST)
        ]
        scale.scale_on_metric(
            "runs",
            metric=runs,
            scaling_steps=steps,
            adjustment_type=scaling.AdjustmentType.EXACT_CAPACITY,
            evaluation_periods=1,
        )
        self._counted()

    def _counted(self) -> None:
        """The function that says how many there are; its token is put there by hand."""
        token = secretsmanager.Secret(
            self, "metrics-token", encryption_key=self.key, description="a token of odmd with scope read"
        )
        CfnOutput(self, "MetricsToken", value=token.secret_arn, description="to be given a token with scope read")
        acknowledge(token, "AwsSolutions-SMG4", "odmd makes its tokens: `odmd token create` makes the next one")
        role = iam.Role(self, "count-role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        function = functions.Function(
            self,
            "count",
            runtime=functions.Runtime.PYTHON_3_14,
            handler="index.handler",
            code=functions.Code.from_asset(str(_HERE / "runs_under_way")),
            role=role,
            vpc=self.network,
            timeout=Duration.seconds(20),
            environment={"METRICS": f"https://{self.wanted.hostname}/metrics", "TOKEN": token.secret_arn},
            log_group=self._log("count-log"),
        )
        token.grant_read(function)
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": "odmd"}},
            )
        )
        role.add_managed_policy(
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")
        )
        its = "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
        acknowledge(role, f"AwsSolutions-IAM4[{its}]", "what a function in a network needs, as AWS keeps it")
        acknowledge(role, "AwsSolutions-IAM5[Resource::*]", "metrics have no ARN: the condition says whose they are")
        events.Rule(
            self,
            "each-minute",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(function)],  # pyright: ignore[reportArgumentType]  # jsii says so
        )
