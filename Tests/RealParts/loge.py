"""The built binary, as an operator runs it: `loge demo` on free ports with data of its own, and single commands.

Only processes started here are ever signalled, by their own process object.
"""

import json
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("LOGE_BINARY", REPOSITORY / ".build/debug/loge"))

# How long the demo may take to answer on a busy machine. It is a limit, not a measurement.
READY_SECONDS = 60
STOP_SECONDS = 30

# Ports that `loge demo` opens, relative to its base.
DEMO_PORTS = range(10)


def free_port_base(count=len(DEMO_PORTS)):
    """The first of `count` ports in a row that nothing uses. Spread by process id, so that two runs rarely meet."""
    start = 20000 + (os.getpid() * 37) % 20000
    for base in range(start, 60000, count):
        if all(is_free(port) for port in range(base, base + count)):
            return base
    raise RuntimeError("no free ports")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def eventually(condition, seconds=30.0):
    """The first true answer of `condition`, asked until it comes."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {seconds} s: {condition.__doc__ or condition}")
        time.sleep(0.1)


def command(*arguments, environment=None, timeout=60, wrapper=(), **options):
    """Runs one `loge` command to its end; its outcome carries the exit status and both outputs as text."""
    return subprocess.run(
        [*map(str, wrapper), BINARY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
        **options,
    )


@dataclass
class Person:
    """A demo person, as `loge demo --json` presents them."""

    login: str
    password: str | None
    activation_code: str | None
    name: str
    profile: str  # what to answer to the portal's first question
    level: str | None  # and to its second, where it is asked
    good_for: str

    @property
    def given_name(self):
        return self.name.split()[0]


@dataclass
class Process:
    """A long-running `loge` command. What it writes goes to files, which a failed test can show."""

    arguments: list
    folder: Path
    environment: dict = field(default_factory=dict)
    wrapper: tuple = ()  # a program that becomes loge, such as one that changes its view of the disks
    child: subprocess.Popen = None

    @property
    def errors(self):
        return (self.folder / "stderr.log").read_text(errors="replace")

    def launch(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "stderr.log", "ab") as errors:
            self.child = subprocess.Popen(
                [*self.wrapper, BINARY, *map(str, self.arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **self.environment},
            )

    def first_line(self, seconds=READY_SECONDS):
        """The first line on standard output; what came on standard error is in the failure if there is none."""
        ready, _, _ = select.select([self.child.stdout], [], [], seconds)
        line = self.child.stdout.readline() if ready else b""
        if not line:
            self.kill()
            raise AssertionError(f"loge {self.arguments} printed nothing.\n{self.errors}")
        return line

    def stop(self):
        """SIGTERM, as a service manager stops it. The exit status is the answer: 0 is a clean stop."""
        if self.child is None:
            return None
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            status = self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"loge did not stop within {STOP_SECONDS} s of SIGTERM.\n{self.errors}") from None
        self.child.stdout.close()
        self.child = None
        return status

    def kill(self):
        """SIGKILL: no chance to tidy up, as at a power cut."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child.stdout.close()
            self.child = None


class Demo(Process):
    """`loge demo --json` with its own data and ports."""

    def __init__(self, folder, environment=None):
        self.data = Path(folder) / "data"
        self.port_base = free_port_base()
        super().__init__(
            ["demo", "--data", self.data, "--port-base", self.port_base, "--json"], Path(folder), environment or {}
        )

    def start(self):
        self.launch()
        ready = json.loads(self.first_line())
        assert ready["ready"] is True, ready
        self.portal = ready["portal"]
        self.demo_ent = ready["demo_ent"]
        self.inbox = ready["inbox"]
        self.operations = ready["operations"]
        self.relying_parties = Path(ready["relying_parties"])
        self.keys = Path(ready["keys"])
        self.people = [Person(**person) for person in ready["people"]]
        return self

    def person(self, login):
        """The demo person with that login."""
        return next(person for person in self.people if person.login == login)

    def person_awaiting_activation(self):
        """Somebody whose letter has not been used yet."""
        return next(person for person in self.people if person.activation_code)

    def register(self, client_id, yaml):
        """Registers a relying party as an operator does: one file, put there in one move."""
        unfinished = self.relying_parties / f".{client_id}.yaml.new"
        unfinished.write_text(yaml)
        unfinished.rename(self.relying_parties / f"{client_id}.yaml")
