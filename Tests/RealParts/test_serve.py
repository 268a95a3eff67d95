"""`loge serve` on an installation of its own: from an empty folder to the first sign-in, and everything that goes wrong."""

import json
import re
import socket
from email import message_from_bytes
from email.policy import default
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from installation import PASSWORD, MailServer, certificate, first_connection, person, registered
from client import CALLBACK
from loge import eventually
from visitor import Visitor, sign_in



def test_from_an_empty_folder_to_a_sign_in(make):
    one = make()
    refused = one.run("check")
    assert refused.returncode != 0
    assert "loge keys stage --first" in refused.stderr, "what to do next"
    assert one.run("serve").returncode != 0
    assert not one.data.exists(), "nothing is made by a start that fails"

    one.first_keys()
    assert one.run("check").returncode == 0
    answer = one.run("check", "--json")
    assert json.loads(answer.stdout)["ok"] is True

    one.start()
    assert (one.asks("healthz"), one.asks("readyz"), one.asks("metrics")) == (200, 200, 200)
    made = one.account("Zoé", "D'Été", profile="National_ENS", mail="zoe@example.org")
    first_connection(one, made, "zoe@example.org")
    client = registered(one)
    claims = client.sign_in(client.visitor(), person(made))
    assert claims["acr"] and claims["amr"] == ["pwd"]

    metrics = requests.get(f"{one.operations}/metrics", timeout=10).text
    counted = re.findall(r'^loge_http_requests_total\{.*route="/oidc/token".*\} (\d+)$', metrics, re.MULTILINE)
    assert counted == ["1"], metrics
    for path in ("healthz", "readyz", "metrics"):
        answered = requests.get(f"{one.portal}/{path}", timeout=10).status_code
        assert answered == 404, "operations are never on the public listener"

    assert one.stop() == 0
    assert any(line.get("event") == "server.ready" for line in one.log)
    assert one.data.stat().st_mode & 0o077 == 0, "the data is its owner's"


def broken_word(one):
    with open(one.config, "a") as file:
        file.write("charter: 2\n")
    return "loge.yaml", str(len(one.config.read_text().splitlines())), "charter", "Accepted here"


def broken_value(one):
    one.config.write_text(one.config.read_text().replace(f"port: {one.port}}}", "port: many}"))
    return "loge.yaml:3", "1", "65535"


def broken_plan(one):
    plan = one.config.parent / "portal.yaml"
    plan.write_text(plan.read_text().replace("provider: local-accounts", "provider: magic"))
    return "portal.yaml", "local-accounts"


def no_plan(one):
    (one.config.parent / "portal.yaml").unlink()
    return "portal.yaml", "does not exist"


def no_passphrase(one):
    (one.root / "passphrase").unlink()
    return "loge.yaml", "passphrase", "does not exist"


def wrong_passphrase(one):
    (one.root / "passphrase").write_text("une autre\n")
    return ("passphrase",)


def lost_key(one):
    lost = next(one.keys.glob("token-es256-*.pem"))
    lost.unlink()
    return lost.name, "cannot be read"


def unreadable_key(one):
    """A folder in the place of the file: nobody can read that, not even root."""
    unreadable = next(one.keys.glob("session-*.pem"))
    unreadable.unlink()
    unreadable.mkdir()
    return unreadable.name, "cannot be read"


def damaged_manifest(one):
    manifest = one.keys / "manifest.json"
    manifest.write_text(manifest.read_text()[:-40])
    return "manifest", "backup"


@pytest.mark.parametrize("damage", [broken_word, broken_value, broken_plan, no_plan, no_passphrase, wrong_passphrase,
                                    lost_key, unreadable_key, damaged_manifest], ids=lambda one: one.__name__)
def test_what_is_wrong_stops_the_start_and_is_said(make, damage):
    one = make().first_keys()
    assert one.run("check").returncode == 0, "all is well before"
    expected = damage(one)
    for words in (["check"], ["serve"]):
        outcome = one.run(*words)
        assert outcome.returncode != 0, words
        for word in expected:
            assert word in outcome.stderr, f"{words}: {word} is not in {outcome.stderr}"
        assert "une phrase de passe" not in outcome.stderr + outcome.stdout
    assert not one.data.exists()


def test_the_environment_wins_and_its_mistakes_are_named(make):
    one = make(environment={"LOGE_TOKENS_ACCESS_TOKEN": "90s"}).first_keys().start()
    client = registered(one)
    made = one.account("Ada", "Martin", profile="National_ENS")
    first_connection(one, made)
    assert client.sign_in(client.visitor(), person(made))
    assert client.tokens["expires_in"] == 90
    one.stop()
    one.environment = {"LOGE_TOKENS_ACCESS_TOKEN": "soon"}
    outcome = one.run("serve")
    assert outcome.returncode != 0 and "LOGE_TOKENS_ACCESS_TOKEN" in outcome.stderr


def test_a_taken_port_is_said(make):
    one = make().first_keys()
    with socket.create_server(("127.0.0.1", one.port)):
        outcome = one.run("serve")
    assert outcome.returncode != 0
    assert str(one.port) in outcome.stderr and "taken" in outcome.stderr


def test_a_broken_registration_is_said_and_hurts_nobody_else(make):
    one = make().first_keys().start()
    client = registered(one)
    one.register("broken", "client_id: broken\nclient_nom: Application\n")

    def said():
        """the operators' listener names the file and the line"""
        return one.asks("readyz") == 503 and re.search(r"broken\.yaml:\d", one.readiness())

    eventually(said, seconds=10)
    check = one.run("check")
    assert check.returncode != 0 and re.search(r"broken\.yaml:\d", check.stderr)
    visitor = client.visitor()
    client.start(visitor)
    assert visitor.response.ok, "the others go on"
    (one.relying_parties / "broken.yaml").unlink()

    def well():
        """it is well again without a restart"""
        return one.asks("readyz") == 200

    eventually(well, seconds=10)


def test_the_schedule_rotates_by_itself_and_fails_no_sign_in(make):
    one = make(
        keys=", tokens: {publish_before: 1s, rotate_every: 3s, keep_after: 7min}, sealing: {publish_before: 10s}",
        more="sessions: {absolute: 5min, idle: 5min}\ntokens: {cache: 1s, id_token: 1min}\n",
    )
    one.first_keys().start()
    client = registered(one)
    made = one.account("Ada", "Martin", profile="National_ENS")
    first_connection(one, made)
    visitor, used = client.visitor(), set()

    def three_keys():
        """three keys in a row have signed"""
        client.sign_in(visitor, person(made))
        used.add(client.key_id)
        return len(used) >= 3

    eventually(three_keys, seconds=60)
    listed = json.loads(one.run("keys", "list", "--all", "--json").stdout)["keys"]
    states = {key["id"]: key["state"] for key in listed}
    assert used <= states.keys(), "every one of them stands in the list"
    assert sum(states[key] == "current" for key in used) <= 1


def ask_for_a_link(one, login):
    visitor = Visitor().open(one.portal)
    while not visitor.form_with("secret"):
        name = next(name for name in ("profil", "niveau", "memoriser") if visitor.form_with(name))
        visitor.submit(visitor.form_with(name))
    visitor.follow("oublié")
    visitor.submit(visitor.form_with("identifiant"), identifiant=login)
    assert visitor.response.ok
    return visitor


def link_in(envelope):
    message = message_from_bytes(envelope.content, policy=default)
    body = message.get_content()
    return message, re.search(r"^(http://\S+)\s*$", body, re.MULTILINE).group(1)


def test_PW_04_a_forgotten_password_by_a_real_mail_server(make, tmp_path):
    with MailServer(tmp_path) as post:
        beside_the_configuration = "../../" + post.certificate.name
        one = make(more=post.settings(authorities=beside_the_configuration)).first_keys().start()
        made = one.account("Zoé", "D'Été", profile="National_TUT", mail="zoe@example.org")
        first_connection(one, made, "zoe@example.org")

        unknown = ask_for_a_link(one, "personne.inconnue")
        known = ask_for_a_link(one, made["login"])
        assert known.text == unknown.text, "the same answer, whoever it is"

        def arrived():
            """the mail arrives over STARTTLS, after signing in"""
            return post.mails

        envelope = eventually(arrived)[0]
        assert post.sign_ins and all(post.sign_ins)
        assert envelope.rcpt_tos == ["zoe@example.org"]
        message, link = link_in(envelope)
        assert message["From"].addresses[0].addr_spec == "ne-pas-repondre@ent.example"
        assert link.startswith(one.portal + "/")

        first, second = Visitor().open(link), Visitor().open(link)
        assert first.form_with("motDePasse") and second.form_with("motDePasse"), "looking uses nothing up (MAIL-01)"
        choice = {"motDePasse": "Autre-Tunnel-Vapeur-85", "confirmation": "Autre-Tunnel-Vapeur-85"}
        first.submit(first.form_with("motDePasse"), **choice)
        assert first.response.ok and not first.form_with("motDePasse"), first
        again = {"motDePasse": "Voleur-Tunnel-Vapeur-86", "confirmation": "Voleur-Tunnel-Vapeur-86"}
        second.submit(second.form_with("motDePasse"), **again)
        assert second.response.status_code == 404, "the link works once"
        assert Visitor().open(link).response.status_code == 404

        for secret, enters in ((PASSWORD, False), (again["motDePasse"], False), (choice["motDePasse"], True)):
            visitor = Visitor().open(one.portal)
            sign_in(visitor, made["login"], secret)
            assert bool(visitor.form_with("secret")) != enters, secret
        assert len(post.mails) == 1, "nothing for the name that nobody has"
        assert "zoe@example.org" not in one.errors and link.split("=")[-1] not in one.errors


@pytest.mark.parametrize("fault", ["authority", "password"])
def test_a_mail_server_that_is_not_ours_gets_no_mail(make, tmp_path, fault):
    with MailServer(tmp_path) as post:
        if fault == "authority":
            other = tmp_path / "other"
            other.mkdir()
            settings = post.settings(authorities=certificate(other)[0])
        else:
            settings = post.settings(password="ce n'est pas le bon")
        one = make(more=settings).first_keys().start()
        made = one.account("Zoé", "D'Été", profile="National_TUT", mail="zoe@example.org")
        first_connection(one, made, "zoe@example.org")
        ask_for_a_link(one, made["login"])

        def logged():
            """the operator reads why"""
            return [line for line in one.log if "handed over" in line["message"] or "given up" in line["message"]]

        line = eventually(logged)[0]
        assert line["reason"] and "zoe@example.org" not in json.dumps(line)
        assert not post.mails
        assert post.sign_ins == ([] if fault == "authority" else [False]), "no password goes to a stranger"


def test_KEY_01_an_operator_sees_which_application_never_reads_the_keys(make):
    one = make().first_keys()
    with open(one.config, "a") as file:
        file.write("trusted_proxies: [127.0.0.1]\n")
    one.start()
    nothing = one.run("parties", "readers")
    assert nothing.returncode == 0 and "no relying party" in nothing.stdout

    made = one.account("Zoé", "D'Été", profile="National_ENS", mail="zoe@example.org")
    first_connection(one, made, "zoe@example.org")
    # Two applications, each from its own place; a stranger reads the keys from a third.
    places = {"reader": "192.0.2.1", "deaf": "192.0.2.2"}
    for name, address in places.items():
        client = registered(one, client_id=name)
        client.http.headers["X-Forwarded-For"] = address
        if name == "reader":
            client.fetch_keys()
        visitor = client.visitor()
        pending = client.start(visitor)
        if not visitor.hops[-1].startswith(CALLBACK):
            sign_in(visitor, made["login"], PASSWORD, person(made).profile)
        code = dict(parse_qsl(urlsplit(visitor.hops[-1]).query))["code"]
        assert client.redeem(code, pending).status_code == 200
    stranger = requests.get(f"{one.portal}/oidc/jwks", headers={"X-Forwarded-For": "192.0.2.3"}, timeout=10)
    assert stranger.status_code == 200

    assert one.stop() == 0
    readers = {
        row["client_id"]: row for row in json.loads(one.run("parties", "readers", "--json").stdout)["readers"]
    }
    assert set(readers) == set(places)
    assert "keys_read_at" in readers["reader"] and "keys_read_at" not in readers["deaf"]
    told = one.run("parties", "readers").stdout
    assert "keys never seen read" in next(line for line in told.splitlines() if line.startswith("deaf"))
    for file in one.data.rglob("*"):
        if file.is_file():
            assert b"192.0.2." not in file.read_bytes(), "no address is kept"
