"""Devices and payment instruments, spread over models, fingerprints, issuers and fundings."""

from dataclasses import dataclass
from functools import cache

from ringfence.worlds.dice import Dice, Weighted
from ringfence.worlds.knobs import read_knobs
from ringfence.worlds.minting import Mint

_KNOBS = read_knobs("things")
_MODELS = _KNOBS.table("models").tables()
_BY_FORM = {
    form: Weighted(
        {
            name: model.number("weight")
            for name, model in _MODELS.items()
            if form in ("any", model.text("form"))
        }
    )
    for form in ("any", "phone", "computer")
}
_STOCK = {name: int(model.number("stock")) for name, model in _MODELS.items()}
_USER_AGENT = {name: model.text("user_agent") for name, model in _MODELS.items()}
_UNIQUE, _COMMON, _SENT = (
    _KNOBS.table("fingerprints").number(knob) for knob in ("unique", "common", "sent")
)
_INSTRUMENTS = _KNOBS.table("instruments")
_FUNDINGS = {name: _INSTRUMENTS.choice(name) for name in ("people", "prepaid", "company", "ring")}
_BINS_A_COUNTRY = int(_INSTRUMENTS.number("bins_a_country"))
_BINS_PREPAID = int(_INSTRUMENTS.number("bins_prepaid"))


@dataclass(frozen=True, slots=True)
class Device:
    """What a sign-up comes from; the id is empty where the browser keeps none."""

    id: str
    user_agent: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A card, bank account or wallet, with what its issuer says of it."""

    id: str
    kind: str
    bin: str
    funding: str
    country: str


def new_device(dice: Dice, mint: Mint, form: str = "any", *, model: str | None = None) -> Device:
    """A device of that form: any, phone or computer; or of one model, as a company buys them."""
    model = model or dice.weighted(_BY_FORM[form])
    fingerprint = _fingerprint(dice, mint, model) if dice.chance(_SENT) else ""
    device_id = "" if dice.chance(0.02) else mint.make("dev_")
    return Device(device_id, _USER_AGENT[model], fingerprint)


def pick_model(dice: Dice, form: str) -> str:
    """A model of that form."""
    return dice.weighted(_BY_FORM[form])


def managed_device(mint: Mint, model: str, fingerprint: str) -> Device:
    """One of many devices that an office images from one disk: own id, same fingerprint."""
    return Device(mint.make("dev_"), _USER_AGENT[model], fingerprint)


def new_instrument(dice: Dice, mint: Mint, holder: str, country: str) -> Instrument:
    """An instrument as holders of that kind have it: people, prepaid, company or ring."""
    kind, _, funding = dice.weighted(_FUNDINGS[holder]).partition("/")
    number = _issuer(dice, funding, country) if kind == "card" else ""
    return Instrument(mint.make("pm_"), kind, number, funding, country)


def new_phone(dice: Dice) -> str:
    """A telephone number; +999 is no country's."""
    return f"+999{dice.between(10**8, 10**9 - 1)}"


def _issuer(dice: Dice, funding: str, country: str) -> str:
    if funding in ("prepaid", "virtual"):
        return _bin(f"prepaid/{dice.below(_BINS_PREPAID)}")
    return _bin(f"{country}/{dice.below(_BINS_A_COUNTRY)}")


@cache
def _bin(issuer: str) -> str:
    return f"9{Dice('bin', issuer).below(100_000):05d}"


def _fingerprint(dice: Dice, mint: Mint, model: str) -> str:
    if stock := _STOCK[model]:
        return _shared_fingerprint(model, dice.below(stock))
    if dice.chance(_UNIQUE):
        return mint.make("fp_")
    return _shared_fingerprint("computer", int(_COMMON * dice.unit() * dice.unit()))


@cache
def _shared_fingerprint(model: str, at: int) -> str:
    return Mint(0, f"fingerprint/{model}/{at}").make("fp_")
