"""Leaving, in Chromium: what the page says of each application is what the applications have heard.

On a phone of 320 px and on a desk, with and without JavaScript. The pictures are in .build/screenshots.
"""

import json

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from application import Application
from browser import SCREENS, Browser
from loge import command, eventually
from test_browser import LOGIN, accept_charter_if_asked, answer_the_portal, enter_from_the_ent, give, is_in_the_ent
from visitor import Visitor, sign_in


@pytest.fixture
def applications(own_demo):
    made = []

    def make(client_id, name, **channels):
        one = Application(own_demo, client_id, name, **channels)
        made.append(one)
        own_demo.register(client_id, one.registration)
        return one

    yield make
    for one in made:
        one.stop()


@pytest.fixture(params=SCREENS, ids=str)
def browser(request, own_demo):
    origins = (own_demo.portal + "/", own_demo.demo_ent + "/", "http://127.0.0.1:")
    one = Browser(request.param, origins, request.node.originalname.removeprefix("test_").replace("_", "-"))
    yield one
    one.close()


def in_the_ent(browser, demo):
    enter_from_the_ent(browser, demo)
    person = demo.person(LOGIN)
    answer_the_portal(browser, person)
    give(browser, person.login, person.password)
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, demo, person)


def enter(browser, application):
    def inside():
        """the application is registered, and lets in whom the portal knows"""
        return browser.open(application.enter).url == f"{application.origin}/inside"

    eventually(inside, seconds=10)


def said(browser, name):
    """What the page says of that application."""
    row = next(row for row in browser.driver.find_elements("css selector", "ul.rows li") if name in row.text)
    return row.find_element("css selector", ".state").text


def test_the_page_says_what_is_true(own_demo, applications, browser):
    late = applications("cahier", "Cahier de textes", backchannel=True)
    by_hand = applications("bibliotheque", "Bibliothèque du collège et des parents")
    framed = applications("cdi", "CDI", frontchannel=True)
    late.status = 503
    in_the_ent(browser, own_demo)
    for application in (late, by_hand, framed):
        enter(browser, application)

    browser.open(f"{own_demo.portal}/oidc/logout").look("leave")
    browser.press(browser.find("main form button"))
    browser.look("left")
    assert said(browser, "ENT de démonstration") == "fermé"
    assert said(browser, "Cahier de textes") == "fermeture en cours : nous réessayons"
    assert said(browser, "Bibliothèque") == "à fermer vous-même"
    assert said(browser, "CDI") == "prévenu par votre navigateur"
    assert not by_hand.tokens and not framed.tokens

    # What it says is so: the ENT's own session is gone.
    here = browser.url
    browser.open(f"{own_demo.demo_ent}/applis")
    assert browser.url.startswith(own_demo.portal), "the ENT sends to the portal, which asks who is there"
    # The browser told the CDI, with the names of issuer and session.
    eventually(lambda: framed.frames, seconds=10)
    assert framed.frames[0] == {"iss": [own_demo.portal], "sid": [framed.claims["sid"]]}

    # The operator sees it, and it closes as soon as the application is well.
    listed = json.loads(command("logouts", "list", "--data", own_demo.data, "--json").stdout)
    assert [(one["client_id"], one["reason"]) for one in listed["notices"]] == [("cahier", "answered 503")]
    assert listed["waiting"] == 1 and listed["dead"] == 0
    late.status = 200
    retried = command("logouts", "retry", "--data", own_demo.data, "--client", "cahier")
    assert retried.returncode == 0, retried.stderr

    def closed():
        """the page says that it is closed now"""
        browser.open(here)
        return said(browser, "Cahier de textes") == "fermé"

    eventually(closed, seconds=20)
    browser.look("left, all closed")
    token = late.tokens[-1]
    keys = KeySet.import_key_set(requests.get(f"{own_demo.portal}/oidc/jwks", timeout=30).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    assert decoded.header["typ"] == "logout+jwt"
    assert decoded.claims["aud"] == "cahier" and decoded.claims["iss"] == own_demo.portal
    assert decoded.claims["sid"] == late.claims["sid"] and decoded.claims["sub"] == late.claims["sub"]
    assert "nonce" not in decoded.claims
    assert len(set(late.tokens)) == len(late.tokens), "each try has its own"


def test_frames_first_then_back_to_the_application(own_demo, applications, browser):
    asking = applications("cahier", "Cahier de textes", backchannel=True)
    framed = applications("cdi", "CDI", frontchannel=True)
    in_the_ent(browser, own_demo)
    for application in (framed, asking):
        enter(browser, application)
    browser.open(asking.leave())

    def back():
        """the browser goes on by itself"""
        return browser.url.startswith(f"{asking.origin}/left?state=")

    eventually(back, seconds=15)
    assert framed.frames == [{"iss": [own_demo.portal], "sid": [framed.claims["sid"]]}]
    eventually(lambda: asking.tokens, seconds=10)
    browser.open(f"{own_demo.demo_ent}/applis")
    assert browser.url.startswith(own_demo.portal)


def test_without_frames_it_goes_back_at_once(own_demo, applications, browser):
    asking = applications("cahier", "Cahier de textes", backchannel=True)
    in_the_ent(browser, own_demo)
    enter(browser, asking)
    browser.open(asking.leave())
    assert browser.url.startswith(f"{asking.origin}/left?state=")
    eventually(lambda: asking.tokens, seconds=10)


def test_what_was_to_be_told_when_the_portal_was_killed_is_told_by_the_next(own_demo, applications):
    application = applications("cahier", "Cahier de textes", backchannel=True)
    application.status = 503
    person, visitor = own_demo.person(LOGIN), Visitor()

    def asked():
        """the application is registered"""
        return visitor.open(application.enter).response.ok

    eventually(asked, seconds=10)
    sign_in(visitor, person.login, person.password, person.profile)
    assert visitor.response.url == f"{application.origin}/inside", visitor
    visitor.open(application.leave())
    assert visitor.response.url.startswith(f"{application.origin}/left?state="), visitor
    eventually(lambda: application.tokens, seconds=10)
    own_demo.kill()
    refused = len(application.tokens)
    application.status = 200
    own_demo.start()
    eventually(lambda: len(application.tokens) > refused, seconds=90)

    def told():
        """nothing waits any more"""
        listed = json.loads(command("logouts", "list", "--data", own_demo.data, "--json").stdout)
        return listed["waiting"] == 0 and listed["dead"] == 0

    eventually(told, seconds=20)
    log = own_demo.errors
    assert not any(token in log for token in application.tokens), "no token in a log"
    assert person.login not in log and person.name not in log
