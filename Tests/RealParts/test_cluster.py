"""Many nodes on one database: a sign-on goes from node to node, and what one node learns all know within a second."""

import json
import os
import re
import secrets
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

from client import CALLBACK, Client
from cluster import SOON, Cluster, at_once, is_running, walk
from loge import BINARY, REPOSITORY, Process, command, eventually, free_port_base
from visitor import Visitor, reach_sign_in, sign_in


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster(nodes=3)
    try:
        cluster.start()
        yield cluster
        problems = list(cluster.log_problems())
        dead = [node for node in cluster.nodes if not node.is_alive]
    finally:
        status = cluster.stop()
    assert status == 0, "every part ends well when told to"
    assert not problems, problems[:5]
    assert not dead, dead


@pytest.fixture(scope="module")
def client(cluster):
    return cluster.client()


@pytest.fixture(scope="module")
def ada(cluster):
    return cluster.member("Ada", "Martin")


def signed_in(cluster, client, someone, node=None):
    """A browser with an open session, and who the relying party says that it is."""
    visitor = cluster.send(client.visitor(), node)
    pending = client.start(visitor)
    sign_in(visitor, someone.login, someone.password)
    return visitor, client.finish(visitor, pending)["sub"]


def enters_silently(cluster, client, visitor, node):
    """Whether the open session still signs on at that node, without a question."""
    client.start(cluster.send(visitor, node))
    return visitor.hops[-1].startswith(CALLBACK)


def jwks(cluster, node):
    answer = cluster.http(node).get(f"{cluster.portal}/oidc/jwks", timeout=10)
    assert answer.status_code == 200
    return {key["kid"] for key in answer.json()["keys"]}


def keys_of(cluster, use):
    outcome = cluster.run("keys", "list", "--all", "--json")
    assert outcome.returncode == 0, outcome.stderr
    return [key for key in json.loads(outcome.stdout)["keys"] if key["use"] == use]


def current(cluster, use):
    return next(key["id"] for key in keys_of(cluster, use) if key["state"] == "current")


def everywhere(cluster, condition):
    """Waits until `condition(node)` holds on every node, for as long as "within a second" may take for all of them."""
    deadline = time.monotonic() + SOON
    for node in cluster.nodes:
        def there():
            return condition(node)

        there.__doc__ = f"{condition.__doc__} ({node})"
        eventually(there, deadline - time.monotonic())


def test_a_whole_sign_on_through_haproxy(cluster, client, ada):
    served = []
    visitor = client.visitor()
    visitor.session.hooks["response"].append(lambda answer, *_, **__: served.append(answer.headers.get("X-Node")))
    subject = client.sign_in(visitor, ada)["sub"]
    assert set(served) >= {"node1", "node2", "node3"}, f"the nodes took turns: {served}"
    assert client.sign_in(visitor, ada)["sub"] == subject, "and the session is known to all"


def test_a_sign_on_starts_on_one_node_continues_on_another_and_is_redeemed_on_a_third(cluster, client, ada):
    first, second, third = cluster.nodes
    _, subject = signed_in(cluster, client, ada)
    visitor = cluster.send(client.visitor(), first)
    pending = client.start(visitor)
    reach_sign_in(visitor)
    cluster.send(visitor, second)
    visitor.submit(visitor.form_with("secret"), identifiant=ada.login, secret=ada.password)
    response = client.redeem(client.code(visitor, pending), pending, cluster.http(third))
    assert response.status_code == 200, response.text
    assert client.verify(response.json()["id_token"], pending["nonce"])["sub"] == subject
    info = client.user_info(response.json()["access_token"], cluster.http(first))
    assert info.status_code == 200 and info.json()["sub"] == subject
    for node in cluster.nodes:
        assert enters_silently(cluster, client, visitor, node), f"the session is open on {node} too"


def test_every_step_on_another_node(cluster, client, ada):
    _, subject = signed_in(cluster, client, ada)
    visitor, http, turn = client.visitor(), cluster.http(), 0
    cluster.send(visitor, cluster.nodes[0])
    for step, claims in walk(client, visitor, ada, http):
        turn += 1
        cluster.send(visitor, cluster.nodes[turn % 3])
        cluster.send(http, cluster.nodes[(turn + 1) % 3])
    assert claims["sub"] == subject and turn > 4, step


def test_PW_02_wrong_passwords_are_counted_across_nodes(cluster, client, ada):
    guessed = cluster.member("Prise", "Cible")

    def guess(node, secret):
        visitor = cluster.send(Visitor(), node).open(cluster.portal)
        return sign_in(visitor, guessed.login, secret).response.status_code

    turns = [guess(cluster.nodes[number % 3], f"faux-{number}") for number in range(5)]
    assert turns == [401] * 5, "five tries are free, wherever they are made"
    for node in cluster.nodes:
        assert guess(node, "faux") == 429, f"{node} has counted what the others saw"
        assert guess(node, guessed.password) == 429, "and the right password waits too"
    signed_in(cluster, client, ada)  # somebody else does not


def test_OA_04_of_many_redemptions_on_all_nodes_at_once_one_wins(cluster, client, ada):
    visitor, _ = signed_in(cluster, client, ada)
    for _ in range(5):
        pending = client.start(visitor)
        code = client.code(visitor, pending)
        sessions = [cluster.http(cluster.nodes[number % 3]) for number in range(24)]
        answers = at_once(24, lambda number: client.redeem(code, pending, sessions[number]))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] + [400] * 23, statuses
        assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}
        won = next(answer for answer in answers if answer.status_code == 200).json()["access_token"]
        for node in cluster.nodes:
            revoked = client.user_info(won, cluster.http(node)).status_code
            assert revoked == 401, f"what a replayed code gave is worth nothing on {node} (RFC 6749, 4.1.2)"


def test_an_activation_code_is_used_once_whichever_nodes_are_asked(cluster):
    made = cluster.account("Un", "Courrier", profile="National_ENS")
    forms = []
    for node in cluster.nodes * 2:
        visitor = cluster.send(Visitor(), node).open(cluster.portal)
        sign_in(visitor, made["login"], made["activation_code"])
        assert visitor.form_with("motDePasse"), "looking uses nothing up"
        forms.append(visitor)

    def choose(number):
        chosen = f"Choix-{number}-Tunnel-Vapeur"
        forms[number].submit(
            forms[number].form_with("motDePasse"), motDePasse=chosen, confirmation=chosen, charte="oui"
        )
        return forms[number].response.ok

    assert sorted(at_once(6, choose)) == [False] * 5 + [True]


def test_a_logout_on_one_node_ends_the_session_on_all(cluster, client, ada):
    visitor, _ = signed_in(cluster, client, ada, cluster.nodes[0])
    for node in cluster.nodes:
        assert enters_silently(cluster, client, visitor, node), "every node has it in memory now"
    copies = visitor.session.cookies.copy()
    cluster.send(visitor, cluster.nodes[0]).open(f"{cluster.portal}/oidc/logout")
    visitor.submit(visitor.form_with("confirmation"))
    assert visitor.response.ok
    thief = client.visitor()
    thief.session.cookies = copies

    def refuses(node):
        """the cookie of before opens nothing"""
        return not enters_silently(cluster, client, thief, node)

    everywhere(cluster, refuses)


def test_a_lock_is_felt_on_every_node(cluster, client):
    someone = cluster.member("Zoé", "Durand")
    visitor, subject = signed_in(cluster, client, someone)
    token = client.tokens["access_token"]
    for node in cluster.nodes:
        assert enters_silently(cluster, client, visitor, node)
        assert client.user_info(token, cluster.http(node)).status_code == 200
    assert cluster.run("accounts", "lock", someone.login, "--reason", "exercise").returncode == 0

    def put_out(node):
        """the session of the locked account is over"""
        return not enters_silently(cluster, client, visitor, node)

    everywhere(cluster, put_out)
    for node in cluster.nodes:
        assert client.user_info(token, cluster.http(node)).status_code == 401
        stranger = cluster.send(Visitor(), node).open(cluster.portal)
        sign_in(stranger, someone.login, someone.password)
        assert stranger.form_with("secret"), "and nobody enters anew"
    assert cluster.run("accounts", "unlock", someone.login).returncode == 0
    _, again = signed_in(cluster, client, someone)
    assert again == subject


def test_KEY_01_a_rotation_is_felt_on_every_node(cluster, client, ada):
    before = current(cluster, "token-es256")
    assert cluster.run("keys", "stage", "token-es256").returncode == 0
    staged = next(key["id"] for key in keys_of(cluster, "token-es256") if key["state"] == "next")

    def publishes(node):
        """the next key is published before it signs"""
        return staged in jwks(cluster, node)

    everywhere(cluster, publishes)
    assert cluster.run("keys", "rotate", "token-es256", "--now").returncode == 0
    assert current(cluster, "token-es256") == staged
    visitor, subject = signed_in(cluster, client, ada)

    def signs_anew(node):
        """tokens are signed by the new key"""
        cluster.send(visitor, node)
        pending = client.start(visitor)
        response = client.redeem(client.code(visitor, pending), pending, cluster.http(node))
        assert client.verify(response.json()["id_token"], pending["nonce"])["sub"] == subject
        return client.key_id == staged

    everywhere(cluster, signs_anew)
    sets = [jwks(cluster, node) for node in cluster.nodes]
    assert all(one == sets[0] for one in sets) and {before, staged} <= sets[0]


def test_KEY_01_a_revocation_is_felt_on_every_node(cluster, client, ada):
    visitor, subject = signed_in(cluster, client, ada)
    for node in cluster.nodes:
        assert enters_silently(cluster, client, visitor, node), "every node has verified the session's token"
    revoked = {use: current(cluster, use) for use in ("token-es256", "session")}
    for key in revoked.values():
        assert cluster.run("keys", "revoke", key, "--reason", "exercise").returncode == 0

    def withdrawn(node):
        """a revoked key is published no more, and what it signed is refused"""
        return revoked["token-es256"] not in jwks(cluster, node) and not enters_silently(cluster, client, visitor, node)

    everywhere(cluster, withdrawn)
    sets = [jwks(cluster, node) for node in cluster.nodes]
    assert all(one == sets[0] for one in sets)
    client.fetch_keys()
    for node in cluster.nodes:
        _, again = signed_in(cluster, client, ada, node)
        assert again == subject and client.key_id != revoked["token-es256"]


def test_a_relying_party_comes_changes_and_goes_on_every_node(cluster):
    newcomer = Client(cluster, client_id="newcomer").discover()

    def answers(node):
        visitor = cluster.send(newcomer.visitor(), node)
        newcomer.start(visitor)
        return visitor

    for node in cluster.nodes:
        assert answers(node).response.status_code == 400, "nobody knows it yet"
    cluster.register("newcomer", newcomer.registration)

    def known(node):
        """it is known"""
        return answers(node).response.ok

    everywhere(cluster, known)
    cluster.register("newcomer", newcomer.registration.replace("Application témoin", "Application renommée"))

    def renamed(node):
        """its new name stands on the page"""
        return "Application renommée" in answers(node).text

    everywhere(cluster, renamed)
    listed = cluster.run("parties", "list")
    assert listed.returncode == 0 and "newcomer" in listed.stdout
    removed = cluster.run("parties", "remove", "newcomer.yaml")
    assert removed.returncode == 0, removed.stderr

    def forgotten(node):
        """it is known no more"""
        return answers(node).response.status_code == 400

    everywhere(cluster, forgotten)
    again = cluster.run("parties", "remove", "newcomer.yaml")
    assert again.returncode != 0 and again.stderr.startswith("Error: "), "there is none of that name any more"


def test_two_operators_rotate_at_once_and_one_decides(cluster, client, ada):
    use = "token-eddsa"
    before = {key["id"] for key in keys_of(cluster, use)}
    outcomes = at_once(4, lambda _: cluster.run("keys", "stage", use))
    assert [outcome.returncode for outcome in outcomes].count(0) >= 1
    added = [key for key in keys_of(cluster, use) if key["id"] not in before]
    assert [key["state"] for key in added] == ["next"], "one next key, whoever asked"
    for outcome in outcomes:
        if outcome.returncode != 0:
            assert outcome.stderr.startswith("Error: "), outcome.stderr
    outcomes = at_once(4, lambda _: cluster.run("keys", "rotate", use, "--now"))
    states = sorted(key["state"] for key in keys_of(cluster, use) if key["state"] != "retired")
    assert states.count("current") == 1 and "next" not in states, states
    assert [outcome.returncode for outcome in outcomes].count(0) == 1, [outcome.stderr for outcome in outcomes]


# The first start.


@pytest.fixture
def empty(cluster, tmp_path):
    """An empty database on the cluster's server, and a configuration that leads there."""
    name = f"empty_{secrets.token_hex(4)}"
    cluster.postgresql.sql(f"create database {name} owner loge", "postgres")
    config = tmp_path / "loge.yaml"
    text = cluster.config.read_text().replace("/loge\n", f"/{name}\n", 1)
    for file in ("portal.yaml", "passphrase", "postgresql/password"):
        text = text.replace(f": {file}", f": {cluster.folder / file}")
    if "portal:" not in text:
        text += f"portal: {cluster.folder / 'portal.yaml'}\n"
    assert name in text
    config.write_text(text)
    config.chmod(0o600)
    return name, config


def migrations(cluster, name):
    return cluster.postgresql.sql("select number from schema_migrations order by number", name).split()


def test_the_first_start_of_three_nodes_at_once(cluster, empty, tmp_path):
    name, config = empty
    keys = tmp_path / "keys"
    in_a_folder = f"keys: {{folder: {keys}, passphrase_file: {cluster.folder}/passphrase}}"
    config.write_text(re.sub(r"keys: .*", in_a_folder, config.read_text()))
    assert command("keys", "stage", "--first", "--config", config).returncode == 0
    assert cluster.postgresql.sql("select count(*) from pg_tables where schemaname = 'public'", name) == "0"
    known = migrations(cluster, "loge")

    ports = free_port_base(6)
    nodes = []
    for number in range(3):
        environment = {
            "LOGE_LISTEN_PORT": str(ports + number), "LOGE_OPERATIONS_PORT": str(ports + 3 + number),
        }  # fmt: skip
        nodes.append(Process(["serve", "--config", config], tmp_path / f"node{number}", environment))
    try:
        for node in nodes:
            node.launch()

        def ready():
            """all three serve"""
            for number, node in enumerate(nodes):
                assert node.child.poll() is None, node.errors
                try:
                    if requests.get(f"http://127.0.0.1:{ports + 3 + number}/readyz", timeout=5).status_code != 200:
                        return False
                except requests.ConnectionError:
                    return False
            return True

        eventually(ready, 30)
        assert migrations(cluster, name) == known, "each step once"
    finally:
        statuses = [node.stop() for node in nodes]
    assert statuses == [0, 0, 0]
    assert command("check", "--config", config).returncode == 0


def test_the_first_keys_are_made_once(cluster, empty):
    _, config = empty
    outcomes = at_once(4, lambda _: command("keys", "stage", "--first", "--config", config))
    assert 0 in [outcome.returncode for outcome in outcomes], [outcome.stderr for outcome in outcomes]
    for outcome in outcomes:
        if outcome.returncode != 0:
            assert outcome.stderr.startswith("Error: ") and len(outcome.stderr.splitlines()) <= 3, outcome.stderr
    listed = json.loads(command("keys", "list", "--json", "--config", config).stdout)["keys"]
    assert sorted(key["use"] for key in listed) == sorted({key["use"] for key in listed}), "one key for each use"


def test_a_node_older_than_the_schema_refuses_to_start(cluster, empty):
    name, config = empty
    assert command("keys", "stage", "--first", "--config", config).returncode == 0
    assert command("check", "--config", config).returncode == 0
    cluster.postgresql.sql(
        "insert into schema_migrations (number, checksum, applied_at)"
        " select max(number) + 1, repeat('0', 64), 0 from schema_migrations", name
    )  # fmt: skip
    newest = migrations(cluster, name)
    for words in (["serve"], ["check"]):
        outcome = command(*words, "--config", config)
        assert outcome.returncode != 0, words
        assert "newer" in outcome.stderr, outcome.stderr
    assert migrations(cluster, name) == newest, "nothing is touched"


# The script itself.


def test_the_script_reports_what_dies_and_leaves_nothing():
    with subprocess.Popen(
        [REPOSITORY / "scripts/cluster", "--json", "--nodes", "1", "--demo-people"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "LOGE_BINARY": str(BINARY)},
    ) as script:  # fmt: skip
        started = json.loads(script.stdout.readline())
        assert len(started["people"]) == 4 and all(one["activation_code"] for one in started["people"])
        os.kill(started["nodes"][0]["pid"], signal.SIGKILL)
        wanted = "node1 ended with status 137"
        assert any(wanted in line for line in iter(script.stderr.readline, "")), "a part that dies is named"
        answer = requests.get(started["url"], timeout=10)
        assert answer.status_code == 503 and "pas de votre fait" in answer.content.decode(), "and people are told"
        # Ctrl-C reaches everybody in the terminal's foreground group.
        os.killpg(script.pid, signal.SIGINT)
        _, said = script.communicate(timeout=30)
    assert script.returncode == 0, said
    assert not Path(started["folder"]).exists()
    for pid in (started["haproxy"]["pid"], started["postgresql"]["pid"]):
        assert not is_running(pid)


@pytest.mark.parametrize("words", [["--nodes", "0"], ["--nodes"], ["--nothing"], ["--through", "1,2,3"]])
def test_the_script_refuses_what_it_does_not_know(words):
    outcome = subprocess.run([REPOSITORY / "scripts/cluster", *words], capture_output=True, text=True, timeout=30)
    assert outcome.returncode != 0 and outcome.stdout == "" and "error: " in outcome.stderr
