"""ONDE: for each school of the first degree a folder of CSV files in ISO-8859-1, with the old headers or the recent ones."""

from .people import GRADES

_PUPILS = """Nom Elève;Nom d'usage Elève;Prénom Elève;Date naissance;Sexe;Adresse1;Cp1;Commune1;Pays1;Adresse2;Cp2;Commune2;\
Pays2; Cycle;Niveau;Classe;Attestation fournie;Autorisations associations;Autorisations photos;Décision de passage""".split(";")
_PUPILS_RECENT = """Nom élève;Nom d'usage élève;Prénom élève;Deuxième prénom;Troisième prénom;Date naissance;Sexe;INE;\
Adresse;Code postal;Commune;Pays;Cycle;Niveau;Libellé classe;Identifiant classe;Dispositif(s);Regroupement(s);\
Date inscription;Etat;Attestation fournie;Autorisation associations;Autorisation photo""".split(";")
_RESPONSIBLES = """Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Adresse responsable;\
CP responsable;Commune responsable;Pays;Courriel;Téléphone domicile;Téléphone travail;Téléphone portable""".split(";")
_CHILD = ["Nom d'usage enfant", "Nom de famille enfant", "Prénom enfant", "Classes enfants"]
_RESPONSIBLES_RECENT = """Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;\
Adresse responsable;CP responsable;Commune responsable;Pays;Communication adresses;Courriel;Téléphone domicile;\
Téléphone travail;Numéro de poste;Téléphone portable;PCS""".split(";")
_CHILD_RECENT = ["Nom de famille élève", "Nom d'usage élève", "Prénom élève", "Classes élèves", "Date de naissance élève"]
_TEACHERS = "Civilité;Nom d'usage enseignant;Nom de famille enseignant;Prénom enseignant;Courriel;Classes".split(";")


def _quoted(row):
    return ";".join(['"' + field.replace('"', '""') + '"' if field else "" for field in row]) + "\r\n"


def _bare(row):
    return ";".join(row) + "\n"


class Onde:
    """The folders of the schools."""

    def __init__(self, folder, settings):
        self._folder = folder
        self._date = settings.date

    def add(self, schools, _pupils, _responsibles):
        """Writes the folder of each school of a town."""
        for school in schools:
            if school.kind == "ECOLE":
                self._write(school)

    def close(self):
        """Nothing stays open."""

    def _write(self, school):
        folder = self._folder / school.uai
        folder.mkdir(parents=True, exist_ok=True)
        recent = school.number % 2 == 1
        parts = {
            "eleves": self._recent_pupils(school) if recent else self._old_pupils(school),
            "responsables": self._responsibles(school, recent),
            "enseignants": [_quoted(_TEACHERS)] + [
                _quoted(["MME" if staff.civility == "Mme" else "M.", "", staff.birth, staff.given, staff.mail, ""])
                for staff in school.staff
            ],
        }
        for name, rows in parts.items():
            # The encoding has no œ: it is written as two letters there.
            text = "".join(rows).replace("Œ", "OE").replace("œ", "oe")
            (folder / f"CSVExtraction-{name}.csv").write_bytes(text.encode("iso8859-1"))

    @staticmethod
    def _usage(person):
        return person.usage if person.usage != person.birth else ""

    def _old_pupils(self, school):
        rows = [_quoted(_PUPILS)]
        for pupil in school.pupils:
            day, month, year = pupil.day
            grade = GRADES[pupil.age]
            rows.append(_quoted([
                pupil.birth, self._usage(pupil), pupil.given, f"{year:04d}-{month:02d}-{day:02d}",
                "F" if pupil.girl else "M", pupil.street, pupil.postal, pupil.town, "FRANCE", "", "", "", "", grade[4],
                grade[0], pupil.classroom, "Oui", "Non", "Oui", "",
            ]))
        return rows

    def _recent_pupils(self, school):
        rows = [_quoted(_PUPILS_RECENT)]
        for pupil in school.pupils:
            grade = GRADES[pupil.age]
            second, third = [*pupil.others, "", ""][:2]
            rows.append(_quoted([
                pupil.birth, self._usage(pupil), pupil.given, second, third, "%02d/%02d/%04d" % pupil.day,
                "F" if pupil.girl else "M", pupil.ine, pupil.street, pupil.postal, pupil.town, "FRANCE", grade[4], grade[0],
                pupil.classroom, str(500_000 + pupil.school.number), "", "", f"01/09/{self._date.year}", "Admis définitif",
                "Oui", "Non", "Oui",
            ]))
        return rows

    def _responsibles(self, school, recent):
        people = {}
        for pupil in school.pupils:
            for one, _, level, *_ in pupil.links:
                # ONDE knows no contacts.
                if level == "1":
                    people.setdefault(one.number, (one, []))[1].append(pupil)
        groups = max((len(children) for _, children in people.values()), default=1)
        rows = []
        if recent:
            rows.append(_bare(_RESPONSIBLES_RECENT + _CHILD_RECENT * groups))
        else:
            rows.append(_bare(_RESPONSIBLES + _CHILD * groups))
        for one, children in people.values():
            civility = "MME" if one.civility in ("Mme", "Mlle") else one.civility
            mobile = one.mobiles[0]
            if recent:
                row = [
                    civility, self._usage(one), one.birth, one.given, one.street, one.postal, one.town, "FRANCE", "Oui",
                    one.mail, one.home, one.work, "", mobile, "",
                ]
                for child in children:
                    row += [child.birth, self._usage(child), child.given, child.classroom, "%02d/%02d/%04d" % child.day]
                row += [""] * (len(_CHILD_RECENT) * (groups - len(children)))
            else:
                row = [
                    civility, self._usage(one), one.birth, one.given, one.street, one.postal, one.town, "FRANCE", one.mail,
                    one.home, one.work, mobile,
                ]
                for child in children:
                    row += [self._usage(child), child.birth, child.given, child.classroom]
                row += [""] * (len(_CHILD) * (groups - len(children)))
            rows.append(_bare(row))
        return rows
