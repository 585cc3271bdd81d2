"""A real API server with etcd, controllers and a scheduler, and a node on which images do what they are called.

One for all processes that run tests: the first that needs it starts it, and it ends when the last one that has it does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from support.kubernetes.authenticator import authenticator

PROGRAMS: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
IS_REQUIRED: Final = os.environ.get("ODMD_KUBERNETES") == "required"
"""Whether tests fail that cannot be run against a real one."""
TOKEN: Final = "admin-of-the-tests"
SERVING: Final = "serving"
"""A file in the cluster's folder: where it is there, images that it does not name end with an error."""
MISSING: Final = "there is no Kubernetes API server here: `make kubernetes` builds one, once"
_STARTS_WITHIN: Final = 120.0
_LOOK: Final = 0.1
_CONTROLLERS: Final = (
    "deployment,replicaset,statefulset,daemonset,job,garbagecollector,namespace,pvc-protection,clusterrole-aggregation"
)


def assets() -> Path | None:
    """Where the programs are, by the field's own convention; None: they are not there."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("KUBEBUILDER_ASSETS") or Path(cache) / "odmd" / "kubernetes")
    return folder if all(os.access(folder / one, os.X_OK) for one in PROGRAMS) else None


@contextmanager
def shared_cluster(folder: Path) -> Iterator[Mapping[str, str]]:
    """`server` and `authority`; all that name the same folder have the same one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (folder / "ready.json").exists():
                _start_keeper(folder)
        yield json.loads((folder / "ready.json").read_text())


def _start_keeper(folder: Path) -> None:
    with (folder / "keeper.log").open("a") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "support.kubernetes.real", str(folder)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    ends = time.monotonic() + _STARTS_WITHIN
    while not (folder / "ready.json").exists():
        over = keeper.poll() is not None or time.monotonic() > ends
        assert not over, f"no cluster came up:\n{(folder / 'keeper.log').read_text()[-3000:]}"
        time.sleep(_LOOK)


def keep(folder: Path) -> None:
    """Runs one as long as somebody has it."""
    found = assets()
    assert found, MISSING
    programs = contextlib.ExitStack()
    with programs:
        ready = _started(found, folder, programs)
        written = folder / "ready.part"
        written.write_text(json.dumps(ready))
        written.rename(folder / "ready.json")
        with (folder / "users").open("a") as users:
            while not _is_free(users):
                time.sleep(_LOOK)
            (folder / "ready.json").unlink()


def _is_free(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _started(found: Path, folder: Path, programs: contextlib.ExitStack) -> Mapping[str, str]:
    etcd, peers, secure, managers, scheduling = _free_ports(5)
    shutil.rmtree(folder / "etcd", ignore_errors=True)
    shutil.rmtree(folder / "certs", ignore_errors=True)
    key = folder / "sa.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    (folder / "authenticator.json").write_text(json.dumps(authenticator()))
    server = f"https://127.0.0.1:{secure}"
    run = _Runner(found, folder, programs)
    run("etcd", data_dir=folder / "etcd", listen_client_urls=f"http://127.0.0.1:{etcd}",
        advertise_client_urls=f"http://127.0.0.1:{etcd}", listen_peer_urls=f"http://127.0.0.1:{peers}",
        initial_advertise_peer_urls=f"http://127.0.0.1:{peers}", initial_cluster=f"default=http://127.0.0.1:{peers}",
        unsafe_no_fsync="true")  # fmt: skip
    run("kube-apiserver", etcd_servers=f"http://127.0.0.1:{etcd}", bind_address="127.0.0.1",
        advertise_address="127.0.0.1", secure_port=secure, cert_dir=folder / "certs",
        token_auth_file=folder / "tokens.csv",
        authentication_token_webhook_config_file=folder / "authenticator.json",
        authentication_token_webhook_version="v1",
        service_account_issuer="https://kubernetes.default.svc", service_account_key_file=key,
        service_account_signing_key_file=key, authorization_mode="RBAC", service_cluster_ip_range="10.0.0.0/16",
        disable_admission_plugins="ServiceAccount,TaintNodesByCondition", endpoint_reconciler_type="none")  # fmt: skip
    authority = _authority(folder, server)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(_kubeconfig(server, folder / "certs" / "apiserver.crt")))
    run("kube-controller-manager", kubeconfig=kubeconfig, bind_address="127.0.0.1", secure_port=managers, port=0,
        leader_elect="false", controllers=_CONTROLLERS, cert_dir=folder / "managers", kube_api_qps=200,
        kube_api_burst=400)  # fmt: skip
    run("kube-scheduler", kubeconfig=kubeconfig, bind_address="127.0.0.1", secure_port=scheduling, port=0,
        leader_elect="false", cert_dir=folder / "scheduling", kube_api_qps=200, kube_api_burst=400)  # fmt: skip
    threading.Thread(target=_Node(server, authority, folder / SERVING).run, daemon=True).start()
    return {"server": server, "authority": authority}


class _Runner:
    def __init__(self, found: Path, folder: Path, programs: contextlib.ExitStack) -> None:
        self._found, self._folder, self._programs = found, folder, programs

    def __call__(self, program: str, **options: object) -> None:
        words = [f"--{name.replace('_', '-')}={said}" for name, said in options.items()]
        log = self._programs.enter_context((self._folder / f"{program}.log").open("w"))
        process = subprocess.Popen(
            [self._found / program, *words], cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        self._programs.callback(process.wait)
        self._programs.callback(process.kill)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _authority(folder: Path, server: str) -> str:
    """The server's own certificate, once it is ready."""
    file, ends = folder / "certs" / "apiserver.crt", time.monotonic() + _STARTS_WITHIN
    while True:
        with contextlib.suppress(OSError, ssl.SSLError):
            authority = file.read_text()
            if _Node(server, authority).ask("GET", "/readyz") == b"ok":
                return authority
        assert time.monotonic() < ends, (folder / "kube-apiserver.log").read_text()[-3000:]
        time.sleep(_LOOK)


def _kubeconfig(server: str, authority: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }


class _Node:
    """Says of every pod on it that it runs, unless its image is called otherwise."""

    def __init__(self, server: str, authority: str, serving: Path | None = None) -> None:
        self._server, self._trust = server, ssl.create_default_context(cadata=authority)
        self._serving = serving

    def ask(self, method: str, path: str, said: Any = None, kind: str = "application/json") -> bytes:
        with self._opened(method, path, said, kind) as answer:
            return answer.read()

    def _opened(self, method: str, path: str, said: Any, kind: str) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind}
        content = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(self._server + path, method=method, data=content, headers=headers)
        return urllib.request.urlopen(request, context=self._trust, timeout=3600)

    def run(self) -> None:
        room = {"cpu": "64", "memory": "64Gi", "pods": "5000"}
        ready = [{"type": "Ready", "status": "True"}]
        status = {"capacity": room, "allocatable": room, "conditions": ready}
        self.ask("POST", "/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}})
        self.ask("PATCH", "/api/v1/nodes/n1/status", {"status": status}, "application/merge-patch+json")
        while True:
            with contextlib.suppress(OSError), self._opened("GET", _PODS, None, "") as events:
                for line in events:
                    self._see(json.loads(line))

    def _see(self, event: dict[str, Any]) -> None:
        pod = event["object"]
        if event["type"] not in ("ADDED", "MODIFIED"):
            return
        about = pod["metadata"]
        path = f"/api/v1/namespaces/{about['namespace']}/pods/{about['name']}"
        with contextlib.suppress(urllib.error.HTTPError):
            if about.get("deletionTimestamp"):
                self.ask("DELETE", path, {"gracePeriodSeconds": 0})
            elif pod["status"].get("phase") == "Pending" and not pod["status"].get("containerStatuses"):
                said = {"status": _status(pod, self._crashes(pod))}
                self.ask("PATCH", f"{path}/status", said, "application/strategic-merge-patch+json")

    def _crashes(self, pod: dict[str, Any]) -> bool:
        image = pod["spec"]["containers"][0]["image"]
        if self._serving is not None and self._serving.exists():
            return image not in self._serving.read_text().split()
        return "crash" in image.partition("@")[0]


_PODS: Final = "/api/v1/pods?watch=1&fieldSelector=spec.nodeName=n1"


def _status(pod: dict[str, Any], crashes: bool) -> dict[str, Any]:
    container = pod["spec"]["containers"][0]
    image, once = container["image"], pod["spec"].get("restartPolicy") == "Never"
    state: dict[str, Any] = {"running": {}}
    last: dict[str, Any] = {}
    if "bad" in image.partition("@")[0]:  # a digest may say so, too
        state = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    elif crashes:
        state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
        last = {"terminated": {"exitCode": 3, "reason": "Error"}}
    elif once:
        state = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    ready = "running" in state
    said = {"name": container["name"], "image": image, "imageID": image, "ready": ready, "restartCount": 4 * bool(last)}
    phase = "Succeeded" if "terminated" in state else "Running" if ready or last else "Pending"
    is_ready = [{"type": kind, "status": str(ready)} for kind in ("Ready", "ContainersReady")]
    return {"phase": phase, "conditions": is_ready, "containerStatuses": [{**said, "state": state, "lastState": last}]}


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
