"""scripts/make-base: what it writes is well formed, the same each time, and as odd as it promises."""

import csv
import hashlib
import io
import pathlib
import re
import subprocess
import zipfile
from collections import Counter
from xml.etree import ElementTree

import pytest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "make-base"


def make(out, *arguments):
    """Runs the script; gives its outcome."""
    return subprocess.run(
        [SCRIPT, *map(str, arguments), "--out", str(out)], capture_output=True, text=True, timeout=120
    )


def made(out, *arguments):
    """Makes a set; gives its folder."""
    outcome = make(out, *arguments)
    assert outcome.returncode == 0, outcome.stderr
    return out


def digest(folder):
    """One hash over the names and bytes of all files."""
    sum_ = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            sum_.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return sum_.hexdigest()


def requests(folder, kind):
    """The requests of all files of a kind, as (tag, id, attributes)."""
    for file in sorted(folder.glob(f"ENT_*_{kind}_[0-9][0-9][0-9][0-9].xml")):
        root = ElementTree.parse(file).getroot()
        assert root.tag == "ficAlimMENESR"
        for request in root:
            attributes = {
                attr.get("name"): [value.text or "" for value in attr]
                for attr in [*request.findall("attributes/attr"), *request.findall("modifications/modification")]
            }
            yield request.tag, request.findtext("identifier/id"), attributes


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Enough people for the rates to show, with numbers of their own."""
    return made(tmp_path_factory.mktemp("large") / "base", "--pupils", 20_000, "--no-fiction", "--delta", 400)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """All formats of the same families."""
    return made(tmp_path_factory.mktemp("mixed") / "base", "--pupils", 2_500, "--format", "aaf,aaf1d,siecle", "--format", "onde")


def test_the_same_options_give_the_same_bytes_and_another_seed_others(tmp_path):
    options = ["--pupils", 300, "--format", "aaf,aaf1d,siecle,onde", "--delta", 20, "--zip"]
    one = digest(made(tmp_path / "one", *options, "--seed", 7))
    assert one == digest(made(tmp_path / "two", *options, "--seed", 7))
    assert one != digest(made(tmp_path / "three", *options, "--seed", 8))


def test_files_are_cut_at_the_number_of_requests(tmp_path):
    folder = made(tmp_path / "base", "--pupils", 250, "--split", 100) / "aaf"
    counts = [len(ElementTree.parse(file).getroot()) for file in sorted(folder.glob("ENT_Complet_20250915_Eleve_*"))]
    assert counts == [100, 100, 50]


def test_mistakes_are_refused_in_a_sentence_and_nothing_is_overwritten(tmp_path):
    folder = made(tmp_path / "base", "--pupils", 5)
    before = digest(folder)
    again = make(folder, "--pupils", 5)
    assert again.returncode != 0 and "is not empty" in again.stderr
    assert digest(folder) == before
    for wrong in (["--pupils", 0], ["--pupils", 5, "--format", "csv"], ["--pupils", 5, "--format", "onde", "--delta", 1]):
        assert make(tmp_path / "wrong", *wrong).returncode == 2
    outcome = make(tmp_path / "small", "--pupils", 5, "--delta", 5_000)
    assert outcome.returncode == 1 and "has only" in outcome.stderr


def test_numbers_of_small_sets_are_fiction(mixed):
    # ARCEP's fiction ranges, those of Ofcom and the NANP, overseas numbers padded with zeros, and what is no mobile.
    allowed = re.compile(
        r"(0|33|0033)63998\d{4}|(0|33|0033)35301\d{4}|(0|33|262|590|594|596)69\d00\d{4}|447700900\d{3}|121255501\d{2}"
        r"|0000000000|0612345678|0600000000|0700\d{6}|"
    )
    seen = Counter()
    for folder, field in ((mixed / "aaf", "mobile"), (mixed / "aaf1d", "ENTPersRelEleveTelMobile")):
        for _, _, attributes in requests(folder, "PersRelEleve"):
            for number in attributes[field]:
                digits = re.sub(r"\D", "", number)
                assert allowed.fullmatch(digits), digits
                seen["fiction" if "63998" in digits else "other"] += 1
    assert seen["fiction"] > 8 * seen["other"] > 0


def test_rates_are_those_of_real_bases(large):
    pupils = {key: attributes for _, key, attributes in requests(large / "aaf", "Eleve")}
    responsibles = {key: attributes for _, key, attributes in requests(large / "aaf", "PersRelEleve")}
    assert len(pupils) == 20_000
    assert 1.6 < len(responsibles) / len(pupils) < 1.8

    def share(count, whole, low, high):
        assert low < count / whole < high, f"{count} of {whole} is not between {low} and {high}"

    def key(number):
        digits = re.sub(r"\D", "", number)
        return digits[-9:] if re.fullmatch(r"(0|33|0033)[67]\d{8}", digits) else ""

    unusable = re.compile(r"|(0|33|0033)35301\d{4}|0000000000|0612345678|0600000000|0700\d{6}")
    none = [one for one in responsibles.values() if unusable.fullmatch(re.sub(r"\D", "", one["mobile"][0]))]
    share(len(none), len(responsibles), 0.07, 0.09)
    share(sum(len(one["mobile"]) == 2 for one in responsibles.values()), len(responsibles), 0.02, 0.045)
    share(sum(one["sn"] != one["ENTPersonNomPatro"] for one in responsibles.values()), len(responsibles), 0.15, 0.35)
    spellings = Counter(
        re.sub(r"\d", "d", one["mobile"][0].replace("33", "CC")) for one in responsibles.values() if key(one["mobile"][0])
    )
    assert len([spelling for spelling, count in spellings.items() if count > 500]) >= 5

    links = [tuple(link.split("$")) for pupil in pupils.values() for link in pupil["ENTElevePersRelEleve"] if link]
    assert all(len(link) == 6 for link in links)
    share(sum(link[0] not in responsibles for link in links), len(links), 0.0002, 0.001)
    share(sum(link[3] == "3" for link in links), len(links), 0.07, 0.16)
    share(sum(link[3] == "2" for link in links), len(links), 0.02, 0.07)
    share(sum(link[1] == "70" for link in links), len(links), 0.001, 0.02)
    share(sum(link[1] == "99" or link[3] in ("", "7") for link in links), len(links), 0.0005, 0.003)
    named = Counter(link[0] for link in links)
    share(sum(count > 1 for count in named.values()), len(named), 0.15, 0.4)

    mothers, fathers = {}, {}
    for pupil, attributes in pupils.items():
        for link in attributes["ENTElevePersRelEleve"]:
            parts = link.split("$")
            if parts[0] in responsibles and parts[1] in ("10", "20"):
                (mothers if parts[1] == "10" else fathers).setdefault(pupil, parts[0])
    couples = {(mothers[pupil], fathers[pupil]) for pupil in mothers.keys() & fathers.keys()}
    numbers = {one: key(attributes["mobile"][0]) for one, attributes in responsibles.items()}
    share(sum(numbers[one] != "" and numbers[one] == numbers[other] for one, other in couples), len(couples), 0.03, 0.05)
    apart = sum(
        responsibles[one]["ENTPersonAdresse"] != responsibles[other]["ENTPersonAdresse"] for one, other in couples
    )
    share(apart, len(couples), 0.15, 0.35)
    people = Counter(
        (one["ENTPersonNomPatro"][0], one["givenName"][0].upper(), numbers[number])
        for number, one in responsibles.items() if numbers[number]
    )
    share(sum(count - 1 for count in people.values()), len(responsibles), 0.001, 0.004)
    homonyms = Counter((pupil["ENTPersonNomPatro"][0], pupil["givenName"][0]) for pupil in pupils.values())
    assert sum(count > 1 for count in homonyms.values()) > 20
    names = {pupil["ENTPersonNomPatro"][0] for pupil in pupils.values()}
    for kind in ("'", " ", "-", "È", "Œ"):
        assert any(kind in name for name in names), kind
    schools = [one["ENTStructureUAI"][0] for _, _, one in requests(large / "aaf", "EtabEducNat")]
    assert len(schools) == 40


def test_a_delta_names_people_of_the_complete_set(large):
    kinds = Counter()
    for kind in ("Eleve", "PersRelEleve"):
        known = {key for _, key, _ in requests(large / "aaf", kind)}
        named = [(tag, key) for tag, key, _ in requests(large / "aaf-delta", kind)]
        for tag, key in named:
            assert (key in known) == (tag != "addRequest")
        assert len({key for _, key in named}) == len(named)
        kinds.update(tag for tag, _ in named)
    assert kinds == {"modifyRequest": 280, "addRequest": 60, "deleteRequest": 60}
    erased = [
        attributes for tag, _, attributes in requests(large / "aaf-delta", "PersRelEleve")
        if tag == "modifyRequest" and attributes.get("mobile") == [""]
    ]
    assert len(erased) > 5


def onde(school, name):
    """The rows of a file of ONDE."""
    text = (school / f"CSVExtraction-{name}.csv").read_bytes().decode("iso8859-1")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_formats_hold_the_same_people_under_other_numbers(mixed, tmp_path):
    first = {key: one["ENTEleveINE"][0] for _, key, one in requests(mixed / "aaf1d", "Eleve")}
    second = {key: one["ENTEleveINE"][0] for _, key, one in requests(mixed / "aaf", "Eleve")}
    assert len(first) + len(second) == 2_500 and min(len(first), len(second)) > 500
    ids, ines = set(), set()
    for file in (mixed / "siecle").glob("*/ElevesAvecAdresses.xml"):
        root = ElementTree.parse(file).getroot()
        assert root.tag == "BEE_ELEVES" and root.findtext("PARAMETRES/UAJ") == file.parent.name
        for pupil in root.iter("ELEVE"):
            ids.add(pupil.get("ELEVE_ID"))
            ines.add(pupil.findtext("ID_NATIONAL") or "")
    assert ines == set(second.values()) and not ids & second.keys()
    for file in (mixed / "siecle").glob("*/ResponsablesAvecAdresses.xml"):
        people = {one.get("PERSONNE_ID") for one in ElementTree.parse(file).getroot().iter("PERSONNE")}
        assert people
    rows, layouts = 0, set()
    for school in (mixed / "onde").iterdir():
        pupils, responsibles = onde(school, "eleves"), onde(school, "responsables")
        layouts.add("INE" in pupils[0])
        rows += len(pupils) - 1
        for table in (pupils, responsibles):
            assert {len(row) for row in table} == {len(table[0])}
    assert rows == len(first) and layouts == {True, False}
    in_both = {one["mail"][0] for _, _, one in requests(mixed / "aaf", "PersRelEleve") if one["mail"][0]} & {
        one["ENTPersonMail"][0] for _, _, one in requests(mixed / "aaf1d", "PersRelEleve")
    }
    assert len(in_both) > 50, "parents with pupils in both degrees"
    archives = list((made(tmp_path / "zipped", "--pupils", 20, "--format", "siecle", "--zip") / "siecle").glob("*.zip"))
    assert len(archives) == 2
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            assert opened.namelist() == ["ElevesAvecAdresses.xml", "ResponsablesAvecAdresses.xml"]
            ElementTree.fromstring(opened.read("ResponsablesAvecAdresses.xml"))
