"""What signing in costs a server, without the network: `PYTHONPATH=tests python bench/sign_in.py`."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from odmd.client.proving.signing import signed_question
from odmd.control.access.identities import Rule, Rules
from odmd.control.access.sessions import KnownIdentity
from odmd.control.scheduler.actor import Scope
from odmd.providers.identities import Expected, IamPrincipals, Issuer, People, SignedTokens, Web
from support.forged_questions import OURS, STS
from support.issuing import ADA, PlayedWeb, Signer
from support.played_sts import ADA as ADAS_KEY
from support.played_sts import PlayedSts
from support.served import Served, bearer
from support.worlds import graph_of, node

TIMES = 200


def main() -> None:
    """Prints the middle and the 99th percentile of each, in milliseconds, over HTTP on this machine."""
    signer, served = Signer("https://login.acme.example"), Served(graph_of([node(0)]), Path(tempfile.mkdtemp()))
    tokens = SignedTokens(Issuer(signer.url, PlayedWeb(signer)), Expected("odmd"))
    principals = IamPrincipals("aws", OURS.audience, [STS], Web(transport=PlayedSts().transport()))
    rules = Rules([Rule({"groups": ("baristas",)}, Scope.WRITE)], 600)
    served.known["company"] = KnownIdentity(People("company", tokens, "email", "openid"), rules)
    served.known["aws"] = KnownIdentity(principals, Rules([Rule({"account": ("111122223333",)}, Scope.WRITE)], 600))
    with served.serving(tokens=True), httpx.Client(base_url=f"{served.url}/api/v1", timeout=20) as http:

        def sign_in(identity: str, proof: str) -> httpx.Response:
            return http.post("/sessions", json={"identity": identity, "proof": proof}).raise_for_status()

        proofs = iter([signer.token(ADA) for _ in range(TIMES)])
        measure("a person signs in", lambda: sign_in("company", next(proofs)))
        questions = iter([signed_question(OURS, ADAS_KEY).text for _ in range(TIMES)])
        measure("a role signs in", lambda: sign_in("aws", next(questions)))
        measure("a forged proof is refused", lambda: http.post("/sessions", json={"identity": "company", "proof": "x"}))
        text = sign_in("company", signer.token(ADA)).json()["text"]
        measure("a request with a session", lambda: http.get("/whoami", headers=bearer(text)))


def measure(what: str, does: Callable[[], object]) -> None:
    """In milliseconds."""
    taken = list[float]()
    for _ in range(TIMES):
        began = time.perf_counter()
        does()
        taken.append((time.perf_counter() - began) * 1000)
    print(f"{what:30} {statistics.median(taken):6.1f} ms, p99 {sorted(taken)[int(TIMES * 0.99) - 1]:6.1f} ms")


if __name__ == "__main__":
    main()
