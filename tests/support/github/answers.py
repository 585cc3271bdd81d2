"""What each operation of the fake does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from support.github import git_answers
from support.github.state import FakeRepository, Json, Record, moment, shown

if TYPE_CHECKING:
    from support.github.fake import FakeGithub, Token


@dataclass(frozen=True)
class Answer:
    """What is said."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request."""

    github: FakeGithub
    name: str
    parameters: dict[str, str]
    query: dict[str, str]
    body: Any
    token: str

    @property
    def repo(self) -> str:
        return f"{self.parameters['owner']}/{self.parameters['repo']}"


NOT_FOUND: Final = Answer(404, {"message": "Not Found", "documentation_url": "x"})
_NEEDS: Final = {
    "actions": "actions",
    "check-runs": "checks",
    "collaborators": "metadata",
    "comments": "pull_requests",
    "compare": "contents",
    "contents": "contents",
    "deployments": "deployments",
    "git": "contents",
    "pulls": "pull_requests",
    "statuses": "statuses",
}
_CONTENT: Final = (
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    "POST /repos/{owner}/{repo}/pulls",
)


def answer(asked: Asked) -> Answer:
    """Who asks, whether he may, and what comes of it."""
    if asked.name.startswith(("GET /app", "POST /app/", "GET /orgs/")) or asked.name.endswith("/installation"):
        if (app := asked.github.proven(asked.token)) is None:
            return Answer(401, {"message": "A JSON web token could not be decoded"})
        return _as_app(asked, app)
    if asked.name.startswith("POST /app-manifests/"):
        return _converted(asked)
    if (token := asked.github.tokens.get(asked.token)) is None:
        return Answer(401, {"message": "Bad credentials"})
    if asked.name == "GET /installation/repositories":
        theirs = [asked.github.repositories[one].told() for one in token.installation.repositories]
        return _page(asked, theirs, "repositories")
    repository = asked.github.find(asked.repo)
    if repository is None and (moved := asked.github.moved(asked.repo)):
        return _moved(asked, moved)
    if repository is None or not _reaches(token, repository):
        return NOT_FOUND
    if refused := _refused(asked, token):
        return refused
    if asked.name in _CONTENT and asked.github.faults.too_much_content():
        return Answer(403, {"message": "You have exceeded a secondary rate limit"}, {"Retry-After": "60"})
    return _OPERATIONS[asked.name](asked, repository)


def _as_app(asked: Asked, app: int) -> Answer:
    github = asked.github
    match asked.name:
        case "GET /app":
            if (known := github.apps.get(app)) is None:
                return NOT_FOUND
            return Answer(200, _told_app(known))
        case "GET /app/installations":
            return _page(asked, [one.told() for one in github.installations.values()])
        case "GET /app/hook/deliveries":
            return Answer(200, github.deliveries)
        case "POST /app/installations/{installation_id}/access_tokens":
            return _new_token(asked)
        case _:
            owner = asked.parameters.get("org") or asked.parameters.get("owner")
            found = next((one for one in github.installations.values() if one.account == owner), None)
            return Answer(200, found.told()) if found else NOT_FOUND


def _told_app(known: Json) -> Json:
    return {name: known[name] for name in ("id", "slug", "permissions", "events")}


def _new_token(asked: Asked) -> Answer:
    from support.github.fake import Token

    installation = asked.github.installations.get(int(asked.parameters["installation_id"]))
    if installation is None:
        return NOT_FOUND
    body = asked.body or {}
    granted, order = installation.permissions, ("", "read", "write", "admin")
    wanted: dict[str, str] = body.get("permissions") or granted
    if [one for one, level in wanted.items() if order.index(granted.get(one, "")) < order.index(level)]:
        return Answer(422, {"message": "The permissions requested are not granted to this installation."})
    repositories: list[int] | None = body.get("repository_ids")
    if repositories and not set(repositories) <= set(installation.repositories):
        return Answer(422, {"message": "There is at least one repository that does not exist or is not accessible"})
    text = f"ghs_{secrets.token_hex(24)}"
    asked.github.tokens[text] = Token(installation, wanted, repositories)
    expires = datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Answer(201, {"token": text, "expires_at": expires, "permissions": wanted})


def _converted(asked: Asked) -> Answer:
    from support.github.fake import APP, key

    if (made := asked.github.codes.pop(asked.parameters["code"], None)) is None:
        return NOT_FOUND
    hook = made.get("hook_attributes", {})
    app = {"id": APP, "slug": made["slug"], "permissions": made["default_permissions"]}
    asked.github.apps[APP] = {**app, "events": made.get("default_events", []), "owner": made["owner"], "hook": hook}
    page = {"html_url": f"{asked.github.url}/apps/{made['slug']}"}
    said = {
        **app,
        "pem": key(),
        "webhook_secret": "a secret that GitHub made",
        "events": made.get("default_events", []),
    }
    return Answer(
        201, {**said, "owner": {"id": 1, "login": made["owner"]}, "client_id": "x", "client_secret": "x"} | page
    )


def _moved(asked: Asked, to: FakeRepository) -> Answer:
    path = asked.name.partition(" ")[2]
    for name, text in asked.parameters.items():
        path = path.replace(f"{{{name}}}", text)
    path = path.replace(f"/repos/{asked.repo}", f"/repos/{to.full_name}")
    status = 301 if asked.name.startswith("GET") else 307
    return Answer(status, {"message": "Moved Permanently"}, {"Location": f"{asked.github.url}/api/v3{path}"})


def _reaches(token: Token, repository: FakeRepository) -> bool:
    mine = token.installation.repositories if token.repositories is None else token.repositories
    return repository.id in mine


def _refused(asked: Asked, token: Token) -> Answer | None:
    """Whether a right is missing; a check may be written with `checks` alone, and so on."""
    parts = asked.name.split("/")
    needed = next((_NEEDS[one] for one in parts if one in _NEEDS), "metadata")
    level = "read" if asked.name.startswith("GET") else "write"
    granted = token.permissions.get(needed, "")
    if granted == "write" or (granted == "read" and level == "read"):
        return None
    headers = {"X-Accepted-GitHub-Permissions": f"{needed}={level}"}
    return Answer(403, {"message": "Resource not accessible by integration"}, headers)


def _page(asked: Asked, items: Iterable[Json], key: str = "") -> Answer:
    each, size, at = list(items), int(asked.query.get("per_page", 30)), int(asked.query.get("page", 1))
    part, headers = each[(at - 1) * size : at * size], dict[str, str]()
    if len(each) > at * size:
        path = asked.name.partition(" ")[2]
        for name, text in asked.parameters.items():
            path = path.replace(f"{{{name}}}", text)
        query = "&".join(f"{name}={text}" for name, text in {**asked.query, "page": str(at + 1)}.items())
        headers["Link"] = f'<{asked.github.url}/api/v3{path}?{query}>; rel="next"'
    return Answer(200, {"total_count": len(each), key: part} if key else part, headers)


def _record(asked: Asked, said: Json) -> Record:
    return Record(asked.github.number(), said, len(asked.github.asked))


def _shown(asked: Asked, records: Iterable[Record]) -> list[Json]:
    return shown(iter(records), len(asked.github.asked), asked.github.faults.lag)


def _repository(_asked: Asked, it: FakeRepository) -> Answer:
    return Answer(200, it.told())


def _ref(asked: Asked, it: FakeRepository) -> Answer:
    ref = f"refs/{asked.parameters['ref']}"
    if ref not in (refs := it.refs()):
        return NOT_FOUND
    return Answer(200, {"ref": ref, "object": {"sha": refs[ref].ljust(40, "0"), "type": "commit"}})


def _pulls(asked: Asked, it: FakeRepository) -> Answer:
    state, head, base = (asked.query.get(name) for name in ("state", "head", "base"))
    owner = it.full_name.partition("/")[0]
    found = [
        one
        for one in map(it.pull, it.pulls)
        if state in ("all", one["state"])
        and head in (None, f"{owner}:{one['head']['ref']}")
        and base in (None, one["base"]["ref"])
    ]
    return _page(asked, found)


def _pull(asked: Asked, it: FakeRepository) -> Answer:
    number = int(asked.parameters["pull_number"])
    return Answer(200, it.pull(number)) if number in it.pulls else NOT_FOUND


def _compare(asked: Asked, it: FakeRepository) -> Answer:
    base, _, head = asked.parameters["basehead"].partition("...")
    told = {"merge_base_commit": {"sha": it.merge_base(base, head)}, "status": "ahead"}
    return Answer(200, told | {"commits": it.between(base, head)})


def _permission(asked: Asked, it: FakeRepository) -> Answer:
    return Answer(200, {"permission": it.rights.get(asked.parameters["username"], "read"), "role_name": "x"})


def _comments(asked: Asked, it: FakeRepository) -> Answer:
    number = int(asked.parameters["issue_number"])
    return _page(asked, _shown(asked, (one for one in it.comments.values() if one.said["number"] == number)))


def _comment(asked: Asked, it: FakeRepository) -> Answer:
    if len(asked.body["body"]) > 65536:
        return Answer(422, {"message": "Validation Failed", "errors": [{"message": "body is too long"}]})
    by = {"id": 9, "login": "odmd-acme[bot]", "type": "Bot"}
    said = {"body": asked.body["body"], "user": by, "number": int(asked.parameters["issue_number"])}
    said |= {"created_at": moment(time.time()), "updated_at": moment(time.time())}
    made = _record(asked, said | {"performed_via_github_app": _told_app(asked.github.apps[7])})
    it.comments[made.id] = made
    return Answer(201, {**made.said, "id": made.id})


def _edit_comment(asked: Asked, it: FakeRepository) -> Answer:
    if (found := it.comments.get(int(asked.parameters["comment_id"]))) is None:
        return NOT_FOUND
    found.said["body"] = asked.body["body"]
    return Answer(200, {**found.said, "id": found.id})


def _check(asked: Asked, it: FakeRepository) -> Answer:
    if len(asked.body.get("output", {}).get("annotations", [])) > 50:
        return Answer(422, {"message": "Only 50 annotations"})
    made = _record(asked, {**asked.body, "app": {"id": 7}})
    it.checks[made.id] = made
    return Answer(201, _told_check(made))


def _edit_check(asked: Asked, it: FakeRepository) -> Answer:
    if (found := it.checks.get(int(asked.parameters["check_run_id"]))) is None:
        return NOT_FOUND
    output = asked.body.get("output", {})
    kept = found.said.get("output", {}).get("annotations", [])
    annotations = [*kept, *output.get("annotations", [])]  # they are added to those that are there
    found.said |= asked.body
    if output:
        found.said["output"] = {**output, "annotations": annotations}
    return Answer(200, _told_check(found))


def _told_check(one: Record) -> Json:
    known = ("name", "head_sha", "status", "conclusion", "external_id", "app")
    usual = {"status": "completed" if one.said.get("conclusion") else "queued", "conclusion": None}
    return {"id": one.id, **usual, **{name: one.said[name] for name in known if name in one.said}}


def _checks(asked: Asked, it: FakeRepository) -> Answer:
    wanted = asked.query.get("check_name")
    found = [
        one
        for one in it.checks.values()
        if one.said["head_sha"] == asked.parameters["ref"] and wanted in (None, one.said["name"])
    ]
    seen = {one["id"] for one in _shown(asked, found)}
    return _page(asked, [_told_check(one) for one in found if one.id in seen], "check_runs")


def _status(asked: Asked, it: FakeRepository) -> Answer:
    made = _record(asked, {**asked.body, "sha": asked.parameters["sha"]})
    it.statuses.append(made)
    return Answer(201, {"id": made.id, **asked.body})


def _deployments(asked: Asked, it: FakeRepository) -> Answer:
    wanted = {name: asked.query[name] for name in ("sha", "environment", "ref", "task") if name in asked.query}
    found = [
        one
        for one in reversed(it.deployments.values())
        if all(one.said.get(name) == text for name, text in wanted.items())
    ]
    return _page(asked, _shown(asked, found))


def _deployment(asked: Asked, it: FakeRepository) -> Answer:
    said = {**asked.body, "sha": asked.body["ref"], "performed_via_github_app": _told_app(asked.github.apps[7])}
    made = _record(asked, said)
    made.said.pop("required_contexts", None)
    it.deployments[made.id] = made
    return Answer(201, {**made.said, "id": made.id})


def _deployment_statuses(asked: Asked, it: FakeRepository) -> Answer:
    number = int(asked.parameters["deployment_id"])
    return _page(asked, _shown(asked, reversed(it.deployment_statuses.get(number, []))))


def _deployment_status(asked: Asked, it: FakeRepository) -> Answer:
    number = int(asked.parameters["deployment_id"])
    if number not in it.deployments:
        return NOT_FOUND
    made = _record(asked, asked.body)
    it.deployment_statuses.setdefault(number, []).append(made)
    return Answer(201, {"id": made.id, **asked.body})


def _dispatch(asked: Asked, it: FakeRepository) -> Answer:
    if asked.parameters["workflow_id"] not in it.workflows or asked.body["ref"] != it.default_branch:
        return NOT_FOUND
    made = _record(asked, {**asked.body, "workflow": asked.parameters["workflow_id"], "at": time.time()})
    it.workflow_runs[made.id] = made
    url = f"{asked.github.url}/{it.full_name}/actions/runs/{made.id}"
    api = f"{asked.github.url}/api/v3/repos/{it.full_name}/actions/runs/{made.id}"
    return Answer(200, {"workflow_run_id": made.id, "run_url": api, "html_url": url})


def _workflow_runs(asked: Asked, it: FakeRepository) -> Answer:
    since = datetime.strptime(asked.query["created"], ">=%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    found = [one for one in it.workflow_runs.values() if one.said["at"] >= since]
    seen = {one["id"] for one in _shown(asked, found)}
    told = [
        {
            "id": one.id,
            "display_title": f"odmd run {one.said['inputs']['run']}",
            "html_url": f"{asked.github.url}/{it.full_name}/actions/runs/{one.id}",
        }
        for one in found
        if one.id in seen
    ]
    return _page(asked, told, "workflow_runs")


_OPERATIONS: Final[dict[str, Callable[[Asked, FakeRepository], Answer]]] = {
    "GET /repos/{owner}/{repo}": _repository,
    "GET /repos/{owner}/{repo}/git/ref/{ref}": _ref,
    "GET /repos/{owner}/{repo}/commits/{ref}": git_answers.commit_seen,
    "GET /repos/{owner}/{repo}/contents/{path}": git_answers.contents,
    "POST /repos/{owner}/{repo}/git/commits": git_answers.new_commit,
    "POST /repos/{owner}/{repo}/git/refs": git_answers.new_ref,
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}": git_answers.move_ref,
    "POST /repos/{owner}/{repo}/git/trees": git_answers.new_tree,
    "GET /repos/{owner}/{repo}/pulls": _pulls,
    "POST /repos/{owner}/{repo}/pulls": git_answers.new_pull,
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": git_answers.edit_pull,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}": _pull,
    "GET /repos/{owner}/{repo}/compare/{basehead}": _compare,
    "GET /repos/{owner}/{repo}/collaborators/{username}/permission": _permission,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments": _comments,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": _comment,
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": _edit_comment,
    "POST /repos/{owner}/{repo}/check-runs": _check,
    "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}": _edit_check,
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs": _checks,
    "POST /repos/{owner}/{repo}/statuses/{sha}": _status,
    "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches": _dispatch,
    "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs": _workflow_runs,
    "GET /repos/{owner}/{repo}/deployments": _deployments,
    "POST /repos/{owner}/{repo}/deployments": _deployment,
    "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses": _deployment_statuses,
    "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses": _deployment_status,
}
