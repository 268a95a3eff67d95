"""Counts what scripts/test left in a folder, by kind; the last line says how much passed and failed.

Three sources, each there only when its kind ran: gates.tsv (one line per gate), swift.jsonl (the event stream of
Swift Testing) and real-parts.xml (pytest). The exit status is 0 only when something passed and nothing failed.
"""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from pathlib import Path

# Names under which tests stand that mirror a published list: the modules of the OpenID Foundation, and the cases
# of the security dossier (see docs/threat-model.md).
FAMILIES = {
    "modules of the OpenID Foundation's plans (oidcc-…, fapi2-…)": re.compile(r"^`?(oidcc|fapi2)-"),
    "steps of PrOfESSOS (professos-…)": re.compile(r"^`?professos-"),
    "cases of the threat model (OA-04, PW-02, …)": re.compile(
        r"^`?(OA|JW|WEB|BR|PW|OTP|MAIL|ACT|ENUM|ADM|KEY|XML|SAML|CAS)-\d"
    ),
}


class Table:
    """Outcomes by kind, in the order in which the kinds appeared, and the names of what failed."""

    def __init__(self):
        self.kinds = defaultdict(Counter)
        self.failures = []

    def add(self, kind, name, outcome):
        self.kinds[kind][outcome] += 1
        if outcome == "failed":
            self.failures.append(f"{kind}: {name}")

    def total(self, outcome):
        return sum(counts[outcome] for counts in self.kinds.values())


def read_gates(path, table):
    """Lint and the build; and the runs as a whole, whose tests are counted one by one elsewhere: such a run counts
    only when it failed although none of its tests did (it crashed, or found none)."""
    for line in path.read_text().splitlines():
        kind, name, outcome = line.split("\t")
        if name == "the run as a whole":
            if outcome == "passed" or any(failure.startswith(kind) for failure in table.failures):
                continue
        table.add(kind, name, outcome)


def swift_outcomes(path):
    """Yields (target, displayed name, outcome) of each test function. One that began and never ended has failed."""
    tests, outcomes = {}, {}
    # Not splitlines(): the arguments of a test may hold U+2028 and its like, which end no line here.
    for line in path.read_text().split("\n"):
        if not line:
            continue
        record = json.loads(line)
        payload = record["payload"]
        if record["kind"] == "test" and payload["kind"] == "function":
            tests[payload["id"]] = payload.get("displayName") or payload["name"]
        elif record["kind"] == "event" and payload.get("testID") in tests:
            identifier, event = payload["testID"], payload["kind"]
            if event == "testStarted":
                outcomes[identifier] = "failed"
            elif event == "testSkipped":
                outcomes[identifier] = "skipped"
            elif event == "testEnded":
                failed = any(message["symbol"] == "fail" for message in payload["messages"])
                outcomes[identifier] = "failed" if failed else "passed"
    for identifier, outcome in outcomes.items():
        yield identifier.split(".")[0], tests[identifier], outcome


def read_swift(path, table, families):
    for target, name, outcome in swift_outcomes(path):
        table.add(f"swift: {target}", name, outcome)
        for family, pattern in FAMILIES.items():
            if pattern.match(name):
                families[family][outcome] += 1


def read_real_parts(path, table):
    for case in ElementTree.parse(path).iter("testcase"):
        module = case.get("classname", "").split(".")[-1].removeprefix("test_")
        outcome = "passed"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome = "failed"
        elif case.find("skipped") is not None:
            outcome = "skipped"
        table.add(f"real parts: {module}", case.get("name"), outcome)


def print_table(kinds):
    width = max((len(kind) for kind in kinds), default=0)
    print(f"    {'':{width}}  passed  failed  skipped")
    for kind, counts in kinds.items():
        print(f"    {kind:{width}}  {counts['passed']:6}  {counts['failed']:6}  {counts['skipped']:7}")


def main(folder):
    table, families = Table(), defaultdict(Counter)
    readers = {
        "swift.jsonl": lambda path: read_swift(path, table, families),
        "real-parts.xml": lambda path: read_real_parts(path, table),
        "gates.tsv": lambda path: read_gates(path, table),
    }
    for name, read in readers.items():
        if (folder / name).exists():
            read(folder / name)
    print_table(table.kinds)
    if families:
        print("\n    of the Swift tests:")
        print_table(families)
    if table.failures:
        print("\n    failed:")
        for failure in table.failures:
            print(f"        {failure}")
    passed, failed = table.total("passed"), table.total("failed")
    print(f"\n{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
