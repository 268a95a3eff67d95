"""A private PostgreSQL for tests that need a database and no cluster, made by scripts/lib/postgresql.sh."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from loge import REPOSITORY


class PrivatePostgreSQL:
    """One server in a folder of its own, which gives each test an empty database."""

    def __init__(self):
        # Not pytest's folder: PostgreSQL runs as another user and must be able to pass.
        self.root = Path(tempfile.mkdtemp(prefix="loge-"))
        self.root.chmod(0o711)
        self.folder = self.root / "postgresql"
        self.folder.mkdir()
        self.password_file = self.folder / "password"
        self.made = 0

    def _shell(self, *words, text=""):
        outcome = subprocess.run(
            ["bash", "-euo", "pipefail", "-c",
             'source scripts/lib/setup.sh; source scripts/lib/postgresql.sh; "$@"', "bash", *map(str, words)],
            input=text, capture_output=True, text=True, timeout=120, cwd=REPOSITORY,
        )  # fmt: skip
        assert outcome.returncode == 0, outcome.stdout + outcome.stderr
        return outcome.stdout.strip()

    def start(self):
        self._shell("postgresql_make", self.folder)
        self.url = self._shell("postgresql_url", self.folder)
        return self

    def stop(self):
        self._shell("postgresql_stop", self.folder, "immediate")
        shutil.rmtree(self.root, ignore_errors=True)

    def sql(self, text, database):
        """What psql prints, as the superuser: rows bare, columns parted by tabs."""
        return self._shell("postgresql_query", self.folder, database, text=text)

    def database(self):
        """A new empty database: its name."""
        self.made += 1
        name = f"loge{self.made}"
        self.sql(f"create database {name} owner loge;", "postgres")
        return name

    def copy(self, name):
        """A new database with all that pg_dump finds in another one: its name."""
        port = self._shell("postgresql_port", self.folder)
        pg_dump = self._shell("postgresql_binaries") + "/pg_dump"
        text = self._shell("as_postgres", pg_dump, "-h", self.folder, "-p", port, "-U", "postgres", name)
        copied = self.database()
        self.sql(text, copied)
        return copied

    def section(self, name):
        """The `database` section that leads there."""
        url = self.url.removesuffix("/loge") + f"/{name}"
        return f"database: {{url: '{url}', password_file: {self.password_file}, connections: 4}}\n"
