"""A person with a browser that has no JavaScript: pages are fetched with requests, forms are read and sent back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Field:
    """An input, button or text area of a form."""

    name: str
    kind: str
    value: str
    checked: bool = False
    label: str = ""


@dataclass
class Form:
    """A form of a page, with its fields in the order of the page."""

    action: str
    method: str
    fields: list = field(default_factory=list)

    def named(self, name):
        return [one for one in self.fields if one.name == name]

    def __contains__(self, name):
        return any(one.name == name for one in self.fields)


class PageReader(HTMLParser):
    """Collects a page's forms, links and visible text."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.links, self.text = [], [], []
        self._form, self._button, self._link, self._silent = None, None, None, 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self._form = Form(attributes.get("action") or "", (attributes.get("method") or "get").lower())
            self.forms.append(self._form)
        elif tag in ("input", "button", "textarea") and self._form is not None:
            default = {"input": "text", "button": "submit"}.get(tag, tag)
            kind = attributes.get("type") or default
            value = attributes.get("value")
            if value is None:
                value = "on" if kind in ("checkbox", "radio") else ""
            one = Field(attributes.get("name") or "", kind, value, "checked" in attributes)
            self._form.fields.append(one)
            if tag == "button":
                self._button = one
        elif tag == "a" and attributes.get("href"):
            self._link = [attributes["href"], ""]
            self.links.append(self._link)
        elif tag in ("script", "style"):
            self._silent += 1

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "a":
            self._link = None
        elif tag in ("script", "style"):
            self._silent -= 1

    def handle_data(self, data):
        if self._silent:
            return
        self.text.append(data)
        if self._button is not None:
            self._button.label += data.strip()
        if self._link is not None:
            self._link[1] += data


class Visitor:
    """One browser: its cookies, and the page it shows."""

    def __init__(self, stop_at=None):
        self.session = requests.Session()
        self.session.trust_env = False  # no proxy between the test and this machine
        self.session.headers["Accept-Language"] = "fr"
        self.stop_at = stop_at  # the start of an address that nobody serves: redirects to it are not followed
        self.hops = []  # the addresses that the last step went through, the last one included
        self.response = None
        self.page = None

    def open(self, url):
        return self._send(requests.Request("GET", url))

    def submit(self, form, press=None, **values):
        """Sends a form back: its hidden and ticked fields as they are, the visitor's values, and the pressed button,
        `press`, a Field (the form's first submit button when not given)."""
        sent = []
        for one in form.fields:
            if one.name in values or not one.name or one.kind in ("submit", "button", "reset", "image"):
                continue
            if one.kind in ("checkbox", "radio") and not one.checked:
                continue
            sent.append((one.name, one.value))
        buttons = [one for one in form.fields if one.kind in ("submit", "image")]
        press = press or (buttons[0] if buttons else None)
        if press is not None and press.name and press.name not in values:
            sent.append((press.name, press.value))
        sent.extend(values.items())
        url = urljoin(self.response.url, form.action)
        if form.method == "get":
            return self._send(requests.Request("GET", url.split("?")[0], params=sent))
        # A browser names the page's origin with a form; the server may insist on it.
        headers = {"Origin": origin(self.response.url), "Referer": self.response.url}
        return self._send(requests.Request("POST", url, data=sent, headers=headers))

    def follow(self, words):
        """Follows the link whose text contains `words`."""
        for href, text in self.page.links:
            if words.lower() in " ".join(text.split()).lower():
                return self.open(urljoin(self.response.url, href))
        raise AssertionError(f"no link {words!r} at {self.response.url}: {self.page.links}")

    def form_with(self, name):
        """The page's form that has a field of that name, or None."""
        return next((form for form in self.page.forms if name in form), None)

    @property
    def text(self):
        return " ".join(" ".join(self.page.text).split())

    def _send(self, request):
        """Sends a request, and follows redirects as a browser does."""
        prepared, self.hops = self.session.prepare_request(request), []
        while True:
            self.hops.append(prepared.url)
            if self.stop_at and prepared.url.startswith(self.stop_at):
                return self
            response = self.session.send(prepared, allow_redirects=False, timeout=30)
            prepared = response.next
            if prepared is None:
                response.encoding = "utf-8"
                self.response, self.page = response, PageReader(response.text)
                return self
            assert len(self.hops) < 20, f"redirected without end: {self.hops}"

    def __repr__(self):
        return f"<{self.response.status_code} {self.response.url}: {self.text[:300]}>"


def origin(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def choose(visitor, name, wanted):
    """Answers one of the portal's questions: presses the button, or ticks the choice, whose value is wanted (the
    first one when none is)."""
    form = visitor.form_with(name)
    choices = form.named(name)
    choice = next((one for one in choices if one.value == wanted), choices[0])
    if choice.kind == "submit":
        return visitor.submit(form, press=choice)
    return visitor.submit(form, **{name: choice.value})


def reach_sign_in(visitor, profile=None, level=None, mode=None):
    """Walks the portal's questions until the page that asks who one is."""
    for _ in range(8):
        if visitor.form_with("secret"):
            return visitor
        for name, wanted in (("profil", profile), ("niveau", level), ("mode", mode)):
            if visitor.form_with(name):
                choose(visitor, name, wanted)
                break
        else:
            raise AssertionError(f"neither a question nor the sign-in form: {visitor}")
    raise AssertionError(f"the portal asks without end: {visitor}")


def sign_in(visitor, login, secret, profile=None):
    """Walks from the portal's first page to the answer of the sign-in form."""
    reach_sign_in(visitor, profile)
    return visitor.submit(visitor.form_with("secret"), identifiant=login, secret=secret)
