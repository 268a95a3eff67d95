"""What changed in the second degree by the next day: an AAF Delta."""

import datetime
import math

from .aaf import GRADES, NumberedFiles, pupil_id, pupil_request, responsible_id, responsible_request, school_id, value
from .people import Pupil, Responsible

_NAMED = (
    '<operationalAttributes><attr name="categoriePersonne"><value>%s</value></attr></operationalAttributes>\n'
    "<identifier><id>%s</id></identifier>\n"
)
_DELETE = "<deleteRequest>\n" + _NAMED + "</deleteRequest>\n"
_MODIFY = "<modifyRequest>\n" + _NAMED + "<modifications>\n%s</modifications>\n</modifyRequest>\n"


def _changed(name, *texts):
    return f'<modification name="{name}" operation="replace">{"".join([value(text) for text in texts])}</modification>\n'


class Delta:
    """Keeps a fair sample of the people who come by, and writes at the end what becomes of them."""

    def __init__(self, folder, settings, world):
        self._folder, self._settings, self._world = folder, settings, world
        self._added = round(0.15 * settings.delta)
        self._deleted = round(0.15 * settings.delta)
        self._size = settings.delta - self._added
        self._sample = []
        self._seen = 0
        # Algorithm L of Li (1994): how many go by before the next is taken.
        self._weight = 1.0
        self._next = -1

    def add(self, _schools, pupils, responsibles):
        """Lets the people of a town come by."""
        for person in [child for child in pupils if child.age > 10] + [
            one for one in responsibles if any(child.age > 10 for child in one.children)
        ]:
            if len(self._sample) < self._size:
                self._sample.append(person)
                if len(self._sample) == self._size:
                    self._next = self._seen
                    self._skip()
            elif self._seen == self._next:
                self._sample[int(self._world.draw() * self._size)] = person
                self._skip()
            self._seen += 1

    def _skip(self):
        draw = self._world.draw
        self._weight *= math.exp(math.log(1 - draw()) / self._size)
        self._next += int(math.log(1 - draw()) / math.log(1 - self._weight)) + 1

    def close(self):
        """Writes the files."""
        if len(self._sample) < self._size:
            raise ValueError(f"--delta {self._settings.delta}: the set has only {len(self._sample)} people.")
        date = self._settings.date + datetime.timedelta(days=1)
        files = {
            kind: NumberedFiles(self._folder, kind, self._settings, "2D", "Delta", date)
            for kind in ("Eleve", "PersRelEleve")
        }
        leaving = self._sample[: self._deleted]
        changing = self._sample[self._deleted :]
        for person in leaving:
            kind, key = self._name(person)
            files[kind].add(_DELETE % (kind, key))
        for person in changing:
            kind, key = self._name(person)
            change = self._pupil(person) if kind == "Eleve" else self._responsible(person)
            files[kind].add(_MODIFY % (kind, key, change))
        for kind, request in self._arriving([one for one in changing if isinstance(one, Pupil)] or leaving):
            files[kind].add(request)
        for one in files.values():
            one.close()

    @staticmethod
    def _name(person):
        if isinstance(person, Responsible):
            return "PersRelEleve", responsible_id(person)
        return "Eleve", pupil_id(person)

    def _pupil(self, pupil):
        way = self._world.draw()
        school = school_id(pupil.school)
        grade = GRADES[pupil.age][0]
        if way < 0.7:
            letter = "ABCDE"[("ABCDE".index(pupil.classroom[-1]) + 1) % 5]
            return _changed("ENTEleveClasses", f"{school}${grade}{letter}") + _changed("ENTEleveGroupes", "")
        if way < 0.85:
            return _changed("sn", f"{pupil.birth}-{self._world.family_name()}")
        return _changed("ENTPersonAutresPrenoms", "Camille", "Dominique")

    def _responsible(self, one):
        phones, way = self._world.phones, self._world.draw()
        if way < 0.55:
            mobile = phones.spelled(phones.national())
            return _changed("mobile", mobile) + _changed("ENTPersonMobileSMS", mobile)
        if way < 0.7:
            return _changed("mobile", "") + _changed("ENTPersonMobileSMS", "")
        if way < 0.85:
            return _changed("mail", f"nouvelle.adresse{one.number}@example.org")
        return _changed("sn", f"{one.birth}-{self._world.family_name()}")

    def _arriving(self, models):
        """New pupils, each followed by a parent of theirs, as far as the number goes."""
        world = self._world
        requests = []
        while len(requests) < self._added:
            model = models[len(requests) % len(models)]
            if isinstance(model, Responsible):
                model = next(child for child in model.children if child.age > 10)
            pupil = Pupil()
            for field in Pupil.__slots__:
                setattr(pupil, field, getattr(model, field))
            pupil.number = world.pupil_count
            world.pupil_count += 1
            pupil.ine, pupil.dangling, pupil.second = "", False, None
            pupil.birth = pupil.usage = world.family_name()
            if len(requests) + 1 == self._added:
                pupil.links = []
                requests.append(("Eleve", pupil_request(pupil)))
                continue
            parent = world.newcomer(pupil)
            pupil.links = [(parent, "10", "1", "1", "1", "1")]
            requests.append(("Eleve", pupil_request(pupil)))
            requests.append(("PersRelEleve", responsible_request(parent)))
        return requests
