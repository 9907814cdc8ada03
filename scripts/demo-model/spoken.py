"""Numbers, hours, dates, telephone numbers and codes as people say them in French.

Everything is written in words, so that a text equals its sound. `r` is a `random.Random`: the same seed says the same.
"""

import json
import os

with open(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "grammar.json"), encoding="utf-8"
) as _file:
    GRAMMAR = json.load(_file)

WORDS = GRAMMAR["words"]
UNITS, LETTERS, MONTHS, DAYS = (WORDS[name] for name in ("units", "letters", "months", "days"))
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


def number(n):
    """0 to 999,999 in words."""
    if n < 20:
        return UNITS[n]
    if n < 100:
        return _below_hundred(n)
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        head = "cent" if hundreds == 1 else UNITS[hundreds] + " cent" + ("s" if rest == 0 else "")
        return head if rest == 0 else head + " " + number(rest)
    thousands, rest = divmod(n, 1000)
    head = "mille" if thousands == 1 else number(thousands) + " mille"
    return head + ("" if rest == 0 else " " + number(rest))


def _below_hundred(n):
    ten, unit = n // 10 * 10, n % 10
    if ten in (70, 90):
        ten, unit = ten - 10, unit + 10
    if unit == 0:
        return TENS[ten] + ("s" if ten == 80 else "")
    if unit in (1, 11) and ten != 80:
        return TENS[ten] + " et " + UNITS[unit]
    return TENS[ten] + "-" + UNITS[unit]


def two_digits(r):
    n = r.randrange(100)
    return "zéro " + UNITS[n] if n < 10 else number(n)


def phone(r):
    starts = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "neuf"]
    return r.choice(["zéro " + digit for digit in starts]) + " " + " ".join(two_digits(r) for _ in range(4))


def hour(r):
    h = r.randrange(7, 20)
    if h == 12:
        return "midi" + r.choice(["", " et demi", " et quart"])
    minutes = ["", "", " quinze", " trente", " quarante-cinq", " " + number(r.randrange(2, 60))]
    return number(h) + " heures" + r.choice(minutes)


def date(r):
    # All four are made before one is chosen: the order of the draws is part of what a seed means.
    return r.choice(
        [
            "le " + r.choice(["premier"] + [number(i) for i in range(2, 31)]) + " " + r.choice(MONTHS),
            r.choice(DAYS),
            r.choice(DAYS) + " " + r.choice(["matin", "soir", "après-midi", "prochain", "dernier"]),
            r.choice(DAYS) + " " + number(r.randrange(2, 31)) + " " + r.choice(MONTHS),
        ]
    )


def code(r):
    return r.choice(
        [
            lambda: number(r.randrange(2, 1000)),
            lambda: " ".join(UNITS[r.randrange(10)] for _ in range(r.randrange(3, 6))),
            lambda: r.choice(LETTERS) + " " + number(r.randrange(1, 100)),
            lambda: two_digits(r) + " " + two_digits(r),
            lambda: number(r.randrange(1000, 10000)),
        ]
    )()


def ticket(r):
    return r.choice(
        [
            lambda: number(r.randrange(100, 1000)) + " " + number(r.randrange(10, 1000)),
            lambda: " ".join(two_digits(r) for _ in range(r.randrange(2, 4))),
            lambda: number(r.randrange(1000, 99999)),
            lambda: r.choice(LETTERS) + " " + r.choice(LETTERS) + " " + number(r.randrange(10, 1000)),
        ]
    )()


def spell(r):
    return " ".join(r.choice(LETTERS) for _ in range(r.randrange(3, 7)))


def person(r):
    return r.choice(
        [
            lambda: r.choice(WORDS["first"]) + " " + r.choice(WORDS["last"]),
            lambda: r.choice(["Monsieur", "Madame"]) + " " + r.choice(WORDS["last"]),
        ]
    )()


_SPOKEN = {
    "@person": person,
    "@phone": phone,
    "@hour": hour,
    "@date": date,
    "@code": code,
    "@ticket": ticket,
    "@spell": spell,
}


def slot_values(entry):
    """What grammar.json says of a slot: a list of texts, or a function that says one."""
    if not isinstance(entry, str):
        return entry
    kind, *rest = entry.split()
    if kind == "@words":
        return WORDS[rest[0]]
    if kind == "@number":
        low, high = map(int, rest)
        return lambda r: number(r.randrange(low, high))
    return _SPOKEN[kind]
