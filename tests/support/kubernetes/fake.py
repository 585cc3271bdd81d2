"""Plays a cluster: an API server with state over HTTP, its controllers, and a node on which images do what they are
called: `bad` cannot be pulled, `crash` ends with an error, `large` fits on no node, all else runs."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from support.kubernetes import fields

Object = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group, plural, namespace, name."""

KINDS: Final[dict[str, dict[str, str]]] = {
    "v1": {
        "configmaps": "ConfigMap",
        "secrets": "Secret",
        "services": "Service",
        "serviceaccounts": "ServiceAccount",
        "pods": "Pod",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "resourcequotas": "ResourceQuota",
    },
    "apps/v1": {
        "deployments": "Deployment",
        "replicasets": "ReplicaSet",
        "statefulsets": "StatefulSet",
        "daemonsets": "DaemonSet",
    },
    "batch/v1": {"jobs": "Job"},
    "networking.k8s.io/v1": {"ingresses": "Ingress"},
    "policy/v1beta1": {"poddisruptionbudgets": "PodDisruptionBudget"},
}
CLUSTER_WIDE: Final = {
    "v1": {"namespaces": "Namespace"},
    "apiextensions.k8s.io/v1": {"customresourcedefinitions": "CustomResourceDefinition"},
}
_IMMUTABLE: Final = {
    "Deployment": [("spec", "selector")],
    "Job": [("spec", "template"), ("spec", "selector")],
    "PersistentVolumeClaim": [("spec", "accessModes"), ("spec", "storageClassName")],
    "StatefulSet": [("spec", "selector"), ("spec", "serviceName"), ("spec", "volumeClaimTemplates")],
}


class Refusal(Exception):
    """A Status."""

    def __init__(self, code: int, reason: str, message: str, causes: list[Object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "message": message,
            "code": code,
            "details": {"causes": causes or []},
        }


@dataclass
class FakeCluster:
    """Its state, and what a test makes of it."""

    server: str = ""
    objects: dict[Key, Object] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=lambda: {"admin": "admin"})
    """Token → who that is."""
    known: Callable[[str], str | None] | None = None
    """Who a token is of, where no list says it."""
    may_not: set[tuple[str, str]] = field(default_factory=set)
    """(verb, plural) that is forbidden."""
    webhook: Callable[[Object], str] = field(default=lambda _said: "")
    """Why it denies an object; nothing: it does not."""
    crashes: Callable[[str], bool] = field(default=lambda image: "crash" in image)
    """Which images end with an error."""
    busy: int = 0
    """So many requests are answered with 429."""
    asks_for: str = "0"
    """Seconds, in `Retry-After`."""
    dies_after: int | None = None
    """So many changes are made, then nobody answers any more."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """What was really changed: `PATCH Deployment/shop`."""
    on_change: Callable[[str], None] = field(default=lambda _what: None)
    """Told of each before it happens."""
    lock: Any = field(default_factory=threading.RLock)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        for name in ("default", "kube-system"):
            self.objects["", "namespaces", "", name] = {"metadata": {"name": name, "uid": f"ns-{name}"}}

    def number(self) -> int:
        return next(self._numbers)

    # The controllers: all that would come about by and by is so before the next answer.

    def settle(self) -> None:
        for key, live in list(self.objects.items()):
            match key[1]:
                case "deployments":
                    self._roll_deployment(key, live)
                case "statefulsets" | "daemonsets":
                    self._roll_set(key, live)
                case "jobs":
                    self._run_job(key, live)
                case "ingresses":
                    live["status"] = {"loadBalancer": {"ingress": [{"hostname": f"{key[3]}.balancer.example"}]}}
        for key, live in list(self.objects.items()):
            for by in live["metadata"].get("ownerReferences", []):
                if not any(one["metadata"]["uid"] == by["uid"] for one in self.objects.values()):
                    self.objects.pop(key, None)

    def _roll_deployment(self, key: Key, live: Object) -> None:
        spec, status = live["spec"], live.setdefault("status", {})
        status["observedGeneration"] = live["metadata"]["generation"]
        wanted, mark = spec["replicas"], _hash(spec["template"])
        if spec.get("paused"):
            return  # nothing of what is new is rolled out
        sets = {one["metadata"]["labels"]["pod-template-hash"]: one for one in self._owned(live, "replicasets")}
        if mark not in sets:
            newest = max((int(one["metadata"]["annotations"][_REVISION]) for one in sets.values()), default=0)
            sets[mark] = self._make_owned(live, "replicasets", f"{key[3]}-{mark}", mark, spec)
            sets[mark]["metadata"]["annotations"] = {_REVISION: str(newest + 1)}
            status["conditions"] = []
        elif sets[mark]["metadata"]["annotations"][_REVISION] != (
            top := str(max(int(one["metadata"]["annotations"][_REVISION]) for one in sets.values()))
        ):
            sets[mark]["metadata"]["annotations"][_REVISION] = str(int(top) + 1)
            status["conditions"] = []
        image = spec["template"]["spec"]["containers"][0]["image"]
        if "quota" in image:
            said = {
                "type": "ReplicaFailure",
                "status": "True",
                "reason": "FailedCreate",
                "message": "exceeded quota: pods",
            }
            status.update(conditions=[said], updatedReplicas=0)
            return
        ready = self._pods(sets[mark], mark, spec, wanted)
        for other, one in sets.items():
            if other != mark and ready >= wanted:
                self._remove_pods(one)
        old = sum(len(self._owned(one, "pods")) for other, one in sets.items() if other != mark)
        status.update(
            replicas=old + wanted, updatedReplicas=wanted, availableReplicas=ready + old, readyReplicas=ready + old
        )

    def _roll_set(self, key: Key, live: Object) -> None:
        spec, status = live["spec"], live.setdefault("status", {})
        wanted, mark = spec.get("replicas", 1), _hash(spec["template"])
        if status.get("updateRevision") not in (None, mark):
            self._remove_pods(live)
        ready = self._pods(live, mark, spec, wanted)
        status.update(
            observedGeneration=live["metadata"]["generation"],
            updateRevision=mark,
            currentRevision=mark,
            readyReplicas=ready,
            updatedReplicas=wanted,
            desiredNumberScheduled=wanted,
            updatedNumberScheduled=wanted,
            numberAvailable=ready,
        )

    def _run_job(self, key: Key, live: Object) -> None:
        image = live["spec"]["template"]["spec"]["containers"][0]["image"]
        how, why = ("Failed", "BackoffLimitExceeded") if self.crashes(image) else ("Complete", "")
        live["status"] = {"conditions": [{"type": how, "status": "True", "reason": why, "message": "it ended"}]}

    def _pods(self, owner: Object, mark: str, spec: Object, wanted: int) -> int:
        """Makes them, and returns how many are ready."""
        there = self._owned(owner, "pods")
        for number in range(len(there), wanted):
            name = f"{owner['metadata']['name']}-{number}"
            pod = self._make_owned(owner, "pods", name, mark, spec)
            pod["spec"] = deepcopy(spec["template"]["spec"])
            pod["status"] = _status_of(pod["spec"]["containers"][0], self.crashes)
            there.append(pod)
        for number in range(wanted, len(there)):
            self._pop(there[number], "pods")
        return sum(_is_ready(one) for one in there[:wanted])

    def _remove_pods(self, owner: Object) -> None:
        for pod in self._owned(owner, "pods"):
            self._pop(pod, "pods")

    def _pop(self, one: Object, plural: str) -> None:
        self.objects.pop(("", plural, one["metadata"]["namespace"], one["metadata"]["name"]), None)

    def _owned(self, owner: Object, plural: str) -> list[Object]:
        uid = owner["metadata"]["uid"]
        return [
            one
            for key, one in sorted(self.objects.items())
            if key[1] == plural and any(by["uid"] == uid for by in one["metadata"].get("ownerReferences", []))
        ]

    def _make_owned(self, owner: Object, plural: str, name: str, mark: str, spec: Object) -> Object:
        about = owner["metadata"]
        labels = {**spec["template"]["metadata"]["labels"], "pod-template-hash": mark, "controller-revision-hash": mark}
        made: Object = {
            "metadata": {
                "name": name,
                "namespace": about["namespace"],
                "uid": f"uid-{self.number()}",
                "labels": labels,
                "ownerReferences": [{"uid": about["uid"]}],
            }
        }
        group = "apps" if plural == "replicasets" else ""
        self.objects[group, plural, about["namespace"], name] = made
        return made

    # What is asked of it.

    def answer(self, method: str, path: str, query: dict[str, str], token: str, body: Any, kind: str) -> Any:
        with self.lock:
            self.asked.append((method, path))
            if self.busy:
                self.busy -= 1
                raise Refusal(429, "TooManyRequests", "too many requests, please try again later")
            who = self.tokens.get(token) or (self.known(token) if self.known else None)
            if who is None:
                raise Refusal(401, "Unauthorized", "Unauthorized")
            if path == "/version":
                return {"gitVersion": "v1.20.2-fake"}
            if path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews":
                about = body["spec"]["resourceAttributes"]
                return {"status": {"allowed": (about["verb"], about["resource"]) not in self.may_not}}
            parts = path.strip("/").split("/")
            api, rest = (parts[1], parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
            if not rest:
                return self._discovered(parts)
            self.settle()
            answered = self._of_objects(method, api, rest, query, who, body, kind)
            self.settle()
            return deepcopy(answered)

    def _discovered(self, parts: list[str]) -> Object:
        if parts[0] == "apis" and len(parts) == 2:
            served = [one for one in (*KINDS, *CLUSTER_WIDE) if one.startswith(f"{parts[1]}/")]
            if not served:
                raise Refusal(404, "NotFound", "the server could not find the requested resource")
            return {"kind": "APIGroup", "versions": [{"groupVersion": one} for one in served]}
        version = "/".join(parts[1:])
        if version not in KINDS and version not in CLUSTER_WIDE:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        of_namespaces = [(one, kind, True) for one, kind in KINDS.get(version, {}).items()]
        wide = [(one, kind, False) for one, kind in CLUSTER_WIDE.get(version, {}).items()]
        listed = [{"name": one, "kind": kind, "namespaced": own} for one, kind, own in (*of_namespaces, *wide)]
        return {
            "kind": "APIResourceList",
            "resources": [*listed, {"name": "pods/log", "kind": "Pod", "namespaced": True}],
        }

    def _of_objects(
        self, method: str, api: str, rest: list[str], query: dict[str, str], who: str, body: Any, kind: str
    ) -> Any:
        namespace, plural, name, sub = _read_path(rest)
        group = api.rpartition("/")[0]
        known = KINDS.get(api, {}) | CLUSTER_WIDE.get(api, {})
        if plural not in known:
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        verb = {"GET": "get" if name else "list", "PATCH": "patch", "DELETE": "delete", "POST": "create"}[method]
        if (verb, plural) in self.may_not:
            raise Refusal(
                403,
                "Forbidden",
                f'{plural}.{group} "{name}" is forbidden: User "{who}" cannot {verb} resource "{plural}"',
            )
        key = (group, plural, namespace, name)
        if sub == "log":
            return _log(self._found(key), self.crashes)
        match method:
            case "GET" if name:
                return {"apiVersion": api, "kind": known[plural], **self._found(key)}
            case "GET":
                return self._listed(key, query, known[plural])
            case "DELETE":
                return self._deleted(key, body or {}, known[plural])
            case _:
                return self._patched(key, api, known[plural], query, who, body, kind)

    def _found(self, key: Key) -> Object:
        if (live := self.objects.get(key)) is None:
            raise Refusal(404, "NotFound", f'{key[1]} "{key[3]}" not found')
        return live

    def _listed(self, key: Key, query: dict[str, str], kind: str) -> Object:
        wanted = dict(one.split("=", 1) for one in query.get("labelSelector", "").split(",") if one)
        found = [
            one
            for at, one in sorted(self.objects.items())
            if at[:3] == key[:3] and wanted.items() <= one["metadata"].get("labels", {}).items()
        ]
        start, most = int(query.get("continue", 0)), int(query.get("limit", 10**6))
        more = str(start + most) if start + most < len(found) else ""
        return {"kind": f"{kind}List", "metadata": {"continue": more}, "items": found[start : start + most]}

    def _deleted(self, key: Key, options: Object, kind: str) -> Object:
        live = self._found(key)
        uid = options.get("preconditions", {}).get("uid")
        if uid and uid != live["metadata"]["uid"]:
            raise Refusal(409, "Conflict", f"the UID in the precondition ({uid}) does not match the UID in record")
        self._change(f"DELETE {kind}/{key[3]}")
        del self.objects[key]
        if key[1] == "namespaces":
            for other in [one for one in self.objects if one[2] == key[3]]:
                del self.objects[other]
        return {"kind": "Status", "status": "Success"}

    def _patched(
        self, key: Key, api: str, kind: str, query: dict[str, str], who: str, body: Object, how: str
    ) -> Object:
        live, manager, is_dry = self.objects.get(key), query.get("fieldManager", who), query.get("dryRun") == "All"
        if key[2] and ("", "namespaces", "", key[2]) not in self.objects:
            raise Refusal(404, "NotFound", f'namespaces "{key[2]}" not found')
        if how == "application/apply-patch+yaml":
            try:
                after = fields.apply(live, body, manager, query.get("force") == "true")
            except fields.Conflicts as found:
                raise _conflict(found) from found
        else:
            if live is None:
                raise Refusal(404, "NotFound", f'{key[1]} "{key[3]}" not found')
            after = fields.update(live, body, manager)
        self._default(after, kind)
        self._validate(kind, key[3], live, after)
        if why := self.webhook(body):
            raise Refusal(400, "BadRequest", f'admission webhook "policy.example" denied the request: {why}')
        about = after["metadata"]
        about.setdefault("uid", f"uid-{self.number()}")
        if live is None:
            about["generation"] = 1
        elif live.get("spec") != after.get("spec"):
            about["generation"] = live["metadata"].get("generation", 1) + 1
        about["resourceVersion"] = str(self.number())
        if not is_dry:
            self._change(f"PATCH {kind}/{key[3]}")
            self.objects[key] = after
        return {"apiVersion": api, "kind": kind, **after}

    def _change(self, what: str) -> None:
        self.on_change(what)
        if self.dies_after is not None:
            self.dies_after -= 1
            if self.dies_after < 0:
                raise ConnectionAbortedError
        self.changed.append(what)

    def _default(self, after: Object, kind: str) -> None:
        spec = after.setdefault("spec", {}) if kind in ("Deployment", "StatefulSet", "Service", "Job") else {}
        if kind in ("Deployment", "StatefulSet"):
            spec.setdefault("replicas", 1)
        if kind == "Service":
            spec.setdefault("clusterIP", "10.0.0.1")

    def _validate(self, kind: str, name: str, live: Object | None, after: Object) -> None:
        for path in _IMMUTABLE.get(kind, []) if live else []:
            if _at(live, path) != _at(after, path):
                raise _invalid(kind, name, ".".join(path), f"{json.dumps(_at(after, path))}: field is immutable")
        if kind in ("Deployment", "StatefulSet", "DaemonSet"):
            labels = _at(after, ("spec", "template", "metadata", "labels")) or {}
            wanted = _at(after, ("spec", "selector", "matchLabels")) or {}
            if not wanted or not wanted.items() <= labels.items():
                raise _invalid(
                    kind, name, "spec.template.metadata.labels", "`selector` does not match template `labels`"
                )
            for one in after["spec"]["template"]["spec"]["containers"]:
                if not one.get("image"):
                    raise _invalid(kind, name, "spec.template.spec.containers[0].image", "Required value")


_REVISION: Final = "deployment.kubernetes.io/revision"


def _read_path(rest: list[str]) -> tuple[str, str, str, str]:
    if rest[0] == "namespaces" and len(rest) > 2:
        _, namespace, plural, name, sub = (*rest, "", "")[:5]
        return namespace, plural, name, sub
    plural, name = (*rest, "")[:2]
    return "", plural, name, ""


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _hash(template: Object) -> str:
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]


def _status_of(container: Object, crashes: Callable[[str], bool]) -> Object:
    image, name = container["image"], container["name"]
    if "large" in image:
        said = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/1 nodes are available",
        }
        return {"phase": "Pending", "conditions": [said]}
    if "bad" in image.partition("@")[0]:  # a digest may say so, too
        state: Object = {"waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}}
        return {
            "phase": "Pending",
            "containerStatuses": [{"name": name, "ready": False, "restartCount": 0, "state": state}],
        }
    if crashes(image):
        one = {"state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}}}
        ended = {"terminated": {"exitCode": 3, "reason": "Error"}}
        return {
            "phase": "Running",
            "containerStatuses": [{"name": name, "ready": False, "restartCount": 4, "lastState": ended, **one}],
        }
    running: Object = {"running": {}}
    return {
        "phase": "Running",
        "containerStatuses": [{"name": name, "ready": True, "restartCount": 0, "state": running}],
    }


def _is_ready(pod: Object) -> bool:
    return (
        all(one["ready"] for one in pod["status"].get("containerStatuses", [])) and pod["status"]["phase"] == "Running"
    )


def _log(pod: Object, crashes: Callable[[str], bool]) -> str:
    return "starting\nno menu at /etc/menu\n" if crashes(pod["spec"]["containers"][0]["image"]) else "serving\n"


def _conflict(found: fields.Conflicts) -> Refusal:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f'conflict with "{manager}" using v1',
            "field": fields.in_words(path),
        }
        for manager, path in found.causes
    ]
    return Refusal(409, "Conflict", f"Apply failed with {len(causes)} conflict(s)", causes)


def _invalid(kind: str, name: str, where: str, why: str) -> Refusal:
    cause = {"reason": "FieldValueInvalid", "message": f"Invalid value: {why}", "field": where}
    return Refusal(422, "Invalid", f'{kind} "{name}" is invalid: {where}: Invalid value: {why}', [cause])


@contextmanager
def fake_cluster() -> Iterator[FakeCluster]:
    """Serves one on this machine."""
    cluster = FakeCluster()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            parts = urlsplit(self.path)
            query = {key: one[0] for key, one in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            code, more = 200, {}
            try:
                said = cluster.answer(
                    self.command, parts.path, query, token, body, self.headers.get("Content-Type", "")
                )
            except Refusal as refused:
                code, said = refused.code, refused.status
                more = {"Retry-After": cluster.asks_for} if code == 429 else {}
            except ConnectionAbortedError:
                self.close_connection = True
                return
            content = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(code)
            for name, text in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PATCH = do_DELETE = do_POST = answer

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        cluster.server = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield cluster
        finally:
            server.shutdown()
            thread.join()
