"""An application on Authlib, which shares no code with Loge: its client, as a web framework would hold it.

Authlib does what Authlib does: discovery, the address of the authorization request, the token requests, the proof of the
application, the ID token. What is added here stands in for the web framework: who remembers what until the answer comes.
"""

import json
import secrets
import time
from urllib.parse import parse_qs, urlsplit

from authlib.integrations.base_client import BaseApp, OAuth2Mixin, OpenIDMixin
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from client import CALLBACK
from loge import eventually
from visitor import Visitor, sign_in

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class QuietSession(OAuth2Session):
    """No proxy between the test and this machine; the server is asked in plain HTTP, which Authlib allows when told."""

    def __init__(self, **options):
        super().__init__(**options)
        self.trust_env = False


class Framework:
    """What Authlib's client asks of a web framework: to keep what was refreshed."""

    def update_token(self, token, refresh_token=None, access_token=None):
        self.updated = token


class Application(OAuth2Mixin, OpenIDMixin, BaseApp):
    """One registered application. With `key` it proves itself by signed assertions, else by a secret."""

    client_cls = QuietSession
    scope = "openid profile email school"

    def __init__(self, demo, client_id, key=None, more=()):
        self.demo, self.key = demo, key
        self.secret = secrets.token_urlsafe(32)
        self.more = [*more]
        method = "private_key_jwt" if key else "client_secret_basic"
        # aud is the issuer, alone, as RFC 9700 and FAPI 2.0 want it; Authlib's own choice is the token endpoint.
        assertion = PrivateKeyJWT(demo.portal, alg="ES256", headers={"kid": key.kid} if key else None)
        super().__init__(
            Framework(),
            name=client_id,
            client_id=client_id,
            client_secret=key or self.secret,
            server_metadata_url=f"{demo.portal}/.well-known/openid-configuration",
            client_kwargs={
                "scope": self.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method,
                "revocation_endpoint_auth_method": method,
            },
            client_auth_methods=[assertion],
        )

    @property
    def registration(self):
        lines = [
            f"client_id: {self.client_id}",
            "client_name: Application sur Authlib",
            f"redirect_uris: [{CALLBACK}]",
            "grant_types: [authorization_code, refresh_token]",
            f'scope: "{self.scope}"',
            *self.more,
        ]
        if self.key:
            public = self.key.as_dict(private=False)
            lines += [
                "token_endpoint_auth_method: private_key_jwt",
                "token_endpoint_auth_signing_alg: ES256",
            ]
            if not any(line.startswith("jwks:") for line in self.more):
                lines.append(f"jwks: {json.dumps({'keys': [public]})}")
        else:
            lines.append(f"client_secret: {self.secret}")
        return "".join(f"{line}\n" for line in lines)

    def session(self):
        """Authlib's session for this application, for what its client has no verb for."""
        return self._get_oauth_client(**self.load_server_metadata())

    def start(self, visitor, **extra):
        """Sends the visitor to the portal; what the framework remembers of it is the answer."""
        remembered = self.create_authorization_url(redirect_uri=CALLBACK, **extra)
        visitor.open(remembered["url"])
        return remembered

    def finish(self, answer, remembered, **more):
        """The tokens for an answer, after the checks that Authlib leaves to the framework."""
        assert answer["state"] == remembered["state"] and answer["iss"] == self.demo.portal, answer
        return self.fetch_access_token(
            redirect_uri=CALLBACK, code=answer["code"], code_verifier=remembered["code_verifier"], **more
        )

    def sign_in(self, visitor, person, **extra):
        """The whole flow: the tokens, and the person whom Authlib reads in the ID token."""
        remembered = self.start(visitor, **extra)
        if not visitor.hops[-1].startswith(CALLBACK):
            sign_in(visitor, person.login, person.password, person.profile)
        tokens = self.finish(self.answer(visitor), remembered)
        return tokens, self.parse_id_token(tokens, remembered["nonce"])

    def answer(self, visitor):
        """What the address says that the visitor stopped at."""
        assert visitor.hops[-1].startswith(CALLBACK), visitor
        return {name: values[0] for name, values in parse_qs(urlsplit(visitor.hops[-1]).query).items()}

    def logout_token(self, text):
        """The claims of a logout token, once joserfc and the rules of Back-Channel Logout §2.6 find it right."""
        keys = KeySet.import_key_set(self.fetch_jwk_set(force=True))
        token = jwt.decode(text, keys, algorithms=["ES256"])
        claims, now = token.claims, time.time()
        assert token.header["typ"] == "logout+jwt", token.header
        assert claims["iss"] == self.demo.portal and claims["aud"] in (self.client_id, [self.client_id]), claims
        assert claims["iat"] <= now + 5 and now < claims["exp"] <= claims["iat"] + 120, claims
        assert claims["events"] == {LOGOUT_EVENT: {}} and "nonce" not in claims and claims["jti"], claims
        assert claims.get("sub") or claims.get("sid"), claims
        return claims


def signing_key():
    """A key of an application's own."""
    return ECKey.generate_key("P-256", parameters={"use": "sig", "kid": secrets.token_hex(4)})


def encryption_key():
    """A key that an application is written to under."""
    return RSAKey.generate_key(2048, parameters={"use": "enc", "kid": secrets.token_hex(4)})


def decrypted(text, key, algorithm="RSA-OAEP-256"):
    """What is inside an encrypted token; its header says what it is."""
    content = jwe.decrypt_compact(text, key, algorithms=[algorithm, "A256GCM"])
    assert content.protected["cty"] == "JWT" and content.protected["enc"] == "A256GCM", content.protected
    return content.plaintext.decode()


def registered(demo, client_id, **options):
    """An application that the running demo has taken up."""
    application = Application(demo, client_id, **options)
    demo.register(client_id, application.registration)

    def is_known():
        """the dropped file is picked up without a restart"""
        visitor = Visitor(stop_at=CALLBACK)
        application.start(visitor)
        return visitor.response is None or visitor.response.ok

    eventually(is_known, seconds=10)
    return application
