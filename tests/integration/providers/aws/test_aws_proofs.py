"""What runs need of AWS is looked for, and whatever is missing says what mends it: that done, it is proven."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aws_worlds import EmulatedWorld

from odmd.control.running.needs import (
    AccountNeeded,
    BootstrapNeeded,
    CertificateNeeded,
    ExportsNeeded,
    ParametersNeeded,
    PhysicalNamesNeeded,
    Proven,
    Quota,
    QuotaNeeded,
    RightNeeded,
    SecretThereNeeded,
    StackNameNeeded,
    StoreKeysNeeded,
    Unknown,
)
from odmd.errors import BootstrapTooOld, NameOfAnother, NotBootstrapped, NotThere, QuotaReached, RightLacking
from odmd.providers.aws import Emulator, Sessions
from odmd.providers.aws.proofs import AwsProver
from odmd.providers.aws.recipe_needs import NAMED

NO_CERTIFICATE = "arn:aws:acm:us-west-1:{}:certificate/12345678-1234-1234-1234-123456789012"


class Account:
    """One of the emulator's, and who proves things there."""

    def __init__(self, world: EmulatedWorld, emulator: Emulator) -> None:
        self.target, self.sessions = world.target, emulator.sessions()
        self.prover = AwsProver(self.sessions, {})

    def api(self, service: str) -> Any:
        return self.sessions.reader(service, self.target)

    def stack(self, name: str, template: Mapping[str, Any], **tags: str) -> None:
        tagged = [{"Key": key.replace("_", ":"), "Value": text} for key, text in tags.items()]
        self.api("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps(template), Tags=tagged)
        self.api("cloudformation").get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


@pytest.fixture
def account(emulated: EmulatedWorld, emulator: Emulator) -> Account:
    return Account(emulated, emulator)


def parameter(name: str, *outputs: str) -> dict[str, Any]:
    value = {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": "v"}}
    return {
        "Parameters": {"Limit": {"Type": "String", "Default": "1"}},
        "Resources": {"P": value},
        "Outputs": {f"O{n}": {"Value": "v", "Export": {"Name": name}} for n, name in enumerate(outputs)},
    }


def test_an_account_is_reached_and_bootstrapped(account: Account) -> None:
    here = account.target
    assert account.prover.prove(AccountNeeded(here)) == Proven(f"reached as arn:aws:iam::{here.account}:root")
    assert isinstance(account.prover.prove(BootstrapNeeded(here)), Proven)
    assert isinstance(account.prover.prove(BootstrapNeeded(here, (), (("", 6),))), Proven)
    with pytest.raises(BootstrapTooOld):
        account.prover.prove(BootstrapNeeded(here, (), (("", 999),)))
    with pytest.raises(NotBootstrapped, match="no bucket acme-assets"):
        account.prover.prove(BootstrapNeeded(here, ("acme-assets",)))


def test_a_stack_is_free_its_envers_own_nobodys_or_anothers(account: Account) -> None:
    need = StackNameNeeded(account.target, "orders--main", "orders/b..main")
    assert account.prover.prove(need) == Proven("free")
    account.stack("orders--main", parameter("/a"), odmd_enver="orders/b..main")
    assert account.prover.prove(need) == Proven("its own")
    with pytest.raises(NameOfAnother, match="is orders@main's"):
        account.prover.prove(StackNameNeeded(account.target, "orders--main", "orders-data/b..main"))
    account.stack("old", parameter("/b"))
    found = account.prover.prove(StackNameNeeded(account.target, "old", "orders/b..main"))
    assert isinstance(found, Unknown), "its run asks"
    assert "odmd approve orders@main data" in found.next_step


def test_a_name_is_taken_unless_the_stack_itself_has_it(account: Account) -> None:
    names = (("P", "AWS::SSM::Parameter", "/shop/limit"),)
    need = PhysicalNamesNeeded(account.target, "orders--main", names)
    assert account.prover.prove(need) == Proven("free")
    account.stack("orders--main", parameter("/shop/limit"))
    assert account.prover.prove(need) == Proven("its own")
    with pytest.raises(NameOfAnother, match=r"AWS::SSM::Parameter /shop/limit, which is there already"):
        account.prover.prove(PhysicalNamesNeeded(account.target, "other--main", names))


@pytest.mark.parametrize("kind", sorted(NAMED))
def test_every_type_that_is_named_is_asked_for_by_its_name(account: Account, kind: str) -> None:
    name = {"AWS::SSM::Parameter": "/acme/x", "AWS::S3::Bucket": f"acme-{account.target.account}"}.get(kind, "acme-x")
    need = PhysicalNamesNeeded(account.target, "orders--main", (("X", kind, name),))
    assert account.prover.prove(need) == Proven("free")
    _make(account, kind, name)
    with pytest.raises(NameOfAnother, match=re.escape(f"{kind} {name}")):
        account.prover.prove(need)


def _make(account: Account, kind: str, name: str) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    match kind:
        case "AWS::DynamoDB::Table":
            account.api("dynamodb").create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        case "AWS::ECR::Repository":
            account.api("ecr").create_repository(repositoryName=name)
        case "AWS::Events::EventBus":
            account.api("events").create_event_bus(Name=name)
        case "AWS::IAM::Role":
            account.api("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        case "AWS::Lambda::Function":
            role = f"arn:aws:iam::{account.target.account}:role/x"
            code = {"S3Bucket": "none", "S3Key": "none"}
            account.stack(
                "made",
                {"Resources": {"F": {"Type": kind, "Properties": {"FunctionName": name, "Role": role, "Code": code}}}},
            )
        case "AWS::Logs::LogGroup":
            account.api("logs").create_log_group(logGroupName=name)
            account.api("logs").create_log_group(logGroupName=f"{name}-longer")
        case "AWS::S3::Bucket":
            account.api("s3").create_bucket(
                Bucket=name, CreateBucketConfiguration={"LocationConstraint": account.target.region}
            )
        case "AWS::SSM::Parameter":
            account.api("ssm").put_parameter(Name=name, Value="v", Type="String")
        case "AWS::SecretsManager::Secret":
            account.api("secretsmanager").create_secret(Name=name, SecretString="v")
        case _:
            raise AssertionError(kind)


def test_a_parameter_has_a_value_where_the_stack_runs_with_one(account: Account) -> None:
    need = ParametersNeeded(account.target, "orders--main", ("Limit",))
    with pytest.raises(NotThere, match=r"wants a value for Limit") as it:
        account.prover.prove(need)
    assert 'to=Parameter("Limit")' in it.value.next_step
    account.stack("orders--main", parameter("/a"))
    assert isinstance(account.prover.prove(need), Proven)


def test_an_import_needs_its_export(account: Account) -> None:
    need = ExportsNeeded(account.target, ("vpc", "zone"))
    account.stack("network", parameter("/a", "vpc"))
    with pytest.raises(NotThere, match=r"imports zone, and no stack"):
        account.prover.prove(need)
    account.stack("dns", parameter("/b", "zone"))
    assert isinstance(account.prover.prove(need), Proven)


def test_keys_of_the_parameter_store_are_all_asked_for(account: Account) -> None:
    names = tuple(f"/shop/{number}" for number in range(12))
    for name in names[:-1]:
        account.api("ssm").put_parameter(Name=name, Value="v", Type="SecureString" if name == "/shop/1" else "String")
    with pytest.raises(NotThere, match=r"reads /shop/11 from") as it:
        account.prover.prove(StoreKeysNeeded(account.target, names))
    assert "--name /shop/11 " in it.value.next_step
    account.api("ssm").put_parameter(Name="/shop/11", Value="v", Type="String")
    assert isinstance(account.prover.prove(StoreKeysNeeded(account.target, names)), Proven)


def test_a_secret_is_described_and_not_read(account: Account) -> None:
    need, secrets = SecretThereNeeded(account.target, "orders"), account.api("secretsmanager")
    with pytest.raises(NotThere, match="there is no secret orders") as it:
        account.prover.prove(need)
    assert "create-secret" in it.value.next_step
    arn = secrets.create_secret(Name="orders", SecretString="tell nobody")["ARN"]
    for id in ("orders", arn):
        found = account.prover.prove(SecretThereNeeded(account.target, id))
        assert isinstance(found, Proven)
        assert "tell nobody" not in found.fact
    secrets.delete_secret(SecretId="orders")
    with pytest.raises(NotThere, match="is to be deleted") as it:
        account.prover.prove(need)
    assert "restore-secret" in it.value.next_step


def test_a_certificate_is_issued(account: Account) -> None:
    arn = account.api("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
    assert isinstance(account.prover.prove(CertificateNeeded(account.target, arn)), Proven)
    none = CertificateNeeded(account.target, NO_CERTIFICATE.format(account.target.account))
    with pytest.raises(NotThere, match="there is no certificate"):
        account.prover.prove(none)


def test_room_for_roles_is_what_the_account_says(account: Account) -> None:
    assert account.prover.prove(QuotaNeeded(account.target, Quota.ROLES, 2)) == Proven("0 of 1000")
    with pytest.raises(QuotaReached, match="has 0 of 1000 IAM roles, and 1001 more are to come") as it:
        account.prover.prove(QuotaNeeded(account.target, Quota.ROLES, 1001))
    assert "--service-code iam --quota-code L-FE177D64 --desired-value 1001" in it.value.next_step


@pytest.mark.parametrize("quota", [one for one in Quota if one is not Quota.ROLES])
def test_an_emulator_has_no_other_quotas(account: Account, quota: Quota) -> None:
    found = account.prover.prove(QuotaNeeded(account.target, quota, 1))
    assert isinstance(found, Unknown)
    assert "an emulator has no quotas" in found.fact


def test_the_root_of_an_account_may_do_all(account: Account) -> None:
    found = account.prover.prove(RightNeeded(account.target, "deploy", ("cloudformation:CreateChangeSet",), "*"))
    assert found == Proven("with the rights of the account's root")


def as_user(account: Account, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, *actions: str) -> AwsProver:
    """Whoever signs in with keys of a user who may do so much."""
    iam = account.api("iam")
    iam.create_user(UserName="ci")
    key = iam.create_access_key(UserName="ci")["AccessKey"]
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="ci", PolicyName="may", PolicyDocument=document)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    return AwsProver(Sessions(endpoint=emulator.endpoint), {})


def test_a_right_is_proven_by_the_policies_of_who_carries_out_runs(
    account: Account, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    may, and_not = "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"
    prover = as_user(account, emulator, monkeypatch, may, "iam:SimulatePrincipalPolicy")
    stack = f"arn:aws:cloudformation:us-west-1:{account.target.account}:stack/orders--main/*"
    who = f"arn:aws:iam::{account.target.account}:user/ci"
    assert prover.prove(RightNeeded(account.target, "", (may,), stack)) == Proven(f"{who} may, by its policies")
    with pytest.raises(RightLacking, match=f"{who} may not {and_not} on {re.escape(stack)}"):
        prover.prove(RightNeeded(account.target, "", (may, and_not), stack))


def test_who_may_not_ask_about_rights_does_not_know_them(
    account: Account, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    prover = as_user(account, emulator, monkeypatch, "cloudformation:*")
    found = prover.prove(RightNeeded(account.target, "", ("cloudformation:CreateChangeSet",), "*"))
    assert isinstance(found, Unknown)
    assert found.next_step == "allow iam:SimulatePrincipalPolicy to know it"


@contextmanager
def answering(service: str, said: Mapping[str, object], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A service of AWS that says the same to everybody; what it is asked for is noted."""
    asked = list[str]()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            asked.append(self.headers["X-Amz-Target"].partition(".")[2])
            text = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://127.0.0.1:{server.server_address[1]}")
        yield asked
        server.shutdown()


@pytest.fixture
def quotas(account: Account, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsProver]:
    """An account that may have two of everything, as Service Quotas says where it answers."""
    as_user(account, emulator, monkeypatch, "*")
    with answering("SERVICE_QUOTAS", {"Quota": {"Value": 2.0}}, monkeypatch) as asked:
        monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.endpoint)
        yield AwsProver(Sessions(), {})
        assert set(asked) <= {"GetServiceQuota"}


@pytest.mark.parametrize(
    ("status", "days", "found"),
    [
        ("ISSUED", 400, r"is good until \d{4}-\d\d-\d\d"),
        ("ISSUED", 5.5, "it is good for [56] more days, and nobody knows whether it is renewed"),
        ("ISSUED", -1, r"ended on \d{4}-\d\d-\d\d"),
        ("PENDING_VALIDATION", None, "is PENDING_VALIDATION, not ISSUED"),
        ("EXPIRED", -30, "is EXPIRED, not ISSUED"),
    ],
)
def test_a_certificate_is_good_for_a_while(
    account: Account, monkeypatch: pytest.MonkeyPatch, status: str, days: float | None, found: str
) -> None:
    until = {} if days is None else {"NotAfter": time.time() + days * 86_400}
    need = CertificateNeeded(account.target, NO_CERTIFICATE.format(account.target.account))
    with answering("ACM", {"Certificate": {"Status": status, **until}}, monkeypatch) as asked:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", account.target.account)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        prover = AwsProver(Sessions(), {})
        if days is not None and days > 0:
            proven = prover.prove(need)
            assert isinstance(proven, Proven if days > 14 else Unknown)
            assert re.fullmatch(found, proven.fact)
        else:
            with pytest.raises(NotThere, match=found) as it:
                prover.prove(need)
            assert it.value.next_step
    assert asked == ["DescribeCertificate"]


def test_what_is_there_and_what_comes_is_within_the_quotas(account: Account, quotas: AwsProver) -> None:
    account.stack("first", parameter("/a"))
    account.api("ec2").allocate_address(Domain="vpc")
    for quota in (Quota.STACKS, Quota.ADDRESSES, Quota.VPCS):
        assert quotas.prove(QuotaNeeded(account.target, quota, 1)) == Proven("1 of 2"), quota
        with pytest.raises(QuotaReached, match=f"has 1 of 2 {quota.value}, and 2 more are to come"):
            quotas.prove(QuotaNeeded(account.target, quota, 2))


def test_instances_that_run_are_counted_too(account: Account, quotas: AwsProver) -> None:
    ec2 = account.api("ec2")
    made = ec2.run_instances(ImageId="ami-12345678", InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"]
    need = QuotaNeeded(account.target, Quota.CPUS, 0, (("t3.micro", 1),))
    with pytest.raises(QuotaReached, match="has 2 of 2 vCPUs of standard on-demand instances, and 2 more are to come"):
        quotas.prove(need)
    ec2.terminate_instances(InstanceIds=[one["InstanceId"] for one in made])
    assert quotas.prove(need) == Proven("0 of 2")


def test_instances_are_counted_by_their_cpus(account: Account, quotas: AwsProver) -> None:
    one, two = (QuotaNeeded(account.target, Quota.CPUS, 0, (("t3.micro", count),)) for count in (1, 2))
    assert quotas.prove(one) == Proven("0 of 2")
    with pytest.raises(QuotaReached, match="and 4 more are to come"):
        quotas.prove(two)
    others = QuotaNeeded(account.target, Quota.CPUS, 0, (("p4d.24xlarge", 1),))
    assert quotas.prove(others) == Proven("0 of 2"), "they have a quota of their own"
