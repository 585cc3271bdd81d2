"""Speaks to one cluster over HTTP: what it refuses becomes an error with its words, what is for now is tried again."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, cast
from urllib.parse import quote, urlsplit

import httpx

from odmd.errors import ClusterRefused, ClusterSignInRefused, ClusterUnreachable, ManifestRefused
from odmd.providers.kubernetes.access import ClusterAccess
from odmd.providers.kubernetes.objects import Json, Object, as_object, list_at, map_at, text_at

MANAGER: Final = "odmd"
"""Of the fields that manifests say."""
_APPLY: Final = "application/apply-patch+yaml"
_PAGE: Final = 500
PATIENCE: Final = 30.0
"""Seconds for which one request is tried again."""
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 5.0
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One sort of object, as a cluster's discovery says it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "") -> str:
        group = f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"
        where = f"{group}/namespaces/{namespace}/{self.plural}"
        return f"{where}/{quote(name, safe='')}" if name else where


class Conflict(Exception):
    """Others manage fields of an object: (manager, field) of each."""

    def __init__(self, causes: list[tuple[str, str]]) -> None:
        super().__init__(causes)
        self.causes = causes


class Immutable(Exception):
    """A field that may not change was to change; it says which, and may print what was to stand there."""

    def __init__(self, said: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(said)
        self.fields = fields
        """Their paths; none where the cluster does not list them."""


class Gone(Exception):
    """It is not there."""


class ClusterApi:
    """One cluster; safe from many threads."""

    def __init__(self, access: ClusterAccess, patience: float = PATIENCE) -> None:
        self._access, self._patience = access, patience
        self._client = httpx.Client(
            base_url=_server(access.server),
            verify=_trust(access),
            timeout=httpx.Timeout(30.0, connect=5.0),
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16),
            trust_env=False,
        )
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._client.close()

    def get(self, path: str) -> Object:
        """Raises:
        Gone, ClusterUnreachable, ClusterRefused
        """
        return _json(self._asked("GET", path))

    def log(self, namespace: str, pod: str, **query: str) -> str:
        """What a pod said; nothing where nobody can say it, as its node may be away."""
        path = f"/api/v1/namespaces/{namespace}/pods/{quote(pod, safe='')}/log"
        try:
            answer = self._sent("GET", path, query, None)
        except httpx.HTTPError:
            return ""
        return answer.text if answer.is_success else ""

    def list(self, resource: ApiResource, namespace: str, selector: str = "") -> Iterator[Object]:
        """All of one namespace, page by page; one that is older than the cluster remembers begins anew."""
        query = {"limit": str(_PAGE), **({"labelSelector": selector} if selector else {})}
        going_on = ""
        while True:
            more = {"continue": going_on} if going_on else {}
            found = _json(self._asked("GET", resource.path(namespace), {**query, **more}))
            for one in list_at(found, "items"):
                yield as_object(one)
            if not (going_on := text_at(found, "metadata", "continue")):
                return

    def apply(self, resource: ApiResource, said: Object, *, dry_run: bool, force: bool = False) -> Object:
        """What the cluster makes of it.

        Raises:
            Conflict, Immutable, ManifestRefused, ClusterRefused, ClusterUnreachable
        """
        about = map_at(said, "metadata")
        query = {
            "fieldManager": MANAGER,
            **({"force": "true"} if force else {}),
            **({"dryRun": "All"} if dry_run else {}),
        }
        path = resource.path(str(about["namespace"]), str(about["name"]))
        try:
            return _json(self._asked("PATCH", path, query, said))
        except Gone as gone:
            raise ClusterRefused(str(gone), next_step="`odmd apply` brings it about from the start") from gone

    def delete(
        self, resource: ApiResource, namespace: str, name: str, *, uid: str = "", dependents_first: bool = False
    ) -> bool:
        """Whether it was there.

        Args:
            uid: only if it is this one still.
            dependents_first: it is gone only when its pods are; else they go by and by.
        """
        how = "Foreground" if dependents_first else "Background"
        options: Object = {"propagationPolicy": how, **({"preconditions": {"uid": uid}} if uid else {})}
        try:
            self._asked("DELETE", resource.path(namespace, name), {}, options)
        except (Gone, Conflict):
            return False
        return True

    def review(self, path: str, said: Object) -> Object:
        """What the cluster answers to a question that it does not keep.

        Raises:
            Gone, ClusterUnreachable, ClusterSignInRefused, ClusterRefused
        """
        return _json(self._asked("POST", path, {}, said))

    def make_namespace(self, name: str, annotations: Mapping[str, str]) -> None:
        """Raises:
        ClusterRefused: we may not.
        """
        said: Object = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": name, "annotations": dict(annotations)},
        }
        self._asked("PATCH", f"/api/v1/namespaces/{name}", {"fieldManager": MANAGER}, said)

    def delete_namespace(self, name: str) -> None:
        try:
            self._asked("DELETE", f"/api/v1/namespaces/{name}", {}, {})
        except (Gone, Conflict):
            return

    def _asked(
        self, method: str, path: str, query: Mapping[str, str] | None = None, said: Object | None = None
    ) -> httpx.Response:
        """All that we ask can be asked twice, so whoever does not answer, or is busy, is asked again for a while."""
        until, wait, renewed = time.monotonic() + self._patience, _FIRST_WAIT, False
        while True:
            try:
                answer = self._sent(method, path, query, said)
            except httpx.HTTPError as lost:
                failed: ClusterUnreachable | None = self._unreachable(str(lost) or type(lost).__name__)
            else:
                if answer.status_code not in _AGAIN or _is_of_a_webhook(answer):
                    if answer.status_code == 401 and not renewed:
                        renewed = True
                        self._access.token(anew=True)
                        continue
                    return self._taken(answer, method, path)
                failed = self._unreachable(f"{answer.status_code} {_message(answer)}")
                wait = max(wait, _retry_after(answer))
            if time.monotonic() + wait > until or self._closed.wait(wait):
                raise failed
            wait = min(2 * wait, _LONGEST_WAIT)

    def _sent(self, method: str, path: str, query: Mapping[str, str] | None, said: Object | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._access.token()}", "Accept": "application/json"}
        if said is not None:
            headers["Content-Type"] = _APPLY if method == "PATCH" else "application/json"
        content = None if said is None else json.dumps(said).encode()
        return self._client.request(method, path, params=dict(query or {}), content=content, headers=headers)

    def _unreachable(self, why: str) -> ClusterUnreachable:
        return ClusterUnreachable(
            f"{self._access.server} does not answer: {why}", next_step="`odmd apply` goes on once it does"
        )

    def _taken(self, answer: httpx.Response, method: str, path: str) -> httpx.Response:
        """The answer, if it is what was asked for."""
        code, said = answer.status_code, _message(answer)
        if code < 400:
            return answer
        status = _status(answer)
        what = f"{said} ({method} {path})" if said else f"{code} ({method} {path})"
        if code == 401:
            raise ClusterSignInRefused(
                f"{self._access.server} does not know who signs in: {what}",
                next_step="give whoever carries runs out an access entry of the cluster, or a token that is still good",
            )
        if code == 403 and not _is_of_a_webhook(answer) and "quota" not in said:
            raise ClusterRefused(
                f"the cluster does not allow it: {said}", next_step="let whoever runs it give the right"
            )
        if code == 404:
            raise Gone(said)
        if code == 409 and (causes := _conflicts(status)):
            raise Conflict(causes)
        if code == 409:
            raise Conflict([]) if method == "DELETE" else ManifestRefused(said, next_step="`odmd apply` tries it again")
        if code == 422 and _is_immutable(status):
            raise Immutable(said, tuple(filter(None, (text_at(one, "field") for one in _causes(status)))))
        raise ManifestRefused(said or what, next_step="mend the manifest, and push")


def _server(server: str) -> str:
    """Raises:
    ClusterSignInRefused: a token would go over plain HTTP.
    """
    parts = urlsplit(server)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return server
    raise ClusterSignInRefused(
        f"{server} is no https:// address, and a token is sent there", next_step="say another one"
    )


def _trust(access: ClusterAccess) -> ssl.SSLContext | bool:
    if access.server.startswith("http://"):
        return False
    try:
        return ssl.create_default_context(cadata=access.authority or None)
    except ssl.SSLError as wrong:
        raise ClusterSignInRefused(
            f"what certifies {access.server} is no certificate: {wrong}", next_step="give it in PEM"
        ) from wrong


def _json(answer: httpx.Response) -> Object:
    return as_object(json.loads(answer.content))


def _status(answer: httpx.Response) -> Object:
    """What the API server says of a refusal; nothing of what is between us and it."""
    try:
        return as_object(cast("object", json.loads(answer.content)))
    except (ValueError, RecursionError):
        return {}


def _message(answer: httpx.Response) -> str:
    return " ".join(text_at(_status(answer), "message").split())[:1000]


def _is_of_a_webhook(answer: httpx.Response) -> bool:
    """A webhook that says no says so again; one that does not answer may answer later."""
    return "admission webhook" in _message(answer) and "denied the request" in _message(answer)


def _retry_after(answer: httpx.Response) -> float:
    """Seconds that it asks for, however many: longer than there is patience for, it counts as unreachable."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdigit() else 0.0


def _causes(status: Object) -> list[Json]:
    return list_at(status, "details", "causes")


def _conflicts(status: Object) -> list[tuple[str, str]]:
    found = [one for one in _causes(status) if text_at(one, "reason") == "FieldManagerConflict"]
    return [(_manager(text_at(one, "message")), text_at(one, "field").lstrip(".")) for one in found]


def _manager(message: str) -> str:
    """Of `conflict with "kubectl" using apps/v1 at …`."""
    parts = message.split('"')
    return parts[1] if len(parts) > 2 else message


def _is_immutable(status: Object) -> bool:
    said = [text_at(status, "message"), *(text_at(one, "message") for one in _causes(status))]
    return any("immutable" in one or "updates to statefulset spec for fields other than" in one for one in said) or any(
        "Forbidden: " in one and ("may not change" in one or "after creation" in one) for one in said
    )
