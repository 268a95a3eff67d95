"""Writes docs/conformance.md: which module of the published lists is mirrored by which test, and what came of it.

The lists are Tests/Conformance/*.tsv; the results are those of the last run of the Swift tests (the event stream of Swift
Testing). With --check nothing is written: the exit status says whether the page is what it would be, and whether every
listed module and case has a test that passed.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path("docs/conformance.md")
LISTS = Path("Tests/Conformance")
RESULTS = Path(".build/test-results/swift.jsonl")

CASE = r"(?:OA|JW|WEB|BR|PW|OTP|MAIL|ACT|ENUM|ADM|KEY)-\d\d"
CASE_OR_RANGE = re.compile(rf"\b({CASE})(?: ?[…–] ?({CASE}))?")

HEAD = """# Conformance

Made by `scripts/conformance` from the lists in `Tests/Conformance` and the last run of the Swift tests; `scripts/test`
fails when this page is not what it would be.

What this is, and what it is not: the modules of the OpenID Foundation's conformance suite
(`openid-certification/conformance-suite`, commit 12f2a4d of 20 August 2026), of PrOfESSOS and of our own threat model are
written again as tests of this repository, under the same names. They run against the whole portal in one process, on
every change. They are **not the Foundation's own runner**: nothing here is a certification, and a real run of the suite
may find what our reading of it did not. No such run has been made yet.

- *passed*: there is a test of that name, and it passed. Where it has several cases, all of them did.
- *skipped*: the suite itself skips the module for a provider like this one, for the reason given; the test asserts the reason.
- *not applicable*: Loge does not offer what the module is about, and why.
"""


@dataclass
class Test:
    """One test function, as the last run left it."""

    name: str
    suite: str
    file: str
    outcome: str = "not run"
    reason: str = ""
    cases: int = 0

    @property
    def count(self):
        """How many cases it has: those of its arguments, or itself."""
        return self.cases or 1

    @property
    def link(self):
        return f"[{self.file}](../Tests/{self.file})"


@dataclass
class Counts:
    """Of a list: how many of each result."""

    numbers: dict = field(default_factory=dict)

    def add(self, result):
        self.numbers[result] = self.numbers.get(result, 0) + 1

    def __getitem__(self, result):
        return self.numbers.get(result, 0)


def read_tests(path):
    """The test functions of the run, in the order of their files and names. One that began and never ended failed."""
    suites, tests = {}, {}
    # Not splitlines(): the arguments of a test may hold U+2028 and its like, which end no line here.
    for line in path.read_text().split("\n"):
        if not line:
            continue
        record = json.loads(line)
        payload = record["payload"]
        if record["kind"] == "test":
            name = payload.get("displayName") or payload["name"]
            if payload["kind"] == "suite":
                suites[payload["id"]] = name
            else:
                file = payload["sourceLocation"]["_filePath"].rpartition("/Tests/")[2]
                # The suite's own record may come later: its id stands for it until then.
                suite = payload["id"].rpartition("/")[0].rpartition("/")[0]
                tests[payload["id"]] = Test(name, suite, file)
            continue
        test = tests.get(payload.get("testID"))
        if test is None:
            continue
        event = payload["kind"]
        if event == "testStarted":
            test.outcome = "failed"
        elif event == "testCaseEnded":
            test.cases += 1
        elif event in ("testSkipped", "testCancelled"):
            test.outcome = "skipped"
            test.reason = " ".join(payload.get("_comments", [])).removeprefix("SKIPPED by the suite: ")
        elif event == "testEnded" and test.outcome == "failed":
            if not any(message["symbol"] == "fail" for message in payload["messages"]):
                test.outcome = "passed"
    for test in tests.values():
        test.suite = suites.get(test.suite, test.suite)
    return sorted(tests.values(), key=lambda test: (test.file, test.name))


def read_list(name):
    """The lines of a list, each parted at its tabs."""
    for line in (LISTS / name).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


def head(name):
    """What stands before the colon: the names that a test answers for."""
    return name.strip("`").split(":")[0]


def modules_of(test):
    """The modules that a test mirrors. `X-a, -b` is short for `X-a, X-b`."""
    words = [word.strip() for word in head(test.name).split(",")]
    return words[0], [word for word in words[1:] if word.startswith("-")]


def mirrors(test, module, prefix):
    first, endings = modules_of(test)
    return first == module or first.startswith(prefix) and any(module == prefix + ending for ending in endings)


def worst(tests):
    """What came of several tests of one module: the worst of them; skipped only when all were."""
    outcomes = {test.outcome for test in tests}
    for outcome in ("failed", "not run", "passed", "skipped"):
        if outcome in outcomes:
            return outcome
    return "missing"


def files(tests):
    return ", ".join(dict.fromkeys(test.link for test in tests)) or "—"


def table(columns, rows):
    yield "| " + " | ".join(columns) + " |"
    yield "|" + "---|" * len(columns)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
    yield ""


class Page:
    """The page, and what is wrong with what it says."""

    def __init__(self, tests):
        self.tests = tests
        self.lines = []
        self.faults = []
        self.summary = []

    def result(self, what, tests, reason):
        """The words for a result; what should be there and is not is noted."""
        if reason:
            return "not applicable", f"not applicable: {reason}"
        outcome = worst(tests)
        if outcome == "skipped":
            return outcome, f"skipped: {tests[0].reason}"
        if outcome != "passed":
            self.faults.append(f"{what}: {outcome if tests else 'no test has that name'}")
            return outcome, f"**{outcome}**"
        return outcome, outcome

    def plans(self):
        """The plans of the Foundation."""
        plans = []
        for parts in read_list("modules.tsv"):
            if parts[0] == "plan":
                plans.append((parts[1:], []))
            else:
                plans[-1][1].append((parts[1], parts[2] if len(parts) > 2 else ""))
        names = [parts[0] for parts, _ in plans]
        self.lines.append("## Plans of the OpenID Foundation\n")
        for (plan, title, size), modules in plans:
            own = [test for test in self.tests if plan in test.suite]
            # A plan that no suite is named after is looked for everywhere but in the suites of other plans.
            near = own or [test for test in self.tests if not any(name in test.suite for name in names)]
            counts, rows = Counts(), []
            for module, reason in modules:
                prefix = plan_prefix(module, modules)
                found = [test for test in near if mirrors(test, module, prefix)]
                result, words = self.result(f"{plan}: {module}", [] if reason else found, reason)
                counts.add(result)
                rows.append((f"`{module}`", words, "—" if reason else files(found)))
            self.summary.append((title, size, *counted(counts)))
            self.lines += [f"### {title}", "", f"`{plan}`, {size} modules there.", ""]
            self.lines += table(("module", "result", "test"), rows)

    def professos(self):
        """The batteries of PrOfESSOS."""
        self.lines.append("## PrOfESSOS\n")
        self.lines.append(
            "Its steps have no published names. Against an OP each step has a test of its own here, named by its family and a\n"
            "number, and each control too. Against an RP the tests mirror the families, not every single step: beside the number\n"
            "of steps there stands the number of cases here. The families add up to one step less than the total of each side.\n"
        )
        for side, title in (("op", "against an OP (51 steps)"), ("rp", "against an RP (72 steps)")):
            counts, rows = Counts(), []
            for kind, family, size, what, *rest in read_list("professos.tsv"):
                if kind != side:
                    continue
                found = [test for test in self.tests if begins(test, rest[0].split("|"))]
                result, words = self.result(f"PrOfESSOS {side} {family}", found, "")
                names = {head(test.name) for test in found}
                if side == "op" and len(names) != int(size):
                    result, words = "missing", f"**{len(names)} of {size}**"
                    self.faults.append(f"PrOfESSOS {side} {family}: {len(names)} of {size} steps have a test")
                counts.add(result)
                rows.append((f"{family}: {what}", size, words, sum(test.count for test in found), files(found)))
            self.summary.append((f"PrOfESSOS {title}, by family", len(rows), *counted(counts)))
            self.lines += [f"### PrOfESSOS {title}", ""]
            self.lines += table(("family", "steps there", "result", "cases here", "tests"), rows)

    def cases(self):
        """The cases of the threat model."""
        self.lines.append("## Cases of the threat model\n")
        self.lines.append(
            "The ids are those of [threat-model.md](threat-model.md). A test with arguments counts once as a test and once for\n"
            "each argument as a case; what a test tries in a loop of its own is not counted. A test may stand for several ids.\n"
        )
        counts, rows, everything = Counts(), [], set()
        for identifier, what, *rest in read_list("cases.tsv"):
            reason = rest[0] if rest else ""
            found = [test for test in self.tests if identifier in identifiers(test)]
            result, words = self.result(identifier, found, "" if found else reason)
            counts.add(result)
            everything |= {id(test) for test in found}
            rows.append((identifier, what, len(found), sum(test.count for test in found), words, files(found)))
        self.summary.append(("cases of the threat model", len(rows), *counted(counts)))
        self.lines += table(("id", "what is attacked", "tests", "cases", "result", "where"), rows)
        hostile = [test for test in self.tests if id(test) in everything]
        self.hostile = (len(hostile), sum(test.count for test in hostile))

    def unknown(self):
        """A test that names a module or a case that no list has: a slip of the pen would go unseen."""
        modules = {parts[1] for parts in read_list("modules.tsv") if parts[0] != "plan"}
        cases = {parts[0] for parts in read_list("cases.tsv")}
        for test in self.tests:
            first = modules_of(test)[0]
            if re.match(r"(oidcc|fapi2)-[a-z0-9-]+", first) and first not in modules:
                self.faults.append(f"{test.file}: {first} is in no list")
            for identifier in identifiers(test):
                if identifier not in cases:
                    self.faults.append(f"{test.file}: {identifier} is in no list")

    def text(self):
        self.plans()
        self.professos()
        self.cases()
        self.unknown()
        columns = ("list", "there", "passed", "skipped", "not applicable", "missing or failed")
        tests, cases = self.hostile
        top = ["## In short", "", *table(columns, self.summary)]
        top.append(f"Under the ids of the threat model: {tests} tests with {cases} cases.\n")
        return "\n".join([HEAD, *top, *self.lines]).rstrip() + "\n"


def plan_prefix(module, modules):
    """The longest module of the plan that this one goes on from: what `-ending` is short for."""
    starts = [name for name, _ in modules if module.startswith(name + "-")]
    return max(starts, key=len, default=module.rpartition("-")[0])


def counted(counts):
    rest = sum(number for result, number in counts.numbers.items()) - sum(
        counts[result] for result in ("passed", "skipped", "not applicable")
    )
    return counts["passed"], counts["skipped"], counts["not applicable"], rest


def begins(test, patterns):
    return any(
        test.suite.startswith(pattern.removeprefix("suite:"))
        if pattern.startswith("suite:")
        else test.name.strip("`").startswith(pattern)
        for pattern in patterns
    )


def identifiers(test):
    """The cases that a test answers for: those at the head of its name, or else of its suite's."""
    for name in (test.name, test.suite):
        found = []
        for first, last in CASE_OR_RANGE.findall(head(name)):
            family, number = first.split("-")
            end = int(last.split("-")[1]) if last else int(number)
            found += [f"{family}-{each:02}" for each in range(int(number), end + 1)]
        if found:
            return found
    return []


def main(arguments):
    if not RESULTS.exists():
        print(f"There is no {RESULTS}. Run: scripts/test --only swift", file=sys.stderr)
        return 1
    page = Page(read_tests(RESULTS))
    text = page.text()
    for fault in page.faults:
        print(f"    {fault}", file=sys.stderr)
    if "--check" not in arguments:
        PAGE.write_text(text)
        print(f"    {PAGE}: " + ", ".join(f"{title} {passed}/{size}" for title, size, passed, *_ in page.summary))
        return 0
    if not PAGE.exists() or PAGE.read_text() != text:
        print(f"    {PAGE} is not what the last run gives. Run: scripts/conformance", file=sys.stderr)
        return 1
    return 1 if page.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
