"""The readable report of a dossier: one HTML page that needs no network and prints well."""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from ringfence.domain.dossiers import Dossier, identifiers_by_member, why_member
from ringfence.domain.rings import HubClass
from ringfence.usecases.dossier_pictures import draw_sharing, draw_sign_ups

SHOWN: Final = 200
"""Members, and identifiers, that the report lists; the files beside it hold all."""


def render_report(dossier: Dossier) -> str:
    """The report; all that comes from outside is escaped."""
    members, evidence = dossier.members, dossier.evidence
    carried = identifiers_by_member(dossier.links, len(members.account_ids))
    firmest = sorted(range(len(carried)), key=lambda at: (-members.strengths[at], at))[:SHOWN]
    return _template().render(
        dossier=dossier,
        ring=dossier.ring,
        concluded=dossier.conclusions,
        reasons_for=[one for one in dossier.reasons if one.weight > 0],
        reasons_against=[one for one in dossier.reasons if one.weight <= 0],
        public=[at for at, hub in enumerate(evidence.hubs) if hub is HubClass.PUBLIC][:SHOWN],
        sign_ups=draw_sign_ups(dossier.sign_ups),
        sharing=draw_sharing(dossier),
        evidence=evidence,
        shown_evidence=range(min(SHOWN, len(evidence.kinds))),
        members=members,
        shown_members=[(at, why_member(evidence, carried[at])) for at in firmest],
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["time"] = _time
    environment.filters["number"] = _number
    text = files("ringfence.usecases").joinpath("dossier_report.html.j2").read_text("utf-8")
    return environment.from_string(text)


def _time(at_ms: int | None) -> str:
    if at_ms is None:
        return "not known"
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _number(value: float | None) -> str:
    return "not kept" if value is None else f"{value:,}"
