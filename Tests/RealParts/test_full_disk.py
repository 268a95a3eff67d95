"""A full disk: people and operators are told, nothing is lost, and it goes on without a restart when there is room."""

import json
import os
import time

import pytest
import requests

from faults import record
from installation import first_connection, person, registered
from loge import command, eventually
from visitor import Visitor, sign_in


class SmallDisk:
    """A server whose data and keys lie on a small disk of its own, which no other process sees by its name."""

    def __init__(self, installation):
        self.server, self.folder = installation, installation.root / "disk"
        installation.first_keys()
        self.folder.mkdir()
        text = installation.config.read_text()
        installation.config.write_text(text.replace("../data", "../disk/data").replace("../keys", "../disk/keys"))
        script = (
            f'mount -t tmpfs -o size=40m tmpfs "{self.folder}"'
            f' && cp -r "{installation.keys}" "{self.folder}/keys" && exec "$@"'
        )
        installation.wrapper = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")

    @property
    def inside(self):
        """The disk as others see it: through the process that mounted it."""
        return f"/proc/{self.server.child.pid}/root{self.folder}"

    def loge(self, *words):
        """A command of an operator, who sees the disk."""
        config = () if "--config" in words else ("--config", self.server.config)
        view = ("nsenter", "--target", self.server.child.pid, "--user", "--mount", "--preserve-credentials")
        return command(*words, *config, wrapper=view)

    def fill(self):
        """Writes until nothing fits any more."""
        block = b"x" * 4096
        with open(f"{self.inside}/filling", "wb", buffering=0) as filling:
            while True:
                try:
                    filling.write(block)
                except OSError:
                    return

    def empty(self):
        os.unlink(f"{self.inside}/filling")


@pytest.fixture
def disk(make):
    small = SmallDisk(make())
    small.server.start()
    return small


def test_a_full_disk_is_told_and_nothing_is_lost(disk):
    server = disk.server
    outcome = disk.loge("accounts", "create", "--given-name", "Ada", "--family-name", "Martin",
                        "--profile", "National_ENS", "--json")  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    made = json.loads(outcome.stdout)
    first_connection(server, made)
    client = registered(server)
    visitor = client.visitor()
    subject = client.sign_in(visitor, person(made))["sub"]

    disk.fill()
    assert server.asks("healthz") == 200
    assert server.asks("readyz") == 503
    assert "disk" in server.readiness()
    discovery = f"{server.portal}/.well-known/openid-configuration"
    assert requests.get(discovery, timeout=10).status_code == 200, "what needs no disk goes on"

    stranger = Visitor().open(server.portal)
    sign_in(stranger, made["login"], person(made).password)
    assert stranger.response.status_code in (500, 503), stranger
    assert "sqlite" not in stranger.text.lower() and "disk" not in stranger.text.lower(), "no insides on a page"
    assert stranger.page.links or stranger.page.forms, "and something to do next"

    for words in (["accounts", "create", "--given-name", "Un", "--family-name", "Deux", "--profile", "National_ENS"],
                  ["keys", "stage", "token-es256"]):  # fmt: skip
        refused = disk.loge(*words)
        assert refused.returncode != 0, words
        assert refused.stderr.startswith("Error: ") and len(refused.stderr.splitlines()) <= 3, refused.stderr
    listed = disk.loge("keys", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert all(key["state"] == "current" for key in json.loads(listed.stdout)["keys"]), "the keyring is what it was"

    disk.empty()
    lifted = time.monotonic()

    def ready():
        """there is room again"""
        return server.asks("readyz") == 200

    eventually(ready, seconds=10)
    assert client.sign_in(client.visitor(), person(made))["sub"] == subject, "a new sign-in, without a restart"
    saw = f"password: page {stranger.response.status_code}; discovery and keys go on"
    record("disk full under SQLite", saw, time.monotonic() - lifted)
    assert client.sign_in(visitor, person(made))["sub"] == subject, "and the session of before"
    assert disk.loge("keys", "stage", "token-es256").returncode == 0
    assert server.stop() == 0


def test_a_start_on_a_full_disk_is_refused_in_a_sentence(disk):
    other = disk.server.config.parent / "other.yaml"
    other.write_text(disk.server.config.read_text().replace("../disk/data", "../disk/data-of-another"))
    disk.fill()
    outcome = disk.loge("serve", "--config", other)
    assert outcome.returncode != 0
    last = outcome.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ") and ("disk" in last or "room" in last), outcome.stderr
