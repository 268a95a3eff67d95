"""`loge base`: the ministries' files come in, are looked at, and go again; bad ones change nothing."""

import csv
import io
import json
import os
import pty
import re
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest

from loge import BINARY, REPOSITORY, Process, eventually
from postgresql import PrivatePostgreSQL

SAMPLES = REPOSITORY / "Tests/SchoolFiles/Samples"
AAF = [SAMPLES / f"aaf-{kind}.xml" for kind in ("etab", "eleve", "persreleleve")]
SIECLE = [SAMPLES / f"siecle-{kind}.xml" for kind in ("eleves", "responsables")]
FICTION = "base: {fiction_numbers: true}\n"
TABLES = ["registers", "imports", "exports", "schools", "classes", "people", "mobiles", "places", "functions", "links",
          "joins", "doubles"]  # fmt: skip


@pytest.fixture(scope="module")
def postgresql():
    server = PrivatePostgreSQL().start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def one(request, make):
    """An installation with an empty base, on each engine; invented numbers are admitted."""
    if request.param == "sqlite":
        return make(more=FICTION)
    server = request.getfixturevalue("postgresql")
    return make(more=FICTION + server.section(server.database()))


@pytest.fixture
def embedded(make):
    return make(more=FICTION)


def base(installation, *words, **options):
    return installation.run("base", *words, **options)


def done(outcome):
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def answer(installation, *words):
    return json.loads(done(base(installation, *words, "--json")))


def lines(installation, *words):
    """The JSON objects of an answer that has one a line."""
    return [json.loads(line) for line in done(base(installation, *words, "--json")).splitlines()]


def refused(outcome, *words):
    """A command that failed, and said why in one sentence that names nobody."""
    assert outcome.returncode == 1, (outcome.returncode, outcome.stdout)
    assert outcome.stdout == ""
    said = outcome.stderr.strip().splitlines()
    assert len(said) == 1 and said[0].startswith("Error: "), outcome.stderr
    for word in words:
        assert word in said[0], outcome.stderr
    assert "EXEMPLE" not in said[0] and "0639" not in said[0]


def rows(installation):
    """Everything that the base holds."""
    path = installation.data / "portal.sqlite"
    if not path.exists():
        return {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        held = {table: sorted(map(repr, database.execute(f"select * from base_{table}"))) for table in TABLES}
    database.close()
    return held


def counts(installation):
    """How many people the base holds, register by register."""
    registers = answer(installation, "status")["registers"]
    return [{kind: count["current"] for kind, count in one["counts"].items() if count["current"]} for one in registers]


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """A set large enough to be met half-way: 6,000 pupils."""
    folder = tmp_path_factory.mktemp("town") / "base"
    subprocess.run(
        [sys.executable, REPOSITORY / "scripts/make-base", "--pupils", "6000", "--fiction", "--out", folder],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return folder / "aaf"


# The whole way.


def test_the_samples_come_in_and_go_again(one):
    tried = done(base(one, "import", *AAF, "--assume-complete", "--dry-run"))
    assert "dry run: nothing was changed" in tried
    assert re.search(r"^  pupils +6 +0 +6$", tried, re.M), tried
    assert "0599901S" in tried and "pupils +6  responsibles +8" in tried
    assert "2 responsibles have no usable mobile" in tried and "1 mobile is shared" in tried
    applying = re.search(r"^to apply it: loge (.*)$", tried, re.M)[1]
    assert "--dry-run" not in applying and "--assume-complete" in applying
    assert answer(one, "status")["registers"] == []

    first = answer(one, "import", *AAF, "--assume-complete")["imports"][0]
    assert first["number"] == 1 and not first["is_dry_run"]
    register = first["registers"][0]
    assert register["changes"]["pupils"]["new"] == 6 and register["changes"]["responsibles"]["new"] == 8
    assert register["without_usable_mobile"] == 2 and register["doubtful_uai"] == 0
    assert counts(one) == [{"schools": 1, "pupils": 6, "responsibles": 8, "links": 10, "mobiles": 7}]

    again = done(base(one, "import", *AAF, "--assume-complete"))
    assert "nothing is different from before" in again
    assert lines(one, "diff") == [] and len(lines(one, "diff", "1")) == 1 + 4 + 6 + 8 + 7 + 6 + 10

    joined = answer(one, "import", *SIECLE)["imports"][0]
    assert joined["joined"] == 14
    assert answer(one, "status")["joined_records"] == {"pupil": 6, "responsible": 8}

    assert answer(one, "rollback") == {"undone": 3}
    assert answer(one, "status")["joined_records"] == {}
    assert done(base(one, "rollback")).startswith("import 2 was undone")
    assert answer(one, "rollback") == {"undone": 1}
    assert counts(one) == [{}, {}]
    refused(base(one, "rollback"), "nothing to undo")
    assert [entry["number"] for entry in answer(one, "status")["imports"]] == [3, 2, 1]
    assert all(entry["undone_at"] for entry in answer(one, "status")["imports"])


def test_what_an_operator_looks_at(one, tmp_path):
    done(base(one, "import", *AAF, "--assume-complete"))
    done(base(one, "import", *SIECLE))

    def found(*words):
        return [record["record"] for record in answer(one, "search", *words)["records"]]

    family = ["1:910001", "1:910002", "1:920001", "1:920002"]
    assert sorted(name for name in found("exemple") if name.startswith("1:")) == family
    assert found("léa", "EXEMPLE") == ["1:910001", "2:910001"]
    assert found("06.39.98.00.01") == ["1:920001", "2:920001"]
    assert found("999000001AA") == ["1:910001", "2:910001"]
    assert found("nobody", "at", "all") == []
    assert [school["record"] for school in answer(one, "search", "0599901S")["schools"]] == ["1:900001", "2:0599901S"]
    assert answer(one, "search", "exemple", "--limit", "2")["has_more"] is True
    refused(base(one, "search", "0612"), "telephone number")

    pupil = answer(one, "show", "1:910001")["people"][0]
    assert pupil["ine"].startswith("•") and pupil["places"][0]["class_code"] == "5A"
    assert [link["kind"] for link in pupil["links"]] == ["mère (10)", "père (20)", "ascendant (38)"]
    assert pupil["same_person"] == [{"record": "2:910001", "name": "EXEMPLE Léa", "reason": "ine"}]
    text = done(base(one, "show", "1:920001"))
    assert "•• •• •• •• 01" in text and "06 39 98" not in text and "représentant légal (respLegal 1)" in text
    assert "06 39 98 00 01" in done(base(one, "show", "1:920001", "--reveal"))
    assert answer(one, "show", "1:910001", "--reveal")["people"][0]["ine"] == "999000001AA"
    assert answer(one, "show", "1:900001")["school"]["classes"]["5A"] == 2
    refused(base(one, "show", "1:910099"), "no record 1:910099")

    told = done(base(one, "diff", "1"))
    assert "new  pupil  1:910001  EXEMPLE Léa  0599901S" in told
    assert "06 39 98" not in told and "0639" not in told and "999000001AA" not in told
    file = tmp_path / "changes.csv"
    assert done(base(one, "diff", "1", "--csv", file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(table(file.read_bytes())) == len(told.splitlines())
    refused(base(one, "diff", "9"), "no import 9")

    assert lines(one, "doubles") == [], "the samples have none within a register"


def table(content):
    """The rows of a CSV file for spreadsheets, by the names of its columns."""
    assert content.startswith(b"\xef\xbb\xbf") and content.count(b"\r\n") == content.count(b"\n")
    return printed_table(content.decode())


def printed_table(text):
    """The same as it came on standard output, where Python has made the ends of its lines plain."""
    text = text.removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def test_a_school_gets_its_people(one, tmp_path):
    done(base(one, "import", *AAF, "--assume-complete"))
    done(base(one, "import", *SIECLE))
    file = tmp_path / "college.csv"
    assert done(base(one, "export", "--school", "0599901S", file)) == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    people = table(file.read_bytes())
    assert [person["Type"] for person in people] == 6 * ["élève"] + 8 * ["responsable"], "each once, of two registers"
    lea = next(person for person in people if person["Fiche"] == "1:910001")
    assert lea["Date de naissance"] == "14/03/2012" and lea["Classes ou fonctions"] == "5A"
    assert "EXEMPLE Camille (mère, représentant légal)" in lea["Liens"]
    assert {person["Mobile utilisable"] for person in people[6:]} == {"oui", "non"}
    assert "06 39" not in file.read_text() and "999000001AA" not in file.read_text()

    refused(base(one, "export", "--school", "0599901S", file), "is not there")
    assert len(table(file.read_bytes())) == 14, "a file that is there is never written over"
    pupils = printed_table(done(base(one, "export", "--school", "0599901S", "--kind", "pupil")))
    assert len(pupils) == 6
    refused(base(one, "export", "--school", "0750001A"), "no school 0750001A")


def test_ADM_01_no_cell_of_an_export_is_a_formula(embedded, tmp_path):
    text = AAF[1].read_text()
    assert text.count("<value>Zoé</value>") == 1
    hostile = tmp_path / "aaf-eleve.xml"
    hostile.write_text(text.replace("<value>Zoé</value>", "<value>=HYPERLINK(&quot;http://a&quot;;&quot;b&quot;)</value>"))
    done(base(embedded, "import", AAF[0], hostile, AAF[2]))
    people = printed_table(done(base(embedded, "export", "--school", "0599901S")))
    named = [cell for person in people for cell in person.values() if "HYPERLINK" in cell]
    assert "'=HYPERLINK(\"http://a\";\"b\")" in named
    assert not [cell for person in people for cell in person.values() if cell[:1] in ("=", "+", "-", "@")]


def test_what_a_report_says_of_schools_can_be_kept(embedded, tmp_path):
    file = tmp_path / "report.csv"
    done(base(embedded, "import", *AAF, "--assume-complete", "--report", file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = {(row["school"], row["kind"]): row["new"] for row in table(file.read_bytes())}
    assert written["", "pupils"] == "6" and written["0599901S", "responsibles"] == "8"
    before = rows(embedded)
    refused(base(embedded, "import", *SIECLE, "--report", file), "there already", "nothing was changed")
    assert rows(embedded) == before


def test_numbers_of_films_are_nobodys_but_in_a_demonstration(make):
    strict = make()
    register = answer(strict, "import", *AAF)["imports"][0]["registers"][0]
    assert register["refused_numbers"]["fiction"] > 0 and counts(strict)[0].get("mobiles", 0) <= 1
    assert "kept for films" in done(base(strict, "import", *AAF, "--dry-run"))
    assert "fiction_numbers" not in done(strict.first_keys().run("check"))
    assert "fiction_numbers" in done(make(more=FICTION).first_keys().run("check"))


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("{grace: never}", ["grace", "30s", "loge.yaml:8:"]),
        ("{largest_departure_percent: 101}", ["largest_departure_percent", "0 to 100"]),
        ("{home_plan: mars}", ["home_plan", "new-caledonia"]),
        ("{graces: 30d}", ["graces", "grace"]),
    ],
)
def test_a_wrong_setting_is_named(make, section, words):
    outcome = base(make(more=f"base: {section}\n"), "status")
    assert outcome.returncode != 0 and outcome.stdout == ""
    for word in words:
        assert word in outcome.stderr, outcome.stderr


def delta(folder, requests):
    """The changes of the day after the samples."""
    head = AAF[1].read_text().partition("<addRequest>")[0]
    file = folder / "ENT_Delta_20250916_Eleve_0000.xml"
    file.write_text(head.replace("2025-09-15", "2025-09-16") + requests + "</ficAlimMENESR>\n")
    return file


RENAMED = """<modifyRequest>
<operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes>
<identifier><id>910001</id></identifier>
<modifications><modification name="givenName" operation="replace"><value>Léonie</value></modification></modifications>
</modifyRequest>
"""


def test_a_complete_export_and_the_changes_behind_it_come_in_together(one, tmp_path):
    words = [*AAF, delta(tmp_path, RENAMED), "--assume-complete"]
    tried = answer(one, "import", *words, "--dry-run")
    assert len(tried["imports"]) == 1 and tried["exports_not_compared"] == 1
    imports = answer(one, "import", *words)["imports"]
    assert [report["number"] for report in imports] == [1, 2]
    assert [report["registers"][0]["extent"] for report in imports] == ["complete", "changes"]
    assert lines(one, "diff") == [
        {"kind": "pupil", "what": "changed", "record": "1:910001", "name": "EXEMPLE Léonie", "school": "0599901S",
         "detail": "", "fields": ["given_name"]}
    ]  # fmt: skip
    refused(base(one, "import", delta(tmp_path, RENAMED)), "imported already")
    assert answer(one, "rollback") == {"undone": 2}
    assert answer(one, "show", "1:910001")["people"][0]["given_name"] == "Léa"


DELETED = """<deleteRequest>
<operationalAttributes><attr name="categoriePersonne"><value>Eleve</value></attr></operationalAttributes>
<identifier><id>910006</id></identifier>
</deleteRequest>
"""


def test_what_was_applied_before_a_bad_file_is_told(make, tmp_path):
    one = make(more="base: {fiction_numbers: true, departures_always_allowed: 0}\n")
    outcome = base(one, "import", *AAF, delta(tmp_path, DELETED), "--assume-complete")
    refused(outcome, "1 of 6 pupils", "othing of this export was changed", "import 1 was applied")
    assert [entry["number"] for entry in answer(one, "status")["imports"]] == [1]
    assert answer(one, "show", "1:910006")["people"][0]["presence"] == "current"


# Bad files.


def changed(tmp_path, source, change, name=None):
    """A file of the samples, changed: text or bytes."""
    path = tmp_path / (name or source.name)
    content = source.read_bytes()
    path.write_bytes(change(content))
    return path


def truncated(tmp_path):
    return [changed(tmp_path, AAF[1], lambda content: content[: len(content) // 2])], ["aaf-eleve.xml"]


def empty(tmp_path):
    return [changed(tmp_path, AAF[1], lambda content: b"")], ["aaf-eleve.xml", "empty"]


def wrong_encoding(tmp_path):
    return [changed(tmp_path, AAF[1], lambda content: content.decode().encode("latin-1"))], ["aaf-eleve.xml:"]


def wrong_root(tmp_path):
    return [changed(tmp_path, AAF[1], lambda content: b"<html><body/></html>")], ["aaf-eleve.xml"]


def entities(tmp_path):
    declared = b'<!DOCTYPE ficAlimMENESR [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return [changed(tmp_path, AAF[1], lambda content: re.sub(rb"<!DOCTYPE[^>]*>", declared, content))], ["entit"]


def two_academies(tmp_path):
    other = changed(
        tmp_path, AAF[2],
        lambda content: content.replace(b'codeAcademieExport="09"', b'codeAcademieExport="10"'),
    )  # fmt: skip
    return [AAF[1], other], ["academy"]


def twice(tmp_path):
    other = changed(tmp_path, AAF[1], lambda content: content, "encore.xml")
    return [AAF[1], other], ["encore.xml"]


def nothing_there(tmp_path):
    return [tmp_path / "absent.xml"], ["absent.xml", "not there"]


def onde_without_school(tmp_path):
    return [SAMPLES / "onde-eleves.csv"], ["onde-eleves.csv"]


def onde_without_a_column(tmp_path):
    def without(content):
        return b"\r\n".join(line.partition(b";")[2] for line in content.split(b"\r\n"))

    return [changed(tmp_path, SAMPLES / "onde-eleves.csv", without), "--school", "0599902T"], ["onde-eleves.csv"]


def delta_of_nothing(tmp_path):
    name = "ENT_Delta_20250916_Eleve_0000.xml"
    other = changed(
        tmp_path, AAF[1],
        lambda content: content.replace(b'codeAcademieExport="09"', b'codeAcademieExport="11"'), name,
    )  # fmt: skip
    return [other], ["complete export first"]


def older(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    for file in AAF:
        changed(folder, file, lambda content: content.replace(b"2025-09-15", b"2025-09-01"))
    return [folder], ["2025-09-01", "rollback"]


def too_many_gone(tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    for file in AAF:
        changed(folder, file, lambda content: re.sub(rb"(?s)<addRequest>.*</addRequest>", keep_first, content))
    return [folder, "--assume-complete"], ["would go", "--allow-departures"]


def keep_first(match):
    return match[0].split(b"</addRequest>")[0] + b"</addRequest>"


@pytest.mark.parametrize(
    "bad",
    [truncated, empty, wrong_encoding, wrong_root, entities, two_academies, twice, nothing_there, onde_without_school,
     onde_without_a_column, delta_of_nothing, older, too_many_gone],
    ids=lambda bad: bad.__name__,
)  # fmt: skip
def test_a_bad_file_changes_nothing_and_is_told_in_a_sentence(make, tmp_path, bad):
    one = make(more="base: {fiction_numbers: true, departures_always_allowed: 0}\n")
    done(base(one, "import", *AAF, "--assume-complete"))
    before = rows(one)
    assert len(before["people"]) == 14
    words, reason = bad(tmp_path)
    refused(base(one, "import", *words), *reason)
    refused(base(one, "import", *words, "--dry-run"), *reason)
    refused(base(one, "import", *words, "--json"), *reason)
    assert "othing was changed" in base(one, "import", *words).stderr
    assert rows(one) == before
    assert "nothing is different" in done(base(one, "import", *AAF, "--assume-complete")), "the good ones still do"


def test_many_departures_are_taken_when_they_are_meant(make, tmp_path):
    one = make(more="base: {fiction_numbers: true, departures_always_allowed: 0}\n")
    done(base(one, "import", *AAF, "--assume-complete"))
    words, _ = too_many_gone(tmp_path)
    report = answer(one, "import", *words, "--allow-departures")["imports"][0]
    assert report["registers"][0]["changes"]["pupils"]["gone"] == 5
    assert counts(one)[0]["pupils"] == 1
    assert answer(one, "show", "1:910002")["people"][0]["presence"] == "leaving", "nobody is deleted by one file"


# Imports that meet something.


class Running(Process):
    """An import that can be met half-way; what it says goes into a file."""

    def __init__(self, installation, folder, *words):
        super().__init__(["base", "import", *words, "--config", installation.config], folder)

    def start(self):
        self.launch()
        return self

    def says(self, *words):
        def said():
            """the import is there"""
            assert self.child.poll() is None or any(word in self.errors for word in words), self.errors
            return any(word in self.errors for word in words)

        eventually(said, 60)

    def ended(self):
        """Its exit status, once it has ended by itself."""
        output, _ = self.child.communicate(timeout=120)
        return self.child.returncode, output.decode()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_an_import_that_ends_half_way_was_never_there(embedded, town, tmp_path, how):
    done(base(embedded, "import", *AAF, "--assume-complete"))
    before = rows(embedded)
    running = Running(embedded, tmp_path / "running", town, "--allow-departures").start()
    running.says("reading: 3", "reading: 4", "reading: 5")
    running.child.send_signal(how)
    status, output = running.ended()
    assert status == {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}[how] and output == ""
    if how != signal.SIGKILL:
        assert running.errors.strip().splitlines()[-1] == "Error: stopped: nothing was changed"
    assert rows(embedded) == before
    assert "nothing is different" in done(base(embedded, "import", *AAF, "--assume-complete"))


def test_an_import_killed_while_it_writes_counts_whole_or_not_at_all(embedded, town, tmp_path):
    running = Running(embedded, tmp_path / "running", town).start()
    running.says("writing the differences")
    running.kill()
    status = answer(embedded, "status")
    assert [entry["number"] for entry in status["imports"]] in ([], [1])
    people = [one["counts"].get("pupils", {}).get("current", 0) for one in status["registers"]]
    assert people == ([6000] if status["imports"] else [])
    if not status["imports"]:
        assert rows(embedded)["people"] == [] and rows(embedded)["links"] == []
    done(base(embedded, "import", town))
    assert counts(embedded)[0]["pupils"] == 6000


def test_two_imports_at_once_leave_the_base_as_one_would(one, town, tmp_path):
    pair = [Running(one, tmp_path / f"running-{number}", town).start() for number in range(2)]
    ended = [running.ended() for running in pair]
    statuses = [outcome[0] for outcome in ended]
    status = answer(one, "status")
    if sorted(statuses) == [0, 1]:
        loser = pair[statuses.index(1)].errors.strip().splitlines()[-1]
        assert "another import" in loser and "nothing was changed" in loser
        assert [entry["number"] for entry in status["imports"]] == [1]
    else:
        # Whoever came so late that the first had done finds nothing to do.
        assert statuses == [0, 0], [running.errors for running in pair]
        assert sorted("nothing is different" in outcome[1] for outcome in ended) == [False, True]
        assert [entry["number"] for entry in status["imports"]] == [2, 1]
    assert status["registers"][0]["counts"]["pupils"]["current"] == 6000
    assert "nothing is different" in done(base(one, "import", town))


def test_a_full_disk_changes_nothing(embedded, town):
    done(base(embedded, "import", *AAF, "--assume-complete"))
    before = rows(embedded)
    kept, data = embedded.root / "kept", embedded.data
    # The data folder becomes a small disk for this one command; what it holds in the end is copied out.
    script = (
        f'cp -r "{data}" "{kept}" && mount -t tmpfs -o size=4m tmpfs "{data}" && cp "{kept}"/* "{data}" && "$@";'
        f' status=$?; cp "{data}"/portal.sqlite* "{kept}"; exit $status'
    )
    wrapper = ("unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh")
    outcome = base(embedded, "import", town, "--allow-departures", wrapper=wrapper)
    assert outcome.returncode == 1 and outcome.stdout == "", outcome.stdout
    said = outcome.stderr.strip().splitlines()[-1]
    assert said.startswith("Error: ") and "room" in said and "othing" in said, outcome.stderr
    for file in kept.glob("portal.sqlite*"):
        (data / file.name).write_bytes(file.read_bytes())
    assert rows(embedded) == before
    control = base(embedded, "import", town, "--allow-departures")
    assert control.returncode == 0, control.stderr


def test_a_terminal_sees_one_line_that_moves(embedded, town):
    main, side = pty.openpty()
    child = subprocess.Popen(
        [BINARY, "base", "import", town, "--dry-run", "--config", embedded.config],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=side,
    )  # fmt: skip
    os.close(side)
    said = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
    os.close(main)
    assert child.wait(120) == 0
    child.stdout.close()
    assert said.count(b"\r\x1b[K") > 5 and b"reading: 100 %" in said and b"\n" not in said
    assert said.endswith(b"\r\x1b[K"), "the line is taken away"
    quiet = base(embedded, "import", *AAF, "--dry-run")
    assert quiet.returncode == 0 and quiet.stderr == "", "nothing of small files where nobody watches"
