"""People: where they live, what they are called, and the e-mail address they type in."""

from collections.abc import Callable
from dataclasses import dataclass

from ringfence.worlds.dice import Dice, Weighted
from ringfence.worlds.knobs import read_knobs

_KNOBS = read_knobs("people")
_COUNTRIES = _KNOBS.table("countries").tables()
COUNTRIES = Weighted({code: country.number("weight") for code, country in _COUNTRIES.items()})
UTC_OFFSET_MS = {code: int(it.number("hours")) * 3_600_000 for code, it in _COUNTRIES.items()}
_NAMES = {code: country.text("names") for code, country in _COUNTRIES.items()}
_FIRST = {name: _KNOBS.table("first_names").values(name) for name in set(_NAMES.values())}
_LAST = {name: _KNOBS.table("last_names").values(name) for name in set(_NAMES.values())}
MAIL_DOMAINS = _KNOBS.choice("mail_domains")
MAIL_STYLES = _KNOBS.table("mail_styles").choice("honest")
_LEFT: list[str] = _KNOBS.table("words").values("left")
_RIGHT: list[str] = _KNOBS.table("words").values("right")
_HOURS = _KNOBS.table("hours")
HOURS = {
    name: [hour for hour, weight in enumerate(_HOURS.values(name)) for _ in range(int(weight))]
    for name in _HOURS.names()
}
"""Hours of the day, each as often as its weight says."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SYMBOLS = _LETTERS + "0123456789"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs up."""

    country: str
    first: str
    last: str


def meet_person(dice: Dice, country: str | None = None) -> Person:
    """Somebody from that country, or from anywhere."""
    country = country or dice.weighted(COUNTRIES)
    names = _NAMES[country]
    return Person(country, dice.pick(_FIRST[names]), dice.pick(_LAST[names]))


def company_domain(dice: Dice) -> str:
    """A domain of one's own."""
    return f"{dice.pick(_LEFT)}-{dice.pick(_RIGHT)}{dice.below(100) or ''}.example"


def own_email(dice: Dice, person: Person) -> str:
    """The address a person has with a free provider."""
    return f"{local_part(dice, person, dice.weighted(MAIL_STYLES))}@{dice.weighted(MAIL_DOMAINS)}"


def work_email(person: Person, domain: str, at: int) -> str:
    """The address an employer or a school gives out; a number tells namesakes apart."""
    return f"{person.first}.{person.last}{at or ''}@{domain}"


class Mailboxes:
    """The addresses of a world; each has one owner, as a provider of mail sees to it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, email: str) -> str:
        """That address, or the next free one like it."""
        name, _, domain = email.partition("@")
        number = 1
        while email in self._taken:
            number += 1
            email = f"{name}.{number}@{domain}"
        self._taken.add(email)
        return email


def local_part(dice: Dice, person: Person, style: str) -> str:
    """What stands before the @, in one of the styles of people.toml."""
    return _STYLES[style](dice, person.first, person.last)


def random_text(dice: Dice, length: int) -> str:
    """Letters and digits that begin with a letter."""
    return dice.pick(_LETTERS) + "".join(dice.pick(_SYMBOLS) for _ in range(length - 1))


def _words(dice: Dice) -> str:
    return dice.pick(_LEFT) + dice.pick(_RIGHT)


_STYLES: dict[str, Callable[[Dice, str, str], str]] = {
    "first_last": lambda dice, first, last: f"{first}.{last}{_namesake(dice)}",
    "first_last_digits": lambda dice, first, last: f"{first}{last}{dice.between(1, 9999)}",
    "first_last_year": lambda dice, first, last: f"{first}.{last}{dice.between(1965, 2008)}",
    "first_digits": lambda dice, first, _: f"{first}{dice.between(10, 99999)}",
    "initial_last": lambda dice, first, last: f"{first[0]}{last}{dice.between(1, 999)}",
    "last_first": lambda dice, first, last: f"{last}.{first}{dice.between(1, 99)}",
    "words": lambda dice, *_: f"{_words(dice)}{dice.between(1, 999)}",
    "random": lambda dice, *_: random_text(dice, dice.between(8, 13)),
}


def _namesake(dice: Dice) -> str:
    return str(dice.between(10, 99)) if dice.chance(0.6) else ""
