"""The command line, and what an operator does to a running server."""

import json
import re
import threading

import pytest

from client import CALLBACK, Client
from installation import registered
from loge import Demo, command, eventually
from visitor import Visitor, reach_sign_in, sign_in

LOGIN = "claire.martin"
TOKEN_USES = {"ES256": "token-es256", "RS256": "token-rs256", "EdDSA": "token-eddsa", "PS256": "token-ps256"}


def keys(demo, *arguments):
    """`loge keys …` on the demo's keys."""
    return command("keys", *arguments, "--data", demo.data)


def listed_keys(demo):
    """The keys as `loge keys list --json` tells them."""
    outcome = keys(demo, "list", "--json")
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)["keys"]


# Help and mistakes.


@pytest.mark.parametrize(
    "words",
    [
        [], ["serve"], ["demo"], ["check"], ["keys"], ["keys", "rotate"], ["accounts"], ["accounts", "import"],
        ["backup"], ["restore"], ["database"], ["database", "import"], ["parties"], ["parties", "put"],
        ["base"], ["base", "import"], ["base", "diff"], ["base", "export"],
    ],
)
def test_every_command_explains_itself(words):
    outcome = command(*words, "--help")
    assert outcome.returncode == 0
    assert "USAGE: loge" in outcome.stdout
    assert outcome.stderr == ""


@pytest.mark.parametrize(
    "words", [["nothing"], ["keys", "nothing"], ["demo", "--port-base", "many"], ["serve", "--nothing"]]
)
def test_a_mistyped_command_fails_and_says_why(words):
    outcome = command(*words)
    assert outcome.returncode != 0
    assert outcome.stdout == ""
    assert "Error:" in outcome.stderr or "error:" in outcome.stderr


def test_a_missing_configuration_is_named(tmp_path):
    outcome = command("check", "--config", tmp_path / "absent.yaml")
    assert outcome.returncode != 0
    assert "absent.yaml" in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) <= 2, "one plain sentence and what to do next"


# Keys.


def test_keys_are_listed_by_use_and_state(own_demo):
    listed = listed_keys(own_demo)
    current = {key["use"] for key in listed if key["state"] == "current"}
    assert set(TOKEN_USES.values()) | {"session", "sealing"} <= current
    plain = keys(own_demo, "list")
    assert plain.returncode == 0
    for key in listed:
        assert key["id"] in plain.stdout


def test_no_private_key_lies_open_in_the_keys_folder(own_demo):
    files = [file for file in own_demo.keys.iterdir() if file.suffix == ".pem"]
    assert len(files) >= 5
    for file in files:
        assert file.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert file.stat().st_mode & 0o077 == 0, f"{file.name} can be read by others"
    assert own_demo.keys.stat().st_mode & 0o077 == 0


def test_the_published_keys_are_the_listed_ones(own_demo):
    client = Client(own_demo).discover()
    published = client.fetch_keys()
    listed = listed_keys(own_demo)
    assert published == {
        key["id"] for key in listed if key["use"] in TOKEN_USES.values() and key["state"] in ("next", "current", "retiring")
    }


@pytest.mark.parametrize("algorithm", TOKEN_USES)
def test_KEY_01_rotation_under_a_running_server_fails_no_sign_in(own_demo, algorithm):
    client = registered(own_demo, algorithm=algorithm)
    person, use = own_demo.person(LOGIN), TOKEN_USES[algorithm]
    visitor = client.visitor()
    client.sign_in(visitor, person)  # from now on the session at the portal is live

    done, failures, stop = [], [], threading.Event()

    def keep_signing_in():
        while not stop.is_set():
            try:
                done.append(client.sign_in(visitor, person)["sub"])
            except Exception as failure:
                failures.append(repr(failure))

    def signed_in_more(count):
        target = len(done) + len(failures) + count

        def so_many():
            """sign-ins go on"""
            return len(done) + len(failures) >= target

        eventually(so_many, seconds=60)

    before = client.fetch_keys()
    worker = threading.Thread(target=keep_signing_in)
    worker.start()
    try:
        signed_in_more(5)
        staged = keys(own_demo, "stage", use)
        assert staged.returncode == 0, staged.stderr
        reader = Client(own_demo).discover()

        def published():
            """the next key is published before it signs"""
            return reader.fetch_keys() - before

        eventually(published)
        client.fetch_keys()  # the client's cache ran out, as it does before a key may sign
        signed_in_more(5)
        rotated = keys(own_demo, "rotate", use, "--now")
        assert rotated.returncode == 0, rotated.stderr
        signed_in_more(20)
    finally:
        stop.set()
        worker.join(60)
    assert not failures, failures[:3]
    assert len(set(done)) == 1, "a rotation makes nobody a stranger"
    states = {key["id"]: key["state"] for key in listed_keys(own_demo) if key["use"] == use}
    assert sorted(states.values()) == ["current", "retiring"]


def test_KEY_01_a_rotation_before_the_next_key_is_known_to_caches_is_refused(own_demo):
    assert keys(own_demo, "rotate", "token-es256").returncode != 0, "there is no next key"
    assert keys(own_demo, "stage", "token-es256").returncode == 0
    outcome = keys(own_demo, "rotate", "token-es256")
    assert outcome.returncode != 0
    assert "may sign from" in outcome.stderr, "and says from when on it will do"
    assert [key["state"] for key in listed_keys(own_demo) if key["use"] == "token-es256"] == ["current", "next"]


def test_KEY_01_a_revoked_key_is_gone_from_the_key_set_and_sign_ins_go_on(own_demo):
    client = registered(own_demo)
    person = own_demo.person(LOGIN)
    visitor = client.visitor()
    client.sign_in(visitor, person)
    current = next(key for key in listed_keys(own_demo) if key["use"] == "token-es256" and key["state"] == "current")
    outcome = keys(own_demo, "revoke", current["id"], "--reason", "exercise")
    assert outcome.returncode == 0, outcome.stderr

    def withdrawn():
        """a revoked key leaves the key set"""
        return current["id"] not in client.fetch_keys()

    eventually(withdrawn, seconds=60)
    assert client.sign_in(visitor, person)["sub"]


def test_a_wrong_passphrase_opens_nothing(own_demo, tmp_path):
    wrong = tmp_path / "passphrase"
    wrong.write_text("not this one\n")
    outcome = command("keys", "list", "--keys", own_demo.keys, "--passphrase-file", wrong)
    assert outcome.returncode != 0
    assert "passphrase" in outcome.stderr
    assert outcome.stdout == ""


def test_a_damaged_key_file_stops_the_start_and_is_named(tmp_path):
    demo = Demo(tmp_path).start()
    damaged = next(demo.keys.glob("token-es256-*.pem"))
    demo.stop()
    damaged.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    outcome = command("demo", "--data", demo.data, "--port-base", demo.port_base, "--json")
    assert outcome.returncode != 0
    assert damaged.name in outcome.stderr
    assert "ready" not in outcome.stdout


# Restarts.


def test_a_pending_sign_in_survives_a_power_cut(own_demo):
    client = registered(own_demo)
    person = own_demo.person(LOGIN)
    visitor = client.visitor()
    pending = client.start(visitor)
    reach_sign_in(visitor, person.profile)

    own_demo.kill()
    own_demo.start()

    visitor.submit(visitor.form_with("secret"), identifiant=person.login, secret=person.password)
    assert client.finish(visitor, pending)["sub"]


def rotated(demo, use):
    """Rotates the keys of a use under the running server; the answer is the new current key."""
    assert keys(demo, "stage", use).returncode == 0
    outcome = keys(demo, "rotate", use, "--now", "--json")
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)["id"]


def test_a_pending_sign_in_survives_a_rotation_of_the_sealing_keys_and_a_power_cut(own_demo):
    client = registered(own_demo)
    person = own_demo.person(LOGIN)
    visitor = client.visitor()
    pending = client.start(visitor)
    reach_sign_in(visitor, person.profile)
    old = visitor.form_with("secret").named("s")[0].value.split(".")[0]
    new = rotated(own_demo, "sealing")

    def taken_up():
        """what is sealed now is sealed by the new key"""
        other = client.visitor()
        client.start(other)
        return reach_sign_in(other).form_with("secret").named("s")[0].value.split(".")[0] == new

    eventually(taken_up, seconds=10)
    assert old != new
    own_demo.kill()
    own_demo.start()
    visitor.submit(visitor.form_with("secret"), identifiant=person.login, secret=person.password)
    assert client.finish(visitor, pending)["sub"]


def test_a_session_survives_a_rotation_of_the_session_keys_and_none_their_revocation(own_demo):
    client = registered(own_demo)
    visitor = client.visitor()
    client.sign_in(visitor, own_demo.person(LOGIN))
    old = next(key["id"] for key in listed_keys(own_demo) if key["use"] == "session" and key["state"] == "current")
    rotated(own_demo, "session")
    own_demo.kill()  # with a cold start, nothing can come from a memory of verified tokens
    own_demo.start()
    client.start(visitor)
    assert visitor.hops[-1].startswith(CALLBACK), "a rotation signs nobody out"

    assert keys(own_demo, "revoke", old, "--reason", "exercise").returncode == 0

    def signed_out():
        """what a revoked key signed is refused"""
        client.start(visitor)
        return not visitor.hops[-1].startswith(CALLBACK)

    eventually(signed_out, seconds=10)


def test_a_session_survives_a_power_cut(own_demo):
    client = registered(own_demo)
    visitor = client.visitor()
    before = client.sign_in(visitor, own_demo.person(LOGIN))
    own_demo.kill()
    own_demo.start()
    pending = client.start(visitor)
    assert visitor.hops[-1].startswith(CALLBACK), "nobody is asked for the password again"
    after = client.finish(visitor, pending)
    assert (after["sub"], after["auth_time"]) == (before["sub"], before["auth_time"])


def test_a_used_activation_code_stays_used_after_a_power_cut(own_demo):
    person = own_demo.person_awaiting_activation()

    def use_the_code():
        visitor = Visitor().open(own_demo.portal)
        return sign_in(visitor, person.login, person.activation_code, person.profile)

    first = use_the_code()
    form = first.form_with("motDePasse")
    assert form, first
    answers = {"motDePasse": "Un-mot-de-passe-2026", "confirmation": "Un-mot-de-passe-2026"}
    if "charte" in form:
        answers["charte"] = "oui"
    if "mail" in form:
        answers["mail"] = "premiere.connexion@example.org"
    first.submit(form, **answers)
    assert not first.form_with("motDePasse"), first
    own_demo.kill()
    own_demo.start()
    assert not use_the_code().form_with("motDePasse")


def test_two_demos_run_side_by_side_and_share_nothing(own_demo, tmp_path):
    other = Demo(tmp_path / "other").start()
    try:
        assert Client(own_demo).discover().fetch_keys().isdisjoint(Client(other).discover().fetch_keys())
        client = registered(own_demo)
        elsewhere = Client(other, client_id=client.client_id).discover()
        visitor = elsewhere.visitor()
        elsewhere.start(visitor)
        assert visitor.response.status_code == 400, "registered with the other one only"
    finally:
        assert other.stop() == 0


def test_a_second_demo_on_the_same_ports_is_refused(own_demo, tmp_path):
    outcome = command("demo", "--data", tmp_path / "new", "--port-base", own_demo.port_base, "--json")
    assert outcome.returncode != 0
    assert str(own_demo.port_base) in outcome.stderr
    assert '"ready":true' not in outcome.stdout


# Accounts.


def accounts(demo, *arguments):
    return command("accounts", *arguments, "--data", demo.data)


def test_an_account_made_on_the_command_line_signs_in(own_demo):
    outcome = accounts(
        own_demo, "create", "--given-name", "Zoé", "--family-name", "D'Été", "--profile", "National_ENS", "--json"
    )
    assert outcome.returncode == 0, outcome.stderr
    made = json.loads(outcome.stdout)
    visitor = Visitor().open(own_demo.portal)
    sign_in(visitor, made["login"], made["activation_code"])
    assert visitor.form_with("motDePasse"), visitor
    assert "Zoé" in visitor.text


def test_a_locked_account_opens_to_nobody_until_it_is_unlocked(own_demo):
    person = own_demo.person(LOGIN)

    def enters():
        visitor = Visitor().open(own_demo.portal)
        sign_in(visitor, person.login, person.password, person.profile)
        return not visitor.form_with("secret")

    assert enters()
    assert accounts(own_demo, "lock", LOGIN, "--reason", "exercise").returncode == 0
    assert not enters()
    assert accounts(own_demo, "unlock", LOGIN).returncode == 0
    assert enters()


def test_a_lock_ends_the_sessions_that_are_open(own_demo):
    client = registered(own_demo)
    visitor = client.visitor()
    client.sign_in(visitor, own_demo.person(LOGIN))
    assert accounts(own_demo, "lock", LOGIN, "--reason", "exercise").returncode == 0

    def put_out():
        """the running server hears of what another process did"""
        client.start(visitor)
        return not visitor.hops[-1].startswith(CALLBACK)

    eventually(put_out, seconds=10)
    assert reach_sign_in(visitor, own_demo.person(LOGIN).profile).form_with("secret"), "one is asked who one is"


def test_accounts_are_imported_from_csv_and_a_bad_line_imports_nothing(own_demo, tmp_path):
    good = tmp_path / "good.csv"
    good.write_text("given_name,family_name,profile,level\nLéa,Gœtz,National_ELV,college\nNoé,Œuvrard,National_ELV,lycee\n")
    outcome = accounts(own_demo, "import", good, "--json")
    assert outcome.returncode == 0, outcome.stderr
    made = json.loads(outcome.stdout)["accounts"]
    assert len(made) == 2
    assert all(re.fullmatch(r"[a-z.\-']+\d*", one["login"]) for one in made)

    bad = tmp_path / "bad.csv"
    bad.write_text("given_name,family_name,profile,level\nUn,Premier,National_ELV,college\nDeux,Second,Nobody,college\n")
    outcome = accounts(own_demo, "import", bad)
    assert outcome.returncode != 0
    assert "bad.csv" in outcome.stderr and "3" in outcome.stderr, "the file and the line"
    assert accounts(own_demo, "show", "un.premier").returncode != 0, "nothing of a bad file is taken"


def test_an_unknown_login_is_a_clear_failure(own_demo):
    for words in (["show", "nobody.here"], ["lock", "nobody.here", "--reason", "x"], ["reset", "nobody.here"]):
        outcome = accounts(own_demo, *words)
        assert outcome.returncode != 0
        assert "nobody.here" in outcome.stderr


def test_show_never_shows_a_secret(own_demo):
    for arguments in (["show", LOGIN], ["show", LOGIN, "--json"]):
        outcome = accounts(own_demo, *arguments)
        assert outcome.returncode == 0, outcome.stderr
        assert LOGIN in outcome.stdout
        assert "argon2" not in outcome.stdout.lower()
