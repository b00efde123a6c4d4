"""Which scenarios play in a world, in which order, and how many accounts each makes."""

from collections.abc import Iterator

from ringfence.worlds.fake.campaign import campaign
from ringfence.worlds.fake.rings import rings
from ringfence.worlds.honest import alone, crowds, families, mistaken, offices, returned
from ringfence.worlds.knobs import read_knobs
from ringfence.worlds.quotas import campaign_quota, honest_quotas, ring_quotas
from ringfence.worlds.world import Scenario, Stage, World

CAMPAIGN = "campaign"
RESELLER = "reseller_mix"
CUSTOMERS = "resold_customer"
HONEST: dict[str, Scenario] = {
    "agency": offices.agencies,
    "cafe": crowds.cafes,
    "campus": crowds.campuses,
    "carrier_nat": crowds.carrier_customers,
    "ci_accounts": mistaken.ci_accounts,
    "class": crowds.classes,
    "company": offices.companies,
    "deleted_returned": returned.deleted_returned,
    "developer": families.developers,
    "expat": alone.expats,
    "family_wallet": families.wallet_families,
    "gift_card": returned.gift_cards,
    "hackathon": crowds.hackathons,
    "hijacked": mistaken.hijacked,
    "household": families.households,
    "inherited_address": returned.inherited_addresses,
    "launch_day": alone.launch_day,
    "locked_browser": mistaken.locked_browsers,
    "prepaid": alone.prepaid_holders,
    "proxy_victim": alone.proxy_victims,
    "red_team": mistaken.red_teams,
    "reregistered": families.reregistered,
    "resold_customer": alone.resold_customers,
    "second_hand": families.second_hand,
    "siblings": families.siblings,
    "single": alone.singles,
    "stock_phone": alone.stock_phones,
    "touched": alone.touched,
    "vdi": offices.virtual_desktops,
    "vpn": alone.vpn_users,
}


def programme(world: World) -> Iterator[tuple[Stage, Scenario]]:
    """Every scenario with its stage; rings come first, since innocents meet what they left."""
    fake = world.knobs.table("fake")
    kinds = {
        kind: changes.on_top_of(fake.table("defaults"))
        for kind, changes in fake.table("rings").tables().items()
    }
    campaign_accounts = campaign_quota(world.accounts, fake)
    quotas = ring_quotas(world.accounts, world.seed, fake, kinds)
    yield Stage(world, CAMPAIGN, campaign_accounts, fake.table("campaign_ring")), campaign
    for kind, knobs in kinds.items():
        yield Stage(world, kind, quotas[kind], knobs), rings
    honest = world.knobs.table("honest").tables()
    customers = int(kinds[RESELLER].number("customers")) * quotas[RESELLER]
    left = world.accounts - campaign_accounts - sum(quotas.values()) - customers
    quotas = honest_quotas(world.accounts, left, world.seed, honest) | {CUSTOMERS: customers}
    for category, scenario in HONEST.items():
        yield Stage(world, category, quotas[category], honest[category]), scenario


def categories() -> dict[str, bool]:
    """Every category a world may hold, and whether its accounts are fake."""
    return {CAMPAIGN: True, **dict.fromkeys(ring_kinds(), True), **dict.fromkeys(HONEST, False)}


def ring_kinds() -> list[str]:
    """The kinds of rings beside the campaign."""
    knobs = read_knobs("scenarios")
    return list(knobs.table("fake").table("rings").tables())
