"""What operators do with a whole installation: back it up, restore it, carry it to PostgreSQL, register applications."""

import hashlib
import json
import shutil
import sqlite3
import threading

import pytest
import requests

from client import CALLBACK, Client
from installation import PASSWORD, MailServer, first_connection, person, registered
from loge import command, eventually
from postgresql import PrivatePostgreSQL
from test_serve import ask_for_a_link, link_in
from visitor import Visitor, sign_in


def done(outcome):
    """The JSON answer of a command that succeeded."""
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def refused(outcome, *words):
    """A command that failed, and said why in one sentence."""
    assert outcome.returncode != 0, outcome.stdout
    assert outcome.stdout == ""
    for word in words:
        assert word in outcome.stderr, outcome.stderr
    assert "une phrase de passe" not in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == 1, outcome.stderr


def key_set(one):
    """What the server publishes, to the byte."""
    metadata = requests.get(f"{one.portal}/.well-known/openid-configuration", timeout=10).json()
    return requests.get(metadata["jwks_uri"], timeout=10).text


def still_signed_in(client, visitor):
    client.start(visitor)
    return visitor.hops[-1].startswith(CALLBACK)


def in_place_of(new, old):
    """Gives an installation the addresses of another one, which has stopped."""
    new.config.write_text(
        new.config.read_text().replace(str(new.port), str(old.port)).replace(str(new.port + 1), str(old.port + 1))
    )
    new.port, new.portal, new.operations = old.port, old.portal, old.operations
    return new


def opens_by_letter(one, made):
    """Whether the activation code of a letter opens the account."""
    visitor = Visitor().open(one.portal)
    sign_in(visitor, made["login"], made["activation_code"])
    return bool(visitor.form_with("motDePasse"))


class LivedIn:
    """An installation with a history: somebody signed in, and somebody whose letter was not used yet."""

    def __init__(self, one):
        self.one = one.first_keys().start()
        self.client = registered(one)
        self.made = one.account("Zoé", "D'Été", profile="National_ENS", mail="zoe@example.org")
        first_connection(one, self.made, "zoe@example.org")
        self.visitor = self.client.visitor()
        self.claims = self.client.sign_in(self.visitor, self.person)
        self.token = self.client.tokens["id_token"]
        self.keys = key_set(one)
        self.waiting = one.account("Noé", "Œuvrard", profile="National_TUT")

    @property
    def person(self):
        return person(self.made)

    def is_known_to(self, one):
        """Everything that makes the installation what it is holds there; the sign-in is a new one."""
        assert key_set(one) == self.keys, "the published keys are the same, to the byte"
        client = Client(one, client_id=self.client.client_id).discover()
        client.secret = self.client.secret
        client.fetch_keys()
        assert client._verify(self.token)["sub"] == self.claims["sub"], "a token issued before verifies"
        claims = client.sign_in(client.visitor(), self.person)
        assert claims["sub"] == self.claims["sub"], "the same person for the same application"
        return client


# Backup and restore.


def test_a_backup_of_a_running_server_makes_another_machine_the_same(make, tmp_path):
    lived = LivedIn(make())
    one, client, stop, counted, failures = lived.one, lived.client, threading.Event(), [], []

    def keep_signing_in():
        while not stop.is_set():
            try:
                counted.append(client.sign_in(client.visitor(), lived.person)["sub"])
            except Exception as failure:
                failures.append(repr(failure))

    worker = threading.Thread(target=keep_signing_in)
    worker.start()
    try:
        for number in range(4):
            before = len(counted)
            answer = done(one.run("backup", tmp_path / f"backup-{number}", "--json"))
            assert answer["path"] == str(tmp_path / f"backup-{number}")
            eventually(lambda before=before: len(counted) > before or failures, 60)
    finally:
        stop.set()
        worker.join(60)
    assert not failures, failures[:3]

    backup = tmp_path / "backup-3"
    assert backup.stat().st_mode & 0o077 == 0
    assert not (tmp_path / "backup-3.partial").exists()
    names = {str(file.relative_to(backup)) for file in backup.rglob("*") if file.is_file()}
    record = json.loads((backup / "backup.json").read_text())
    assert names == {*record["files"], "backup.json"}
    for name, about in record["files"].items():
        content = (backup / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (about["size"], about["sha256"])
        assert (backup / name).stat().st_mode & 0o077 == 0
        for secret in (b"une phrase de passe", client.secret.encode(), PASSWORD.encode()):
            assert secret not in content, name
    with sqlite3.connect(f"file:{backup / 'portal.sqlite'}?mode=ro", uri=True) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert database.execute("select count(*) from sessions").fetchone()[0] > 4

    assert one.stop() == 0
    other = in_place_of(make(), one)
    assert not other.data.exists()
    answer = done(other.run("restore", backup, "--json"))
    assert answer["restored"] and answer["accounts"] == 2 and answer["moved_aside"] == [] and answer["warnings"] == []
    assert answer["sessions_ended"] > 4 and answer["activation_codes_expired"] == 1
    assert not list(other.data.glob("*.restoring*"))
    assert other.run("check").returncode == 0
    other.start()
    lived.is_known_to(other)
    assert not still_signed_in(client, lived.visitor), "sessions ended: nobody knows what happened after the backup"
    assert not opens_by_letter(other, lived.waiting), "the letter may have been used since"


def test_moving_to_another_machine_signs_nobody_out(make, tmp_path):
    lived = LivedIn(make())
    assert lived.one.stop() == 0
    done(lived.one.run("backup", tmp_path / "backup", "--json"))
    other = in_place_of(make(), lived.one)
    answer = done(other.run("restore", tmp_path / "backup", "--keep-sessions", "--json"))
    assert (answer["sessions_ended"], answer["activation_codes_expired"]) == (0, 0)
    other.start()
    lived.is_known_to(other)
    assert still_signed_in(lived.client, lived.visitor)
    assert opens_by_letter(other, lived.waiting)


def test_what_was_used_after_the_backup_does_not_come_back(make, tmp_path):
    with MailServer(tmp_path) as post:
        lived = LivedIn(make(more=post.settings()))
        one = lived.one
        ask_for_a_link(one, lived.made["login"])
        link = link_in(eventually(lambda: post.mails)[0])[1]
        done(one.run("backup", tmp_path / "backup", "--json"))

        choice = {"motDePasse": "Autre-Tunnel-Vapeur-85", "confirmation": "Autre-Tunnel-Vapeur-85"}
        visitor = Visitor().open(link)
        visitor.submit(visitor.form_with("motDePasse"), **choice)
        assert Visitor().open(link).response.status_code == 404, "it was used"
        first_connection(one, lived.waiting)
        assert not opens_by_letter(one, lived.waiting), "it was used"
        assert one.stop() == 0

        answer = done(one.run("restore", tmp_path / "backup", "--replace", "--json"))
        assert answer["links_removed"] == 1 and answer["activation_codes_expired"] == 1
        one.start()
        assert Visitor().open(link).response.status_code == 404
        assert not opens_by_letter(one, lived.waiting)
        one.stop()

        # The same backup does hold them: what was refused above was refused by the restoration.
        done(one.run("restore", tmp_path / "backup", "--replace", "--keep-activation-codes", "--json"))
        one.start()
        assert Visitor().open(link).response.status_code == 404
        assert opens_by_letter(one, lived.waiting)
        one.stop()
        done(one.run("restore", tmp_path / "backup", "--replace", "--keep-sessions", "--json"))
        one.start()
        assert Visitor().open(link).form_with("motDePasse")


def test_a_waiting_mail_is_not_sent_twice(make, tmp_path):
    dead_end = "mail: {host: 127.0.0.1, port: 9, security: none, from: ne-pas-repondre@ent.example}\n"
    lived = LivedIn(make(more=dead_end))
    ask_for_a_link(lived.one, lived.made["login"])
    lived.one.stop()
    done(lived.one.run("backup", tmp_path / "backup", "--json"))
    answer = done(lived.one.run("restore", tmp_path / "backup", "--replace", "--json"))
    assert (answer["messages_dropped"], answer["links_removed"]) == (1, 1)
    rows = done(lived.one.run("database", "status", "--json"))["rows"]
    assert (rows["outbox"], rows["mailed_links"]) == (0, 0)


def rewrite(backup, name, change):
    """Changes a file of a backup, and its line in the record: whoever can do that is believed."""
    change(backup / name)
    record = json.loads((backup / "backup.json").read_text())
    content = (backup / name).read_bytes()
    record["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (backup / "backup.json").write_text(json.dumps(record))


def cut_short(backup):
    file = backup / "portal.sqlite"
    file.write_bytes(file.read_bytes()[:-4096])
    return "portal.sqlite", "cut short or changed"


def edited(backup):
    file = backup / "portal.sqlite"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    return "portal.sqlite", "cut short or changed"


def edited_key(backup):
    file = next((backup / "keys").glob("session-*.pem"))
    file.write_text(file.read_text().replace("A", "B", 1))
    return file.name, "cut short or changed"


def edited_party(backup):
    file = backup / "relying-parties/strict.yaml"
    file.write_text(file.read_text().replace("Application témoin", "Application voleuse"))
    return "strict.yaml", "cut short or changed"


def lost_key(backup):
    file = next((backup / "keys").glob("subjects-*.pem"))
    file.unlink()
    return file.name, "not whole"


def no_record(backup):
    (backup / "backup.json").unlink()
    return "backup.json", "not a whole backup"


def outside(backup):
    record = json.loads((backup / "backup.json").read_text())
    record["files"]["../loge.yaml"] = {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    (backup / "backup.json").write_text(json.dumps(record))
    return ("backup.json",)


def newer_record(backup):
    record = json.loads((backup / "backup.json").read_text())
    (backup / "backup.json").write_text(json.dumps({**record, "schema": record["schema"] + 1}))
    return ("newer version",)


def newer_schema(backup):
    def add_a_step(file):
        with sqlite3.connect(file) as database:
            last = database.execute("select max(number) from schema_migrations").fetchone()[0]
            database.execute("insert into schema_migrations values (?, 'x', 0)", (last + 1,))
        database.close()

    rewrite(backup, "portal.sqlite", add_a_step)
    return ("schema step",)


def no_database(backup):
    rewrite(backup, "portal.sqlite", lambda file: file.write_bytes(b"ceci n'est pas une base" * 400))
    return ("nothing was restored",)


@pytest.fixture(scope="module")
def whole_backup(tmp_path_factory):
    """A backup that tests may copy and damage."""
    from installation import Installation

    folder = tmp_path_factory.mktemp("backup")
    one = Installation(folder / "installation").first_keys().start()
    registered(one)
    one.account("Zoé", "D'Été", profile="National_ENS")
    assert one.stop() == 0
    done(one.run("backup", folder / "backup", "--json"))
    return folder / "backup"


@pytest.mark.parametrize(
    "damage",
    [cut_short, edited, edited_key, edited_party, lost_key, no_record, outside, newer_record, newer_schema, no_database],
    ids=lambda one: one.__name__,
)
def test_a_backup_that_is_not_what_it_was_restores_nothing(make, whole_backup, tmp_path, damage):
    backup = tmp_path / "backup"
    shutil.copytree(whole_backup, backup)
    one = make()
    words = damage(backup)
    refused(one.run("restore", backup), *words)
    assert not list(one.data.glob("portal.sqlite")) and not list(one.data.glob("*.restoring*"))
    assert not one.keys.exists() and not list(one.relying_parties.iterdir())
    assert one.run("restore", whole_backup).returncode == 0, "the whole one is restored in the same place"


def test_a_restore_wants_the_right_passphrase_and_an_empty_place(make, whole_backup, tmp_path):
    one = make()
    passphrase = (one.root / "passphrase").read_text()
    (one.root / "passphrase").write_text("une autre\n")
    refused(one.run("restore", whole_backup), "passphrase")
    assert not one.data.exists() and not one.keys.exists()
    (one.root / "passphrase").write_text(passphrase)
    assert one.run("restore", whole_backup).returncode == 0

    one.account("Ada", "Martin", profile="National_ENS")
    before = one.keys.joinpath("manifest.json").read_bytes()
    refused(one.run("restore", whole_backup), "portal.sqlite", "--replace")
    assert one.run("accounts", "show", "ada.martin").returncode == 0
    other = make().first_keys()
    other.config.write_text(other.config.read_text().replace("public_url: http://localhost:", "public_url: http://127.0.0.1:"))
    refused(other.run("restore", whole_backup), "other keys", "--replace")
    theirs = other.keys.joinpath("manifest.json").read_bytes()
    refused(other.run("restore", whole_backup, "--database-only"), "not those of the backup")
    (other.relying_parties / "own.yaml").write_text(PARTY.format(id="own", secret="own-" + 32 * "x"))

    answer = done(one.run("restore", whole_backup, "--replace", "--json"))
    aside, = answer["moved_aside"]
    assert one.run("accounts", "show", "ada.martin").returncode != 0
    with sqlite3.connect(f"{aside}/portal.sqlite") as database:
        logins = [login for (login,) in database.execute("select login from accounts order by login")]
    assert "ada.martin" in logins and len(logins) == 2, "what was replaced is kept, whole"
    assert one.keys.joinpath("manifest.json").read_bytes() == before, "the same keys are left alone"

    answer = done(other.run("restore", whole_backup, "--replace", "--json"))
    assert len(answer["moved_aside"]) == 2, "keys and relying parties; there was no database"
    assert len(answer["warnings"]) == 1 and "applications know the former" in answer["warnings"][0]
    kept = next(other.keys.glob("replaced-*"))
    assert kept.joinpath("manifest.json").read_bytes() == theirs
    assert command("keys", "list", "--keys", kept, "--passphrase-file", other.root / "passphrase").returncode == 0
    assert [file.name for file in other.relying_parties.glob("*.yaml")] == ["strict.yaml"]
    assert [file.name for file in next(other.relying_parties.glob("replaced-*")).iterdir()] == ["own.yaml"]
    assert other.run("check").returncode == 0


def test_a_lost_database_alone_comes_back_under_the_present_keys(make, tmp_path):
    lived = LivedIn(make())
    done(lived.one.run("backup", tmp_path / "backup", "--json"))
    assert lived.one.run("keys", "stage", "token-es256").returncode == 0
    assert lived.one.stop() == 0
    manifest = (lived.one.keys / "manifest.json").read_bytes()
    database = lived.one.data / "portal.sqlite"
    database.write_bytes(b"\0" * 8192 + database.read_bytes()[8192:])
    database.with_name("portal.sqlite-wal").unlink(missing_ok=True)
    assert lived.one.run("serve").returncode != 0, "it is damaged"
    done(lived.one.run("restore", tmp_path / "backup", "--replace", "--database-only", "--json"))
    assert (lived.one.keys / "manifest.json").read_bytes() == manifest
    lived.one.start()
    assert lived.client.sign_in(lived.client.visitor(), lived.person)["sub"] == lived.claims["sub"]


def test_a_restore_under_a_running_server_is_refused(make, tmp_path):
    lived = LivedIn(make())
    done(lived.one.run("backup", tmp_path / "backup", "--json"))
    for words in ([], ["--replace"], ["--replace", "--database-only"]):
        refused(lived.one.run("restore", tmp_path / "backup", *words), "has the database", "Stop every server")
    assert still_signed_in(lived.client, lived.visitor), "it noticed nothing"
    lived.one.kill()  # the lock goes with the process
    assert lived.one.run("restore", tmp_path / "backup", "--replace").returncode == 0


def test_a_backup_is_a_new_folder_or_nothing(make, tmp_path):
    one = make().first_keys()
    refused(one.run("backup", tmp_path / "backup"), "no database")
    one.account("Zoé", "D'Été", profile="National_ENS")
    (tmp_path / "there").mkdir()
    refused(one.run("backup", tmp_path / "there"), "there already")
    (tmp_path / "backup.partial").mkdir()
    refused(one.run("backup", tmp_path / "backup"), "backup.partial")
    (tmp_path / "backup.partial").rmdir()
    lost = next(one.keys.glob("session-*.pem"))
    lost.rename(one.keys / "elsewhere")
    refused(one.run("backup", tmp_path / "backup"), lost.name)
    assert not (tmp_path / "backup").exists() and not (tmp_path / "backup.partial").exists()
    (one.keys / "elsewhere").rename(lost)
    broken = one.relying_parties / "broken.yaml"
    broken.write_text("client_id: broken\n")
    answer = done(one.run("backup", tmp_path / "backup", "--json"))
    assert len(answer["warnings"]) == 1 and "broken.yaml" in answer["warnings"][0]
    assert (tmp_path / "backup/relying-parties/broken.yaml").read_text() == broken.read_text()


# To PostgreSQL.


@pytest.fixture(scope="module")
def postgresql():
    server = PrivatePostgreSQL().start()
    yield server
    server.stop()


def configure(one, section):
    """The operator writes the database section, and the keys come to lie there."""
    text = one.config.read_text().replace("keys: {folder: ../keys, ", "keys: {in: database, ")
    assert "in: database" in text
    one.config.write_text(text + section)
    one.config.chmod(0o600)


PARTY = """\
client_id: {id}
client_name: Application
client_secret: {secret}
redirect_uris: [http://127.0.0.1:9/callback]
"""


def test_an_installation_moves_to_postgresql_and_nobody_notices(make, postgresql, tmp_path):
    lived = LivedIn(make())
    one, name = lived.one, postgresql.database()
    sqlite = one.data / "portal.sqlite"
    rows = done(one.run("database", "status", "--json"))
    assert rows["engine"] == "sqlite" and rows["schema"]["missing"] == [] and rows["rows"]["accounts"] == 2
    configure(one, postgresql.section(name))
    words = ["database", "import", "--sqlite", sqlite, "--keys", one.keys, "--relying-parties", one.relying_parties]
    refused(one.run(*words), "has the database", "Stop it first")
    assert one.stop() == 0
    status = done(one.run("database", "status", "--json"))
    assert status["engine"] == "postgresql" and status["schema"]["taken"] == [] and status["rows"] is None
    served = one.run("serve")
    assert served.returncode != 0 and "there are no keys in the database" in served.stderr
    refused(one.run("database", "import", "--sqlite", sqlite), "--keys")

    before = sqlite.read_bytes()
    answer = done(one.run(*words, "--json"))
    # Who reads the keys is written down now and then, and when the server stops: where one asked and read.
    expected = {**rows["rows"], "keyring": 1, "relying_parties": 1, "revisions": 1, "key_set_readers": 2}
    expected["key_files"] = len(list(one.keys.glob("*.pem")))
    assert answer["rows"] == expected
    assert done(one.run("database", "status", "--json"))["rows"] == expected
    assert sqlite.read_bytes() == before, "the old file is as it was"
    dump = postgresql.sql("select content from relying_parties;", name)
    assert lived.client.secret not in dump and "client_secret_sha256: " in dump

    shutil.move(one.data, tmp_path / "data")  # from here on, nothing can come from the old places
    shutil.move(one.keys, tmp_path / "keys")
    one.start()
    assert still_signed_in(lived.client, lived.visitor), "nobody is signed out"
    claims = lived.client.finish(lived.visitor, lived.client.start(lived.visitor))
    assert (claims["sub"], claims["auth_time"]) == (lived.claims["sub"], lived.claims["auth_time"])
    lived.is_known_to(one)
    assert opens_by_letter(one, lived.waiting)

    words[3], words[5] = tmp_path / "data/portal.sqlite", tmp_path / "keys"
    refused(one.run(*words), "not empty", "accounts 2")
    one.stop()
    refused(one.run(*words), "not empty")
    refused(one.run("backup", tmp_path / "backup"), "pg_dump", "keys", "relying parties")
    refused(one.run("restore", tmp_path / "backup"), "PostgreSQL")
    assert not (tmp_path / "backup").exists()


def test_an_import_that_cannot_be_whole_leaves_the_database_empty(make, postgresql, tmp_path):
    one, name = make().first_keys(), postgresql.database()
    one.account("Zoé", "D'Été", profile="National_ENS")
    sqlite = one.data / "portal.sqlite"
    configure(one, postgresql.section(name))
    words = ["database", "import", "--sqlite", sqlite, "--keys", one.keys, "--relying-parties", one.relying_parties]
    (one.relying_parties / "a.yaml").write_text(PARTY.format(id="a", secret=32 * "x"))
    (one.relying_parties / "b.yaml").write_text(PARTY.format(id="a", secret=32 * "y"))
    refused(one.run(*words), "a.yaml and b.yaml")
    (one.relying_parties / "b.yaml").unlink()

    def school(value):
        with sqlite3.connect(sqlite) as database:
            database.execute("pragma ignore_check_constraints = on")
            database.execute("update accounts set school = ?", (value,))
        database.close()

    school("no school")  # a damaged row, which only the other engine notices
    refused(one.run(*words), "nothing was carried")
    assert set(done(one.run("database", "status", "--json"))["rows"].values()) == {0}
    school(None)
    assert done(one.run(*words, "--json"))["rows"]["accounts"] == 1


def test_what_was_used_after_a_dump_does_not_come_back(shared, postgresql):
    one = shared.start()
    made = one.account("Noé", "Œuvrard", profile="National_TUT")
    dumped = postgresql.copy(one.database)
    first_connection(one, made)
    assert not opens_by_letter(one, made), "it was used"
    one.stop()
    one.config.write_text(one.config.read_text().replace(f"/{one.database}'", f"/{dumped}'"))
    answer = done(one.run("database", "after-restore", "--keep-activation-codes", "--json"))
    assert answer["activation_codes_expired"] == 0
    one.start()
    assert opens_by_letter(one, made), "the dump does hold it"
    one.stop()
    answer = done(one.run("database", "after-restore", "--json"))
    assert answer["activation_codes_expired"] == 1 and answer["sessions_ended"] == 0
    one.start()
    assert not opens_by_letter(one, made)


# Relying parties in the database.


@pytest.fixture
def shared(make, postgresql):
    """An installation whose relying parties lie in PostgreSQL."""
    one = make()
    one.database = postgresql.database()
    configure(one, postgresql.section(one.database))
    return one.first_keys()


def put(one, folder, client_id, text):
    file = folder / f"{client_id}.yaml"
    file.write_text(text)
    return one.run("parties", "put", file)


def test_relying_parties_in_the_database_are_taken_up_and_dropped(shared, postgresql, tmp_path):
    one = shared.start()
    client = Client(one).discover()
    assert put(one, tmp_path, "strict", client.registration).returncode == 0
    visitor = client.visitor()

    def known():
        """the node hears of it without a restart"""
        client.start(visitor)
        return visitor.response.ok

    eventually(known, 10)
    made = one.account("Zoé", "D'Été", profile="National_ENS")
    first_connection(one, made)
    assert client.sign_in(client.visitor(), person(made))["sub"], "its secret is accepted"
    listed = done(one.run("parties", "list", "--json"))["relying_parties"]
    assert [(party["name"], party["client_id"]) for party in listed] == [("strict.yaml", "strict")]

    refused(put(one, tmp_path, "other", client.registration), "strict", "other.yaml")
    assert one.run("parties", "export", tmp_path / "out").returncode == 0
    exported = (tmp_path / "out/strict.yaml").read_text()
    assert client.secret not in exported and hashlib.sha256(client.secret.encode()).hexdigest() in exported
    refused(one.run("parties", "export", tmp_path / "out"), "there already")
    assert one.run("parties", "put", tmp_path / "out/strict.yaml").returncode == 0, "what is exported can be put"
    assert client.secret not in postgresql.sql("select * from relying_parties;", one.database)

    refused(one.run("parties", "remove", "nobody.yaml"), "nobody.yaml")
    assert one.run("parties", "remove", "strict.yaml").returncode == 0
    eventually(lambda: not known(), 10)


def test_a_mistake_puts_nothing(shared, tmp_path):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(PARTY.format(id="good", secret=32 * "x"))
    secret = "secret-qui-ne-doit-pas-fuir-0123456789"
    for text, word in (
        (PARTY.format(id="bad", secret=secret) + "nom: x\n", "nom"),
        (PARTY.format(id="bad", secret="|-\n  " + secret), "one line"),
        (PARTY.format(id="bad", secret=secret) + f"# {secret}\n", "stands here too"),
        (PARTY.format(id="good", secret=secret), "good"),
    ):
        bad.write_text(text)
        outcome = shared.run("parties", "put", good, bad)
        refused(outcome, word)
        assert secret not in outcome.stderr
    assert done(shared.run("parties", "list", "--json")) == {"relying_parties": []}
    assert shared.run("parties", "put", good).returncode == 0


def test_a_folder_of_relying_parties_is_the_place_to_change_them(make):
    one = make().first_keys()
    for words in (["list"], ["remove", "a.yaml"], ["export", "x"], ["put", one.config]):
        refused(one.run("parties", *words), "config/relying-parties")
