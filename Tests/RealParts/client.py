"""A strict relying party on joserfc, which shares no code with Loge: code flow, PKCE, every check of an ID token.

It keeps the key set and asks for it again only when it meets a key it does not know, as real libraries do: a token
signed by a key that was never published makes it fail.
"""

import base64
import hashlib
import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from visitor import Visitor, sign_in

# Nobody serves this address; the visitor stops in front of it, and the code is in the address.
CALLBACK = "http://127.0.0.1:9/callback"


class Client:
    """One registered relying party."""

    def __init__(self, demo, client_id="strict", algorithm="ES256"):
        self.demo, self.client_id, self.algorithm = demo, client_id, algorithm
        self.secret = secrets.token_urlsafe(32)
        self.http = requests.Session()
        self.http.trust_env = False
        self.key_set = None

    @property
    def registration(self):
        return f"""\
client_id: {self.client_id}
client_name: Application témoin
client_secret: {self.secret}
redirect_uris: [{CALLBACK}]
token_endpoint_auth_method: client_secret_basic
id_token_signed_response_alg: {self.algorithm}
subject_type: pairwise
require_pkce: true
scope: "openid profile email school"
"""

    def discover(self):
        answer = self.http.get(f"{self.demo.portal}/.well-known/openid-configuration", timeout=30)
        answer.raise_for_status()
        self.metadata = answer.json()
        assert self.metadata["issuer"] == self.demo.portal
        return self

    def fetch_keys(self):
        answer = self.http.get(self.metadata["jwks_uri"], timeout=30)
        answer.raise_for_status()
        self.key_set = KeySet.import_key_set(answer.json())
        return {key.kid for key in self.key_set.keys}

    def visitor(self):
        return Visitor(stop_at=CALLBACK)

    def start(self, visitor, **extra):
        """Sends the visitor to the portal; what must be remembered until the answer comes back is returned."""
        pending = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        challenge = hashlib.sha256(pending["verifier"].encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": "openid profile email school",
            "state": pending["state"],
            "nonce": pending["nonce"],
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            **extra,
        }
        visitor.open(f"{self.metadata['authorization_endpoint']}?{urlencode(query)}")
        return pending

    def finish(self, visitor, pending):
        """Takes the code from the address the visitor stopped at, and answers the claims of the ID token."""
        response = self.redeem(self.code(visitor, pending), pending)
        assert response.status_code == 200, response.text
        self.tokens = tokens = response.json()
        claims = self.verify(tokens["id_token"], pending["nonce"])
        info = self.user_info(tokens["access_token"])
        assert info.status_code == 200, info.text
        assert info.json()["sub"] == claims["sub"]
        return claims

    def code(self, visitor, pending):
        """The code in the address that the visitor stopped at."""
        answer = self.answer(visitor)
        assert answer["state"] == pending["state"] and answer["iss"] == self.demo.portal and "code" in answer, answer
        return answer["code"]

    def answer(self, visitor):
        """What the address says that the visitor stopped at."""
        assert visitor.hops[-1].startswith(CALLBACK), visitor
        return {name: values[0] for name, values in parse_qs(urlsplit(visitor.hops[-1]).query).items()}

    def redeem(self, code, pending, http=None):
        """The answer of the token endpoint; `http` is the session to ask by, when not the client's own."""
        return (http or self.http).post(
            self.metadata["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": pending["verifier"],
            },
            auth=(self.client_id, self.secret),
            timeout=30,
        )

    def user_info(self, access_token, http=None):
        """The answer of the userinfo endpoint."""
        return (http or self.http).get(
            self.metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}, timeout=30
        )

    def verify(self, token, nonce):
        try:
            claims = self._verify(token)
        except InvalidKeyIdError:
            self.fetch_keys()
            claims = self._verify(token)
        now = time.time()
        assert claims["iss"] == self.demo.portal and claims["aud"] in (self.client_id, [self.client_id]), claims
        assert claims["nonce"] == nonce and claims["iat"] <= now + 5 and now < claims["exp"], claims
        return claims

    def _verify(self, token):
        if self.key_set is None:
            self.fetch_keys()
        decoded = jwt.decode(token, self.key_set, algorithms=[self.algorithm])
        self.key_id = decoded.header["kid"]
        return decoded.claims

    def sign_in(self, visitor, person):
        """The whole flow; with a live session at the portal, nobody is asked anything."""
        pending = self.start(visitor)
        if not visitor.hops[-1].startswith(CALLBACK):
            sign_in(visitor, person.login, person.password, person.profile)
        return self.finish(visitor, pending)
