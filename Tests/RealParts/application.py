"""A small application on this machine that signs people in through Loge and hears, in its own way, that they have left."""

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

PAGE = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title>
<link rel="icon" href="data:,"></head><body><h1>{title}</h1></body></html>"""


class Application:
    """One registered relying party with pages of its own. `status` is what it answers when it is told of a logout."""

    def __init__(self, demo, client_id, name, backchannel=False, frontchannel=False, posted=False):
        self.demo, self.client_id, self.name = demo, client_id, name
        self.posted = posted  # whether the answer comes in a form
        self.backchannel, self.frontchannel = backchannel, frontchannel
        self.secret = secrets.token_urlsafe(32)
        self.status = 200
        self.tokens = []  # the logout tokens that came
        self.frames = []  # the queries of the frames that browsers opened
        self.claims = {}  # of the ID token that came last, as it says itself
        self.id_token = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def registration(self):
        lines = [
            f"client_id: {self.client_id}",
            f"client_name: {self.name}",
            f"client_uri: {self.origin}/",
            f"client_secret: {self.secret}",
            f"redirect_uris: ['{self.origin}/callback']",
            f"post_logout_redirect_uris: ['{self.origin}/left']",
            "scope: openid",
        ]
        if self.backchannel:
            lines.append(f"backchannel_logout_uri: {self.origin}/backchannel")
        if self.frontchannel:
            lines.append(f"frontchannel_logout_uri: {self.origin}/frontchannel")
        return "\n".join(lines) + "\n"

    @property
    def enter(self):
        """The address at which a browser signs in."""
        return f"{self.origin}/enter"

    def leave(self, returning=True):
        """The address at the portal that signs a person out."""
        query = {"id_token_hint": self.id_token}
        if returning:
            query.update(post_logout_redirect_uri=f"{self.origin}/left", state="à bientôt")
        return f"{self.demo.portal}/oidc/logout?{urlencode(query)}"

    def _start(self):
        self.verifier, self.state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": f"{self.origin}/callback",
            "scope": "openid", "state": self.state, "code_challenge": challenge, "code_challenge_method": "S256",
        }
        if self.posted:
            query["response_mode"] = "form_post"
        return f"{self.demo.portal}/oidc/authorize?{urlencode(query)}"

    def _redeem(self, query):
        answer = parse_qs(query)
        assert answer["state"] == [self.state], answer
        tokens = requests.post(
            f"{self.demo.portal}/oidc/token",
            data={
                "grant_type": "authorization_code", "code": answer["code"][0],
                "redirect_uri": f"{self.origin}/callback", "code_verifier": self.verifier,
            },
            auth=(self.client_id, self.secret),
            proxies={"http": None},
            timeout=30,
        ).json()
        self.id_token = tokens["id_token"]
        payload = self.id_token.split(".")[1]
        self.claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def _handler(application):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                if parts.path == "/enter":
                    return self.answer(303, location=application._start())
                if parts.path == "/callback":
                    application._redeem(parts.query)
                    return self.answer(303, location=f"{application.origin}/inside")
                if parts.path == "/frontchannel":
                    application.frames.append(parse_qs(parts.query))
                self.answer(200, PAGE.format(title={"/inside": "Bienvenue", "/left": "Au revoir"}.get(parts.path, "…")))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path == "/callback":
                    assert application.posted and self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                    application._redeem(body)
                    return self.answer(303, location=f"{application.origin}/inside")
                if self.path == "/backchannel":
                    application.tokens += parse_qs(body)["logout_token"]
                self.answer(application.status)

            def answer(self, status, body="", location=None):
                content = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler
