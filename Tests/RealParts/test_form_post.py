"""The answer in a form (`response_mode=form_post`), in Chromium: by itself with JavaScript, by one button without."""

from urllib.parse import parse_qs, urlsplit

import pytest

from application import Application
from browser import SCREENS, Browser
from loge import eventually
from test_browser import LOGIN, accept_charter_if_asked, answer_the_portal, give


@pytest.fixture
def application(own_demo):
    one = Application(own_demo, "formulaire", "Cahier de textes", posted=True)
    own_demo.register(one.client_id, one.registration)
    yield one
    one.stop()


@pytest.fixture(params=SCREENS, ids=str)
def browser(request, own_demo):
    one = Browser(request.param, (own_demo.portal + "/", "http://127.0.0.1:"), "form-post")
    yield one
    one.close()


def test_the_answer_arrives_in_a_form(own_demo, application, browser):
    def asked():
        """the application is registered"""
        return browser.open(application.enter).has('[name="profil"]')

    eventually(asked, seconds=10)
    person = own_demo.person(LOGIN)
    answer_the_portal(browser, person)
    give(browser, person.login, person.password)
    accept_charter_if_asked(browser)
    if not browser.screen.javascript:
        # One button, and nothing of the answer in the address.
        assert "code" not in parse_qs(urlsplit(browser.url).query)
        browser.look("send the answer")
        browser.press(browser.find("main form button"))

    def inside():
        """the form has arrived"""
        return browser.url == f"{application.origin}/inside"

    eventually(inside, seconds=10)
    assert application.claims["aud"] == "formulaire"
