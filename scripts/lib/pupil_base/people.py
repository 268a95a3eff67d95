"""Families, town by town: what all formats write about the same people."""

import random

from .phones import Phones
from .words import BOYS, FAMILY_NAMES, FATHERS, GIRLS, MOTHERS, PLAIN, SCHOOL_NAMES, STREETS, TOWN_ENDS, TOWN_STARTS

TOWN_PUPILS = 1_000
# Grade by age at the end of the calendar year: name, MEF, label of the MEF, ENTEleveNivFormation, ONDE cycle.
GRADES = {
    6: ("CP", "00110002110", "CP", "CP", "CYCLE II"),
    7: ("CE1", "00210002210", "CE1", "CE1", "CYCLE II"),
    8: ("CE2", "00210002220", "CE2", "CE2", "CYCLE II"),
    9: ("CM1", "00310002210", "CM1", "CM1", "CYCLE III"),
    10: ("CM2", "00310002220", "CM2", "CM2", "CYCLE III"),
    11: ("6", "10010012110", "6EME", "SIXIEME", ""),
    12: ("5", "10110001110", "5EME", "CINQUIEME", ""),
    13: ("4", "10210001110", "4EME", "QUATRIEME", ""),
    14: ("3", "10310019110", "3EME", "TROISIEME", ""),
    15: ("2DE", "20010018110", "2NDE GENERALE ET TECHNO", "SECONDE GENERALE & TECHNOLOGIQUE", ""),
    16: ("1RE", "20111010110", "1ERE GENERALE", "PREMIERE GENERALE", ""),
    17: ("TLE", "20211010110", "TERMINALE GENERALE", "TERMINALE GENERALE", ""),
}
FUNCTIONS = (
    ("ENS", "ENSEIGNEMENT"), ("DOC", "DOCUMENTATION"), ("DIR", "DIRECTION"), ("EDU", "EDUCATION"),
    ("SUR", "SURVEILLANCE"), ("ADF", "PERSONNELS ADMINISTRATIFS"), ("ALB", "PERSONNELS DE LABORATOIRE"),
)
DISCIPLINES = (
    ("L0202", "LETTRES MODERNES"), ("L1300", "MATHEMATIQUES"), ("L0422", "ANGLAIS"), ("L1000", "HISTOIRE & GEO"),
    ("L1600", "SCIENCES DE LA VIE ET DE LA TERRE"), ("L1900", "E.P.S"), ("L0426", "ESPAGNOL"),
)
UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


class School:
    """A school, with the classes in which pupils have been put."""

    __slots__ = ("number", "uai", "kind", "name", "street", "postal", "town", "classes", "groups", "pupils", "staff")

    def __init__(self, number, uai, kind, name, street, postal, town):
        self.number, self.uai, self.kind, self.name = number, uai, kind, name
        self.street, self.postal, self.town = street, postal, town
        self.classes, self.groups, self.pupils, self.staff = {}, {}, [], []


class Responsible:
    """A responsible. `number` counts from 0; `children` are their pupils."""

    __slots__ = (
        "number", "birth", "usage", "given", "others", "civility", "home", "work", "mobiles", "sms", "mail", "street",
        "postal", "town", "shown", "children",
    )


class Pupil:
    """A pupil. `links` are (responsible, lien, level, financial, contact, payment), as AAF writes them."""

    __slots__ = (
        "number", "ine", "birth", "usage", "given", "others", "girl", "day", "links", "school", "second", "age", "group",
        "classroom", "street", "postal", "town", "dangling",
    )


class Staff:
    """A member of staff of one school."""

    __slots__ = ("number", "birth", "usage", "given", "civility", "mail", "function", "discipline")


class World:
    """Invents the towns of a set, one after another."""

    def __init__(self, pupils, seed, date, ages, fiction):
        self._random = random.Random(f"loge {seed}")
        self.draw = self._random.random
        self.phones = Phones(self.draw, fiction)
        self._wanted = pupils
        self._ages = ages
        self._rentree = date.year if date.month >= 8 else date.year - 1
        self._today = date
        self.pupil_count = self.responsible_count = self.school_count = self.staff_count = 0

    def towns(self):
        """Gives each town as (schools, pupils, responsibles)."""
        number = 0
        while self._wanted > self.pupil_count:
            yield self._town(number)
            number += 1

    def _pick(self, words):
        return words[int(self.draw() * len(words))]

    def family_name(self):
        """A family name, a common one more often than a rare one."""
        draw = self.draw()
        return FAMILY_NAMES[int(len(FAMILY_NAMES) * draw * draw * draw)]

    # Schools.

    def _town(self, number):
        name = self._pick(TOWN_STARTS) + self._pick(TOWN_ENDS)
        postal = f"{59000 + number * 10 % 4000:05d}"
        kinds = []
        if self._ages[0] < 11:
            kinds += ["ECOLE"] * 3
        if self._ages[-1] > 10:
            kinds += ["COLLEGE", "LYCEE"]
        schools = [self._school(kind, postal, name) for kind in kinds]
        limit = min(self._wanted, self.pupil_count + TOWN_PUPILS)
        pupils, responsibles = [], []
        while self.pupil_count < limit:
            self._family(schools, postal, name, limit, pupils, responsibles)
        for school in schools:
            count = len(school.pupils) // 12 + 2
            school.staff = [self._staff(school.kind == "ECOLE", place) for place in range(count)]
        return schools, pupils, responsibles

    def _school(self, kind, postal, town):
        self.school_count += 1
        # Zones beginning with 1 are nobody's department.
        digits = 1_000_000 + self.school_count
        place = digits % 23 if self.draw() >= 0.01 else (digits + 1) % 23
        short = {"ECOLE": "E.E.PU", "COLLEGE": "CLG", "LYCEE": "LYC"}[kind]
        return School(
            self.school_count - 1, f"{digits}{UAI_LETTERS[place]}", kind, f"{short}-{self._pick(SCHOOL_NAMES)}-ac-FICTIVE",
            f"{1 + int(self.draw() * 90)} {self._pick(STREETS)}", postal, town,
        )

    def _staff(self, primary, place):
        staff = Staff()
        staff.number = self.staff_count
        self.staff_count += 1
        woman = self.draw() < 0.66
        staff.birth = self.family_name()
        staff.usage = self.family_name() if woman and self.draw() < 0.3 else staff.birth
        staff.given = self._pick(MOTHERS if woman else FATHERS)
        staff.civility = "Mme" if woman else "M."
        staff.mail = f"{PLAIN[staff.given]}.{PLAIN[staff.usage]}@example.org" if self.draw() < 0.9 else ""
        way = self.draw()
        kind = 2 if place == 0 else 0 if primary or way < 0.75 else 1 + int((way - 0.75) * 4 * 6)
        staff.function = FUNCTIONS[kind]
        if self.draw() < 0.001:
            staff.function = ("ZZZ", "FONCTION INCONNUE")
        staff.discipline = self._pick(DISCIPLINES) if kind == 0 else ("", "")
        return staff

    # Families.

    def _family(self, schools, postal, town, limit, pupils, responsibles):
        draw = self.draw
        size = draw()
        size = 1 if size < 0.74 else 2 if size < 0.94 else 3 if size < 0.985 else 4
        size = min(size, limit - self.pupil_count)
        father = self.family_name()
        mother = self.family_name()
        home = (f"{1 + int(draw() * 120)} {self._pick(STREETS)}", postal, town)
        way = draw()
        way = "placed" if way < 0.008 else "alone" if way < 0.12 else "separated" if way < 0.36 else "couple"
        adults = self._adults(way, father, mother, home)
        name = father
        if way in ("couple", "separated"):
            choice = draw()
            if choice > 0.9:
                name = f"{father}-{mother}" if draw() < 0.5 else f"{father} {mother}"
            elif choice > 0.8:
                name = mother
        elif way == "alone":
            name = adults[0][0].birth
        # A pupil of the same name as another's of the town.
        twin_name = pupils[int(draw() * len(pupils))] if pupils and draw() < 0.003 else None
        if twin_name:
            name = twin_name.birth
        children = self._children(size, name, mother, home, schools, twin_name.given if twin_name else "")
        for child in children:
            self._link(child, adults)
        for adult, *_ in adults:
            if adult.children:
                self._number(adult, responsibles)
        if draw() < 0.0045:
            self._twice(adults[0][0], children[0], responsibles)
        for child in children:
            if child.age >= 17 and self._is_adult(child) and draw() < 0.6:
                self._own_responsible(child, responsibles)
        pupils.extend(children)

    def _number(self, adult, responsibles):
        adult.number = self.responsible_count
        self.responsible_count += 1
        responsibles.append(adult)

    def _adults(self, way, father, mother, home):
        """The adults of a family as (responsible, lien, level)."""
        draw = self.draw
        if way == "placed":
            lien = ("51", "42", "50", "41")[int(draw() * 4)]
            return [(self._responsible(self.family_name(), None, draw() < 0.6, home), lien, "1")]
        adults = []
        married = way == "couple" and draw() < 0.6 or way == "separated" and draw() < 0.15
        if way != "alone" or draw() < 0.86:
            usage = None
            if married:
                usage = father if draw() < 0.8 else f"{mother}-{father}"
            adults.append((self._responsible(mother, usage, True, home), "10", "1"))
        if way != "alone" or not adults:
            place = home
            if way == "separated" and draw() < 0.85:
                place = (f"{1 + int(draw() * 120)} {self._pick(STREETS)}", home[1], home[2])
            adults.append((self._responsible(father, None, False, place), "20", "1"))
        if len(adults) == 2:
            one, other = adults[0][0], adults[1][0]
            if draw() < 0.04:
                number = self.phones.national()
                for parent in (one, other):
                    spelled = self.phones.spelled(number)
                    parent.mobiles, parent.sms = [spelled], spelled
            if draw() < 0.01:
                # Two mothers, or two fathers.
                same = draw() < 0.7
                for parent in (one, other):
                    parent.civility = "Mme" if same else "M."
                    parent.given = self._pick(MOTHERS if same else FATHERS)
                adults = [(parent, "10" if same else "20", level) for parent, _, level in adults]
        if draw() < 0.1:
            # The new partner of a parent, in whose charge the child is.
            adults.append((self._responsible(self.family_name(), None, draw() < 0.4, home), "90", "2"))
        while draw() < 0.21:
            name = father if draw() < 0.5 else mother
            adults.append((self._responsible(name, None, draw() < 0.6, home), "38" if draw() < 0.7 else "39", "3"))
        return adults

    def _responsible(self, birth, usage, woman, place):
        draw = self.draw
        phones = self.phones
        one = Responsible()
        one.number = -1
        one.birth = birth
        one.usage = usage or birth
        one.given = self._pick(MOTHERS if woman else FATHERS)
        one.others = self._pick(MOTHERS if woman else FATHERS) if draw() < 0.15 else ""
        civility = draw()
        one.civility = "" if civility < 0.003 else "Mlle" if woman and civility < 0.02 else "Mme" if woman else "M."
        one.home = phones.landline() if draw() < 0.35 else ""
        one.work = phones.landline() if draw() < 0.12 else ""
        way = draw()
        if way < 0.083:
            one.mobiles = [phones.unusable()]
        elif way < 0.092:
            one.mobiles = [phones.overseas()]
        elif way < 0.098:
            one.mobiles = [phones.foreign()]
        else:
            number = phones.national()
            one.mobiles = [phones.spelled(number)]
            if way < 0.13:
                one.mobiles.append(phones.spelled(phones.national() if way < 0.12 else number))
        one.sms = one.mobiles[0] if draw() < 0.93 else ""
        one.mail = self._mail(one) if draw() < 0.72 else ""
        one.street, one.postal, one.town = place
        one.shown = "O" if draw() < 0.9 else "N"
        one.children = []
        return one

    def _mail(self, one):
        given = PLAIN[one.given]
        name = PLAIN.get(one.usage) or "-".join(PLAIN.get(part, "x") for part in one.usage.split("-"))
        return f"{given}.{name}{int(self.draw() * 100)}@example.org"

    def _children(self, size, name, mother, home, schools, first):
        draw = self.draw
        ages = self._ages
        chosen = [ages[int(draw() * len(ages))]]
        while len(chosen) < size:
            age = ages[int(draw() * len(ages))]
            # Twins are in one grade; other siblings are not.
            if age not in chosen or draw() < 0.02:
                chosen.append(age)
        children = []
        days = {}
        given = set()
        for age in chosen:
            child = Pupil()
            child.number = self.pupil_count
            self.pupil_count += 1
            child.girl = draw() < 0.49
            child.given = first if first and not children else self._pick(GIRLS if child.girl else BOYS)
            while child.given in given:
                child.given = self._pick(GIRLS if child.girl else BOYS)
            given.add(child.given)
            others = draw()
            child.others = [] if others < 0.55 else [self._pick(GIRLS if child.girl else BOYS)]
            if others > 0.85:
                child.others.append(self._pick(GIRLS if child.girl else BOYS))
            child.birth = name
            child.usage = f"{name}-{mother}" if draw() < 0.03 and name != mother and "-" not in name else name
            child.age = age
            child.day = days.get(age) or self._birth_day(age)
            days[age] = child.day
            # The nines keep clear of the numbers that a register gave out; the last letters tell nothing.
            serial = 999_999_999 - child.number
            child.ine = f"{serial:09d}{UAI_LETTERS[serial % 23]}{UAI_LETTERS[serial // 23 % 23]}"
            if draw() < 0.002:
                child.ine = ""
            child.street, child.postal, child.town = home
            child.links, child.dangling = [], draw() < 0.00115
            self._place(child, schools)
            children.append(child)
        return children

    def _birth_day(self, age):
        draw = self.draw
        way = draw()
        year = self._rentree - age - (2 if way < 0.01 else 1 if way < 0.09 and age > 8 else 0) + (1 if way > 0.98 else 0)
        if draw() < 0.0003:
            return (0, 0, year)
        return (1 + int(draw() * 28), 1 + int(draw() * 12), year)

    def _is_adult(self, child):
        day, month, year = child.day
        return (year + 18, month, day) <= (self._today.year, self._today.month, self._today.day)

    def _place(self, child, schools):
        draw = self.draw
        if child.age < 11:
            child.school = schools[int(draw() * 3)]
        else:
            child.school = schools[-2] if child.age < 15 else schools[-1]
        grade = GRADES[child.age]
        rooms = 1 if child.age < 11 else 5
        letter = "ABCDE"[int(draw() * rooms)]
        child.classroom = f"{grade[0]} {letter}" if child.age < 11 else f"{grade[0]}{letter}"
        child.school.classes[child.classroom] = child.age
        child.group = []
        if draw() < 0.6:
            child.group = [f"{child.classroom}GP{1 + int(draw() * 2)}"]
            if draw() < 0.4:
                child.group.append(f"{grade[0]}LV2-{1 + int(draw() * 3)}")
            for group in child.group:
                child.school.groups[group] = child.age
        child.second = None
        if draw() < 0.002 and len(schools) > 1 and child.age >= 11:
            child.second = schools[-1] if child.school is schools[-2] else schools[-2]
        child.school.pupils.append(child)

    def _link(self, child, adults):
        draw = self.draw
        for place, (adult, lien, level) in enumerate(adults):
            # Not every sibling has the same contacts.
            if level == "3" and adult.children and draw() < 0.3:
                continue
            way = draw()
            if way < 0.0005:
                lien = "99"
            elif way < 0.001:
                level = "7"
            elif way < 0.0012:
                level = ""
            first = "1" if place == 0 else "0"
            child.links.append((adult, lien, level, first, "1" if level != "1" or place < 2 else "0", first))
            adult.children.append(child)

    def _own_responsible(self, child, responsibles):
        own = self._responsible(child.birth, child.usage, child.girl, (child.street, child.postal, child.town))
        own.given = child.given
        own.mail = self._mail(own) if own.mail else ""
        if self.draw() < 0.5:
            for adult, *_ in child.links:
                adult.children.remove(child)
            # A parent whom nobody names any longer stays in the export, as some do.
            child.links = []
        else:
            child.links = [(adult, lien, "3", "0", "1", "0") for adult, lien, *_ in child.links]
        child.links.insert(0, (own, "70", "1", "1", "1", "1"))
        own.children.append(child)
        self._number(own, responsibles)

    def newcomer(self, pupil):
        """A parent, new in the set, of a pupil who is new in it."""
        parent = self._responsible(pupil.birth, None, True, (pupil.street, pupil.postal, pupil.town))
        parent.children = [pupil]
        parent.number = self.responsible_count
        self.responsible_count += 1
        return parent

    def _twice(self, adult, child, responsibles):
        """The same person under another number, with one child, in another spelling."""
        twin = Responsible()
        for field in Responsible.__slots__:
            setattr(twin, field, getattr(adult, field))
        twin.children = [child]
        if self.draw() < 0.5:
            twin.given = twin.given.upper()
        lien, level = next(((lien, level) for one, lien, level, *_ in child.links if one is adult), ("90", "2"))
        child.links.append((twin, lien, level, "0", "1", "0"))
        self._number(twin, responsibles)
