"""Signed tokens: what is not the issuer's, not for us, or not for now proves nobody, whatever it says of itself."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey

from odmd.control.access.identities import IdentityProof, NotProven, Rule, Rules, let_in, nonce_of
from odmd.control.scheduler.actor import ActorKind, Scope
from odmd.providers.identities import Expected, Issuer, People, SignedTokens
from support.forging import FORGED, Forge
from support.issuing import ADA, PlayedWeb, Signer

URL = "https://login.acme.example"
BARISTAS = Rules([Rule({"groups": ("baristas",)}, Scope.WRITE)], 3600)


@pytest.fixture(scope="module")
def shared() -> Signer:
    """Making keys takes a while."""
    return Signer(URL)


def people(
    web: PlayedWeb,
    clock: Any = time.time,
    ticks: Any = time.monotonic,
    *,
    prefix: str = "",
    without_nonce: bool = True,
    **expected: Any,
) -> People:
    made = Expected("odmd", **{"oldest": 3600.0, **expected})
    tokens = SignedTokens(Issuer(URL, web, ticks), made, clock)
    return People("company", tokens, "email", "openid", prefix=prefix, without_nonce=without_nonce)


def test_who_the_issuer_vouches_for_is_known_by_his_claims(shared: Signer) -> None:
    found = people(PlayedWeb(shared)).prove(IdentityProof(shared.token(ADA)))
    assert (found.subject, found.name, found.kind) == ("ada-1", "ada@acme.example", ActorKind.PERSON)
    assert found.facts["groups"] == {"baristas"}
    assert found.proof == f"{URL} says ada-1"
    assert found.once, "it is good for one session"


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_must_not_be_believed_is_not(shared: Signer, forge: Forge) -> None:
    text = forge(shared, ADA)
    with pytest.raises(NotProven):
        let_in(people(PlayedWeb(shared)).prove(IdentityProof(text)), BARISTAS)


@given(st.data())
def test_no_token_is_good_with_a_character_changed(shared: Signer, data: st.DataObject) -> None:
    """But the last one of its signature, of which bits are not read: it says the same, and is the same proof."""
    token = shared.token(ADA)
    at = data.draw(st.integers(0, len(token) - 2))
    new = data.draw(st.sampled_from("ABCxyz019-_.~ =\n").filter(lambda one: one != token[at]))
    with pytest.raises(NotProven):
        people(PlayedWeb(shared)).prove(IdentityProof(token[:at] + new + token[at + 1 :]))


class TestNames:
    def test_an_address_that_nobody_verified_is_no_name_and_no_fact(self, shared: Signer) -> None:
        for claims in ({"email_verified": False}, {"email_verified": "true"}, {"email_verified": None}):
            found = people(PlayedWeb(shared)).prove(IdentityProof(shared.token({**ADA, **claims})))
            assert (found.name, found.facts.get("email")) == ("ada-1", None)

    def test_a_name_that_is_several_is_none(self, shared: Signer) -> None:
        found = people(PlayedWeb(shared)).prove(IdentityProof(shared.token({**ADA, "email": ["a@b.example", "root"]})))
        assert found.name == "ada-1"

    @pytest.mark.parametrize(
        "name", ["odmd", "111122223333:Deployer", "shop/deployer", "acme/orders run 7.1", "111122223333:people/ada"]
    )
    def test_nobody_has_the_name_of_one_who_is_known_otherwise(self, shared: Signer, name: str) -> None:
        """Where the issuer lets people say how they are called."""
        with pytest.raises(NotProven, match="is what others are called"):
            people(PlayedWeb(shared)).prove(IdentityProof(shared.token({**ADA, "email": name})))

    def test_people_of_a_second_issuer_have_a_prefix(self, shared: Signer) -> None:
        found = people(PlayedWeb(shared), prefix="partner:").prove(IdentityProof(shared.token(ADA)))
        assert found.name == "partner:ada@acme.example"


class TestNonces:
    @pytest.mark.parametrize(
        ("secret", "server", "is_good"),
        [
            ("s", "odmd.example", True),
            ("s", "ODMD.example", True),
            ("t", "odmd.example", False),
            ("", "odmd.example", False),
            ("s", "evil.example", False),
        ],
    )
    def test_a_token_is_for_who_asked_for_it_at_this_server(
        self, shared: Signer, secret: str, server: str, is_good: bool
    ) -> None:
        token = shared.token({**ADA, "nonce": nonce_of("s", "odmd.example")})
        proof = IdentityProof(token, secret, server)
        if is_good:
            assert people(PlayedWeb(shared)).prove(proof)
        else:
            with pytest.raises(NotProven, match="nonce"):
                people(PlayedWeb(shared)).prove(proof)

    def test_one_that_is_for_no_server_is_taken_where_the_settings_say_so(self, shared: Signer) -> None:
        proof = IdentityProof(shared.token(ADA))
        assert people(PlayedWeb(shared), without_nonce=True).prove(proof)
        with pytest.raises(NotProven, match="for no server"):
            people(PlayedWeb(shared), without_nonce=False).prove(proof)

    def test_one_that_names_no_server_is_for_none(self, shared: Signer) -> None:
        """Who asks by another name has none that counts, nor has the token for it."""
        token = shared.token({**ADA, "nonce": nonce_of("s", "")})
        with pytest.raises(NotProven, match="not its own"):
            people(PlayedWeb(shared)).prove(IdentityProof(token, "s", ""))

    def test_who_has_a_secret_needs_a_token_that_has_its_hash(self, shared: Signer) -> None:
        with pytest.raises(NotProven, match="nonce"):
            people(PlayedWeb(shared)).prove(IdentityProof(shared.token(ADA), "s", "odmd.example"))


class TestClocks:
    @pytest.mark.parametrize(("ahead", "is_good"), [(-59, True), (59, True), (-61, False), (661, False)])
    def test_a_minute_is_allowed_for(self, shared: Signer, ahead: float, is_good: bool) -> None:
        now = int(time.time())
        known = people(PlayedWeb(shared), lambda: now + ahead)
        token = shared.token({**ADA, "iat": now, "exp": now + 600})
        if is_good:
            assert known.prove(IdentityProof(token)).until > now + ahead
        else:
            with pytest.raises(NotProven, match="do the clocks agree"):
                known.prove(IdentityProof(token))


class TestKeys:
    def test_they_are_looked_up_once_and_again_when_the_issuer_rotates(self, shared: Signer) -> None:
        now, web = [0.0], PlayedWeb(shared)
        known = people(web, ticks=lambda: now[0])
        for _ in range(3):
            known.prove(IdentityProof(shared.token(ADA)))
        assert len(web.asked) == 2
        shared.rotate()
        now[0] += 11
        known.prove(IdentityProof(shared.token(ADA)))
        assert len(web.asked) == 4

    def test_a_key_that_was_withdrawn_is_good_for_a_quarter_of_an_hour_at_most(self, shared: Signer) -> None:
        now, web = [0.0], PlayedWeb(shared)
        known, token = people(web, ticks=lambda: now[0]), shared.token(ADA)
        known.prove(IdentityProof(token))
        shared.rotate()
        now[0] += 899
        known.prove(IdentityProof(token))
        now[0] += 2
        with pytest.raises(NotProven, match="0 keys"):
            known.prove(IdentityProof(token))

    def test_a_flood_of_unknown_keys_does_not_reach_the_issuer(self, shared: Signer) -> None:
        web = PlayedWeb(shared)
        known = people(web, ticks=lambda: 0.0)
        known.prove(IdentityProof(shared.token(ADA)))
        for n in range(50):
            with pytest.raises(NotProven):
                known.prove(IdentityProof(shared.token(ADA, kid=f"new{n}")))
        assert len(web.asked) == 2

    def test_an_issuer_that_is_down_is_done_without_for_a_quarter_of_an_hour(self, shared: Signer) -> None:
        now, web = [0.0], PlayedWeb(shared)
        known = people(web, ticks=lambda: now[0])
        known.prove(IdentityProof(shared.token(ADA)))
        web.said[f"{URL}/.well-known/openid-configuration"] = NotProven("down")
        now[0] += 890
        assert known.prove(IdentityProof(shared.token(ADA)))
        now[0] += 11
        with pytest.raises(NotProven, match="down"):
            known.prove(IdentityProof(shared.token(ADA)))

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("/.well-known/openid-configuration", {"issuer": "https://evil.example", "jwks_uri": f"{URL}/jwks"}),
            ("/.well-known/openid-configuration", {"issuer": URL}),
            ("/.well-known/openid-configuration", {}),
            ("/jwks", {"keys": {}}),
            ("/jwks", {"keys": ["k1", None, 7]}),
            ("/jwks", {"keys": [{"kty": "RSA", "kid": "k1", "n": "!", "e": "AQAB"}]}),
        ],
        ids=["another one's", "no keys", "nothing", "no list", "no keys in it", "garbled"],
    )
    def test_an_issuer_that_lies_vouches_for_nobody(self, shared: Signer, path: str, said: Any) -> None:
        web = PlayedWeb(shared)
        web.said[f"{URL}{path}"] = said
        with pytest.raises(NotProven):
            people(web).prove(IdentityProof(shared.token(ADA)))

    @pytest.mark.parametrize(
        "more", [{"use": "enc"}, {"alg": "PS256"}, {"kid": "other"}], ids=["to encrypt", "for another", "another id"]
    )
    def test_a_key_is_good_for_what_it_is_said_for(self, shared: Signer, more: Any) -> None:
        web = PlayedWeb(shared)
        web.said[f"{URL}/jwks"] = {"keys": [{**shared.key.as_dict(private=False), **more}]}
        with pytest.raises(NotProven, match="0 keys"):
            people(web).prove(IdentityProof(shared.token(ADA)))

    @pytest.mark.filterwarnings("ignore:Key size")  # says joserfc, and is right
    def test_keys_that_are_shared_private_or_short_are_none(self, shared: Signer) -> None:
        web = PlayedWeb(shared)
        known = shared.key.as_dict(private=False)
        short = {**known, "n": str(known["n"])[:171]}
        padded = {**known, "n": "A" * 340 + str(known["n"])[:171]}
        for key in (shared.key.as_dict(private=True), OctKey.generate_key(256).as_dict(), short, padded):
            web.said[f"{URL}/jwks"] = {"keys": [{**key, "kid": shared.key.kid}]}
            with pytest.raises(NotProven, match="0 keys"):
                people(web).prove(IdentityProof(shared.token(ADA)))

    def test_an_issuer_of_endless_keys_vouches_for_nobody(self, shared: Signer) -> None:
        web = PlayedWeb(shared)
        web.said[f"{URL}/jwks"] = {"keys": [*shared.keys["keys"], *[{}] * 64]}
        with pytest.raises(NotProven, match="tells no keys"):
            people(web).prove(IdentityProof(shared.token(ADA)))

    def test_keys_of_other_curves_are_not_in_the_way(self, shared: Signer) -> None:
        web, signer = PlayedWeb(shared), Signer(URL)
        signer.key = ECKey.generate_key("P-384")  # pyright: ignore[reportAttributeAccessIssue]
        other = ECKey.generate_key("P-256").as_dict(private=False)
        web.said[f"{URL}/jwks"] = {"keys": [other, signer.key.as_dict(private=False)]}
        assert people(web, algorithms=("ES256", "ES384")).prove(IdentityProof(signer.token(ADA, alg="ES384", kid=None)))

    def test_two_keys_of_one_id_are_none(self, shared: Signer) -> None:
        web = PlayedWeb(shared)
        web.said[f"{URL}/jwks"] = {"keys": shared.keys["keys"] * 2}
        with pytest.raises(NotProven, match="2 keys"):
            people(web).prove(IdentityProof(shared.token(ADA)))

    def test_a_token_without_an_id_needs_the_only_key(self, shared: Signer) -> None:
        assert people(PlayedWeb(shared)).prove(IdentityProof(shared.token(ADA, kid=None)))

    def test_other_algorithms_are_agreed_on_in_the_settings(self) -> None:
        signer = Signer(URL)
        signer.key = ECKey.generate_key("P-256", {"kid": "e1"})  # pyright: ignore[reportAttributeAccessIssue]
        token = signer.token(ADA, alg="ES256")
        assert people(PlayedWeb(signer), algorithms=("ES256",)).prove(IdentityProof(token))
        with pytest.raises(NotProven, match="signed with 'ES256'"):
            people(PlayedWeb(signer)).prove(IdentityProof(token))
