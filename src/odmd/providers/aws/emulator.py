"""An AWS on this machine: starts the emulator, makes accounts ready for CDK, and ends it with its user."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from odmd.errors import CloudUnreachable, ToolMissing
from odmd.model.targets import Target
from odmd.private import private_file, private_folder
from odmd.providers.aws.bootstrapping import DEFAULT_QUALIFIER, asset_bucket, version_parameter
from odmd.providers.aws.emulating import DOUBLES
from odmd.providers.aws.sessions import Sessions
from odmd.providers.leash import leashed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 60.0
_BOOTSTRAP_VERSION: Final = "30"


class Emulator:
    """ministack in a process of its own, on a free port of this machine only; it ends when this process does.

    It enforces IAM: who does not sign, or signs as nobody it knows, is refused, and so is what a role may not do. An
    access key of twelve digits is that account's root.
    """

    def __init__(
        self,
        folder: Path,
        keep: Path | None = None,
        qualifiers: Mapping[str, str] | None = None,
        *,
        services: bool = False,
    ) -> None:
        """`folder` takes its log and its temporary files; `keep`, if given, what it holds, for the next one.

        `qualifiers`: by which accounts are bootstrapped, where it is not CDK's own. `services`: with programs beside
        it that play what it does not: a Postgres behind each Aurora cluster."""
        self._doubles = Path(tempfile.mkdtemp(prefix="odmd-doubles-")) if services else None
        if self._doubles:
            self._doubles.chmod(0o711)  # Postgres is another user, where this one is root
        self._folder, self._token, self._qualifiers = folder, secrets.token_hex(8), qualifiers or {}
        self._keep = keep.absolute() if keep else None
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Where it listens."""
        return f"http://{_HOST}:{self._port}"

    @property
    def log(self) -> Path:
        """What it prints."""
        return self._folder / "emulator.log"

    def start(self, *targets: Target) -> Self:
        """Starts it, waits until it answers, and makes accounts ready for CDK.

        Raises:
            ToolMissing: ministack is not installed.
            CloudUnreachable: it does not start.
        """
        if importlib.util.find_spec("ministack") is None:
            raise ToolMissing("the AWS emulator is not installed", next_step="pip install 'ondemandenv[demo]'")
        for folder in filter(None, (self._folder, self._keep)):
            private_folder(folder)
        atexit.register(self.stop)
        until = time.monotonic() + _PATIENCE
        self._launch()
        while not self._answers():
            if time.monotonic() > until:
                raise self._does_not_start("it does not answer")
            if self._has_ended():
                self._launch()
            time.sleep(0.02)
        for target in targets:
            self.bootstrap(target)
        return self

    def stop(self) -> None:
        """Ends it; what it held is gone, unless it is kept."""
        atexit.unregister(self.stop)
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()
        self._process = None
        if self._doubles:
            shutil.rmtree(self._doubles, ignore_errors=True)

    def environment(self, target: Target) -> Mapping[str, str]:
        """The variables that make AWS clients use it, in the target's account and region."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": target.account,
            "AWS_SECRET_ACCESS_KEY": "of-this-machine-only",
            "AWS_DEFAULT_REGION": target.region,
        }

    def sessions(self) -> Sessions:
        """Clients of it, whatever the environment says; every account is at hand."""
        return Sessions(endpoint=self.endpoint, emulated=True)

    def bootstrap(self, target: Target) -> None:
        """What `cdk bootstrap` would make, as far as deployments need it."""
        sessions, qualifier = self.sessions(), self._qualifiers.get(target.account, DEFAULT_QUALIFIER)
        _make_bucket(sessions.s3(target), asset_bucket(target, qualifier), target.region)
        sessions.ssm(target).put_parameter(
            Name=version_parameter(qualifier), Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True
        )

    def __enter__(self) -> Self:
        return self if self._process else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _launch(self) -> None:
        self._port = _free_port()
        with private_file(self.log).open("ab") as log:
            self._process = leashed(
                [sys.executable, "-P", str(Path(__file__).with_name("emulating.py"))],
                env=self._settings(),
                cwd=self._folder,
                output=log,
            )

    def _settings(self) -> Mapping[str, str]:
        """Nothing but its own: this machine only, and no listeners besides the one port."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            "TMPDIR": str(self._folder),
            "BIND_HOST": _HOST,
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_EDITION": self._token,
            "AUTH": "true",
            **self._kept(),
            **({DOUBLES: str(self._doubles)} if self._doubles else {}),
        }

    def _kept(self) -> Mapping[str, str]:
        """Where it keeps what it holds, if it does: it writes when it is told to end, and reads when it starts."""
        if self._keep is None:
            return {}
        state, objects = self._keep / "state", self._keep / "s3"
        return {"PERSIST_STATE": "1", "STATE_DIR": str(state), "S3_PERSIST": "1", "S3_DATA_DIR": str(objects)}

    def _answers(self) -> bool:
        """Whether it is this emulator that answers: another one may have taken the port first."""
        try:
            with urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=5) as answer:  # noqa: S310
                return json.load(answer).get("edition") == self._token
        except (OSError, ValueError):
            return False

    def _has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _does_not_start(self, why: str) -> CloudUnreachable:
        self.stop()
        lines = self.log.read_text(errors="replace").splitlines()[-1:]
        return CloudUnreachable(
            f"the AWS emulator does not start: {lines[0] if lines else why}", next_step=f"see {self.log}"
        )


def _make_bucket(s3: S3Client, name: str, region: str) -> None:
    """S3 wants to hear the region, unless it is its first one."""
    if any(one.get("Name") == name for one in s3.list_buckets()["Buckets"]):
        return  # kept from before
    if region == "us-east-1":
        s3.create_bucket(Bucket=name)
    else:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})  # pyright: ignore[reportArgumentType]  # any region


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
