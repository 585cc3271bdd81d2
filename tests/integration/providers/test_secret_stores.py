"""What every store of secrets does, each asked by its own reference: real ones, emulated ones, and the one in memory.

AWS is the emulator's, with IAM enforced; Vault, GitHub and 1Password are played by programs that answer as they do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import pytest

from odmd.control.ports.secrets import SecretStanding, SecretStores
from odmd.errors import (
    SecretMissing,
    SecretRotated,
    SecretStoreUnreachable,
    SecretUnfit,
    SecretUnreadable,
    ToolMissing,
)
from odmd.model.secret_references import SecretReference, VaultSecret, parse_reference
from odmd.model.targets import Target
from odmd.providers.aws import Emulator, Sessions
from odmd.providers.aws.secret_stores import ManagedSecrets, SecureStrings
from odmd.providers.secrets import GithubSecrets, OnePassword, Vault
from odmd.providers.secrets.fake import FakeSecrets
from support.secret_servers import TOKEN, FakeGithub, FakeOnePassword, FakeVault, serving
from support.strangers import credentials

HERE: Final = Target("151515151515", "us-east-1")
TEXT, NEXT = "of-the-first-hour \"and' \\ späte Stunde", "of-the-second-hour"
_NUMBERS = count(1)
VAULT: Final = VaultSecret("kv", "acme/db", "password")
NOWHERE: Final = "http://127.0.0.1:1"
"""Nobody listens at the first port."""


class World(Protocol):
    """A store, and what people do to it."""

    stores: SecretStores
    """As who may read asks it."""

    def put(self, text: str) -> SecretReference: ...
    def rotate(self, text: str) -> None: ...
    def delete(self) -> None: ...
    def strangers(self) -> SecretStores: ...
    def away(self) -> SecretStores: ...


def only(**store: object) -> SecretStores:
    """One store is real, and no other one is asked."""
    nothing: object = None
    names = ("managed", "secure_strings", "github", "one_password", "vault")
    return SecretStores(*(store.get(name, nothing) for name in names))  # type: ignore[arg-type]  # as few as are asked


@dataclass
class InMemory:
    reference: str = "secretsmanager:acme/db"
    fake: FakeSecrets = field(default_factory=FakeSecrets)

    @property
    def stores(self) -> SecretStores:
        return self.fake.stores

    def put(self, text: str) -> SecretReference:
        self.fake.put(self.reference, text)
        return parse_reference(self.reference)

    def rotate(self, text: str) -> None:
        self.fake.put(self.reference, text)

    def delete(self) -> None:
        del self.fake.texts[self.reference]

    def strangers(self) -> SecretStores:
        return FakeSecrets(self.fake.texts, {self.reference: SecretStanding.UNREADABLE}).stores

    def away(self) -> SecretStores:
        return FakeSecrets(is_away=True).stores


@dataclass
class InSecretsManager:
    emulator: Emulator
    environment: pytest.MonkeyPatch
    name: str = ""

    @property
    def stores(self) -> SecretStores:
        return only(managed=ManagedSecrets(self.emulator.sessions()))

    def put(self, text: str) -> SecretReference:
        self.name = f"acme/db-{next(_NUMBERS)}"
        client = self.emulator.sessions().secretsmanager(HERE)
        return parse_reference(client.create_secret(Name=self.name, SecretString=text)["ARN"])

    def rotate(self, text: str) -> None:
        self.emulator.sessions().secretsmanager(HERE).put_secret_value(SecretId=self.name, SecretString=text)

    def delete(self) -> None:
        self.emulator.sessions().secretsmanager(HERE).delete_secret(SecretId=self.name)

    def strangers(self) -> SecretStores:
        return only(managed=ManagedSecrets(_strangers(self.emulator, self.environment)))

    def away(self) -> SecretStores:
        return only(managed=ManagedSecrets(_nowhere(self.environment)))


@dataclass
class InParameters(InSecretsManager):
    @property
    def stores(self) -> SecretStores:
        return only(secure_strings=SecureStrings(self.emulator.sessions()))

    def put(self, text: str) -> SecretReference:
        self.name = f"/acme/db-{next(_NUMBERS)}"
        self.rotate(text)
        return parse_reference(f"ssm:{self.name}")

    def rotate(self, text: str) -> None:
        ssm = self.emulator.sessions().ssm(HERE)
        ssm.put_parameter(Name=self.name, Value=text, Type="SecureString", Overwrite=True)

    def delete(self) -> None:
        self.emulator.sessions().ssm(HERE).delete_parameter(Name=self.name)

    def strangers(self) -> SecretStores:
        return only(secure_strings=SecureStrings(_strangers(self.emulator, self.environment)))

    def away(self) -> SecretStores:
        return only(secure_strings=SecureStrings(_nowhere(self.environment)))


def _strangers(emulator: Emulator, environment: pytest.MonkeyPatch) -> Sessions:
    key, secret = credentials(emulator, HERE.account, may='"sts:GetCallerIdentity"')
    environment.setenv("AWS_ACCESS_KEY_ID", key)
    environment.setenv("AWS_SECRET_ACCESS_KEY", secret)
    return Sessions(endpoint=emulator.endpoint)


def _nowhere(environment: pytest.MonkeyPatch) -> Sessions:
    environment.setenv("AWS_MAX_ATTEMPTS", "1")
    return Sessions(endpoint=NOWHERE, emulated=True)


@dataclass
class InVault:
    fake: FakeVault

    @property
    def stores(self) -> SecretStores:
        return self._asked(VAULT_TOKEN=TOKEN)

    def put(self, text: str) -> SecretReference:
        self.rotate(text)
        return parse_reference("vault://kv/acme/db#password")

    def rotate(self, text: str) -> None:
        self.fake.put("acme/db", {"password": text, "user": "shop"})

    def delete(self) -> None:
        newest = max(self.fake.secrets["acme/db"])
        self.fake.secrets["acme/db"][newest].deletion_time = "2026-11-27T08:00:00Z"

    def strangers(self) -> SecretStores:
        return self._asked(VAULT_TOKEN="hvs.somebody-elses")

    def away(self) -> SecretStores:
        self.fake.is_sealed = True
        return self.stores

    def _asked(self, **environment: str) -> SecretStores:
        return only(vault=Vault({"VAULT_ADDR": self.fake.url, **environment}))


@dataclass
class InOnePassword:
    fake: FakeOnePassword

    @property
    def stores(self) -> SecretStores:
        return only(one_password=OnePassword(self.fake.environment))

    def put(self, text: str) -> SecretReference:
        self.rotate(text)
        return parse_reference("op://acme/database/password")

    def rotate(self, text: str) -> None:
        self.fake.put("database", "password", text)

    def delete(self) -> None:
        self.fake.items["database"]["state"] = "ARCHIVED"
        self.fake.keep()

    def strangers(self) -> SecretStores:
        return only(one_password=OnePassword({**self.fake.environment, "OP_SERVICE_ACCOUNT_TOKEN": "another"}))

    def away(self) -> SecretStores:
        self.fake.is_away = True
        self.fake.keep()
        return self.stores


@dataclass
class InGithub:
    fake: FakeGithub
    known: str = "acme/orders/environments/production/secrets/NPM_TOKEN"

    @property
    def stores(self) -> SecretStores:
        return self._asked(TOKEN)

    def put(self, text: str) -> SecretReference:
        self.rotate(text)
        return parse_reference("github:acme/orders/production/NPM_TOKEN")

    def rotate(self, text: str) -> None:
        self.fake.changed[self.known] = self.fake.changed.get(self.known, 0) + 1

    def delete(self) -> None:
        del self.fake.changed[self.known]

    def strangers(self) -> SecretStores:
        return self._asked("ghp_nobody")

    def away(self) -> SecretStores:
        self.fake.is_out_of_breath = True
        return self.stores

    def _asked(self, token: str) -> SecretStores:
        return only(github=GithubSecrets({"GITHUB_API_URL": self.fake.url, "GITHUB_TOKEN": token}))


READABLE: Final = ("memory", "secrets manager", "parameters", "vault", "1password")
ALL: Final = (*READABLE, "github")


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with ExitStack() as stack:
        match request.param:
            case "memory":
                yield InMemory()
            case "secrets manager":
                yield InSecretsManager(request.getfixturevalue("emulator"), monkeypatch)
            case "parameters":
                yield InParameters(request.getfixturevalue("emulator"), monkeypatch)
            case "vault":
                stack.enter_context(serving(vault := FakeVault()))
                yield InVault(vault)
            case "1password":
                yield InOnePassword(FakeOnePassword(tmp_path))
            case _:
                stack.enter_context(serving(github := FakeGithub()))
                yield InGithub(github)


each = pytest.mark.parametrize("world", ALL, indirect=True)
each_readable = pytest.mark.parametrize("world", READABLE, indirect=True)


@each
def test_a_secret_that_is_there_has_a_version_and_another_one_with_another_text(world: World) -> None:
    reference = world.put(TEXT)
    first = world.stores.describe(reference, HERE)
    again = world.stores.describe(reference, HERE)
    world.rotate(NEXT)
    then = world.stores.describe(reference, HERE)

    assert first.standing is then.standing is SecretStanding.THERE
    assert first.version == again.version != then.version
    assert all(one.version and " " not in one.version for one in (first, then))
    assert TEXT not in f"{first}{then}"


@each
def test_a_secret_that_was_deleted_is_there_no_more(world: World) -> None:
    reference = world.put(TEXT)
    world.delete()

    gone = world.stores.describe(reference, HERE)
    assert gone.standing in (SecretStanding.ABSENT, SecretStanding.LEAVING)
    with pytest.raises((SecretMissing, SecretUnreadable)) as refused:
        world.stores.read(reference, HERE)
    assert TEXT not in str(refused.value)


@each
def test_what_nobody_may_read_is_told_from_what_is_not_there_and_from_a_store_that_is_away(world: World) -> None:
    reference = world.put(TEXT)
    refused = world.strangers().describe(reference, HERE)
    assert (refused.standing, bool(refused.why)) == (SecretStanding.UNREADABLE, True)
    with pytest.raises(SecretStoreUnreachable) as away:
        world.away().describe(reference, HERE)
    assert away.value.retryable


@each_readable
def test_who_may_reads_the_text_and_who_may_not_is_refused(world: World) -> None:
    reference = world.put(TEXT)
    assert world.stores.read(reference, HERE) == TEXT
    with pytest.raises(SecretMissing):
        world.strangers().read(reference, HERE)


@each_readable
def test_a_version_is_read_as_it_was_or_not_at_all(world: World) -> None:
    reference = world.put(TEXT)
    first = world.stores.describe(reference, HERE).version
    world.rotate(NEXT)

    try:
        assert world.stores.read(reference, HERE, first) == TEXT
    except SecretRotated as rotated:
        assert not rotated.retryable  # noqa: PT017  # one of the two is right, by what the store keeps
    assert world.stores.read(reference, HERE) == NEXT


def test_github_tells_nobody_a_text() -> None:
    with serving(fake := FakeGithub()):
        world = InGithub(fake)
        with pytest.raises(SecretUnreadable):
            world.stores.read(world.put(TEXT), HERE)


def test_versions_that_a_store_does_not_keep_were_rotated(tmp_path: Path) -> None:
    with serving(vault := FakeVault()):
        for world in (InOnePassword(FakeOnePassword(tmp_path)), InVault(vault)):
            reference = world.put(TEXT)
            first = world.stores.describe(reference, HERE).version
            for text in (NEXT, "of-the-third-hour"):
                world.rotate(text)
            with pytest.raises(SecretRotated):
                world.stores.read(reference, HERE, first)


def test_a_field_of_a_secret_that_is_json_is_read_by_its_name(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = InSecretsManager(emulator, monkeypatch)
    whole = world.put(json.dumps({"user": "shop", "password": TEXT, "port": 5432, "nested": {}}))

    assert world.stores.read(parse_reference(f"{whole}#password"), HERE) == TEXT
    assert world.stores.read(parse_reference(f"secretsmanager:{world.name}#port"), HERE) == "5432"
    for field_name in ("nested", "nothing"):
        with pytest.raises(SecretUnfit) as unfit:
            world.stores.read(parse_reference(f"{whole}#{field_name}"), HERE)
        assert TEXT not in str(unfit.value)


def test_what_is_kept_in_the_open_is_no_secret(emulator: Emulator) -> None:
    sessions = emulator.sessions()
    sessions.ssm(HERE).put_parameter(Name="/acme/in-the-open", Value=TEXT, Type="String")
    stores, reference = only(secure_strings=SecureStrings(sessions)), parse_reference("ssm:/acme/in-the-open")

    assert stores.describe(reference, HERE).standing is SecretStanding.UNREADABLE
    with pytest.raises(SecretMissing) as refused:
        stores.read(reference, HERE)
    assert TEXT not in str(refused.value)


def test_bytes_are_no_text(emulator: Emulator) -> None:
    sessions = emulator.sessions()
    sessions.secretsmanager(HERE).create_secret(Name="acme/bytes", SecretBinary=b"\x00\xff")
    with pytest.raises(SecretUnfit):
        only(managed=ManagedSecrets(sessions)).read(parse_reference("secretsmanager:acme/bytes"), HERE)


def test_a_store_that_nobody_named_or_installed_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SecretStoreUnreachable) as nowhere:
        Vault({}).describe(VAULT, HERE)
    assert "VAULT_ADDR" in nowhere.value.next_step
    with pytest.raises(ToolMissing) as missing:
        only(one_password=OnePassword({"PATH": str(tmp_path)})).describe(parse_reference("op://a/b/c"), HERE)
    assert "1Password" in missing.value.next_step


def test_what_answers_and_is_no_vault_is_away() -> None:
    with serving(fake := FakeVault(says_nonsense=True)), pytest.raises(SecretStoreUnreachable):
        Vault({"VAULT_ADDR": fake.url, "VAULT_TOKEN": TOKEN}).read(VAULT, HERE)
