"""A protected site of Apache's mod_auth_openidc lets in whom Loge vouches for, and nobody else."""

import json

import pytest

from apache import environment_shown, let_in
from loge import eventually
from visitor import Visitor, origin, sign_in

LOGIN = "claire.martin"


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
@pytest.mark.parametrize("authentication", ["client_secret_basic", "client_secret_post"])
def test_signs_in_and_out(demo, site, authentication, algorithm):
    apache = site(authentication=authentication, algorithm=algorithm)
    person = demo.person(LOGIN)
    visitor = Visitor()
    shown = let_in(apache, visitor, demo, LOGIN)

    assert shown["OIDC_CLAIM_iss"] == demo.portal
    assert shown["OIDC_CLAIM_aud"] == apache.client_id
    assert shown["REMOTE_USER"] == shown["OIDC_CLAIM_sub"]
    assert person.login not in shown["OIDC_CLAIM_sub"], "a pairwise subject says nothing"
    assert f'{shown["OIDC_CLAIM_given_name"]} {shown["OIDC_CLAIM_family_name"]}' == person.name
    assert "@" in shown["OIDC_CLAIM_email"]
    payload = json.loads(shown["OIDC_id_token_payload"])
    assert payload["sub"] == shown["OIDC_CLAIM_sub"]
    assert payload["exp"] > payload["iat"] >= payload["auth_time"]

    # The module keeps its own session: the page opens again, and the portal is not asked.
    assert visitor.open(apache.protected).response.url == apache.protected
    assert len(visitor.hops) == 1

    visitor.open(apache.logout())
    assert origin(visitor.response.url) in (apache.origin, demo.portal)
    if origin(visitor.response.url) == demo.portal:  # the portal asks first, or says what became of it
        form = visitor.page.forms[0] if visitor.page.forms else None
        if form:
            visitor.submit(form)
    assert visitor.response.url == f"{apache.origin}/left.html", visitor

    visitor.open(apache.protected)
    assert origin(visitor.response.url) == demo.portal
    assert visitor.form_with("profil") or visitor.form_with("secret") or visitor.form_with("mode"), visitor


def test_every_demo_person_with_a_password_arrives_under_their_own_name(demo, site):
    apache = site()
    names = {}
    for person in demo.people:
        if person.password is None:
            continue
        visitor = Visitor()
        visitor.open(apache.protected)
        sign_in(visitor, person.login, person.password, person.profile)
        charter = visitor.form_with("charte")
        if charter:
            visitor.submit(charter, charte="on")
        assert visitor.response.url == apache.protected, f"{person.login}: {visitor}"
        shown = environment_shown(visitor.response.text)
        names[shown["OIDC_CLAIM_sub"]] = f'{shown["OIDC_CLAIM_given_name"]} {shown["OIDC_CLAIM_family_name"]}'
    expected = [person.name for person in demo.people if person.password]
    assert sorted(names.values()) == sorted(expected)
    assert any(not name.isascii() for name in names.values()), "the demo people have accents to try"


def test_two_sites_see_two_subjects_and_one_sign_in_serves_both(demo, site):
    # OpenID Connect Core, section 8.1: the host is what makes another sector, so the two have different ones.
    first, second = site(host="127.0.0.1"), site(host="localhost")
    visitor = Visitor()
    subject = let_in(first, visitor, demo, LOGIN)["OIDC_CLAIM_sub"]
    visitor.open(second.protected)
    assert visitor.response.url == second.protected, "the session at the portal is live: no second sign-in"
    other = environment_shown(visitor.response.text)["OIDC_CLAIM_sub"]
    assert other != subject
    again = let_in(first, Visitor(), demo, LOGIN)["OIDC_CLAIM_sub"]
    assert again == subject, "the same person is the same subject, every time"


def test_a_wrong_password_lets_nobody_in(demo, site):
    apache = site()
    visitor = Visitor()
    visitor.open(apache.protected)
    sign_in(visitor, LOGIN, "ce n'est pas le bon", demo.person(LOGIN).profile)
    assert origin(visitor.response.url) == demo.portal
    assert visitor.form_with("secret"), "the form is there again"
    visitor.open(apache.protected)
    assert origin(visitor.response.url) == demo.portal, "still not let in"


def test_a_site_that_is_not_registered_is_refused_without_being_sent_back(demo, site):
    apache = site(registered=False)
    visitor = Visitor().open(apache.protected)
    assert visitor.response.status_code == 400
    assert origin(visitor.response.url) == demo.portal
    assert not visitor.form_with("secret")


def test_a_site_with_the_wrong_secret_gets_no_token(demo, site):
    apache = site(secret_known_to_apache="not-the-registered-one")
    person = demo.person(LOGIN)
    visitor = Visitor()
    visitor.open(apache.protected)
    sign_in(visitor, person.login, person.password, person.profile)
    assert origin(visitor.response.url) == apache.origin
    assert not environment_shown(visitor.response.text)
    assert "invalid_client" in apache.log


def test_a_withdrawn_registration_ends_at_once(demo, site):
    apache = site()
    let_in(apache, Visitor(), demo, LOGIN)
    (demo.relying_parties / f"{apache.client_id}.yaml").unlink()

    def refused():
        """the withdrawn file is noticed without a restart"""
        return Visitor().open(apache.protected).response.status_code == 400

    eventually(refused, seconds=10)
