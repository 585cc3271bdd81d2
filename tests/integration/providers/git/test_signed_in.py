"""Private repositories at GitHub: git signs in with a token of the App for the one repository, and nobody sees it. The
server is `git http-backend` behind TLS; who asks without the right token is told that there is nothing."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odmd.bootstrap.app_reads import AppReads, KnownApp
from odmd.errors import HostLacks, RepositoryUnreachable
from odmd.providers.git.command import git
from odmd.providers.git.remote import Remote, signed_in
from odmd.providers.git.repositories import GitRepositories
from support.github.site import GithubSite

TOKEN = "ghs_of_the_one_repository"


def certificate(folder: Path) -> Path:
    """For 127.0.0.1, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now, here = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "server.pem"
    file.write_bytes(text + signed.public_bytes(serialization.Encoding.PEM))
    return file


class Private:
    """A host of one private repository, acme/app."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, list[tuple[str, str]]()
        work = root / "acme" / "app.git"
        work.mkdir(parents=True)
        for words in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "one")):
            subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=work, check=True)
        self.head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=work, check=True, capture_output=True, text=True)
        made = type("Bound", (_Backend,), {"private": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), made)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(root))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.web = f"https://127.0.0.1:{self.server.server_address[1]}"


class _Backend(BaseHTTPRequestHandler):
    private: Private
    protocol_version = "HTTP/1.1"
    """Else GnuTLS takes the end of an answer for an attack."""

    def log_message(self, *_said: object) -> None:
        pass

    def do_GET(self) -> None:
        parts, given = urlsplit(self.path), self.headers.get("Authorization", "")
        self.private.asked.append((parts.path, given))
        if given != f"Basic {base64.b64encode(f'x-access-token:{TOKEN}'.encode()).decode()}":
            self.send_error(401 if not given else 404)
            return
        said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = {
            "GIT_PROJECT_ROOT": str(self.private.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        }
        answer = subprocess.run(
            ["git", "http-backend"], input=said, env={**os.environ, **told}, capture_output=True, check=True
        ).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        for line in head.decode().splitlines():
            name, _, text = line.partition(": ")
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Private]:
    (tmp_path / "host").mkdir()
    made = Private(tmp_path / "host")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(made.root / "server.pem"))
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_git_reads_a_private_repository_and_keeps_its_token_to_itself(private: Private, tmp_path: Path) -> None:
    head = private.head.stdout.strip()
    locate = lambda repo: f"{private.web}/{repo}.git"  # noqa: E731
    as_app = GitRepositories(locate, tmp_path / "cache", lambda _repo, url: signed_in(url, "x-access-token", TOKEN))
    assert as_app.head("acme/app", "branch:main") == head
    as_app.checkout("acme/app", head, tmp_path / "out")
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert kept == []
    with pytest.raises(RepositoryUnreachable) as refused:
        GitRepositories(locate, tmp_path / "other").head("acme/app", "branch:main")
    assert TOKEN not in str(refused.value)
    assert TOKEN not in repr(signed_in("https://x/y.git", "x-access-token", TOKEN))


def test_the_token_is_for_the_one_repository_and_not_for_what_lies_beside_it(tmp_path: Path) -> None:
    remote = signed_in("https://github.com/acme/app.git", "x-access-token", TOKEN)

    def sent(url: str) -> str:
        said = ("config", "--get-urlmatch", "http.extraHeader", url)
        return git(*said, within=tmp_path, extra=remote.environment)

    assert "Authorization" in sent("https://github.com/acme/app.git/info/refs")
    for url in (
        "https://github.com/acme/app2.git",
        "https://github.com/acme/other.git",
        "https://evil.example/acme/app.git",
    ):
        with pytest.raises(Exception, match="git ended with 1"):
            sent(url)


class TestWhoReadsAsTheApp:
    def reads(self, site: GithubSite) -> AppReads:
        return AppReads(lambda: KnownApp(site.client, site.places))

    def test_by_its_number_whatever_it_is_called(self) -> None:
        with GithubSite.serving("app") as site:
            reads, web = self.reads(site), site.client.app.web
            first = reads("acme/app", f"{web}/acme/app.git")
            assert (first.url, bool(first.environment)) == (f"{web}/acme/app.git", True)
            repository = site.github.find("acme/app")
            assert repository
            (token,) = (one for one in site.github.tokens.values() if "contents" in one.permissions)
            assert (token.repositories, token.permissions["contents"]) == ([repository.id], "read")
            repository.names.append("acme/renamed")
            assert reads("acme/app", f"{web}/acme/app.git").url == f"{web}/acme/renamed.git"

    def test_another_one_of_its_name_is_never_read_in_its_place(self) -> None:
        with GithubSite.serving("app") as site:
            reads, web = self.reads(site), site.client.app.web
            reads("acme/app", f"{web}/acme/app.git")
            gone = next(iter(site.github.repositories))
            del site.github.repositories[gone]
            site.installation.repositories.remove(gone)
            made = site.github.repository("acme/app")
            with pytest.raises(RepositoryUnreachable, match=r"is another one now"):
                reads("acme/app", f"{web}/acme/app.git")
            with pytest.raises(HostLacks, match=f"acme/app is repository {made.id}, and not 7"):
                site.places.accept("acme/app", 7)
            site.places.accept("acme/app", made.id)
            assert reads("acme/app", f"{web}/acme/app.git").environment
            with pytest.raises(HostLacks, match="no repository that was made anew"):
                site.places.accept("acme/app", made.id)

    def test_what_is_none_of_the_apps_is_read_as_the_settings_say(self) -> None:
        with GithubSite.serving("app") as site:
            reads, web = self.reads(site), site.client.app.web
            for repo, where in (
                ("other/app", f"{web}/other/app.git"),
                ("acme/app", f"{web}/mirrors/acme/app.git"),
                ("acme/app", "https://gitlab.example/acme/app.git"),
                ("acme/app", "ssh://git@github.com/acme/app.git"),
            ):
                assert reads(repo, where) == Remote(where)
            site.github.installations.clear()  # as one that nobody installed yet
            assert reads("acme/app", f"{web}/acme/app.git") == Remote(f"{web}/acme/app.git")
        assert AppReads(lambda: None)("acme/app", "https://github.com/acme/app.git").environment == {}
