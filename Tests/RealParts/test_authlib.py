"""Authlib as an application: every way that Loge offers to applications, by a client that shares no code with it."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc import discovery, rpinitiated
from joserfc import jwt
from joserfc.errors import DecodeError
from joserfc.jwk import ECKey, KeySet, RSAKey

from authlib_client import decrypted, encryption_key, registered, signing_key
from client import CALLBACK
from loge import command, eventually
from visitor import Visitor, sign_in

LOGIN = "claire.martin"


@pytest.fixture(autouse=True)
def plain_http(monkeypatch):
    """The demo speaks plain HTTP on the loopback, which Authlib takes only from whoever says so."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def application(demo):
    """Makes applications that are registered with the demo, and withdraws them."""
    made = []

    def make(**options):
        made.append(registered(demo, f"authlib-{len(made)}-{secrets.token_hex(4)}", **options))
        return made[-1]

    yield make
    for one in made:
        (demo.relying_parties / f"{one.client_id}.yaml").unlink(missing_ok=True)


@pytest.fixture(params=["client_secret_basic", "private_key_jwt"])
def app(request, application):
    """An application by each way to prove itself."""
    return application(key=signing_key() if request.param == "private_key_jwt" else None)


def browser():
    return Visitor(stop_at=CALLBACK)


def refresh(app, token):
    session = app.session()
    return session.refresh_token(app.server_metadata["token_endpoint"], refresh_token=token)


def introspected(app, token):
    session = app.session()
    answer = session.introspect_token(app.server_metadata["introspection_endpoint"], token=token)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(call, error):
    with pytest.raises(OAuthError) as caught:
        call()
    assert caught.value.error == error


def test_the_discovery_document_is_valid_to_authlib(demo, application):
    metadata = discovery.OpenIDProviderMetadata(application().load_server_metadata())
    metadata.validate(metadata_classes=[rpinitiated.OpenIDProviderMetadata])
    assert metadata["issuer"] == demo.portal


def test_signs_in_and_reads_who_it_is(demo, app):
    person, visitor = demo.person(LOGIN), browser()
    tokens, user = app.sign_in(visitor, person)
    assert tokens["token_type"] == "Bearer"
    info = app.userinfo(token=tokens)
    assert info["sub"] == user["sub"] and info["name"] == person.name
    # The portal's session is live: a second sign-in asks nothing, and it is the same person.
    assert app.sign_in(visitor, person)[1]["sub"] == user["sub"]
    assert app.sign_in(visitor, person, prompt="none")[1]["auth_time"] == user["auth_time"]


def test_a_code_is_good_once_and_with_its_verifier_only(demo, app):
    visitor, person = browser(), demo.person(LOGIN)
    remembered = app.start(visitor)
    sign_in(visitor, person.login, person.password, person.profile)
    wrong = {**remembered, "code_verifier": secrets.token_urlsafe(48)}
    refused(lambda: app.finish(app.answer(visitor), wrong), "invalid_grant")
    tokens = app.finish(app.answer(visitor), remembered)
    assert introspected(app, tokens["access_token"])["active"]
    refused(lambda: app.finish(app.answer(visitor), remembered), "invalid_grant")
    assert introspected(app, tokens["access_token"]) == {"active": False}, "a replay revokes what the code gave"


def test_refresh_tokens_rotate_and_an_old_one_ends_the_family(demo, app):
    tokens, user = app.sign_in(browser(), demo.person(LOGIN))
    family = [tokens]
    for _ in range(3):
        family.append(refresh(app, family[-1]["refresh_token"]))
    assert len({one["refresh_token"] for one in family}) == len({one["access_token"] for one in family}) == 4
    assert app.userinfo(token=family[-1])["sub"] == user["sub"]
    assert introspected(app, family[-1]["refresh_token"])["active"]
    # The second of them was used long ago: whoever has it now is a thief, or was robbed.
    refused(lambda: refresh(app, family[1]["refresh_token"]), "invalid_grant")
    refused(lambda: refresh(app, family[-1]["refresh_token"]), "invalid_grant")
    assert introspected(app, family[-1]["access_token"]) == {"active": False}


def test_an_answer_that_was_lost_is_given_again(demo, app):
    tokens, _ = app.sign_in(browser(), demo.person(LOGIN))
    first = refresh(app, tokens["refresh_token"])
    again = refresh(app, tokens["refresh_token"])
    assert again["refresh_token"] == first["refresh_token"], "the same one, so that nothing forks"
    assert refresh(app, again["refresh_token"])["refresh_token"] != again["refresh_token"]


def test_introspection_tells_a_client_of_its_own_tokens_and_of_no_others(demo, app, application):
    tokens, user = app.sign_in(browser(), demo.person(LOGIN))
    facts = introspected(app, tokens["access_token"])
    assert facts["active"] and facts["client_id"] == app.client_id and facts["sub"] == user["sub"]
    assert facts["iss"] == demo.portal and facts["exp"] > time.time()
    stranger = application()
    stranger.load_server_metadata()
    assert introspected(stranger, tokens["access_token"]) == {"active": False}
    appointed = application(more=[f"introspects: [{app.client_id}]"])
    appointed.load_server_metadata()
    assert introspected(appointed, tokens["access_token"])["active"]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_what_is_revoked_is_dead(demo, app, application, kind):
    tokens, _ = app.sign_in(browser(), demo.person(LOGIN))
    stranger = application()
    stranger.load_server_metadata()

    def revoke(asking):
        session = asking.session()
        answer = session.revoke_token(asking.server_metadata["revocation_endpoint"], token=tokens[kind])
        return answer.status_code

    revoke(stranger)
    assert introspected(app, tokens[kind])["active"], "another client's word ends nothing"
    assert revoke(app) == 200
    assert introspected(app, tokens[kind]) == {"active": False}
    if kind == "refresh_token":
        refused(lambda: refresh(app, tokens[kind]), "invalid_grant")
        assert introspected(app, tokens["access_token"]) == {"active": False}


def test_a_pushed_request(demo, application):
    app = application(key=signing_key(), more=["require_pushed_authorization_requests: true"])
    visitor, person = browser(), demo.person(LOGIN)
    # Without a push this application is told so.
    app.start(visitor)
    assert app.answer(visitor)["error"] == "invalid_request"

    remembered = app.create_authorization_url(redirect_uri=CALLBACK)
    parameters = {name: values[0] for name, values in parse_qs(remembered["url"].split("?")[1]).items()}
    session = app.session()
    pushed = session.post(
        app.server_metadata["pushed_authorization_request_endpoint"],
        data=parameters,
        withhold_token=True,
        auth=session.client_auth("private_key_jwt"),
    )
    assert pushed.status_code == 201, pushed.text
    request_uri = pushed.json()["request_uri"]
    assert 0 < pushed.json()["expires_in"] <= 600
    short = urlencode({"client_id": app.client_id, "request_uri": request_uri})
    visitor.open(f"{app.server_metadata['authorization_endpoint']}?{short}")
    sign_in(visitor, person.login, person.password, person.profile)
    tokens = app.finish(app.answer(visitor), remembered)
    assert app.parse_id_token(tokens, remembered["nonce"])["sub"]
    # Used up: the same address leads to no second answer.
    visitor.open(f"{app.server_metadata['authorization_endpoint']}?{short}")
    assert not visitor.hops[-1].startswith(CALLBACK) or "code" not in app.answer(visitor)


def test_the_answer_by_a_form(demo, app):
    visitor, person = browser(), demo.person(LOGIN)
    remembered = app.start(visitor, response_mode="form_post")
    sign_in(visitor, person.login, person.password, person.profile)
    form = next(form for form in visitor.page.forms if form.action == CALLBACK)
    assert form.method == "post"
    answer = {one.name: one.value for one in form.fields if one.name}
    tokens = app.finish(answer, remembered)
    assert app.parse_id_token(tokens, remembered["nonce"])["sub"]
    assert not any("code=" in hop for hop in visitor.hops)


@pytest.mark.parametrize("algorithm", ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES"])
def test_an_encrypted_id_token(demo, application, algorithm):
    key = encryption_key()
    if algorithm == "ECDH-ES":
        key = ECKey.generate_key("P-256", parameters={"use": "enc", "kid": secrets.token_hex(4)})
    app = application(
        more=[
            f"id_token_encrypted_response_alg: {algorithm}",
            "id_token_encrypted_response_enc: A256GCM",
            f"jwks: {json.dumps(KeySet([key]).as_dict(private=False))}",
        ]
    )
    visitor, person = browser(), demo.person(LOGIN)
    remembered = app.start(visitor)
    sign_in(visitor, person.login, person.password, person.profile)
    tokens = app.finish(app.answer(visitor), remembered)
    assert tokens["id_token"].count(".") == 4
    with pytest.raises(DecodeError):
        app.parse_id_token(tokens, remembered["nonce"])
    inside = decrypted(tokens["id_token"], key, algorithm)
    user = app.parse_id_token({**tokens, "id_token": inside}, remembered["nonce"])
    assert user["sub"] == app.userinfo(token=tokens)["sub"]


def test_an_assertion_is_believed_once(demo, application):
    app = application(key=signing_key())
    tokens, _ = app.sign_in(browser(), demo.person(LOGIN))
    once = PrivateKeyJWT(demo.portal, alg="ES256", claims={"jti": secrets.token_hex(8)})
    app.client_auth_methods = [once]
    fresh = refresh(app, tokens["refresh_token"])
    refused(lambda: refresh(app, fresh["refresh_token"]), "invalid_client")
    app.client_auth_methods = [PrivateKeyJWT(demo.portal, alg="ES256")]
    assert refresh(app, fresh["refresh_token"])["access_token"]


@pytest.mark.parametrize("defect", ["token endpoint as audience", "another key", "another algorithm"])
def test_an_assertion_that_is_not_right_is_refused(demo, application, defect):
    app = application(key=signing_key())
    tokens, _ = app.sign_in(browser(), demo.person(LOGIN))
    endpoint = app.server_metadata["token_endpoint"]
    audience = endpoint if defect == "token endpoint as audience" else demo.portal
    if defect == "another key":
        app.client_secret = signing_key()
    if defect == "another algorithm":
        app.client_secret = RSAKey.generate_key(2048)
    algorithm = "RS256" if defect == "another algorithm" else "ES256"
    app.client_auth_methods = [PrivateKeyJWT(audience, alg=algorithm)]
    refused(lambda: refresh(app, tokens["refresh_token"]), "invalid_client")


class LogoutReceiver:
    """An application's own address for logout tokens, on a free port of the loopback."""

    def __init__(self):
        self.tokens = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.tokens += parse_qs(body).get("logout_token", [])
                self.send_response(200)
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/logout"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *reason):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def received(self, count=1):
        def has_come():
            """the logout token has come"""
            return len(self.tokens) >= count

        eventually(has_come, seconds=20)
        return self.tokens[-1]


@pytest.mark.parametrize("end", ["sign-out", "lock"])
def test_a_logout_token_tells_of_the_end_of_the_session(demo, application, end):
    with LogoutReceiver() as receiver:
        app = application(
            more=[f"backchannel_logout_uri: {receiver.address}", "backchannel_logout_session_required: true"]
        )
        visitor = browser()
        tokens, user = app.sign_in(visitor, demo.person(LOGIN))
        assert not receiver.tokens
        if end == "sign-out":
            visitor.open(f"{demo.portal}/oidc/logout")
            visitor.submit(visitor.page.forms[0])
        else:
            lock = command("accounts", "lock", LOGIN, "--reason", "exercise", "--data", demo.data)
            assert lock.returncode == 0, lock.stderr
        try:
            claims = app.logout_token(receiver.received())
        finally:
            if end == "lock":
                assert command("accounts", "unlock", LOGIN, "--data", demo.data).returncode == 0
        assert claims["sid"] == user["sid"]
        assert claims.get("sub", user["sub"]) == user["sub"]
        # What the session carried has ended with it.
        refused(lambda: refresh(app, tokens["refresh_token"]), "invalid_grant")
        assert introspected(app, tokens["access_token"]) == {"active": False}


def proof(key, method, url, access_token=None, **changes):
    """A DPoP proof (RFC 9449 §4.2)."""
    claims = {"jti": secrets.token_hex(16), "htm": method, "htu": url, "iat": int(time.time())}
    if access_token:
        digest = hashlib.sha256(access_token.encode()).digest()
        claims["ath"] = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    public = {name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y")}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public}
    return jwt.encode(header, {**claims, **changes}, key)


def test_tokens_that_are_bound_to_a_key(demo, application):
    app = application(key=signing_key(), more=["dpop_bound_access_tokens: true"])
    key, thief = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    visitor, person = browser(), demo.person(LOGIN)
    remembered = app.start(visitor)
    sign_in(visitor, person.login, person.password, person.profile)
    endpoint, userinfo = (app.server_metadata[name] for name in ("token_endpoint", "userinfo_endpoint"))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(lambda: app.finish(app.answer(visitor), remembered, headers=form), "invalid_dpop_proof")
    tokens = app.finish(app.answer(visitor), remembered, headers={**form, "DPoP": proof(key, "POST", endpoint)})
    assert tokens["token_type"] == "DPoP"
    assert app.parse_id_token(tokens, remembered["nonce"])["sub"]
    access = tokens["access_token"]

    def ask(scheme, one=None):
        headers = {"Authorization": f"{scheme} {access}", **({"DPoP": one} if one else {})}
        return requests.get(userinfo, headers=headers, timeout=30).status_code

    good = proof(key, "GET", userinfo, access)
    assert ask("DPoP", good) == 200
    assert ask("DPoP", good) == 401, "a proof is good once"
    assert ask("DPoP") == 401
    assert ask("Bearer") == 401, "whoever has the token alone has nothing"
    assert ask("DPoP", proof(thief, "GET", userinfo, access)) == 401
    assert ask("DPoP", proof(key, "POST", userinfo, access)) == 401
    assert ask("DPoP", proof(key, "GET", userinfo, "another token")) == 401
    assert ask("DPoP", proof(key, "GET", userinfo, access, iat=int(time.time()) - 600)) == 401
    assert ask("DPoP", proof(key, "GET", userinfo, access)) == 200
