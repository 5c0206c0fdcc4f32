#!/usr/bin/python3
"""Writes the *.txt files beside it: national identification numbers, and what an
independent implementation says of them, python3-stdnum of Debian 12 (1.18).

    apt-get install python3-stdnum
    /usr/bin/python3 testdata/ids/generate.py

The numbers are random digits. The same numbers come out every time. Each line is a
word and a number:

    checked    a date, and the check digits hold
    date-only  a date, but the check digits fail
    none       no such number

Where stdnum errs or stops, the rule beside the case says what holds instead.
"""

import datetime
import os
import random

from stdnum import luhn
from stdnum.dk import cpr
from stdnum.exceptions import ValidationError
from stdnum.fi import hetu
from stdnum.no import fodselsnummer
from stdnum.se import personnummer

LAST_YEAR = 2025  # stdnum refuses who is not yet born, by today's clock
rnd = random.Random(4)


def day():
    """A date from 1858 on, each twentieth a day on which calendars go wrong."""
    if rnd.random() < 0.05:
        return datetime.date(rnd.choice([1896, 1904, 1960, 1999, 2000, 2004]), *rnd.choice([(2, 28), (3, 1), (12, 31), (1, 1)]))
    return datetime.date(1858, 1, 1) + datetime.timedelta(days=rnd.randrange((LAST_YEAR - 1858) * 365))


def judge(date, check):
    """The word for a number whose date and check digits these functions read."""
    try:
        born = date()
    except (ValidationError, ValueError):
        return "none"
    if born.year > LAST_YEAR:
        return None
    return "checked" if check() else "date-only"


def cpr_word(n):
    # stdnum does not look at the check digit any more; councilgate does.
    return judge(lambda: cpr.get_birth_date(n), lambda: cpr.checksum(n) == 0)


def swedish_word(n, add=0):
    full = n if len(n) == 12 else ("19" if int(n[:2]) > LAST_YEAR % 100 else "20") + n
    if full[8:11] == "000":
        return "none"  # stdnum takes serial 000, the tax agency never gives it
    if full[:2] < "18":
        return "none"  # stdnum takes any century; the numbers are from 1947
    # stdnum knows no co-ordination numbers: their day is 60 more, in the check, too.
    plain = int(full[6:8]) - add
    if plain < 1:
        return "none"
    return judge(
        lambda: personnummer.get_birth_date("%s%02d-%s" % (full[:6], plain, full[8:])),
        lambda: luhn.is_valid(full[2:]),
    )


def norwegian_word(n, add_day=0, add_month=0):
    d, m = int(n[:2]) - add_day, int(n[2:4]) - add_month
    if not (0 < d < 32 and 0 < m < 13):
        return "none"  # of another kind, or of two kinds at once
    return judge(
        lambda: fodselsnummer.get_birth_date(n),
        lambda: n[9] == fodselsnummer.calc_check_digit1(n) and n[10] == fodselsnummer.calc_check_digit2(n),
    )


def hetu_word(n):
    # stdnum knows the separators before 2023 alone; the new ones stand for the same
    # centuries, and the check character does not cover them.
    old = n[:6] + ("-" if n[6] in "UVWXY" else "A" if n[6] in "BCDEF" else n[6]) + n[7:]
    try:
        hetu.validate(old, allow_temporary=True)
        return "checked"
    except ValidationError:
        pass
    for c in "0123456789ABCDEFHJKLMNPRSTUVWXY":
        if hetu.is_valid(old[:10] + c, allow_temporary=True):
            return "date-only"
    return "none"


def digits(n):
    return "".join(rnd.choice("0123456789") for _ in range(n))


def swedish(add=0):
    d = day()
    date = d.strftime("%Y%m") + "%02d" % (d.day + add)
    return (date if rnd.random() < 0.5 else date[2:]) + digits(4)


def norwegian(add_day=0, add_month=0):
    d = day()
    return "%02d%02d%02d" % (d.day + add_day, d.month + add_month, d.year % 100) + digits(5)


def finnish():
    d = day()
    separators = {18: "+", 19: "-UVWXY", 20: "ABCDEF"}[d.year // 100]
    return d.strftime("%d%m%y") + rnd.choice(separators) + digits(3) + rnd.choice("0123456789ABCDEFHJKLMNPRSTUVWXY")


def slip(n):
    """What becomes of a number under the hand of a tired person, or of a stranger."""
    places = [i for i in range(len(n) - 1) if n[i].isdigit() and n[i + 1].isdigit()]
    i = rnd.choice(places)
    how = rnd.randrange(3)
    if how == 0:
        return n[:i] + n[i + 1] + n[i] + n[i + 2 :]
    if how == 1:
        return n[:i] + digits(1) + n[i + 1 :]
    return "".join(digits(1) if c.isdigit() else c for c in n)


def write(name, make, word):
    wanted = {"checked": 200, "date-only": 100, "none": 100}
    lines = []
    while any(wanted.values()):
        n = make()
        if rnd.random() < 0.4:
            n = slip(n)
        w = word(n)
        if w and wanted[w]:
            wanted[w] -= 1
            lines.append(w + " " + n + "\n")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".txt"), "w") as f:
        f.write("# Made by generate.py, which says how to renew it and what the words mean.\n")
        f.writelines(sorted(lines))


write("cpr", lambda: day().strftime("%d%m%y") + digits(4), cpr_word)
write("personnummer", swedish, swedish_word)
write("samordningsnummer", lambda: swedish(60), lambda n: swedish_word(n, 60))
write("fodselsnummer", norwegian, norwegian_word)
write("d-nummer", lambda: norwegian(40, 0), lambda n: norwegian_word(n, 40, 0))
write("h-nummer", lambda: norwegian(0, 40), lambda n: norwegian_word(n, 0, 40))
write("hetu", finnish, hetu_word)


def forms():
    """Swedish numbers in the four ways in which they are written, after the cases of
    the personnummer project (github.com/personnummer/meta), with digits of our own:

        kind verdict YYYYMMDDNNNC YYMMDDNNNC YYYYMMDD-NNNC YYMMDD-NNNC

    The plus is for those who turned a hundred. An interim number has a letter in
    place of a digit, which counts as 1 in the check.
    """
    for i in range(36):
        kind = ["personnummer", "samordningsnummer", "interim-number"][i % 3]
        verdict = ["valid", "valid", "serial-000", "check-digit"][i // 3 % 4] if i % 3 < 2 else "valid"
        while True:
            d = day()
            date = d.strftime("%Y%m") + "%02d" % (d.day + (60 if i % 3 == 1 else 0))
            serial = "000" if verdict == "serial-000" else "%03d" % rnd.randrange(1, 1000)
            letter = rnd.choice("TRSUWXJKLMN") if i % 3 == 2 else serial[0]
            check = luhn.calc_check_digit(date[2:] + ("1" if i % 3 == 2 else serial[0]) + serial[1:])
            if verdict == "check-digit":
                check = str((int(check) + rnd.randrange(1, 10)) % 10)
            n = date + letter + serial[1:] + check
            # 07 begins a mobile telephone; a number that is a Danish one as well proves nothing.
            if d.year >= 1900 and n[2:4] != "07" and not (n.isdigit() and cpr_word(n[2:]) == "checked"):
                break
        separator = "+" if d.year <= LAST_YEAR - 100 else "-"
        yield kind, verdict, n, n[2:], n[:8] + separator + n[8:], n[2:8] + separator + n[8:]


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forms.txt"), "w") as f:
    f.write("# Made by generate.py, which says how to renew it and what the columns mean.\n")
    f.writelines(" ".join(form) + "\n" for form in forms())
