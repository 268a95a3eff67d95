"""An installation as an operator makes it: configuration, first keyring, `loge serve`; and a mail server for it."""

import json
import shutil
import ssl
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from client import Client
from loge import READY_SECONDS, REPOSITORY, Person, Process, command, eventually, free_port_base
from visitor import Visitor, sign_in

PASSWORD = "Cerise-Tunnel-Vapeur-84"

CONFIGURATION = """\
public_url: http://localhost:{port}
service_name: ENT des tests
listen: {{host: localhost, port: {port}}}
operations: {{host: 127.0.0.1, port: {operations_port}}}
data: ../data
keys: {{folder: ../keys, passphrase_file: ../passphrase{keys}}}
accounts: {{charter_version: 1}}
{more}"""


class Operated:
    """What an operator does by commands, to whatever has a `run` for them."""

    def account(self, given_name, family_name, **columns):
        """Makes an account; its login and activation code are in the answer."""
        words = ["--given-name", given_name, "--family-name", family_name]
        for name, value in columns.items():
            words += [f"--{name.replace('_', '-')}", value]
        outcome = self.run("accounts", "create", *words, "--json")
        assert outcome.returncode == 0, outcome.stderr
        return json.loads(outcome.stdout)


class Installation(Operated, Process):
    """One server with a folder of its own."""

    def __init__(self, folder, keys="", more="", environment=None, wrapper=()):
        self.root = Path(folder)
        self.config = self.root / "config/loge.yaml"
        self.relying_parties = self.root / "config/relying-parties"
        self.keys, self.data = self.root / "keys", self.root / "data"
        self.port = free_port_base(2)
        self.portal = f"http://localhost:{self.port}"
        self.operations = f"http://127.0.0.1:{self.port + 1}"
        self.relying_parties.mkdir(parents=True)
        self.config.write_text(
            CONFIGURATION.format(port=self.port, operations_port=self.port + 1, keys=keys, more=more)
        )
        shutil.copy(REPOSITORY / "Config/portal.yaml", self.config.parent)
        passphrase = self.root / "passphrase"
        passphrase.write_text("une phrase de passe pour les tests\n")
        passphrase.chmod(0o600)
        super().__init__(["serve", "--config", self.config], self.root, environment or {}, wrapper=tuple(wrapper))

    def run(self, *words, **options):
        """One command on this installation, to its end."""
        return command(*words, "--config", self.config, environment=self.environment, **options)

    def first_keys(self):
        outcome = self.run("keys", "stage", "--first")
        assert outcome.returncode == 0, outcome.stderr
        return self

    def start(self):
        self.launch()

        def ready():
            """the server says that it is ready"""
            if self.child.poll() is not None:
                raise AssertionError(f"loge serve ended with status {self.child.returncode}\n{self.errors}")
            return self.asks("readyz") == 200

        eventually(ready, READY_SECONDS)
        return self

    def asks(self, path):
        """The status of an answer of the operators' listener; None when it is not there."""
        try:
            return requests.get(f"{self.operations}/{path}", timeout=10).status_code
        except requests.ConnectionError:
            return None

    def readiness(self):
        return requests.get(f"{self.operations}/readyz", timeout=10).text

    @property
    def log(self):
        """The lines of the log; every one of them is JSON."""
        return [json.loads(line) for line in self.errors.splitlines()]

    def register(self, client_id, yaml):
        unfinished = self.relying_parties / f".{client_id}.yaml.new"
        unfinished.write_text(yaml)
        unfinished.rename(self.relying_parties / f"{client_id}.yaml")


def person(made, password=PASSWORD):
    """Who signs in with the account that a command made."""
    return Person(made["login"], password, None, f"{made['given_name']} {made['family_name']}", None, None, "")


def first_connection(installation, made, mail=None):
    """Signs in with the code of the letter and chooses the password; the browser that did it is the answer."""
    visitor = Visitor().open(installation.portal)
    sign_in(visitor, made["login"], made["activation_code"])
    form = visitor.form_with("motDePasse")
    assert form, visitor
    answers = {"motDePasse": PASSWORD, "confirmation": PASSWORD, "charte": "oui", **({"mail": mail} if mail else {})}
    visitor.submit(form, **answers)
    assert not visitor.form_with("motDePasse"), visitor
    return visitor


def registered(demo, **options):
    """A strict client that a running server, demo or not, has taken up."""
    client = Client(demo, **options).discover()
    demo.register(client.client_id, client.registration)

    def known():
        """the dropped file is picked up without a restart"""
        visitor = client.visitor()
        client.start(visitor)
        return visitor.response.ok

    eventually(known, seconds=10)
    return client


def certificate(folder):
    """A self-signed certificate for localhost: (certificate file, key file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = Path(folder) / "smtp-certificate", Path(folder) / "smtp-key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files[1].write_bytes(private)
    return files


class MailServer:
    """aiosmtpd, as strict as a real submission server: nothing before STARTTLS, no mail without the right password."""

    USERNAME, PASSWORD = "loge", "mot de passe du serveur de courrier"

    def __init__(self, folder):
        self.certificate, key = certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.mails, self.sign_ins, self.port = [], [], free_port_base(1)
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )

    def _authenticate(self, server, session, envelope, mechanism, credentials):
        right = (credentials.login, credentials.password) == (self.USERNAME.encode(), self.PASSWORD.encode())
        self.sign_ins.append(right)
        return AuthResult(success=right)

    async def handle_DATA(self, server, session, envelope):
        assert session.ssl is not None
        self.mails.append(envelope)
        return "250 2.0.0 kept"

    def settings(self, password=PASSWORD, authorities=None):
        """The `mail` section that leads here."""
        return f"""\
mail:
  host: localhost
  port: {self.port}
  security: starttls
  username: {self.USERNAME}
  password: "{password}"
  from: ne-pas-repondre@ent.example
  from_name: ENT des tests
  ca_file: {authorities or self.certificate}
"""

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *reason):
        self.controller.stop()
