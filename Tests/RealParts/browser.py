"""Debian's Chromium, headless, and what every page of Loge is held to, whichever journey it belongs to."""

import base64
import importlib.util
import json
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from loge import REPOSITORY

SCREENSHOTS = REPOSITORY / ".build/screenshots"
PAGE_WEIGHT = 50_000  # bytes over the wire, headers included, nothing cached
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_source():
    """axe-core's text, from the package that carries it; the package itself is not imported."""
    package = Path(importlib.util.find_spec("axe_playwright_python").origin).parent
    return (package / "axe.min.js").read_text()


AXE = axe_source()


@dataclass(frozen=True)
class Screen:
    """A size of screen, with or without JavaScript."""

    name: str
    width: int
    height: int
    javascript: bool
    phone: bool

    def __str__(self):
        return self.name


SCREENS = [
    Screen("phone", 320, 640, javascript=True, phone=True),
    Screen("phone-no-script", 320, 640, javascript=False, phone=True),
    Screen("desk", 1280, 900, javascript=True, phone=False),
    Screen("desk-no-script", 1280, 900, javascript=False, phone=False),
]


class Browser:
    """One browser window with cookies of its own."""

    def __init__(self, screen, allowed_origins, journey):
        self.screen, self.allowed_origins, self.journey = screen, allowed_origins, journey
        self.pictures = 0
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-")
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
            "--headless=new",
            "--no-sandbox",  # everything shown comes from this machine
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--lang=fr-FR",
            "--accept-lang=fr-FR,fr",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-features=Translate",
            f"--user-data-dir={self.profile.name}",
            f"--window-size={screen.width},{screen.height}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(30)
        self.driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": screen.width,
                "height": screen.height,
                "deviceScaleFactor": 2 if screen.phone else 1,
                "mobile": screen.phone,
            },
        )
        if not screen.javascript:
            self._scripts(False)
        self._requests, self._document, self._asked = {}, None, set()
        self._frame = self.driver.execute_cdp_cmd("Page.getFrameTree", {})["frameTree"]["frame"]["id"]

    def close(self):
        self.driver.quit()
        self.profile.cleanup()

    def _scripts(self, enabled):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not enabled})

    # What a person does.

    def open(self, url):
        self.driver.get(url)
        return self

    def has(self, selector):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def find(self, selector):
        return WebDriverWait(self.driver, 10).until(
            lambda driver: driver.find_element(By.CSS_SELECTOR, selector), f"{selector} at {self.url}\n{self.text}"
        )

    def type(self, name, words):
        one = self.find(f'input[name="{name}"]')
        one.clear()
        one.send_keys(words)

    def press(self, element):
        """Clicks what leads to another page, and waits until that page is there."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        WebDriverWait(self.driver, 20).until(lambda driver: gone(before), f"nothing followed at {self.url}")
        WebDriverWait(self.driver, 20).until(
            lambda driver: driver.execute_script("return document.readyState") == "complete"
        )
        return self

    def submit(self, name):
        """Presses the button of the form that has a field of that name."""
        form = self.find(f'form:has([name="{name}"])')
        return self.press(form.find_element(By.CSS_SELECTOR, 'button:not([type="button"]), input[type="submit"]'))

    def choose(self, name, value):
        """Answers a question of the portal: a button that carries the answer, or a choice to tick and send."""
        choice = self.find(f'[name="{name}"][value="{value}"]')
        if choice.tag_name == "button" or choice.get_attribute("type") == "submit":
            return self.press(choice)
        self.tick(choice)
        return self.submit(name)

    def tick(self, element):
        """Ticks a box or a choice; its label is what is clicked where the box itself is drawn by the label."""
        if element.is_selected():
            return
        identifier = element.get_attribute("id")
        labels = self.driver.find_elements(By.CSS_SELECTOR, f'label[for="{identifier}"]') if identifier else []
        (labels[0] if labels and not element.is_displayed() else element).click()
        assert element.is_selected(), f"{element.get_attribute('name')} cannot be ticked"

    def follow(self, words):
        """Follows the link whose text contains the words."""
        for link in self.driver.find_elements(By.CSS_SELECTOR, "a[href]"):
            if words.lower() in link.text.lower():
                return self.press(link)
        raise AssertionError(f"no link {words!r} at {self.url}\n{self.text}")

    @property
    def url(self):
        return self.driver.current_url

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def field_label(self, name):
        return self.find(f'[name="{name}"]').accessible_name

    # What the page is held to.

    def look(self, title, status=200):
        """Takes a picture and checks the page; `status` is the one expected of the page itself."""
        self._picture(title)
        problems = [*self._layout(), *self._network(status), *self._console(status), *self._accessibility()]
        assert not problems, f"{title} ({self.screen}) at {self.url}:\n" + "\n".join(problems)
        return self

    def _picture(self, title):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.pictures += 1
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        page = {"x": 0, "y": 0, "width": self.screen.width, "height": max(height, self.screen.height), "scale": 1}
        picture = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": page}
        )
        name = f"{self.journey}-{self.screen}-{self.pictures:02}-{re.sub(r'[^a-z0-9]+', '-', title.lower())}.png"
        (SCREENSHOTS / name).write_bytes(base64.b64decode(picture["data"]))

    def _layout(self):
        width = self.driver.execute_script("return document.scrollingElement.scrollWidth")
        if width > self.screen.width:
            yield f"scrolls sideways: {width} px on a screen of {self.screen.width}"
        if not self.driver.title.strip():
            yield "has no title"
        if self.driver.execute_script("return document.documentElement.lang") != "fr":
            yield "does not say that it is in French"

    def _network(self, status):
        """Who was asked for what since the window opened, and the weight of the page that is shown."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            method, values = message["method"], message["params"]
            if method == "Network.requestWillBeSent":
                request = {"url": values["request"]["url"], "loader": values["loaderId"], "size": 0, "status": None}
                self._requests[values["requestId"]] = request
                self._asked.add(request["url"])  # a redirect keeps the id: without this, only its end would be seen
                own = values.get("frameId") == self._frame  # and not that of a frame within the page
                if values.get("type") == "Document" and values["requestId"] == values["loaderId"] and own:
                    self._document = values["loaderId"]
            elif method == "Network.responseReceived" and values["requestId"] in self._requests:
                self._requests[values["requestId"]]["status"] = values["response"]["status"]
            elif method == "Network.loadingFinished" and values["requestId"] in self._requests:
                self._requests[values["requestId"]]["size"] += values["encodedDataLength"]
        for url in self._asked:
            if not url.startswith(("data:", "about:", "chrome")) and not url.startswith(self.allowed_origins):
                yield f"asks a third party: {url}"
        shown = [request for request in self._requests.values() if request["loader"] == self._document]
        weight = sum(request["size"] for request in shown)
        if not 0 < weight < PAGE_WEIGHT:
            yield f"weighs {weight} bytes: {[(request['url'], request['size']) for request in shown]}"
        answered = self._requests[self._document]["status"] if self._document else None
        if answered != status:
            yield f"was answered with status {answered}, not {status}"

    def _console(self, status):
        for entry in self.driver.get_log("browser"):
            if entry["message"].startswith("chrome://"):
                continue  # the browser's own pages, such as its first tab
            # The browser reports the status of an error page itself; that status is checked elsewhere.
            of_the_page = entry["source"] == "network" and f"status of {status}" in entry["message"]
            if entry["level"] in ("SEVERE", "WARNING") and not (of_the_page and status >= 400):
                yield f"console: {entry['message']}"

    def _accessibility(self):
        with self._scripts_for_axe():
            self.driver.execute_script(AXE)
            answer = self.driver.execute_async_script(
                "const done = arguments[arguments.length - 1];"
                "axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})"
                ".then(result => done(result.violations), error => done(String(error)));",
                WCAG,
            )
        assert isinstance(answer, list), answer
        for violation in answer:
            if violation["impact"] in ("serious", "critical"):
                places = [" ".join(map(str, node["target"])) for node in violation["nodes"][:4]]
                yield f"axe {violation['impact']}: {violation['id']} ({violation['help']}) at {places}"

    @contextmanager
    def _scripts_for_axe(self):
        """axe is a script; where the page itself has none, it runs between two moments without."""
        if self.screen.javascript:
            yield
            return
        self._scripts(True)
        try:
            yield
        finally:
            self._scripts(False)


def gone(element):
    """Whether the page of that element has left the window."""
    try:
        element.is_enabled()
        return False
    except Exception:  # stale, or the frame is between two pages: both mean gone
        return True
