"""When a session ends at the portal, mod_auth_openidc's own session ends too: back-channel logout, without the browser.

The browser of these tests goes nowhere between the end and the look: nothing but the portal's own request can have ended
the module's session.
"""

import secrets
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from apache import let_in
from loge import command, eventually
from visitor import Visitor

LOGIN = "claire.martin"


def is_in(apache, visitor):
    """Whether the module lets the visitor in by the session that it keeps itself, without asking the portal."""
    visitor.open(apache.protected)
    return visitor.response.url == apache.protected and len(visitor.hops) == 1


def ends(apache, visitor):
    def has_ended():
        """the module's own session has ended"""
        return not is_in(apache, visitor)

    eventually(has_ended, seconds=20)
    assert "oidc_handle_logout_backchannel" in apache.log


def sign_out_at_the_portal(visitor, demo):
    visitor.open(f"{demo.portal}/oidc/logout")
    visitor.submit(visitor.page.forms[0])
    assert visitor.response.ok, visitor


def test_the_session_of_every_site_that_is_told_ends_with_the_portals(demo, site):
    told, other, untold = site(is_told=True), site(is_told=True, algorithm="RS256"), site()
    visitor = Visitor()
    let_in(told, visitor, demo, LOGIN)
    for apache in (other, untold):
        visitor.open(apache.protected)
    assert all(is_in(apache, visitor) for apache in (told, other, untold))

    # What somebody else's browser holds there is nobody else's business.
    neighbour = Visitor()
    let_in(told, neighbour, demo, LOGIN)

    sign_out_at_the_portal(visitor, demo)
    ends(told, visitor)
    ends(other, visitor)
    assert is_in(untold, visitor), "a site that is not told keeps its session: what ended the others was the message"
    assert is_in(told, neighbour), "the same person's session in another browser goes on"


def test_a_sign_out_at_one_site_ends_the_session_at_the_other(demo, site):
    first, second = site(is_told=True), site(is_told=True)
    visitor = Visitor()
    let_in(first, visitor, demo, LOGIN)
    assert visitor.open(second.protected).response.url == second.protected
    visitor.open(first.logout())
    form = visitor.page.forms[0] if visitor.page.forms else None
    if form:
        visitor.submit(form)
    ends(second, visitor)


def test_an_operators_lock_ends_the_session_at_the_site(demo, site):
    apache = site(is_told=True)
    visitor = Visitor()
    let_in(apache, visitor, demo, LOGIN)
    assert is_in(apache, visitor)
    try:
        lock = command("accounts", "lock", LOGIN, "--reason", "exercise", "--data", demo.data)
        assert lock.returncode == 0, lock.stderr
        ends(apache, visitor)
    finally:
        assert command("accounts", "unlock", LOGIN, "--data", demo.data).returncode == 0


def test_what_could_not_be_told_at_once_is_told_when_the_site_is_there_again(demo, site):
    apache = site(is_told=True)
    visitor = Visitor()
    let_in(apache, visitor, demo, LOGIN)
    # The module keeps its sessions in memory: a stop would end them all. So it is the first try that is lost here.
    apache.pause()
    try:
        sign_out_at_the_portal(visitor, demo)

        def is_waiting():
            """the operator sees that the site was not told"""
            listed = command("logouts", "list", "--data", demo.data)
            return apache.client_id in listed.stdout

        eventually(is_waiting, seconds=20)
    finally:
        apache.resume()
    ends(apache, visitor)


@pytest.mark.parametrize("defect", ["signed by somebody else", "about nobody", "none at all"])
def test_the_module_believes_nobody_but_the_portal(demo, site, defect):
    """The control of the tests above: it does look at what it is told."""
    apache = site(is_told=True)
    visitor = Visitor()
    shown = let_in(apache, visitor, demo, LOGIN)
    key = ECKey.generate_key("P-256", parameters={"kid": "k"})
    claims = {
        "iss": demo.portal,
        "aud": apache.client_id,
        "iat": int(time.time()),
        "jti": secrets.token_hex(8),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sub": shown["REMOTE_USER"],
    }
    if defect == "about nobody":
        del claims["sub"]
    token = "" if defect == "none at all" else jwt.encode({"alg": "ES256", "kid": "k", "typ": "logout+jwt"}, claims, key)
    address = f"{apache.origin}/protected/callback?logout=backchannel"
    answer = visitor.session.post(address, data={"logout_token": token}, timeout=30)
    assert answer.status_code >= 400
    assert is_in(apache, visitor)
