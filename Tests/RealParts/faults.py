"""What people and relying parties see while something is broken, how long until all is well, and the table of both."""

import re
import threading
import time
from dataclasses import dataclass

from client import CALLBACK
from loge import REPOSITORY
from visitor import PageReader, Visitor, reach_sign_in

# No request hangs: ten seconds, and a little for a machine that is busy with the test itself.
PATIENCE = 12.0

# How long everything may take to be well again, without a restart.
RECOVERY = 20.0

# After so long without news of the other nodes, what a node has in memory proves nothing.
STALE = 2.0

TABLE = REPOSITORY / ".build/test-results/faults.tsv"

# What belongs in a log and never on a page.
INSIDES = re.compile(
    r"postgres|libpq|sqlite|sqlstate|\bsql\b|select |insert |fatal|stack|exception|errno|\.swift|127\.0\.0\.1:"
    r"|StoreError|database|connection (refused|reset)|at /",
    re.IGNORECASE,
)

UNAVAILABLE = {"temporarily_unavailable", "server_error"}


def record(fault, saw, seconds):
    """A line of the table: the fault, what people saw, and how many seconds after its end all was well."""
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    with open(TABLE, "a") as table:
        table.write(f"{fault}\t{saw}\t{seconds:.1f}\n")


def assert_plain_page(response):
    """A page for people: their language, no insides, and something to do next."""
    assert response.status_code in (502, 503, 504), f"{response.status_code} {response.url}: {response.text[:300]}"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8", response.headers
    response.encoding = "utf-8"
    page = PageReader(response.text)
    text = " ".join(" ".join(page.text).split())
    assert 'lang="fr"' in response.text and "pas de votre fait" in text, text
    assert not INSIDES.search(text), text
    assert page.links or page.forms, "and something to do next"
    assert "no-store" in response.headers["Cache-Control"], response.headers
    assert int(response.headers["Retry-After"]) > 0


def assert_json_error(response):
    """What RFC 6749 and 6750 leave to say: the error, in JSON, and nothing of value."""
    assert response.status_code == 503, f"{response.status_code} {response.text[:300]}"
    assert response.headers["Content-Type"].startswith("application/json"), response.headers
    body = response.json()
    assert body["error"] in UNAVAILABLE, body
    assert not body.keys() - {"error", "error_description"}, body
    assert not INSIDES.search(body.get("error_description", "")), body


@dataclass
class Seen:
    """How one request ended."""

    what: str
    outcome: str
    seconds: float
    node: object

    def __str__(self):
        return f"{self.what} by {self.node or 'HAProxy'}: {self.outcome} after {self.seconds:.1f} s"


class Prepared:
    """Somebody half-way through everything, just before a fault: at the password, with an open session, with a code
    that nobody has redeemed yet, with an access token. By one node, or by HAProxy."""

    def __init__(self, world, someone, node):
        self.world, self.someone, self.node, self.client = world, someone, node, world.client
        cluster = world.cluster
        self.http = cluster.http(node)
        self.newcomer = cluster.send(self.client.visitor(), node)
        self.client.start(self.newcomer)
        reach_sign_in(self.newcomer)
        member = cluster.send(someone.browser(), node)
        self.pending = self.client.start(member)
        self.code = self.client.code(member, self.pending)
        before = self.client.start(member)
        tokens = self.client.redeem(self.client.code(member, before), before, self.http).json()
        self.access_token = tokens["access_token"]
        self.redeemed = 0

    # What is tried. The answer is a few words; anything that is not as it should be is raised.

    def password(self):
        form = self.newcomer.form_with("secret")
        self.newcomer.submit(form, identifiant=self.someone.login, secret=self.someone.password)
        if self.newcomer.hops[-1].startswith(CALLBACK):
            return "signed on"
        assert_plain_page(self.newcomer.response)
        return f"page {self.newcomer.response.status_code}"

    def open_session(self):
        member = self.world.cluster.send(self.someone.browser(), self.node)
        self.client.start(member)
        if member.hops[-1].startswith(CALLBACK):
            answer = self.client.answer(member)
            if "code" in answer:
                return "signed on"
            assert answer["error"] in UNAVAILABLE, answer
            return answer["error"]
        assert_plain_page(member.response)
        return f"page {member.response.status_code}"

    def open_session_later(self):
        """Once a node may not believe its memory any more: nobody tells it of sessions that end elsewhere."""
        time.sleep(STALE)
        return self.open_session()

    def redemption(self):
        response = self.client.redeem(self.code, self.pending, self.http)
        if response.status_code == 200:
            self.redeemed += 1
            claims = self.client.verify(response.json()["id_token"], self.pending["nonce"])
            assert claims["sub"] == self.someone.subject, "never another person"
            return "redeemed"
        if response.status_code == 400:
            assert response.json()["error"] == "invalid_grant", response.text
            return "invalid_grant"
        assert_json_error(response)
        return f"503 {response.json()['error']}"

    def userinfo(self):
        response = self.client.user_info(self.access_token, self.http)
        if response.status_code == 200:
            assert response.json()["sub"] == self.someone.subject, "never another person"
            return "answered"
        assert_json_error(response)
        return f"503 {response.json()['error']}"

    def first_page(self):
        visitor = self.world.cluster.send(Visitor(), self.node).open(self.world.cluster.portal)
        assert visitor.response.status_code == 200, visitor
        for path in ("/.well-known/openid-configuration", "/oidc/jwks"):
            assert self.http.get(self.world.cluster.portal + path, timeout=30).status_code == 200, path
        return "served"

    def all(self):
        return {
            "password": self.password,
            "open session": self.open_session,
            "open session later": self.open_session_later,
            "token": self.redemption,
            "userinfo": self.userinfo,
            "first page": self.first_page,
        }


def look(prepared):
    """Tries everything at once on everybody prepared: what each saw, in a list. None may take long."""
    seen, wrong = [], []

    def one(somebody, what, attempt):
        start = time.monotonic() + (STALE if what.endswith("later") else 0)
        try:
            outcome = attempt()
        except Exception as failure:
            wrong.append(f"{what} by {somebody.node or 'HAProxy'}: {failure!r}")
            return
        seen.append(Seen(what, outcome, time.monotonic() - start, somebody.node))

    threads = [
        threading.Thread(target=one, args=(somebody, what, attempt))
        for somebody in prepared
        for what, attempt in somebody.all().items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong, "\n".join(wrong)
    assert len(seen) == len(threads), "a request hangs"
    slow = [str(one) for one in seen if one.seconds > PATIENCE]
    assert not slow, slow
    return seen


def outcomes(seen, what):
    return {one.outcome for one in seen if one.what == what}


def in_words(seen):
    """The same for the table, each sort of request once."""
    slowest = max(one.seconds for one in seen)
    parts = [f"{what}: {' or '.join(sorted(outcomes(seen, what)))}" for what in dict.fromkeys(one.what for one in seen)]
    return "; ".join(sorted(parts)) + f"; slowest answer {slowest:.1f} s"
