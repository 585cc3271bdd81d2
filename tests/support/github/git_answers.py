"""What the fake says of files, trees, commits and branches, out of a real git repository."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from support.github.state import FakeRepository, Json, git

if TYPE_CHECKING:
    from support.github.answers import Answer, Asked

BOT = "odmd-acme[bot]"


def contents(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import NOT_FOUND, Answer

    path, ref = asked.parameters["path"].strip("/"), asked.query.get("ref", it.default_branch)
    if (at := _commit(it, ref)) is None:
        return NOT_FOUND
    lines = _git(it, "ls-tree", "-l", at, f"{path}/").splitlines()
    if lines:
        return Answer(200, [_listed(line) for line in lines])
    if not (lines := _git(it, "ls-tree", "-l", at, path).splitlines()):
        return NOT_FOUND
    seen = _listed(lines[0])
    text = subprocess.run(
        ["git", "-C", str(it.folder), "cat-file", "blob", seen["sha"]], capture_output=True, check=True
    ).stdout
    return Answer(200, {**seen, "content": base64.encodebytes(text).decode(), "encoding": "base64"})


def commit_seen(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    if (at := _commit(it, asked.parameters["ref"])) is None:
        return Answer(422, {"message": f"No commit found for SHA: {asked.parameters['ref']}"})
    sha, tree, author = _git(it, "log", "-1", "--format=%H %T %an", at).strip().split(" ", 2)
    who = None if author == "nobody" else {"login": author, "id": 9, "type": "Bot" if author == BOT else "User"}
    return Answer(200, {"sha": sha, "commit": {"tree": {"sha": tree}}, "author": who})


def new_tree(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    with tempfile.TemporaryDirectory() as room:
        index = {**os.environ, "GIT_INDEX_FILE": str(Path(room, "index"))}
        _git(it, "read-tree", asked.body["base_tree"], env=index)
        for one in asked.body["tree"]:
            if one.get("sha", "") is None:
                _git(it, "update-index", "--force-remove", one["path"], env=index)
            else:
                blob = _git(it, "hash-object", "-w", "--stdin", given=one["content"]).strip()
                _git(it, "update-index", "--add", "--cacheinfo", f"{one['mode']},{blob},{one['path']}", env=index)
        return Answer(201, {"sha": _git(it, "write-tree", env=index).strip()})


def new_commit(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    parents = [word for parent in asked.body["parents"] for word in ("-p", parent)]
    sha = _git(it, "commit-tree", asked.body["tree"], *parents, "-m", asked.body["message"], env=_as(BOT)).strip()
    return Answer(201, {"sha": sha, "html_url": f"{asked.github.url}/{it.full_name}/commit/{sha}"})


def new_ref(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    if asked.body["ref"] in it.refs():
        return Answer(422, {"message": "Reference already exists"})
    _git(it, "update-ref", asked.body["ref"], asked.body["sha"])
    return Answer(201, {"ref": asked.body["ref"], "object": {"sha": asked.body["sha"], "type": "commit"}})


def move_ref(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    ref, to = f"refs/{asked.parameters['ref']}", asked.body["sha"]
    if ref not in (refs := it.refs()):
        return Answer(422, {"message": "Reference does not exist"})
    if not asked.body.get("force") and _git(it, "merge-base", refs[ref], to).strip() != refs[ref]:
        return Answer(422, {"message": "Update is not a fast forward"})
    _git(it, "update-ref", ref, to)
    return Answer(200, {"ref": ref, "object": {"sha": to, "type": "commit"}})


def new_pull(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import Answer

    same = [one for one in it.pulls.values() if one["state"] == "open" and one["head"]["ref"] == asked.body["head"]]
    if same or f"refs/heads/{asked.body['head']}" not in it.refs():
        return Answer(422, {"message": "Validation Failed", "errors": [{"message": "A pull request already exists"}]})
    number = asked.github.number()
    it.pulls[number] = {
        "state": "open",
        "title": asked.body["title"],
        "body": asked.body["body"],
        "merged_at": None,
        "user": {"login": BOT, "id": 9, "type": "Bot"},
        "html_url": f"{asked.github.url}/{it.full_name}/pull/{number}",
        "head": {"ref": asked.body["head"]},
        "base": {"ref": asked.body["base"]},
    }
    return Answer(201, it.pull(number))


def edit_pull(asked: Asked, it: FakeRepository) -> Answer:
    from support.github.answers import NOT_FOUND, Answer

    number = int(asked.parameters["pull_number"])
    if number not in it.pulls:
        return NOT_FOUND
    close(it, number)
    it.pulls[number]["title"] = asked.body["title"]
    return Answer(200, it.pull(number))


def close(it: FakeRepository, number: int) -> None:
    """Its head stays known, whatever becomes of the branch."""
    it.pulls[number]["head"]["sha"] = it.pull(number)["head"]["sha"]
    it.pulls[number]["state"] = "closed"


def merge(it: FakeRepository, number: int) -> None:
    close(it, number)
    it.pulls[number]["merged_at"] = "2026-11-01T00:00:00Z"
    _git(it, "update-ref", f"refs/heads/{it.default_branch}", it.pulls[number]["head"]["sha"])


def push(it: FakeRepository, branch: str, files: dict[str, str | None], by: str) -> None:
    """A commit of somebody's, on top of what the branch has."""
    ref, room = f"refs/heads/{branch}", tempfile.mkdtemp()
    index, at = {**os.environ, "GIT_INDEX_FILE": str(Path(room, "index"))}, it.refs().get(ref)
    if at:
        _git(it, "read-tree", at, env=index)
    for path, text in files.items():
        if text is None:
            _git(it, "update-index", "--force-remove", path, env=index)
        else:
            blob = _git(it, "hash-object", "-w", "--stdin", given=text).strip()
            _git(it, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
    tree = _git(it, "write-tree", env=index).strip()
    made = _git(it, "commit-tree", tree, *(("-p", at) if at else ()), "-m", "by hand", env=_as(by)).strip()
    _git(it, "update-ref", ref, made)


def text_at(it: FakeRepository, branch: str, path: str) -> str | None:
    """A file as a branch has it."""
    if not git(it.folder or Path(), "ls-tree", f"refs/heads/{branch}", path).strip():
        return None
    return git(it.folder or Path(), "show", f"refs/heads/{branch}:{path}")


def _as(who: str) -> dict[str, str]:
    said = {f"GIT_{role}_{what}": who for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**os.environ, **said}


def _commit(it: FakeRepository, ref: str) -> str | None:
    for one in (f"refs/heads/{ref}", ref):
        done = subprocess.run(
            ["git", "-C", str(it.folder), "rev-parse", "--verify", "--quiet", f"{one}^{{commit}}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def _listed(line: str) -> Json:
    said, _, path = line.partition("\t")
    _, sort, sha, size = said.split()
    return {
        "type": "file" if sort == "blob" else "dir",
        "path": path,
        "name": Path(path).name,
        "sha": sha,
        "size": int(size.replace("-", "0")),
    }


def _git(it: FakeRepository, *words: str, env: dict[str, str] | None = None, given: str | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", str(it.folder), *words], capture_output=True, text=True, check=False, env=env, input=given
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
