"""Invented telephone numbers.

The fiction range of ARCEP for mobiles (06 39 98 xx xx) has 10,000 numbers. A set of some thousand pupils keeps to it. A
larger one cannot: its numbers are drawn at random in 06 and 07, where some of them are somebody's. Such a set is for load
tests on loopback, where nothing is ever sent; `--fiction` keeps to the range at any size, with many people on one number.
Overseas numbers are padded with zeros; foreign ones come from the ranges that Ofcom and the NANP keep for fiction.
"""

_BEGINNINGS = [
    *(f"6{pair:02d}" for pair in range(90) if pair // 10 != 3),
    *(f"63{digit}" for digit in range(9)),
    *(f"7{pair}" for pair in range(40, 90)),
]
# How often each spelling is met, out of 100; the national part of nine digits comes in.
_SPELLINGS = [
    (40, lambda n: f"+33 {n[0]} {n[1:3]} {n[3:5]} {n[5:7]} {n[7:]}"),
    (25, lambda n: "0" + n),
    (15, lambda n: f"0{n[0]} {n[1:3]} {n[3:5]} {n[5:7]} {n[7:]}"),
    (8, lambda n: f"0{n[0]}.{n[1:3]}.{n[3:5]}.{n[5:7]}.{n[7:]}"),
    (8, lambda n: "+33" + n),
    (4, lambda n: "0033" + n),
]
_SPELLING = [spelling for share, spelling in _SPELLINGS for _ in range(share)]
_OVERSEAS = (("262", "692"), ("262", "693"), ("590", "690"), ("594", "694"), ("596", "696"))


class Phones:
    """Draws numbers, each new one unlike those before it as long as the range lasts."""

    def __init__(self, draw, fiction):
        self._draw = draw
        self._fiction = fiction
        self._issued = 0

    def national(self):
        """A new mobile of metropolitan France: nine digits."""
        draw = self._draw
        if self._fiction:
            # 7,919 shares no factor with 10,000: every number comes once before any comes twice.
            self._issued += 1
            return f"63998{self._issued * 7919 % 10_000:04d}"
        return _BEGINNINGS[int(draw() * len(_BEGINNINGS))] + f"{int(draw() * 1_000_000):06d}"

    def spelled(self, national):
        """One of the spellings that the files use."""
        return _SPELLING[int(self._draw() * 100)](national)

    def overseas(self):
        """A mobile overseas, in one of its spellings."""
        draw = self._draw
        country, beginning = _OVERSEAS[int(draw() * len(_OVERSEAS))]
        end = f"{int(draw() * 10_000):04d}"
        national = f"{beginning}00{end}"
        way = draw()
        if way < 0.4:
            return "0" + national
        if way < 0.6:
            return f"+33{national}"
        if way < 0.8:
            return f"+{country}{national}"
        return f"+{country} {beginning} 00 {end[:2]} {end[2:]}"

    def foreign(self):
        """A mobile of Great Britain or a number of North America."""
        draw = self._draw
        if draw() < 0.7:
            return f"+44 7700 900{int(draw() * 1_000):03d}"
        return f"+1 212 555 01{int(draw() * 100):02d}"

    def landline(self):
        """A landline of the fiction range, spelled."""
        return self.spelled(f"35301{int(self._draw() * 10_000):04d}")

    def unusable(self):
        """What stands in the field of a mobile that can receive nothing."""
        way = self._draw()
        if way < 0.5:
            return ""
        if way < 0.7:
            return self.landline()
        if way < 0.84:
            return "0000000000"
        if way < 0.9:
            return "0612345678"
        if way < 0.94:
            return "0600000000"
        if way < 0.97:
            return "0700" + f"{int(self._draw() * 1_000_000):06d}"
        return "NON COMMUNIQUE"
