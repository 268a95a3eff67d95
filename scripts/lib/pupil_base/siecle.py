"""SIECLE: for each school of the second degree the pupils and the responsibles, in ISO-8859-15."""

import io
import zipfile

from .aaf import escaped
from .people import GRADES

_NAMES = ("ElevesAvecAdresses.xml", "ResponsablesAvecAdresses.xml")


def _element(name, text):
    return f"<{name}>{text}</{name}>" if text else ""


class Siecle:
    """The exports of the schools, each numbering its people in its own way."""

    def __init__(self, folder, settings):
        self._folder = folder
        self._date = settings.date
        self._zip = settings.zip

    def add(self, schools, _pupils, _responsibles):
        """Writes the pair of each school of a town."""
        for school in schools:
            if school.kind != "ECOLE":
                self._write(school)

    def close(self):
        """Nothing stays open."""

    def _write(self, school):
        texts = [text.encode("iso8859-15") for text in (self._pupils(school), self._responsibles(school))]
        if self._zip:
            self._folder.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(self._folder / f"{school.uai}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in zip(_NAMES, texts):
                    # With a date of its own the archive has the same bytes each time.
                    member = zipfile.ZipInfo(name, (self._date.year, self._date.month, self._date.day, 8, 0, 0))
                    member.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(member, text)
            return
        folder = self._folder / school.uai
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in zip(_NAMES, texts):
            (folder / name).write_bytes(text)

    def _head(self, root, school):
        year = self._date.year if self._date.month >= 8 else self._date.year - 1
        day = f"{self._date:%d/%m/%Y}"
        return (
            f'<?xml version="1.0" encoding="ISO-8859-15"?>\n<{root} VERSION="2.0">\n<PARAMETRES><UAJ>{school.uai}</UAJ>'
            f"<ANNEE_SCOLAIRE>{year}</ANNEE_SCOLAIRE><DATE_EXPORT>{day}</DATE_EXPORT>"
            f"<HORODATAGE>{day} 08:00:00</HORODATAGE></PARAMETRES>\n<DONNEES>\n"
        )

    def _pupils(self, school):
        text = io.StringIO()
        write = text.write
        write(self._head("BEE_ELEVES", school))
        write("<ELEVES>\n")
        addresses = {}
        for pupil in school.pupils:
            address = addresses.setdefault((pupil.street, pupil.postal, pupil.town), 8_000 + len(addresses))
            usage = pupil.usage if pupil.usage != pupil.birth else ""
            others = "".join(_element(f"PRENOM{place}", name) for place, name in enumerate(pupil.others, 2))
            key = self._pupil(pupil)
            write(
                f'<ELEVE ELEVE_ID="{key}" ELENOET="{key % 100_000}">\n{_element("ID_NATIONAL", pupil.ine)}'
                f"<NOM_DE_FAMILLE>{pupil.birth}</NOM_DE_FAMILLE>{_element('NOM_USAGE', usage)}"
                f"<PRENOM>{pupil.given}</PRENOM>{others}\n<DATE_NAISS>{'%02d/%02d/%04d' % pupil.day}</DATE_NAISS>"
                f"<CODE_SEXE>{2 if pupil.girl else 1}</CODE_SEXE>"
                f"<CODE_COMMUNE_INSEE_NAISS>59350</CODE_COMMUNE_INSEE_NAISS>\n<DOUBLEMENT>0</DOUBLEMENT>"
                f"<CODE_REGIME>2</CODE_REGIME><DATE_ENTREE>01/09/{self._date.year}</DATE_ENTREE>"
                f"<CODE_MEF>{GRADES[pupil.age][1]}</CODE_MEF><ADRESSE_ID>{address}</ADRESSE_ID>\n</ELEVE>\n"
            )
        write("</ELEVES>\n<OPTIONS>\n")
        for pupil in school.pupils:
            key = self._pupil(pupil)
            write(
                f'<OPTION ELEVE_ID="{key}" ELENOET="{key % 100_000}"><OPTIONS_ELEVE><NUM_OPTION>1</NUM_OPTION>'
                "<CODE_MODALITE_ELECT>O</CODE_MODALITE_ELECT><CODE_MATIERE>030201</CODE_MATIERE></OPTIONS_ELEVE></OPTION>\n"
            )
        write("</OPTIONS>\n<STRUCTURES>\n")
        for pupil in school.pupils:
            key = self._pupil(pupil)
            places = "".join(
                f"<STRUCTURE><CODE_STRUCTURE>{code}</CODE_STRUCTURE><TYPE_STRUCTURE>{kind}</TYPE_STRUCTURE></STRUCTURE>"
                for code, kind in [(pupil.classroom, "D"), *((group, "G") for group in pupil.group)]
            )
            write(f'<STRUCTURES_ELEVE ELEVE_ID="{key}" ELENOET="{key % 100_000}">{places}</STRUCTURES_ELEVE>\n')
        write("</STRUCTURES>\n")
        self._addresses(write, addresses)
        write("</DONNEES>\n</BEE_ELEVES>\n")
        return text.getvalue()

    @staticmethod
    def _pupil(pupil):
        return 300_000 + 7 * pupil.number

    @staticmethod
    def _addresses(write, addresses):
        write("<ADRESSES>\n")
        for (street, postal, town), key in addresses.items():
            write(
                f'<ADRESSE ADRESSE_ID="{key}"><LIGNE1_ADRESSE>{escaped(street)}</LIGNE1_ADRESSE>'
                f"<CODE_POSTAL>{postal}</CODE_POSTAL><LL_PAYS>FRANCE</LL_PAYS><LIBELLE_POSTAL>{town}</LIBELLE_POSTAL>"
                "</ADRESSE>\n"
            )
        write("</ADRESSES>\n")

    def _responsibles(self, school):
        text = io.StringIO()
        write = text.write
        write(self._head("BEE_RESPONSABLES", school))
        people = {}
        for pupil in school.pupils:
            for one, *_ in pupil.links:
                people.setdefault(one.number, one)
        write("<PERSONNES>\n")
        addresses = {}
        for one in people.values():
            address = addresses.setdefault((one.street, one.postal, one.town), 8_000 + len(addresses))
            phones = "".join((
                _element("TEL_PERSONNEL", one.home), _element("TEL_PORTABLE", one.mobiles[0]),
                _element("TEL_PROFESSIONNEL", one.work), _element("MEL", one.mail),
            ))
            write(
                f'<PERSONNE PERSONNE_ID="{self._responsible(one)}"><NOM_DE_FAMILLE>{one.birth}</NOM_DE_FAMILLE>'
                f"{_element('NOM_USAGE', one.usage if one.usage != one.birth else '')}<PRENOM>{one.given}</PRENOM>"
                f"{_element('LC_CIVILITE', one.civility.upper())}{phones}<ACCEPTE_SMS>{1 if one.sms else 0}</ACCEPTE_SMS>"
                f"<ADRESSE_ID>{address}</ADRESSE_ID><CODE_PROFESSION>00</CODE_PROFESSION>"
                "<COMMUNICATION_ADRESSE>1</COMMUNICATION_ADRESSE></PERSONNE>\n"
            )
        write("</PERSONNES>\n<RESPONSABLES>\n")
        for pupil in school.pupils:
            links = [
                (self._responsible(one), lien, level, payment) for one, lien, level, _, _, payment in pupil.links
            ]
            if pupil.dangling:
                links.append((9_000_000 + pupil.number, "20", "1", "0"))
            for key, lien, level, payment in links:
                write(
                    f"<RESPONSABLE_ELEVE><ELEVE_ID>{self._pupil(pupil)}</ELEVE_ID><PERSONNE_ID>{key}</PERSONNE_ID>"
                    f"<CODE_PARENTE>{lien}</CODE_PARENTE>{_element('NIVEAU_RESPONSABILITE', level)}"
                    f"<PAIE_FRAIS_SCOLAIRES>{payment}</PAIE_FRAIS_SCOLAIRES></RESPONSABLE_ELEVE>\n"
                )
        write("</RESPONSABLES>\n")
        self._addresses(write, addresses)
        write("</DONNEES>\n</BEE_RESPONSABLES>\n")
        return text.getvalue()

    @staticmethod
    def _responsible(one):
        return 500_000 + 11 * one.number
