"""Fixtures that start Loge and stop it."""

import pytest

from apache import RelyingParty
from installation import Installation
from loge import BINARY, Demo, eventually
from visitor import Visitor


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: build it first, or run scripts/test --only real-parts", returncode=2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo shared by the tests of a module, for those that leave it as they found it."""
    demo = Demo(tmp_path_factory.mktemp("demo")).start()
    yield demo
    status = demo.stop()
    assert status == 0, f"the demo ended with status {status}\n{demo.errors}"


@pytest.fixture
def own_demo(tmp_path):
    """A demo of the test's own: it may use up an activation code, rotate keys or kill it."""
    demo = Demo(tmp_path).start()
    yield demo
    status = demo.stop()
    assert status in (0, None), f"the demo ended with status {status}\n{demo.errors}"


@pytest.fixture
def make(tmp_path):
    """Makes installations for `loge serve`, and stops them."""
    made = []

    def one(**options):
        made.append(Installation(tmp_path / f"installation-{len(made)}", **options))
        return made[-1]

    yield one
    for installation in made:
        installation.stop()


@pytest.fixture
def site(demo):
    """Makes sites behind mod_auth_openidc that are registered with the demo, and takes them down."""
    sites = []

    def make(registered=True, **options):
        one = RelyingParty(demo.portal, client_id=f"apache-{len(sites)}-{id(sites)}", **options)
        sites.append(one)
        one.start()
        if registered:
            demo.register(one.client_id, one.registration)

            def known():
                """the dropped file is picked up without a restart"""
                return Visitor().open(one.protected).response.ok

            eventually(known, seconds=10)
        return one

    yield make
    for one in sites:
        (demo.relying_parties / f"{one.client_id}.yaml").unlink(missing_ok=True)
        one.stop()
