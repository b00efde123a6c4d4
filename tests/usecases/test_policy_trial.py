import pytest

from ringfence.domain.policy_lists import ListName
from ringfence.domain.policy_reading import read_draft
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Decision
from ringfence.errors import InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.screenings import save_screenings
from ringfence.usecases.policies import save_policy
from ringfence.usecases.policy_lists import add_list_entry
from ringfence.usecases.policy_trial import READ_AT_ONCE, try_policy
from tests.screening.policies_by_hand import entry, policy
from tests.store.drawn_screenings import screening
from tests.usecases.test_policies import LAST_DAY

MANY = 2 * READ_AT_ONCE + 20


async def log(graph: Graph, number: int) -> None:
    answers = [screening(f"s{n:04}", minutes=n / 10) for n in range(number)]
    await save_screenings(graph, [LoggedScreening(answer) for answer in answers])


@pytest.mark.parametrize("last", [READ_AT_ONCE, MANY - 3, 10_000])
async def test_trial_looks_at_the_last_sign_ups_each_once(graph: Graph, last: int) -> None:
    await log(graph, MANY)
    await save_policy(graph, read_draft(policy().document(), where="test"), by="ana")
    await add_list_entry(graph, entry(ListName.BLOCK, "device", "dev_1", until=LAST_DAY), by="ana")

    found = await try_policy(graph, "ours", last=last)

    assert found.attempts == min(last, MANY)
    assert sum(found.moves.values()) == found.attempts
    assert {new for _, new in found.moves} == {Decision.BLOCK}
    assert found.moves_by_cohort == {"country=FR plan=free": found.moves}


async def test_trial_tells_the_latest_examples_first(graph: Graph) -> None:
    await log(graph, 3)
    await add_list_entry(graph, entry(ListName.ALLOW, "device", "dev_1", until=LAST_DAY), by="ana")

    found = await try_policy(graph, "default")

    assert [one.attempt_id for one in found.examples] == [
        "attempt of s0002",
        "attempt of s0001",
        "attempt of s0000",
    ]
    assert (found.old_friction, found.new_friction, found.changed) == (1.0, 0.0, 3)


async def test_trial_of_what_is_not_there_is_refused(graph: Graph) -> None:
    for last in (0, 10_001):
        with pytest.raises(InvalidInput, match="expected 1 to 10,000 sign-ups"):
            await try_policy(graph, "default", last=last)
    with pytest.raises(NotFound, match="There is no policy theirs"):
        await try_policy(graph, "theirs")
    assert (await try_policy(graph, "default")).attempts == 0
