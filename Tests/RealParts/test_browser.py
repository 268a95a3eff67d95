"""J1 and J2, walked by Chromium: on a phone of 320 px and on a desk, with and without JavaScript.

Each page on the way is looked at (see Browser.look): no third party, light, nothing in the console, nothing that
scrolls sideways, no serious finding of axe. The pictures are in .build/screenshots.
"""

import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import SCREENS, Browser
from loge import eventually

LOGIN = "claire.martin"
NEW_PASSWORD = "Cerise-Tunnel-Vapeur-84"


@pytest.fixture(params=SCREENS, ids=str)
def screen(request):
    return request.param


@pytest.fixture
def browse(request, screen):
    """Opens browsers on a demo, and closes them."""
    opened = []

    def open_one(demo):
        journey = re.sub(r"\[.*", "", request.node.name).removeprefix("test_").replace("_", "-")
        origins = (demo.portal + "/", demo.demo_ent + "/", demo.inbox + "/")
        opened.append(Browser(screen, origins, f"{journey}-{len(opened) + 1}" if opened else journey))
        return opened[-1]

    yield open_one
    for browser in opened:
        browser.close()


def enter_from_the_ent(browser, demo):
    """From the ENT's public page to the portal."""
    browser.open(demo.demo_ent).look("ENT welcome")
    browser.press(browser.find("main a.button.main"))


def answer_the_portal(browser, person, remember=False):
    """The portal's questions, as far as they are asked, up to the sign-in form."""
    browser.look("profile")
    assert browser.has('[aria-current="step"]'), "the page says where one is"
    browser.choose("profil", person.profile)
    if browser.has('[name="niveau"]'):
        browser.look("level")
        browser.choose("niveau", person.level or browser.find('[name="niveau"]').get_attribute("value"))
    browser.look("mode")
    public = browser.find('[name="memoriser"][value="non"]')
    assert public.is_selected(), "a public place is what is supposed until told otherwise"
    modes = browser.driver.find_elements(By.CSS_SELECTOR, 'input[type="radio"][name="mode"]')
    if modes:
        browser.tick(next((one for one in modes if one.get_attribute("value") == "ent"), modes[0]))
    if remember:
        browser.tick(browser.find('[name="memoriser"][value="oui"]'))
    browser.submit("memoriser")


def give(browser, login, secret):
    browser.type("identifiant", login)
    browser.type("secret", secret)
    browser.submit("secret")


def accept_charter_if_asked(browser):
    if browser.has('[name="charte"]'):
        browser.look("charter")
        browser.tick(browser.find('[name="charte"]'))
        browser.submit("charte")


def is_in_the_ent(browser, demo, person):
    assert browser.url.startswith(demo.demo_ent), f"{browser.url}\n{browser.text}"
    assert person.name in browser.text


def test_portal_and_sign_out(demo, browse):
    browser, person = browse(demo), demo.person(LOGIN)
    enter_from_the_ent(browser, demo)
    answer_the_portal(browser, person)
    browser.look("sign in")
    give(browser, person.login, person.password)
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, demo, person)
    browser.look("ENT first page")
    for link in range(len(browser.driver.find_elements(By.CSS_SELECTOR, "nav.nav a"))):
        browser.press(browser.driver.find_elements(By.CSS_SELECTOR, "nav.nav a")[link])
        browser.look(f"ENT {browser.find('h1').text}")

    browser.open(demo.portal).look("portal, signed in")
    assert f"Bonjour {person.given_name}" in browser.text
    browser.press(browser.find('main a.button.main, .who a'))
    browser.look("leave")
    if browser.has("main form"):
        browser.press(browser.find("main form button"))
        browser.look("left")
    browser.open(demo.portal)
    assert browser.has('[name="profil"]'), "the portal asks again"


def test_the_back_button_and_the_answers_chosen_can_be_changed(demo, browse):
    browser, person = browse(demo), demo.person(LOGIN)
    enter_from_the_ent(browser, demo)
    browser.choose("profil", person.profile)
    browser.driver.back()
    assert browser.has('[name="profil"]')
    browser.choose("profil", person.profile)
    assert browser.has("ul.chosen a")
    browser.press(browser.find("ul.chosen a"))
    assert browser.has('[name="profil"]')
    answer_the_portal(browser, person)
    give(browser, person.login, person.password)
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, demo, person)


def test_what_the_browser_remembers_is_kept_shown_changed_and_erased(demo, browse):
    browser, person = browse(demo), demo.person(LOGIN)
    enter_from_the_ent(browser, demo)
    answer_the_portal(browser, person, remember=True)
    assert browser.has('[name="secret"]')

    browser.open(demo.demo_ent)
    browser.press(browser.find("main a.button.main"))
    browser.look("remembered")
    assert not browser.has('[name="profil"]'), "straight to the door"
    assert "Vous entrez par" in browser.text, "and visibly so"

    browser.follow("changer")
    assert browser.has('[name="profil"]') or browser.has('[name="mode"]'), "the choice can be changed"

    browser.open(demo.demo_ent)
    browser.press(browser.find("main a.button.main"))
    memory = browser.driver.find_elements(By.CSS_SELECTOR, "footer a, main p.aside a")
    browser.press(next(link for link in memory if "navigateur" in link.text or "retenu" in link.text))
    browser.look("memory")
    browser.press(browser.find("main form button"))
    browser.look("memory erased")

    enter_from_the_ent(browser, demo)
    assert browser.has('[name="profil"]'), "nothing is remembered any more"


def test_first_connection(own_demo, browse):
    browser, person = browse(own_demo), own_demo.person_awaiting_activation()
    enter_from_the_ent(browser, own_demo)
    answer_the_portal(browser, person)
    give(browser, person.login, person.activation_code)
    browser.look("first connection")
    assert f"Bonjour {person.given_name}" in browser.text
    assert person.login in browser.text, "to be noted: the letter may get lost"

    if browser.screen.javascript:
        browser.type("motDePasse", "abc")
        unmet = browser.driver.find_elements(By.CSS_SELECTOR, "[data-rule]:not(.ok)")
        assert unmet, "the rules follow what is typed"
    browser.driver.execute_script("document.querySelectorAll('form').forEach(form => form.noValidate = true)")
    browser.type("motDePasse", "abc")
    browser.type("confirmation", "abd")
    browser.submit("motDePasse")
    browser.look("first connection refused", status=browser_status_of_a_refused_form(browser))
    assert browser.has('[role="alert"]'), "the server decides, and says why"

    browser.type("motDePasse", NEW_PASSWORD)
    browser.type("confirmation", NEW_PASSWORD)
    if browser.has('[name="mail"]'):
        browser.type("mail", "premiere.connexion@example.org")
    browser.tick(browser.find('[name="charte"]'))
    browser.submit("motDePasse")
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, own_demo, person)

    other = browse(own_demo)
    enter_from_the_ent(other, own_demo)
    answer_the_portal(other, person)
    give(other, person.login, person.activation_code)
    assert other.has('[name="secret"]'), "the code of the letter is used up"
    give(other, person.login, NEW_PASSWORD)
    accept_charter_if_asked(other)
    is_in_the_ent(other, own_demo, person)


def browser_status_of_a_refused_form(browser):
    """A refused form is shown again as an error of the request."""
    return 422


def test_wrong_password_and_forgotten_password(own_demo, browse):
    browser, person = browse(own_demo), own_demo.person(LOGIN)
    enter_from_the_ent(browser, own_demo)
    answer_the_portal(browser, person)
    give(browser, person.login, "ce n'est pas le bon")
    browser.look("wrong password", status=401)
    known = browser.find('[role="alert"]').text
    assert browser.find('[name="identifiant"]').get_attribute("value") == person.login, "what was typed is kept"
    assert not browser.find('[name="secret"]').get_attribute("value"), "but never the password"
    browser.type("identifiant", "personne.inconnue")
    browser.type("secret", "ce n'est pas le bon")
    browser.submit("secret")
    browser.look("unknown login", status=401)
    assert browser.find('[role="alert"]').text == known, "nobody learns whether a login exists"

    browser.press(browser.find("main p.aside a"))
    browser.look("forgotten")
    browser.type("identifiant", person.login)
    browser.submit("identifiant")
    browser.look("forgotten sent")

    def mail():
        """the mail arrives in the inbox"""
        browser.open(own_demo.inbox)
        return browser.has("ul.mails a")

    eventually(mail)
    browser.look("inbox")
    browser.press(browser.find("ul.mails a"))
    browser.look("inbox message")
    browser.press(browser.find("ul.links a"))
    if not browser.has('[name="motDePasse"]'):
        browser.look("reset, before the click")  # the link alone uses nothing up (MAIL-01)
        browser.press(browser.find("main form button"))
    browser.look("reset")
    browser.type("motDePasse", NEW_PASSWORD)
    browser.type("confirmation", NEW_PASSWORD)
    browser.submit("motDePasse")
    browser.look("reset done")

    enter_from_the_ent(browser, own_demo)
    answer_the_portal(browser, person)
    give(browser, person.login, person.password)
    browser.look("old password", status=401)
    assert browser.has('[role="alert"]'), "the old password opens nothing"
    give(browser, person.login, NEW_PASSWORD)
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, own_demo, person)


def test_the_keyboard_is_enough(demo, browse):
    browser, person = browse(demo), demo.person(LOGIN)

    def reach(selector, presses=40):
        for _ in range(presses):
            browser.driver.switch_to.active_element.send_keys(Keys.TAB)
            focused = browser.driver.switch_to.active_element
            if focused in browser.driver.find_elements(By.CSS_SELECTOR, selector):
                outline = focused.value_of_css_property("outline-style")
                shadow = focused.value_of_css_property("box-shadow")
                assert outline != "none" or shadow != "none", f"{selector}: one does not see where one is"
                return focused
        raise AssertionError(f"{selector} is not reached by the Tab key at {browser.url}")

    def press_enter(element):
        before = browser.url
        element.send_keys(Keys.ENTER)

        def moved():
            """the key leads on"""
            return browser.url != before

        eventually(moved)

    enter_from_the_ent(browser, demo)
    press_enter(reach(f'button[name="profil"][value="{person.profile}"]'))
    if browser.has('[name="niveau"]'):
        press_enter(reach('button[name="niveau"]'))
    press_enter(reach('form:has([name="memoriser"]) button'))
    reach('[name="identifiant"]').send_keys(person.login)
    secret = reach('[name="secret"]')
    secret.send_keys(person.password)
    press_enter(secret)
    accept_charter_if_asked(browser)
    is_in_the_ent(browser, demo, person)


def test_error_pages_say_what_to_do(demo, browse):
    browser = browse(demo)
    browser.open(f"{demo.portal}/cette-page-n-existe-pas").look("not found", status=404)
    assert browser.has("h1") and browser.has("main a")
    browser.open(f"{demo.portal}/oidc/authorize?client_id=inconnue")
    browser.look("unknown application", status=400)
    assert re.search(r"[A-Z0-9]{4}", browser.text), "a support code finds the trace"
