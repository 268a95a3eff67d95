"""Several nodes on one database behind HAProxy, as scripts/cluster starts them, and handles on every part of them.

People and relying parties know one address only, HAProxy's. A test that wants to know which node answers sends a
browser's requests straight to that node, with the address, the Host and the cookies as they would be.
"""

import contextlib
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from client import Client
from installation import Operated, first_connection, person
from loge import BINARY, READY_SECONDS, REPOSITORY, STOP_SECONDS, command, eventually
from visitor import choose

# "Within a second", and one more for a machine that has two cores and other things to do. A limit, no measurement.
SOON = 2.0

# A user that PostgreSQL accepts to run as, when it is not the one who tests.
AS_POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] if os.getuid() == 0 else []


def is_running(pid):
    """Whether the process is there and has not ended: one that nobody has asked for its end yet has."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


class Direct(HTTPAdapter):
    """Carries what is meant for the public address to one node."""

    def __init__(self, node):
        self.node = node
        super().__init__()

    def add_headers(self, request, **options):
        request.headers["Host"] = urlsplit(request.url).netloc

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        return self.poolmanager.connection_from_url(self.node.url)


class Node:
    """One `loge serve`."""

    def __init__(self, cluster, described):
        self.cluster, self.name, self.pid = cluster, described["name"], described["pid"]
        self.port, self.url, self.operations = described["port"], described["url"], described["operations"]
        self.operations_port, self.database_port = described["operations_port"], described["database_port"]
        self.log = Path(described["log"])
        self.child = None  # the process, once a test has started it anew

    def __repr__(self):
        return self.name

    @property
    def is_alive(self):
        return is_running(self.pid) and self._is_ours

    @property
    def _is_ours(self):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return str(self.cluster.config).encode() in Path(f"/proc/{self.pid}/cmdline").read_bytes()
        return False

    def send(self, number):
        """Sends a signal to the process, and to no other that has taken its number meanwhile."""
        assert self._is_ours, f"{self} is gone"
        os.kill(self.pid, number)

    def freeze(self):
        self.send(signal.SIGSTOP)

    def thaw(self):
        self.send(signal.SIGCONT)

    def kill(self):
        """SIGKILL: no chance to tidy up, as at a power cut."""
        self.send(signal.SIGKILL)
        if self.child is not None:
            self.child.wait()

        def is_gone():
            """the process has ended, and its connections with it"""
            return not is_running(self.pid)

        eventually(is_gone, 10)

    def start_again(self, database_url=None, wait=True):
        """Starts the process anew, as a service manager does."""
        environment = {
            **os.environ,
            "LOGE_LISTEN_PORT": str(self.port),
            "LOGE_OPERATIONS_PORT": str(self.operations_port),
            "LOGE_DATABASE_URL": database_url or self.cluster.postgresql.url_through(self.database_port),
        }
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", BINARY, "serve", "--config", self.cluster.config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        self.pid = self.child.pid
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        def ready():
            """the node says that it is ready"""
            assert self.child is None or self.child.poll() is None, self.log_text[-3000:]
            return self.asks("readyz") == 200

        eventually(ready, READY_SECONDS)

    def stop(self):
        """SIGTERM, for a process that a test has started; the exit status is the answer."""
        if self.child is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            self.child.terminate()
        status = self.child.wait(STOP_SECONDS)
        self.child = None
        return status

    def asks(self, path):
        """The status of an answer of the operators' listener; None when there is none."""
        try:
            return requests.get(f"{self.operations}/{path}", timeout=10).status_code
        except (requests.ConnectionError, requests.Timeout):
            return None

    @property
    def log_text(self):
        return self.log.read_text(errors="replace")


class PostgreSQL:
    """The server that the nodes share, as its administrator has it in hand."""

    def __init__(self, described):
        self.port, self.data, self.socket = described["port"], described["data"], described["socket"]
        self.url, self.log = described["url"], Path(described["log"])
        self.binaries = Path(described["binaries"])
        self.password = Path(described["password_file"]).read_text().strip()

    def url_through(self, port):
        return self.url.replace(f":{self.port}/", f":{port}/")

    @property
    def pid(self):
        """The process of the server; None while there is none."""
        try:
            pid = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None
        return pid if is_running(pid) else None

    def sql(self, text, database="loge"):
        """What psql prints, as the superuser: rows bare, columns parted by tabs."""
        outcome = subprocess.run(
            [self.binaries / "psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             "-h", self.socket, "-p", str(self.port), "-U", "postgres", "-d", database],
            input=text, capture_output=True, text=True, timeout=30, cwd="/",
        )  # fmt: skip
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout.strip()

    def _pg_ctl(self, *words):
        outcome = subprocess.run(
            [*AS_POSTGRES, self.binaries / "pg_ctl", *words, "-s", "-w", "-D", self.data],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, timeout=60, cwd="/",
        )  # fmt: skip
        assert outcome.returncode == 0, self.log.read_text()[-2000:]

    def stop(self, mode="fast"):
        if self.pid is not None:
            self._pg_ctl("stop", "-m", mode)

    def start(self):
        if self.pid is None:
            self._pg_ctl("start", "-l", self.log)

    def restart(self, mode="fast"):
        self._pg_ctl("restart", "-m", mode, "-l", self.log)

    def _processes(self):
        server = self.pid
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        return [server, *map(int, children)]

    def freeze(self):
        """SIGSTOP to the server first, so that it starts nobody meanwhile, then to all whom it has started."""
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def thaw(self):
        for pid in reversed(self._processes()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def setting(self, name, value):
        """Changes a setting of the running server; None takes it back."""
        change = f"reset {name}" if value is None else f"set {name} = {value}"
        self.sql(f"alter system {change};\nselect pg_reload_conf();")

    @contextlib.contextmanager
    def occupied(self):
        """Somebody else holds every connection that the server has to give."""
        taken = []
        self.sql(
            "alter role loge connection limit 0;\n"
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'loge';"
        )
        try:
            while (connection := self._connection()) is not None:
                taken.append(connection)
            # One place to say this by; the nodes cannot have it, it is kept for superusers.
            taken.pop().close()
            eventually(self._lets_the_nodes_in, 10)
            yield len(taken)
        finally:
            for connection in taken:
                connection.close()
            eventually(self._lets_the_nodes_in, 10)

    def _lets_the_nodes_in(self):
        """the role of the nodes may connect again"""
        try:
            return self.sql("alter role loge connection limit -1; select 1") == "1"
        except AssertionError:
            # A connection that was closed keeps its place until its process has ended.
            return False

    def _connection(self):
        """A connection of the superuser that asks nothing; None when there is none to be had."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{self.socket}/.s.PGSQL.{self.port}")
        words = b"user\0postgres\0database\0postgres\0\0"
        connection.sendall(struct.pack("!II", len(words) + 8, 3 << 16) + words)
        answer = connection.recv(1)
        if answer == b"R":
            return connection
        connection.close()
        return None


class Cluster(Operated):
    """scripts/cluster, from its start to its end."""

    def __init__(self, nodes=2, through=(), environment=None):
        # Not pytest's folder: PostgreSQL runs as another user and must be able to pass.
        self.root = Path(tempfile.mkdtemp(prefix="loge-"))
        self.root.chmod(0o711)
        self.folder = self.root / "cluster"
        self.words = ["--json", "--nodes", nodes, "--dir", self.folder]
        if through:
            self.words += ["--through", ",".join(str(proxy.port) for proxy in through)]
        self.environment = environment or {}
        self.child, self.nodes = None, []

    def database_port(self):
        """PostgreSQL's port, known as soon as it runs: proxies ask for it."""
        return int(Path(self.folder, "postgresql/data/postmaster.pid").read_text().split("\n")[3])

    @property
    def errors(self):
        return (self.root / "stderr.log").read_text(errors="replace")

    def start(self):
        with open(self.root / "stderr.log", "wb") as errors:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", REPOSITORY / "scripts/cluster", *map(str, self.words)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "LOGE_BINARY": str(BINARY), **self.environment},
            )  # fmt: skip
        ready, _, _ = select.select([self.child.stdout], [], [], 2 * READY_SECONDS)
        line = self.child.stdout.readline() if ready else b""
        if not line:
            self.stop()
            raise AssertionError(f"scripts/cluster printed nothing.\n{self.errors}")
        described = json.loads(line)
        assert described["ready"] is True
        self.portal, self.config = described["url"], Path(described["config"])
        self.haproxy = described["haproxy"]
        self.postgresql = PostgreSQL(described["postgresql"])
        self.nodes = [Node(self, one) for one in described["nodes"]]
        return self

    def stop(self):
        """Stops everything; the exit status of the script is the answer, 0 when all of it ended well."""
        status = None
        for node in self.nodes:
            with contextlib.suppress(AssertionError, FileNotFoundError, ProcessLookupError):
                node.thaw()
            node.stop()
        if self.child is not None:
            if self.nodes and self.postgresql.pid is not None:
                self.postgresql.thaw()
            self.child.terminate()
            status = self.child.wait(2 * STOP_SECONDS)
            self.child.stdout.close()
            self.child = None
        self._keep_logs()
        shutil.rmtree(self.root, ignore_errors=True)
        return status

    def _keep_logs(self):
        """What the parts said stays for whoever looks into a failure."""
        kept = REPOSITORY / ".build/test-results" / self.root.name
        kept.mkdir(parents=True, exist_ok=True)
        for log in [*self.folder.glob("*.log"), self.folder / "postgresql/log", self.root / "stderr.log"]:
            if log.exists():
                shutil.copy(log, kept / log.name)

    def run(self, *words, **options):
        """One command of an operator, who is on the database's side of every proxy."""
        return command(*words, "--config", self.config, **options)

    def register(self, client_id, yaml):
        file = self.root / f"{client_id}.yaml"
        file.write_text(yaml)
        outcome = self.run("parties", "put", file)
        assert outcome.returncode == 0, outcome.stderr

    def send(self, visitor, node=None):
        """From now on the requests of the visitor, or of the session, go to that node; to HAProxy when none is given."""
        session = getattr(visitor, "session", visitor)
        session.mount(f"{self.portal}/", Direct(node) if node else HTTPAdapter())
        return visitor

    def http(self, node=None):
        """A relying party's own connection, by way of one node."""
        session = requests.Session()
        session.trust_env = False
        return self.send(session, node)

    def client(self, **options):
        """A registered relying party that every node knows."""
        client = Client(self, **options).discover()
        self.register(client.client_id, client.registration)
        for node in self.nodes:
            visitor = self.send(client.visitor(), node)

            def known():
                """the node has heard of the relying party"""
                client.start(visitor)
                return visitor.response.ok

            eventually(known, 10)
        return client

    def member(self, given_name, family_name, **columns):
        """Somebody who has been through their first connection."""
        made = self.account(given_name, family_name, **{"profile": "National_ENS", **columns})
        first_connection(self, made)
        return person(made)

    def log_problems(self):
        """Lines of the nodes' logs that no fault of the surroundings excuses."""
        wrong = re.compile(r"fatal error|precondition|stack dump|crash|panic", re.IGNORECASE)
        secret = self.postgresql.password
        for node in self.nodes:
            for line in node.log_text.splitlines():
                if wrong.search(line) or secret in line or not line.startswith("{"):
                    yield f"{node}: {line[:400]}"


def walk(client, visitor, person, http):
    """A whole sign-on, one step of the person or of the relying party at a time; the name of each step is yielded once
    it is answered, and at the end the claims of the ID token."""
    pending = client.start(visitor)
    yield "authorize", None
    while not visitor.form_with("secret"):
        name = next(name for name in ("profil", "niveau", "mode", "memoriser") if visitor.form_with(name))
        choose(visitor, name, person.profile if name == "profil" else None)
        yield f"question {name}", None
    visitor.submit(visitor.form_with("secret"), identifiant=person.login, secret=person.password)
    yield "password", None
    response = client.redeem(client.code(visitor, pending), pending, http)
    yield "redemption", None
    assert response.status_code == 200, response.text
    tokens = response.json()
    claims = client.verify(tokens["id_token"], pending["nonce"])
    info = client.user_info(tokens["access_token"], http)
    yield "userinfo", None
    assert info.status_code == 200 and info.json()["sub"] == claims["sub"], info.text
    yield "end", claims


def at_once(count, task):
    """Runs `task(number)` in that many threads that start together; their answers in order, exceptions included."""
    barrier = threading.Barrier(count)

    def one(number):
        barrier.wait(30)
        return task(number)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(one, number) for number in range(count)]
        return [future.exception() or future.result() for future in futures]
