"""Debian's Apache with mod_auth_openidc: a relying party that Loge has no part in.

The server lives in a folder of its own, on a loopback port, and shows to the person who signed in what the module
told the application: the CGI environment, printed by mod_include into the page.
"""

import html
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from joserfc.jwk import KeySet, RSAKey

from loge import eventually, free_port_base
from visitor import origin, sign_in

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

{directives}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCSSLValidateServer Off
OIDCClientID {client_id}
{client_secret}
OIDCProviderTokenEndpointAuth {authentication}
OIDCIDTokenSignedResponseAlg {algorithm}
OIDCPKCEMethod S256
OIDCScope "openid profile email school"
OIDCRedirectURI {origin}/protected/callback
OIDCCryptoPassphrase {passphrase}
OIDCCookie site_{port}
OIDCRemoteUserClaim sub
OIDCPassClaimsAs environment
OIDCPassIDTokenAs claims payload

<Directory "{root}/pages">
    Require all granted
    Options +Includes
</Directory>
OIDCOAuthClientID {client_id}
OIDCOAuthClientSecret {api_secret}
OIDCOAuthSSLValidateServer Off
OIDCOAuthServerMetadataURL {issuer}/.well-known/oauth-authorization-server
OIDCOAuthIntrospectionEndpointAuth client_secret_basic
OIDCOAuthTokenExpiryClaim exp absolute mandatory
OIDCOAuthTokenIntrospectionInterval -1
OIDCOAuthRemoteUserClaim sub
<Location "/api">
    AuthType oauth20
    Require valid-user
    SetOutputFilter INCLUDES
</Location>

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
        directives=(),
        more=(),
        keys=(),
        is_told=False,
    ):
        """`directives` and `more` are further lines of the module's configuration and of the registration; `keys` are the
        uses ("sig", "enc") of RSA keys that the module holds, whose public halves are registered; `is_told` asks for
        back-channel logout."""
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
        (pages / "api").mkdir()
        (pages / "api/index.html").write_text("<!--#printenv -->\n")
        self.more = [*more]
        if self.authentication == "private_key_jwt":
            self.more.append("token_endpoint_auth_signing_alg: RS256")
        else:
            self.more.append(f"client_secret: {self.client_secret}")
        if is_told:
            self.more.append(f"backchannel_logout_uri: {self.origin}/protected/callback?logout=backchannel")
            self.more.append("backchannel_logout_session_required: true")
        directives = [*directives]
        if keys:
            held = [self._make_key(use) for use in keys]
            directives.append("OIDCPrivateKeyFiles " + " ".join(f"{kid}#{file}" for kid, file, _ in held))
            # Without the public half too, 2.4.12 crashes where it signs.
            directives.append("OIDCPublicKeyFiles " + " ".join(f"{kid}#{file}.pub" for kid, file, _ in held))
            public = {"keys": [public for *_, public in held]}
            self.public_keys = KeySet.import_key_set(public)
            self.more.append("jwks: " + json.dumps(public))
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
                client_secret=""
                if authentication == "private_key_jwt"
                else f"OIDCClientSecret {secret_known_to_apache or self.client_secret}",
                api_secret=self.client_secret,
                authentication=authentication,
                algorithm=algorithm,
                origin=self.origin,
                passphrase=secrets.token_urlsafe(32),
                directives="\n".join(directives),
            )
        )
        self.child = None

    def _make_key(self, use):
        """An RSA key of the module's own: its kid, the file that holds it, its public half."""
        key = RSAKey.generate_key(2048, parameters={"use": use, "kid": f"{use}-{secrets.token_hex(4)}"})
        file = self.root / f"{use}.key"
        file.write_bytes(key.as_pem(private=True))
        file.chmod(0o644)  # Apache's children run as another user
        Path(f"{file}.pub").write_bytes(key.as_pem(private=False))
        return key.kid, file, key.as_dict(private=False)

    @property
    def registration(self):
        """The one file that registers this relying party."""
        return f"""\
client_id: {self.client_id}
client_name: Intranet du collège
redirect_uris:
  - {self.origin}/protected/callback
post_logout_redirect_uris:
  - {self.origin}/left.html
token_endpoint_auth_method: {self.authentication}
id_token_signed_response_alg: {self.algorithm}
subject_type: pairwise
require_pkce: true
scope: "openid profile email school"
""" + "".join(f"{line}\n" for line in self.more)

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

    def pause(self):
        """Stops the clock of the whole server: it takes connections, and answers none."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)

    def resume(self):
        for process in self._processes():
            os.kill(process, signal.SIGCONT)

    def _processes(self):
        """The server's processes: the one started here, and its children."""
        main = self.child.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def forget_keys(self):
        """Takes the module's keys away, and starts again without them."""
        text = self.configuration.read_text()
        self.configuration.write_text(re.sub(r"^OIDCPrivateKeyFiles .*\n", "", text, flags=re.MULTILINE))
        self._end()
        self.start()

    def stop(self):
        self._end()
        shutil.rmtree(self.root, ignore_errors=True)

    def _end(self):
        if self.child is not None:
            self.child.terminate()
            self.child.wait(30)
            self.child.stderr.close()
            self.child = None

    @property
    def api(self):
        """Where an access token opens, and no session does: the module asks the portal about it (RFC 7662)."""
        return f"{self.origin}/api/"

    @property
    def protected(self):
        return f"{self.origin}/protected/"

    def logout(self):
        """The address at which the module starts a logout that ends on a page of its own."""
        return f"{self.origin}/protected/callback?logout={quote(self.origin + '/left.html', safe='')}"



def let_in(site, visitor, demo, login):
    """Opens the protected page, signs in at the portal, and answers what the page shows."""
    person = demo.person(login)
    visitor.open(site.protected)
    assert origin(visitor.response.url) == demo.portal, visitor
    sign_in(visitor, person.login, person.password, person.profile)
    answer = next((form for form in visitor.page.forms if form.action.startswith(site.origin)), None)
    if answer:  # response_mode=form_post, in a browser without scripts: a button sends the answer on
        visitor.submit(answer)
    assert visitor.response.url == site.protected, f"{visitor}\n{site.log}"
    return environment_shown(visitor.response.text)


def environment_shown(page):
    """What the module told the application, as the protected page printed it."""
    return dict(re.findall(r"^([A-Z_a-z0-9]+)=(.*)$", html.unescape(page), re.MULTILINE))
