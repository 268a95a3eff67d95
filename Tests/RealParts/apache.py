"""Debian's Apache with mod_auth_openidc: a relying party that Loge has no part in.

The server lives in a folder of its own, on a loopback port, and shows to the person who signed in what the module
told the application: the CGI environment, printed by mod_include into the page.
"""

import html
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from loge import eventually, free_port_base

APACHE = "/usr/sbin/apache2"
MODULES = Path("/usr/lib/apache2/modules")

# What is loaded beside the modules that Debian compiles in.
LOADED = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "include", "auth_openidc"]

CONFIGURATION = """\
ServerRoot "{root}"
ServerName {host}:{port}
Listen 127.0.0.1:{port}
PidFile "{root}/apache.pid"
DefaultRuntimeDir "{root}"
Mutex posixsem
ErrorLog "{root}/error.log"
LogLevel warn auth_openidc:debug
{user}
{modules}
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8

DocumentRoot "{root}/pages"
DirectoryIndex index.html
AddDefaultCharset utf-8

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCSSLValidateServer Off
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCProviderTokenEndpointAuth {authentication}
OIDCIDTokenSignedResponseAlg {algorithm}
OIDCPKCEMethod S256
OIDCScope "openid profile email school"
OIDCRedirectURI {origin}/protected/callback
OIDCCryptoPassphrase {passphrase}
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment
OIDCPassIDTokenAs claims payload

<Directory "{root}/pages">
    Require all granted
    Options +Includes
</Directory>
<Location "/protected">
    AuthType openid-connect
    Require valid-user
    SetOutputFilter INCLUDES
</Location>
"""


class RelyingParty:
    """One Apache, and the registration that lets it in."""

    def __init__(
        self,
        issuer,
        client_id="apache",
        authentication="client_secret_basic",
        algorithm="ES256",
        secret_known_to_apache=None,
        host="127.0.0.1",
    ):
        self.client_id = client_id
        self.client_secret = secrets.token_urlsafe(32)
        self.authentication, self.algorithm = authentication, algorithm
        self.port = free_port_base(1)
        self.origin = f"http://{host}:{self.port}"  # the name under which people know the site
        # Not pytest's folder: Apache's children run as another user and must be able to enter.
        self.root = Path(tempfile.mkdtemp(prefix="apache-"))
        self.root.chmod(0o755)
        pages = self.root / "pages"
        (pages / "protected").mkdir(parents=True)
        (pages / "protected/index.html").write_text("<!--#printenv -->\n")
        (pages / "left.html").write_text("left\n")
        self.configuration = self.root / "apache.conf"
        self.configuration.write_text(
            CONFIGURATION.format(
                root=self.root,
                port=self.port,
                host=host,
                user="User www-data\nGroup www-data" if os.getuid() == 0 else "",
                modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED),
                issuer=issuer,
                client_id=client_id,
                client_secret=secret_known_to_apache or self.client_secret,
                authentication=authentication,
                algorithm=algorithm,
                origin=self.origin,
                passphrase=secrets.token_urlsafe(32),
            )
        )
        self.child = None

    @property
    def registration(self):
        """The one file that registers this relying party."""
        return f"""\
client_id: {self.client_id}
client_name: Intranet du collège
client_secret: {self.client_secret}
redirect_uris:
  - {self.origin}/protected/callback
post_logout_redirect_uris:
  - {self.origin}/left.html
token_endpoint_auth_method: {self.authentication}
id_token_signed_response_alg: {self.algorithm}
subject_type: pairwise
require_pkce: true
scope: "openid profile email school"
"""

    def start(self):
        self.child = subprocess.Popen(
            [APACHE, "-f", self.configuration, "-D", "FOREGROUND"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        eventually(self._answers)
        return self

    def _answers(self):
        """Apache accepts connections"""
        if self.child.poll() is not None:
            raise AssertionError(f"Apache ended: {self.child.stderr.read().decode()}{self.log}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def log(self):
        log = self.root / "error.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def stop(self):
        if self.child is not None:
            self.child.terminate()
            self.child.wait(30)
            self.child.stderr.close()
            self.child = None
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def protected(self):
        return f"{self.origin}/protected/"

    def logout(self):
        """The address at which the module starts a logout that ends on a page of its own."""
        return f"{self.origin}/protected/callback?logout={quote(self.origin + '/left.html', safe='')}"


def environment_shown(page):
    """What the module told the application, as the protected page printed it."""
    return dict(re.findall(r"^([A-Z_a-z0-9]+)=(.*)$", html.unescape(page), re.MULTILINE))
