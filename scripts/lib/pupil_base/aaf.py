"""AAF of the second and the first degree: numbered files of requests."""

from .people import GRADES

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ficAlimMENESR SYSTEM "ficAlimMENESR.dtd">
<ficAlimMENESR>
<!-- versionAF="AAF-VE2407" versionSDET="6" codeAcademieExport="{academy}" degre="{degree}" \
dateGenerationExport="{date}" : DONNEES FICTIVES -->
"""
_FOOT = "</ficAlimMENESR>\n"


def escaped(text):
    """`text` as XML content."""
    if "&" in text or "<" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;")
    return text


def value(text):
    """One value of an attribute, which is a pair of tags or an empty element."""
    return f"<value>{text}</value>" if text else "<value/>"


def values(texts):
    """All values of an attribute."""
    return "".join([f"<value>{text}</value>" for text in texts]) if texts else "<value/>"


def _request(category, kind, attributes):
    lines = "\n".join(f'<attr name="{name}">{content}</attr>' for name, content in attributes)
    return (
        "<addRequest>\n"
        f'<operationalAttributes><attr name="{category}"><value>{kind}</value></attr></operationalAttributes>\n'
        f"<identifier><id>%s</id></identifier>\n<attributes>\n{lines}\n</attributes>\n</addRequest>\n"
    )


_V = "<value>%s</value>"
_EMPTY = "<value/>"
_PUPIL = _request("categoriePersonne", "Eleve", [
    ("ENTPersonJointure", _V), ("ENTEleveINE", "%s"), ("ENTEleveStructRattachId", _V), ("ENTPersonDateNaissance", _V),
    ("ENTPersonNomPatro", _V), ("sn", _V), ("givenName", _V), ("ENTPersonAutresPrenoms", "%s"), ("personalTitle", _V),
    ("ENTElevePersRelEleve", "%s"), ("ENTEleveBoursier", _V), ("ENTEleveRegime", _V), ("ENTEleveTransport", _V),
    ("ENTPersonAdresse", "<value>%s$$$</value>"), ("ENTPersonCodePostal", _V), ("ENTPersonVille", _V),
    ("ENTPersonPays", "<value>FRANCE</value>"), ("mail", _EMPTY), ("homePhone", "%s"),
    ("ENTEleveStatutEleve", "<value>SCOLAIRE</value>"), ("ENTEleveMEF", _V), ("ENTEleveLibelleMEF", _V),
    ("ENTEleveNivFormation", _V), ("ENTEleveFiliere", _V), ("ENTPersonStructRattach", "%s"), ("ENTEleveClasses", "%s"),
    ("ENTEleveGroupes", "%s"),
])
_RESPONSIBLE = _request("categoriePersonne", "PersRelEleve", [
    ("ENTPersonJointure", _V), ("ENTPersonDateNaissance", _EMPTY), ("ENTPersonNomPatro", _V), ("sn", _V),
    ("givenName", _V), ("ENTPersonAutresPrenoms", "%s"), ("personalTitle", "%s"), ("homePhone", "%s"),
    ("telephoneNumber", "%s"), ("mobile", "%s"), ("ENTPersonMobileSMS", "%s"), ("mail", "%s"),
    ("ENTPersonAdresse", "<value>%s$$$</value>"), ("ENTPersonCodePostal", _V), ("ENTPersonVille", _V),
    ("ENTPersonPays", "<value>FRANCE</value>"), ("ENTPersonAdresseDiffusion", _V),
])
_SCHOOL = _request("categorieStructure", "EtabEducNat", [
    ("ENTStructureJointure", _V), ("ENTStructureUAI", _V), ("ENTEtablissementUAI", _V),
    ("ENTStructureSIREN", "<value>00000000000000</value>"), ("ENTStructureNomCourant", _V), ("ENTStructureTypeStruct", _V),
    ("ENTStructureCodeTypeStruct", _V), ("ENTEtablissementMinistereTutelle", "<value>MINISTERE DE L'EDUCATION NATIONALE</value>"),
    ("ENTEtablissementContrat", "<value>PU</value>"), ("postOfficeBox", _EMPTY), ("street", _V), ("postalCode", _V),
    ("l", _V), ("telephoneNumber", "<value>+33 3 53 01 00 00</value>"), ("facsimileTelephoneNumber", _EMPTY),
    ("ENTStructureMailSI", "<value>ce.%s@example.org</value>"), ("ENTEtablissementStructRattachFctl", _EMPTY),
    ("ENTEtablissementBassin", "<value>09000$BASSIN FICTIF</value>"), ("ENTServAcAcademie", "<value>FICTIVE</value>"),
    ("ENTStructureClasses", "%s"), ("ENTStructureGroupes", "%s"),
])
_STAFF = _request("categoriePersonne", "PersEducNat", [
    ("ENTPersonJointure", _V), ("ENTPersonNomPatro", _V), ("sn", _V), ("givenName", _V), ("personalTitle", _V),
    ("mail", "%s"), ("ENTPersonStructRattach", _V), ("ENTPersonFonctions", _V), ("ENTAuxEnsClassesMatieres", "%s"),
    ("PersEducNatPresenceDevantEleves", _V), ("ENTPersonCategorieEnseignant", "%s"),
])
_MEF = _request("categorieMef", "MefEducNat", [("ENTMefJointure", _V), ("ENTLibelleMef", _V)])
_PUPIL_1D = _request("categoriePersonne", "Eleve", [
    ("ENTPersonJointure", _V), ("ENTEleveINE", "%s"), ("ENTPersonDateNaissance", _V), ("ENTPersonNom", _V),
    ("ENTPersonPrenom", _V), ("ENTPersonAutresPrenoms", "%s"), ("ENTPersonNomPatro", _V), ("ENTPersonCivilite", _V),
    ("ENTEleveAutoriteParentale", "%s"), ("ENTPersonStructRattach", _V), ("ENTPersonClasses", _V),
    ("ENTPersonGroupes", "%s"), ("ENTEleveNiveau", _V), ("ENTEleveCycle", _V), ("ENTEleveTypeClasse", "<value>COURANT</value>"),
    ("ENTEleveRestaurantScolaire", _V), ("ENTEleveTransport", "<value>N</value>"),
    ("ENTEleveGarderieMatin", "<value>N</value>"), ("ENTEleveGarderieSoir", _V),
    ("ENTEleveEtudesSurveillees", "<value>N</value>"),
])
_RESPONSIBLE_1D = _request("categoriePersonne", "PersRelEleve", [
    ("ENTPersonJointure", _V), ("ENTPersonDateNaissance", _EMPTY), ("ENTPersonNom", _V), ("ENTPersonPrenom", _V),
    ("ENTPersonNomPatro", _V), ("ENTPersonAutresPrenoms", "%s"), ("ENTPersonCivilite", "%s"), ("ENTPersonTelPerso", "%s"),
    ("ENTPersRelEleveTelPro", "%s"), ("ENTPersonAdresse", "<value>%s$$$</value>"), ("ENTPersonCodePostal", _V),
    ("ENTPersonVille", _V), ("ENTPersonPays", "<value>FRANCE</value>"), ("ENTPersonAdresseDiffusion", _V),
    ("ENTPersonMail", "%s"), ("ENTPersRelEleveTelMobile", "%s"), ("ENTPersRelEleveEleve", "%s"),
])
_SCHOOL_1D = _request("categorieStructure", "EtabEducNat", [
    ("ENTStructureJointure", _V), ("ENTStructureUAI", _V), ("ENTStructureNomCourant", _V),
    ("ENTStructureTypeStruct", "<value>ECOLE</value>"), ("ENTStructureAdresse", _V), ("ENTStructureCodePostal", _V),
    ("ENTStructureVille", _V), ("ENTStructureTelephone", "<value>+33 3 53 01 00 00</value>"),
    ("ENTStructureEmail", "<value>ce.%s@example.org</value>"), ("ENTServAcAcademie", "<value>FICTIVE</value>"),
    ("ENTStructureClasses", "%s"), ("ENTStructureGroupes", "%s"),
])


class NumberedFiles:
    """The files of one kind, `…_0000.xml` and so on, of at most `split` requests each."""

    _CHUNK = 400

    def __init__(self, folder, kind, settings, degree, extent="Complet", date=None):
        date = date or settings.date
        self._name = f"{folder}/ENT_{extent}_{date:%Y%m%d}_{kind}_"
        self._head = _HEAD.format(academy=settings.academy, degree=degree, date=date.isoformat())
        self._split = settings.split
        self._number = self._held = 0
        self._file = None
        self._waiting = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, request):
        """Writes a request."""
        if self._held == self._split:
            self._end()
        self._waiting.append(request)
        self._held += 1
        if len(self._waiting) == self._CHUNK:
            self._write()

    def close(self):
        """Ends the last file; a kind without requests has one file without any."""
        if self._held or not self._number:
            self._end()

    def _write(self):
        if self._file is None:
            self._file = open(f"{self._name}{self._number:04d}.xml", "wb", buffering=0)
            self._waiting.insert(0, self._head)
        self._file.write("".join(self._waiting).encode())
        self._waiting.clear()

    def _end(self):
        self._write()
        self._file.write(_FOOT.encode())
        self._file.close()
        self._file = None
        self._number += 1
        self._held = 0


def _day(day):
    return "%02d/%02d/%04d" % day


class SecondDegree:
    """The complete export of the second degree."""

    def __init__(self, folder, settings):
        self._schools, self._pupils, self._responsibles, self._staff, mefs = (
            NumberedFiles(folder, kind, settings, "2D")
            for kind in ("EtabEducNat", "Eleve", "PersRelEleve", "PersEducNat", "MefEducNat")
        )
        for age, grade in GRADES.items():
            if age > 10:
                mefs.add(_MEF % (grade[1], grade[1], escaped(grade[2])))
        mefs.close()

    def add(self, schools, pupils, responsibles):
        """Writes what of a town is of the second degree."""
        for school in schools:
            if school.kind != "ECOLE":
                self._schools.add(school_request(school))
                for staff in school.staff:
                    self._staff.add(staff_request(staff, school))
        add = self._pupils.add
        for pupil in pupils:
            if pupil.age > 10:
                add(pupil_request(pupil))
        add = self._responsibles.add
        for one in responsibles:
            # One whom no link names stays; a family that has pupils in the first degree only does not.
            if not one.children or any([child.age > 10 for child in one.children]):
                add(responsible_request(one))

    def close(self):
        """Ends all files."""
        for files in (self._schools, self._pupils, self._responsibles, self._staff):
            files.close()


def pupil_id(pupil):
    """`ENTPersonJointure` of a pupil of the second degree."""
    return 10_000_000 + pupil.number


def responsible_id(one):
    """`ENTPersonJointure` of a responsible of the second degree."""
    return 20_000_000 + one.number


def school_id(school):
    """`ENTStructureJointure` of a school of the second degree."""
    return 1_000 + school.number


def pupil_request(pupil):
    """The `addRequest` of a pupil."""
    key = pupil_id(pupil)
    grade = GRADES[pupil.age]
    school = school_id(pupil.school)
    schools = f"<value>{school}</value>"
    classes = f"<value>{school}${pupil.classroom}</value>"
    if pupil.second:
        other = school_id(pupil.second)
        schools += f"<value>{other}</value>"
    return _PUPIL % (
        key, key, value(pupil.ine), 7_000_000 + pupil.number, _day(pupil.day), pupil.birth, pupil.usage, pupil.given,
        values(pupil.others), "Mlle" if pupil.girl else "M.", links(pupil), "O" if key % 5 == 0 else "N",
        "DEMI-PENSIONNAIRE" if key % 3 else "EXTERNE LIBRE", "O" if key % 7 == 0 else "N", escaped(pupil.street),
        pupil.postal, pupil.town, _EMPTY, grade[1], escaped(grade[2]), escaped(grade[3]), escaped(grade[3]), schools,
        classes, values([f"{school}${group}" for group in pupil.group]),
    )


def links(pupil):
    """The values of `ENTElevePersRelEleve`."""
    written = [
        f"<value>{20_000_000 + one.number}${lien}${financial}${level}${contact}${payment}</value>"
        for one, lien, level, financial, contact, payment in pupil.links
    ]
    if pupil.dangling:
        # Nobody of this number is in the files.
        written.append(f"<value>{90_000_000 + pupil.number}$20$0$1$1$0</value>")
    return "".join(written) or _EMPTY


def responsible_request(one):
    """The `addRequest` of a responsible."""
    key = 20_000_000 + one.number
    return _RESPONSIBLE % (
        key, key, one.birth, one.usage, one.given, value(one.others), value(one.civility), value(one.home),
        value(one.work), "".join([value(mobile) for mobile in one.mobiles]), value(one.sms), value(one.mail),
        escaped(one.street), one.postal, one.town, one.shown,
    )


def _places(school):
    classes = [f"{code}$CLASSE {code}${GRADES[age][1]}" for code, age in sorted(school.classes.items())]
    return values(classes), values([f"{code}$GROUPE {code}" for code in sorted(school.groups)])


def school_request(school):
    """The `addRequest` of a school."""
    key = school_id(school)
    return _SCHOOL % (
        key, key, school.uai, school.uai, escaped(school.name), school.kind, "340" if school.kind == "COLLEGE" else "300",
        escaped(school.street), school.postal, school.town, school.uai.lower(), *_places(school),
    )


def staff_request(staff, school, degree_offset=5_000_000, school_key=school_id):
    """The `addRequest` of a member of staff."""
    key = degree_offset + staff.number
    place = school_key(school)
    code, label = staff.function
    subject, discipline = staff.discipline
    teaches = code == "ENS"
    taught = sorted(school.classes)[staff.number % 3 :: 4] if teaches else []
    return _STAFF % (
        key, key, staff.birth, staff.usage, staff.given, staff.civility, value(staff.mail), place,
        escaped(f"{place}${code}${label}${subject}${discipline}"),
        values([f"{place}${classroom}${subject}" for classroom in taught]), "O" if teaches else "N",
        value("TITULAIRE" if teaches else ""),
    )


class FirstDegree:
    """The complete export of the first degree, which numbers everybody in its own way."""

    def __init__(self, folder, settings):
        self._schools, self._pupils, self._responsibles, self._staff = (
            NumberedFiles(folder, kind, settings, "1D") for kind in ("EtabEducNat", "Eleve", "PersRelEleve", "PersEducNat")
        )

    @staticmethod
    def _school(school):
        return 2_000_000 + 3 * school.number

    @staticmethod
    def _pupil(pupil):
        return 30_000_000 + 3 * pupil.number

    @staticmethod
    def _responsible(one):
        return 60_000_000 + 3 * one.number

    def add(self, schools, pupils, responsibles):
        """Writes what of a town is of the first degree."""
        for school in schools:
            if school.kind == "ECOLE":
                key = self._school(school)
                self._schools.add(_SCHOOL_1D % (
                    key, key, school.uai, escaped(school.name), escaped(school.street), school.postal, school.town,
                    school.uai.lower(), *_places(school),
                ))
                for staff in school.staff:
                    self._staff.add(staff_request(staff, school, 9_000_000, self._school))
        for pupil in pupils:
            if pupil.age < 11:
                self._pupils.add(self._pupil_request(pupil))
        for one in responsibles:
            children = [child for child in one.children if child.age < 11]
            if children:
                self._responsibles.add(self._responsible_request(one, children))

    def _pupil_request(self, pupil):
        key = self._pupil(pupil)
        school = self._school(pupil.school)
        grade = GRADES[pupil.age]
        legal = [str(self._responsible(one)) for one, _, level, *_ in pupil.links if level == "1"]
        if pupil.dangling:
            legal.append(str(95_000_000 + pupil.number))
        return _PUPIL_1D % (
            key, key, value(pupil.ine), _day(pupil.day), pupil.usage, pupil.given, values(pupil.others), pupil.birth,
            "Mlle" if pupil.girl else "M.", values(legal), school,
            f"{school}${pupil.classroom}$$${pupil.classroom}",
            values([f"{school}${group}$$${group}" for group in pupil.group]), grade[3], grade[4],
            "O" if key % 5 else "N", "O" if key % 3 else "N",
        )

    def _responsible_request(self, one, children):
        key = self._responsible(one)
        return _RESPONSIBLE_1D % (
            key, key, one.usage, one.given, one.birth, value(one.others), value(one.civility), value(one.home),
            value(one.work), escaped(one.street), one.postal, one.town, one.shown, value(one.mail), value(one.mobiles[0]),
            values([self._pupil(child) for child in children]),
        )

    def close(self):
        """Ends all files."""
        for files in (self._schools, self._pupils, self._responsibles, self._staff):
            files.close()
