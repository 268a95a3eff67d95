"""Bad days: what stands behind the nodes fails in every way it can, and the nodes themselves die.

Each fault comes with a control before it (everything works), what people and relying parties see while it lasts, and
the recovery: nobody restarts a node for it. What was seen goes into .build/test-results/faults.tsv.
"""

import contextlib
import json
import os
import re
import sqlite3
import threading
import time

import pytest
import requests

from client import CALLBACK
from cluster import SOON, Cluster, at_once, is_running, walk
from faults import PATIENCE, RECOVERY, Prepared, assert_plain_page, in_words, look, outcomes, record
from installation import PASSWORD, first_connection, person
from loge import eventually
from postgres_proxy import PostgresProxy
from visitor import Visitor, reach_sign_in, sign_in


class Someone:
    """A member, their open session, and who the relying party says that they are."""

    def __init__(self, world, member):
        self.world, self.login, self.password, self.profile = world, member.login, member.password, member.profile
        visitor = world.client.visitor()
        self.subject = world.client.sign_in(visitor, member)["sub"]
        self.cookies = visitor.session.cookies.copy()

    def browser(self):
        """Another window of the browser with the open session."""
        visitor = self.world.client.visitor()
        visitor.session.cookies = self.cookies.copy()
        return visitor


class World:
    """Two nodes, each with a proxy of its own before PostgreSQL, a relying party and people."""

    def __init__(self):
        self.proxies = [PostgresProxy(lambda: self.cluster.database_port()).start() for _ in range(2)]
        self.cluster = Cluster(nodes=2, through=self.proxies)

    def start(self):
        self.cluster.start()
        self.client = self.cluster.client()
        self.people = [
            Someone(self, self.cluster.member("Ada", "Martin")),
            Someone(self, self.cluster.member("Zoé", "Durand")),
        ]
        assert self.people[0].subject != self.people[1].subject
        return self

    def stop(self):
        for proxy in self.proxies:
            proxy.well()
        status = self.cluster.stop()
        for proxy in self.proxies:
            proxy.stop()
        return status

    @property
    def nodes(self):
        return self.cluster.nodes

    @property
    def postgresql(self):
        return self.cluster.postgresql

    def prepared(self):
        """Two people half-way through everything, on each node."""
        return [Prepared(self, self.people[number], node) for number, node in enumerate(self.nodes)]

    def signs_on(self, someone, node=None):
        """Whether an open session signs on by that node, to the end; anything but a plain refusal is raised."""
        visitor = self.cluster.send(someone.browser(), node)
        pending = self.client.start(visitor)
        if not visitor.hops[-1].startswith(CALLBACK):
            if visitor.response.ok:
                return False  # asked who one is
            assert_plain_page(visitor.response)
            return False
        if "code" not in self.client.answer(visitor):
            return False
        response = self.client.redeem(self.client.code(visitor, pending), pending, self.cluster.http(node))
        if response.status_code != 200:
            assert response.status_code == 503, response.text
            return False
        claims = self.client.verify(response.json()["id_token"], pending["nonce"])
        assert claims["sub"] == someone.subject, "never another person"
        return True

    def recovered(self, since):
        """Waits until every node is ready and everything works on it, without having been restarted. The answer is how
        many seconds that took."""
        for node in self.nodes:
            def well():
                """everything works again"""
                return node.asks("readyz") == 200 and self.signs_on(self.people[0], node)

            well.__doc__ += f" on {node}"
            eventually(well, RECOVERY)
        seconds = time.monotonic() - since
        for someone in self.people:
            visitor = self.client.visitor()  # by HAProxy, with the password
            assert self.client.sign_in(visitor, someone)["sub"] == someone.subject
            self.sign_out(visitor)
        return seconds

    def sign_out(self, visitor):
        """Ends a session on one node; the other, which has it in memory, hears of it."""
        copies = visitor.session.cookies.copy()
        for node in self.nodes:
            self.client.start(self.cluster.send(visitor, node))
            assert visitor.hops[-1].startswith(CALLBACK), visitor
        here, there = self.nodes
        self.cluster.send(visitor, here).open(f"{self.cluster.portal}/oidc/logout")
        visitor.submit(visitor.form_with("confirmation"))
        assert visitor.response.ok, visitor
        thief = self.cluster.send(self.client.visitor(), there)
        thief.session.cookies = copies

        def ended():
            """a session that ended on one node has ended on the other"""
            self.client.start(thief)
            return not thief.hops[-1].startswith(CALLBACK)

        eventually(ended, SOON)

    def control(self):
        """All is well before anything is broken."""
        assert self.recovered(time.monotonic()) < RECOVERY


@pytest.fixture(scope="module")
def world():
    world = World()
    try:
        yield world.start()
        problems = list(world.cluster.log_problems())
    finally:
        status = world.stop()
    assert status == 0, "every part ends well when told to"
    assert not problems, problems[:5]


@pytest.fixture(autouse=True)
def nobody_dies(request):
    """The nodes of the end are those of the beginning, unless the test is about dying nodes."""
    if "world" not in request.fixturenames:
        yield
        return
    world = request.getfixturevalue("world")
    before = [node.pid for node in world.nodes]
    yield
    for proxy in world.proxies:
        proxy.well()
        proxy.accept()
    dead = [node for node in world.nodes if not node.is_alive]
    for node in dead:
        node.start_again()  # for the tests to come
    assert not dead
    if "kill" not in request.node.name:
        assert [node.pid for node in world.nodes] == before


# The database.


@contextlib.contextmanager
def stopped(world, mode):
    world.postgresql.stop(mode)
    try:
        yield
    finally:
        world.postgresql.start()


@contextlib.contextmanager
def read_only(world):
    world.postgresql.setting("default_transaction_read_only", "on")
    try:
        yield
    finally:
        world.postgresql.setting("default_transaction_read_only", None)


@contextlib.contextmanager
def out_of_connections(world):
    with world.postgresql.occupied():
        yield


@contextlib.contextmanager
def slow(world):
    for proxy in world.proxies:
        proxy.delay(30)
    try:
        yield
    finally:
        for proxy in world.proxies:
            proxy.well()


@contextlib.contextmanager
def frozen(world):
    world.postgresql.freeze()
    try:
        yield
    finally:
        world.postgresql.thaw()


@contextlib.contextmanager
def unreachable(world):
    for proxy in world.proxies:
        proxy.refuse()
        proxy.cut()
    try:
        yield
    finally:
        for proxy in world.proxies:
            proxy.accept()


FAULTS = {
    "PostgreSQL stopped (fast)": lambda world: stopped(world, "fast"),
    "PostgreSQL stopped (immediate)": lambda world: stopped(world, "immediate"),
    "PostgreSQL unreachable": unreachable,
    "PostgreSQL read-only": read_only,
    "PostgreSQL out of connections": out_of_connections,
    "PostgreSQL slow by 30 s": slow,
    "PostgreSQL frozen": frozen,
}

# Where the server is there and answers nothing, nobody can tell whether it has carried out what it was asked.
SILENT = {"PostgreSQL slow by 30 s", "PostgreSQL frozen"}

# Where sessions can still be read.
READABLE = {"PostgreSQL read-only"}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_database_fails(world, fault):
    world.control()
    prepared = world.prepared()
    with FAULTS[fault](world):
        seen = look(prepared)
        readiness = at_once(2, lambda number: world.nodes[number].asks("readyz"))
        assert readiness == [503, 503], "the operator's listener says so"
        assert [node.asks("healthz") for node in world.nodes] == [200, 200], "and nobody need be restarted"
        page = requests.get(f"{world.cluster.portal}/", timeout=10)
        assert page.status_code == 200, "HAProxy goes on asking the nodes, whose pages are better than its own"
    lifted = time.monotonic()
    assert outcomes(seen, "token") <= {"503 temporarily_unavailable", "503 server_error"}, seen
    assert outcomes(seen, "password") == {"page 503"}, seen
    if fault not in READABLE:
        assert "signed on" not in outcomes(seen, "open session later"), seen
    record(fault, in_words(seen), world.recovered(lifted))

    for somebody in prepared:
        again = somebody.redemption()
        if fault in SILENT:
            assert again in ("redeemed", "invalid_grant"), again
        else:
            assert again == "redeemed", "a code that could not be used then can be used now"
        assert somebody.redemption() == "invalid_grant", "and once only"
        assert somebody.redeemed <= 1


class Traffic:
    """People who sign on all the time by HAProxy; what they were told is counted."""

    def __init__(self, world, count=4):
        self.world, self.stopped, self.wrong = world, threading.Event(), []
        self.signed_on, self.refused, self.slowest = [0] * count, [0] * count, 0.0
        self.threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *reason):
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)

    def _go_on(self, number):
        someone = self.world.people[number % 2]
        while not self.stopped.is_set():
            start = time.monotonic()
            try:
                if self.world.signs_on(someone):
                    self.signed_on[number] += 1
                else:
                    self.refused[number] += 1
                    time.sleep(0.05)
            except Exception as failure:
                self.wrong.append(repr(failure))
            self.slowest = max(self.slowest, time.monotonic() - start)

    def more(self, count=3):
        """Waits until everybody has signed on that many times more."""
        wanted = [done + count for done in self.signed_on]

        def so_many():
            """everybody signs on"""
            return all(done >= want for done, want in zip(self.signed_on, wanted))

        eventually(so_many, RECOVERY)


def test_the_database_is_restarted_in_the_middle_of_traffic(world):
    world.control()
    with Traffic(world) as traffic:
        traffic.more()
        for mode in ("fast", "immediate"):
            world.postgresql.restart(mode)
            lifted = time.monotonic()
            traffic.more()
            seconds = time.monotonic() - lifted
    assert not traffic.wrong, traffic.wrong[:3]
    assert traffic.slowest < PATIENCE
    assert sum(traffic.refused) < sum(traffic.signed_on) + 1000
    saw = f"{sum(traffic.signed_on)} sign-ons, {sum(traffic.refused)} told plainly to try again"
    record("PostgreSQL restarted in the middle of traffic", saw, max(seconds, world.recovered(lifted)))


def test_every_connection_is_cut_in_the_middle_of_traffic(world):
    world.control()
    with Traffic(world) as traffic:
        for _ in range(5):
            traffic.more(2)
            for proxy in world.proxies:
                proxy.cut()
        lifted = time.monotonic()
        traffic.more()
        seconds = time.monotonic() - lifted
    assert not traffic.wrong, traffic.wrong[:3]
    saw = f"{sum(traffic.signed_on)} sign-ons, {sum(traffic.refused)} told plainly to try again"
    record("connections to PostgreSQL cut in the middle of traffic", saw, seconds)


# Between COMMIT and its answer.


def redemptions(world):
    return int(world.postgresql.sql("select count(*) from code_redemptions"))


def test_a_redemption_is_committed_and_the_answer_is_lost(world):
    world.control()
    somebody = world.prepared()[0]
    before = redemptions(world)
    lost = world.proxies[0].lose_answer("insert into code_redemptions")
    saw = somebody.redemption()
    lifted = time.monotonic()
    lost.wait()
    assert saw in ("503 temporarily_unavailable", "503 server_error"), "nobody knows, so nobody gets anything"
    assert redemptions(world) == before + 1, "it was committed: that is what the test is about"
    for node in reversed(world.nodes):
        world.cluster.send(somebody.http, node)
        assert somebody.redemption() == "invalid_grant", "a used code stays used"
    seconds = world.recovered(lifted)
    assert somebody.redeemed == 0
    record("cut between the COMMIT of a redemption and its answer", f"token: {saw}, then invalid_grant", seconds)


def test_a_sign_in_is_committed_and_the_answer_is_lost(world):
    world.control()
    somebody = world.prepared()[0]
    lost = world.proxies[0].lose_answer("insert into sessions")
    saw = somebody.password()
    lifted = time.monotonic()
    lost.wait()
    assert saw == "page 503"
    assert not any("session" in cookie.name for cookie in somebody.newcomer.session.cookies), "nobody got that session"
    seconds = world.recovered(lifted)
    world.client.start(somebody.newcomer)
    reach_sign_in(somebody.newcomer)
    assert somebody.password() == "signed on"
    record("cut between the COMMIT of a sign-in and its answer", f"password: {saw}", seconds)


def test_an_activation_is_committed_and_the_answer_is_lost(world):
    world.control()
    made = world.cluster.account("Luc", "Moreau", profile="National_ENS")
    visitor = world.cluster.send(Visitor(), world.nodes[0]).open(world.cluster.portal)
    sign_in(visitor, made["login"], made["activation_code"])
    lost = world.proxies[0].lose_answer("set stage = 'active'")
    form, choice = visitor.form_with("motDePasse"), {"motDePasse": PASSWORD, "confirmation": PASSWORD, "charte": "oui"}
    visitor.submit(form, **choice)
    lifted = time.monotonic()
    lost.wait()
    assert_plain_page(visitor.response)
    saw = f"page {visitor.response.status_code}"
    seconds = world.recovered(lifted)

    world.cluster.send(visitor, world.nodes[1])
    visitor.submit(form, **{**choice, "motDePasse": "Un-Autre-Tunnel-85", "confirmation": "Un-Autre-Tunnel-85"})
    assert visitor.response.status_code == 400, "the code was used"
    stranger = world.cluster.send(Visitor(), world.nodes[1]).open(world.cluster.portal)
    assert sign_in(stranger, made["login"], made["activation_code"]).form_with("secret"), "and stays used"
    claims = world.client.sign_in(world.client.visitor(), person(made))
    assert claims["sub"] not in {someone.subject for someone in world.people}, "the password chosen then works"
    record("cut between the COMMIT of an activation and its answer", f"first connection: {saw}", seconds)


# The nodes.


def served_by(visitor, http):
    """The names of the nodes that answer, the last one last."""
    served = []
    for session in (visitor.session, http):
        session.hooks["response"].append(lambda answer, *_, **__: served.append(answer.headers.get("X-Node")))
    return served


def node_named(world, name):
    return next(node for node in world.nodes if name in (node.name, f"{node.name}-alive"))


def both_ready(world):
    for node in world.nodes:
        node.wait_until_ready()


def test_a_node_is_killed_after_each_step_of_a_sign_on(world):
    world.control()
    someone = world.people[0]
    steps = [step for step, _ in walk(world.client, world.client.visitor(), someone, world.cluster.http())]
    assert steps[0] == "authorize" and steps[-3:] == ["redemption", "userinfo", "end"], steps
    slowest = 0.0
    for fatal in range(len(steps) - 1):
        both_ready(world)
        visitor, http = world.client.visitor(), world.cluster.http()
        # A connection each: one that was open when the node died may be closed by HAProxy without a word, which a browser
        # answers by asking again and this client does not.
        visitor.session.headers["Connection"] = "close"
        served, victim = served_by(visitor, http), None
        start = time.monotonic()
        for number, (step, claims) in enumerate(walk(world.client, visitor, someone, http)):
            if victim is not None and step != "end":
                assert node_named(world, served[-1]) is not victim, f"{step}: {victim} is dead"
            if number == fatal:
                victim = node_named(world, served[-1])
                victim.kill()
        slowest = max(slowest, time.monotonic() - start)
        assert claims["sub"] == someone.subject, f"{steps[fatal]}: {claims}"
        assert slowest < PATIENCE
        victim.start_again()
    saw = f"nothing: each of {len(steps) - 1} sign-ons went on at the other node"
    record("a node killed after each step of a sign-on", saw, 0.0)


def killed_by(world, rule_of):
    """A rule on each node's proxy, by which the node that asks for it is killed."""
    victims = []

    def kill(node):
        victims.append(node)
        node.kill()

    for node, proxy in zip(world.nodes, world.proxies):
        rule_of(proxy, lambda node=node: kill(node))
    return victims


def before_it_happens(proxy, word, kill):
    """Kills the node whose statement is on its way to the server and has not come there."""
    rule = proxy.stall(word)

    def wait_and_kill():
        if rule.happened.wait(30):
            kill()

    threading.Thread(target=wait_and_kill, daemon=True).start()


def once_it_happened(proxy, word, kill):
    """Kills the node whose statement has been committed, before it hears."""
    proxy.lose_answer(word, then=kill)


def submit_anew(visitor, form, **values):
    """Sends a form on a connection of its own. On one that was open before, HAProxy says nothing when the node dies, so
    that the browser tries again by itself; on a new one it says what happened."""
    visitor.session.close()
    visitor.submit(form, **values)


MOMENTS = {"before it happens": before_it_happens, "once it happened": once_it_happened}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_node_is_killed_in_the_middle_of_the_password(world, moment):
    world.control()
    both_ready(world)
    someone = world.people[0]
    visitor = world.client.visitor()
    pending = world.client.start(visitor)
    reach_sign_in(visitor)
    form, page = visitor.form_with("secret"), visitor.response
    victims = killed_by(world, lambda proxy, kill: MOMENTS[moment](proxy, "insert into sessions", kill))
    submit_anew(visitor, form, identifiant=someone.login, secret=someone.password)
    lifted = time.monotonic()
    assert len(victims) == 1
    # What it had sent is dropped when its connections are closed, and they are once it has ended.
    eventually(lambda: not is_running(victims[0].pid), 10)
    assert_plain_page(visitor.response)
    saw = f"page {visitor.response.status_code}"
    for proxy in world.proxies:
        proxy.well()
    visitor.response = page  # the button "back"
    visitor.submit(form, identifiant=someone.login, secret=someone.password)
    assert world.client.finish(visitor, pending)["sub"] == someone.subject, "the other node goes on"
    seconds = time.monotonic() - lifted
    victims[0].start_again()
    record(f"a node killed in the middle of the password, {moment}", f"password: {saw}", seconds)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_node_is_killed_in_the_middle_of_a_redemption(world, moment):
    world.control()
    both_ready(world)
    someone = world.people[1]
    visitor = someone.browser()
    pending = world.client.start(visitor)
    code, before = world.client.code(visitor, pending), redemptions(world)
    victims = killed_by(world, lambda proxy, kill: MOMENTS[moment](proxy, "insert into code_redemptions", kill))
    response = world.client.redeem(code, pending, world.cluster.http())
    lifted = time.monotonic()
    assert len(victims) == 1
    # What it had sent is dropped when its connections are closed, and they are once it has ended.
    eventually(lambda: not is_running(victims[0].pid), 10)
    assert response.status_code in (502, 503), response.text
    for proxy in world.proxies:
        proxy.well()
    used = moment == "once it happened"
    assert redemptions(world) == before + used
    again = [world.client.redeem(code, pending, world.cluster.http()) for _ in range(2)]
    seconds = time.monotonic() - lifted
    if not used:
        assert again[0].status_code == 200, again[0].text
        claims = world.client.verify(again[0].json()["id_token"], pending["nonce"])
        assert claims["sub"] == someone.subject
    for answer in again[0 if used else 1 :]:
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant"), "nothing is used twice"
    victims[0].start_again()
    then = "invalid_grant" if used else "redeemed at the other node"
    saw = f"token: {response.status_code}, then {then}"
    record(f"a node killed in the middle of a redemption, {moment}", saw, seconds)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_node_is_killed_in_the_middle_of_a_first_connection(world, moment):
    world.control()
    both_ready(world)
    made = world.cluster.account("Eva", f"Petit{moment[0]}", profile="National_ENS")
    visitor = Visitor().open(world.cluster.portal)
    sign_in(visitor, made["login"], made["activation_code"])
    form, page = visitor.form_with("motDePasse"), visitor.response
    answers = {"motDePasse": PASSWORD, "confirmation": PASSWORD, "charte": "oui"}
    victims = killed_by(world, lambda proxy, kill: MOMENTS[moment](proxy, "set stage = 'active'", kill))
    submit_anew(visitor, form, **answers)
    lifted = time.monotonic()
    assert len(victims) == 1
    # What it had sent is dropped when its connections are closed, and they are once it has ended.
    eventually(lambda: not is_running(victims[0].pid), 10)
    assert_plain_page(visitor.response)
    saw = f"page {visitor.response.status_code}"
    for proxy in world.proxies:
        proxy.well()
    visitor.response = page
    visitor.submit(form, **answers)
    used = moment == "once it happened"
    assert visitor.response.status_code == (400 if used else 200), visitor
    assert visitor.page.links or visitor.page.forms, "and a way to begin again"
    subject = world.client.sign_in(world.client.visitor(), person(made))["sub"]
    assert subject not in {someone.subject for someone in world.people}
    seconds = time.monotonic() - lifted
    victims[0].start_again()
    record(f"a node killed in the middle of a first connection, {moment}", f"first connection: {saw}", seconds)


def test_a_node_sleeps_while_keys_are_revoked(world):
    """Two nodes, of which one has the old keys."""
    world.control()
    awake, asleep = world.nodes
    someone = world.people[0]
    visitor = world.client.visitor()
    world.client.sign_in(visitor, someone)
    old = {use: current_key(world, use) for use in ("token-es256", "session")}
    stolen = visitor.session.cookies.copy()
    for node in world.nodes:
        world.client.start(world.cluster.send(visitor, node))
        assert visitor.hops[-1].startswith(CALLBACK), "both nodes have the session's token in memory"
        assert old["token-es256"] in published(world, node)

    asleep.freeze()
    try:
        for key in old.values():
            outcome = world.cluster.run("keys", "revoke", key, "--reason", "exercise")
            assert outcome.returncode == 0, outcome.stderr

        def replaced():
            """the node that is awake has the new keys"""
            return old["token-es256"] not in published(world, awake)

        eventually(replaced, 5)
    finally:
        asleep.thaw()
    woken = time.monotonic()

    def has_the_new_keys():
        """the node that slept has the new keys, and refuses what the old ones signed"""
        thief = world.client.visitor()
        thief.session.cookies = stolen.copy()
        world.client.start(world.cluster.send(thief, asleep))
        return published(world, asleep) == published(world, awake) and not thief.hops[-1].startswith(CALLBACK)

    eventually(has_the_new_keys, 5)
    seconds = time.monotonic() - woken
    for node in world.nodes:
        newcomer = world.cluster.send(world.client.visitor(), node)
        pending = world.client.start(newcomer)
        sign_in(newcomer, someone.login, someone.password)
        response = world.client.redeem(world.client.code(newcomer, pending), pending, world.cluster.http(node))
        world.client.fetch_keys()
        assert world.client.verify(response.json()["id_token"], pending["nonce"])["sub"] == someone.subject
        assert world.client.key_id != old["token-es256"], f"{node} signs with the new key"
    for other in world.people:  # their sessions were signed by the revoked key
        again = world.client.visitor()
        assert world.client.sign_in(again, other)["sub"] == other.subject
        other.cookies = again.session.cookies.copy()
    record("two nodes, one of which has the old keys", "those signed in by a revoked key sign in again", seconds)


def current_key(world, use):
    outcome = world.cluster.run("keys", "list", "--json")
    assert outcome.returncode == 0, outcome.stderr
    keys = json.loads(outcome.stdout)["keys"]
    return next(key["id"] for key in keys if key["use"] == use and key["state"] == "current")


def published(world, node):
    answer = world.cluster.http(node).get(f"{world.cluster.portal}/oidc/jwks", timeout=10)
    return {key["kid"] for key in answer.json()["keys"]}


# SQLite: one node, one file. A full disk has a file of its own (test_full_disk.py).


@pytest.fixture
def alone(make):
    """An installation on SQLite with somebody in it, stopped: everything lies in the one file."""
    one = make().first_keys().start()
    made = one.account("Ada", "Martin", profile="National_ENS")
    first_connection(one, made)
    assert one.stop() == 0
    with contextlib.closing(sqlite3.connect(one.data / "portal.sqlite")) as database:
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return one, made


def overwrite(database, first_page, count=None):
    """Random bytes over pages in the middle of the file; the answer is what was there."""
    was = database.read_bytes()
    page = int.from_bytes(was[16:18], "big")
    size = len(was) - first_page * page if count is None else count * page
    assert size > 0
    with open(database, "r+b") as file:
        file.seek(first_page * page)
        file.write(os.urandom(size))
    return was


def test_a_corrupted_sqlite_file_stops_the_start(alone):
    one, _ = alone
    database = one.data / "portal.sqlite"
    assert one.run("check").returncode == 0, "all is well before"
    was = overwrite(database, 1)
    outcome = one.run("serve", timeout=30)
    assert outcome.returncode != 0
    assert database.name in outcome.stderr and "backup" in outcome.stderr, "what is damaged, and what to do"
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) <= 3 and lines[-1].startswith("Error: "), outcome.stderr
    database.write_bytes(was)
    start = time.monotonic()
    one.start()
    saw = "no start: one sentence that names the file"
    record("SQLite file corrupted, at the start", saw, time.monotonic() - start)


def test_a_sqlite_file_is_corrupted_while_it_is_served(alone):
    one, made = alone
    database = one.data / "portal.sqlite"
    one.start()
    visitor = Visitor().open(one.portal)
    reach_sign_in(visitor)
    form, page = visitor.form_with("secret"), visitor.response
    was = overwrite(database, 1)
    visitor.submit(form, identifiant=made["login"], secret=PASSWORD)
    assert visitor.response.status_code in (500, 503), visitor
    saw = f"page {visitor.response.status_code}"
    assert 'lang="fr"' in visitor.response.text and not re.search("sqlite|database|malformed", visitor.text)
    assert visitor.page.links or visitor.page.forms, "and something to do next"

    def told():
        """the operators' listener says so"""
        return one.asks("readyz") == 503

    eventually(told, 10)
    assert one.asks("healthz") == 200 and Visitor().open(one.portal).response.ok, "what needs no file goes on"
    one.stop()
    for beside in one.data.glob("portal.sqlite-*"):
        beside.unlink()
    database.write_bytes(was)  # the backup
    start = time.monotonic()
    one.start()
    seconds = time.monotonic() - start
    visitor.response = page
    visitor.submit(form, identifiant=made["login"], secret=PASSWORD)
    assert visitor.response.ok and not visitor.form_with("secret"), visitor
    record("SQLite file corrupted while it is served", f"password: {saw}; a backup is put back", seconds)
