"""mod_auth_openidc by the ways that a file of a client can ask for: keys, forms, refreshed and encrypted tokens."""

import json
import re

import pytest
import requests
from joserfc import jwt

from apache import environment_shown, let_in
from installation import registered
from visitor import Visitor, origin, sign_in

LOGIN = "claire.martin"


def test_the_answer_comes_by_a_form(demo, site):
    apache = site(directives=["OIDCResponseMode form_post"])
    visitor = Visitor()
    shown = let_in(apache, visitor, demo, LOGIN)
    assert shown["OIDC_CLAIM_aud"] == apache.client_id
    assert not any("code=" in hop for hop in visitor.hops), "no code in an address"


@pytest.mark.parametrize("content", ["signed", "encrypted", "signed and encrypted userinfo"])
@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_what_is_said_of_people_is_encrypted_to_the_module(demo, site, content, algorithm):
    more, directives, keys = [], [], []
    if content != "encrypted":
        more.append(f"userinfo_signed_response_alg: {algorithm}")
        directives.append(f"OIDCUserInfoSignedResponseAlg {algorithm}")
    if content == "encrypted":
        more += ["id_token_encrypted_response_alg: RSA-OAEP", "id_token_encrypted_response_enc: A256GCM"]
        directives += ["OIDCIDTokenEncryptedResponseAlg RSA-OAEP", "OIDCIDTokenEncryptedResponseEnc A256GCM"]
        keys = ["enc"]
    if content == "signed and encrypted userinfo":
        more += ["userinfo_encrypted_response_alg: RSA-OAEP", "userinfo_encrypted_response_enc: A256GCM"]
        directives += ["OIDCUserInfoEncryptedResponseAlg RSA-OAEP", "OIDCUserInfoEncryptedResponseEnc A256GCM"]
        keys = ["enc"]
    apache = site(algorithm=algorithm, more=more, directives=directives, keys=keys)
    shown = let_in(apache, Visitor(), demo, LOGIN)
    person = demo.person(LOGIN)
    assert f'{shown["OIDC_CLAIM_given_name"]} {shown["OIDC_CLAIM_family_name"]}' == person.name
    assert json.loads(shown["OIDC_id_token_payload"])["sub"] == shown["OIDC_CLAIM_sub"]


def test_a_module_without_the_key_cannot_read_what_is_encrypted(demo, site):
    """The control: what the tests above read was really encrypted."""
    apache = site(
        more=["id_token_encrypted_response_alg: RSA-OAEP"],
        directives=["OIDCIDTokenEncryptedResponseAlg RSA-OAEP", "OIDCIDTokenEncryptedResponseEnc A256GCM"],
        keys=["enc"],
    )
    apache.forget_keys()
    person = demo.person(LOGIN)
    visitor = Visitor().open(apache.protected)
    sign_in(visitor, person.login, person.password, person.profile)
    assert origin(visitor.response.url) == apache.origin
    assert not environment_shown(visitor.response.text)


def test_tokens_are_refreshed_and_end_with_the_session(demo, site):
    apache = site(
        more=["grant_types: [authorization_code, refresh_token]"],
        # Tokens live ten minutes: by this they are due at every request.
        directives=["OIDCRefreshAccessTokenBeforeExpiry 3600 logout_on_error", "OIDCPassRefreshToken On"],
    )
    visitor = Visitor()
    shown = [let_in(apache, visitor, demo, LOGIN)]
    for _ in range(3):
        visitor.open(apache.protected)
        assert len(visitor.hops) == 1, "the portal is asked by the module, not by the browser"
        shown.append(environment_shown(visitor.response.text))
    assert len({one["OIDC_access_token"] for one in shown}) == 4
    assert len({one["OIDC_refresh_token"] for one in shown}) == 4
    assert len({one["REMOTE_USER"] for one in shown}) == 1

    # Signed out at the portal, which this module is not told of: the next refresh is refused, and it lets go.
    visitor.open(f"{demo.portal}/oidc/logout")
    visitor.submit(visitor.page.forms[0])
    visitor.open(apache.protected)
    assert "Logged Out" in visitor.text and not environment_shown(visitor.response.text), visitor
    assert "invalid_grant" in apache.log
    visitor.open(apache.protected)
    assert origin(visitor.response.url) == demo.portal, visitor


def test_as_a_resource_server_it_asks_about_each_token(demo, site):
    client = registered(demo, client_id="strict-before-an-api")
    visitor = client.visitor()
    client.sign_in(visitor, demo.person(LOGIN))
    token = client.tokens["access_token"]
    allowed, stranger = site(more=[f"introspects: [{client.client_id}]"]), site()

    def opens(apache, token):
        answer = requests.get(apache.api, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        assert answer.status_code in (200, 401), answer.text
        return environment_shown(answer.text) if answer.status_code == 200 else None

    shown = opens(allowed, token)
    assert shown["OIDC_CLAIM_client_id"] == client.client_id and "openid" in shown["OIDC_CLAIM_scope"]
    assert shown["REMOTE_USER"] == shown["OIDC_CLAIM_sub"]
    assert not opens(stranger, token), "its file names no application whose tokens it may ask about"
    assert not opens(allowed, token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert not opens(allowed, client.tokens["id_token"])

    visitor.open(f"{demo.portal}/oidc/logout")
    visitor.submit(visitor.page.forms[0])
    assert not opens(allowed, token), "the token has ended with the session"


def test_version_2_4_12_names_the_token_endpoint_in_its_assertions_and_is_refused(demo, site):
    # `aud` is the issuer, alone (docs/integration.md). Debian 12's module can only write the token endpoint's address.
    apache = site(authentication="private_key_jwt", keys=["sig"])
    person = demo.person(LOGIN)
    visitor = Visitor().open(apache.protected)
    sign_in(visitor, person.login, person.password, person.profile)
    assert origin(visitor.response.url) == apache.origin
    assert not environment_shown(visitor.response.text)
    assert "invalid_client" in apache.log

    # What it sent is right in all else: signed by the registered key, one minute long, with a jti.
    sent = re.findall(r"client_assertion=([\w.-]+)", apache.log)[-1]
    claims = jwt.decode(sent, apache.public_keys, algorithms=["RS256"]).claims
    assert claims["aud"] == f"{demo.portal}/oidc/token"
    assert claims["iss"] == claims["sub"] == apache.client_id
    assert claims["exp"] - claims["iat"] <= 60 and claims["jti"]
