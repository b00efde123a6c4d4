import asyncio

import pytest

from ringfence.store.turns import Turns


async def waiting(turns: Turns, by: float, order: list[float]) -> asyncio.Task[None]:
    """A task that has got in line, and notes its deadline when its turn comes."""

    async def work() -> None:
        async with turns.turn(by):
            order.append(by)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    return task


async def test_who_has_to_be_done_first_goes_first_however_late_it_came() -> None:
    turns, order = Turns(1), list[float]()

    async with turns.turn(0):
        tasks = [await waiting(turns, by, order) for by in (3, 1, 2, 1.5)]
    await asyncio.gather(*tasks)

    assert order == [1, 1.5, 2, 3]


async def test_no_more_are_let_in_than_may_be_at_once() -> None:
    turns, inside, most = Turns(3), 0, 0

    async def work(by: float) -> None:
        nonlocal inside, most
        async with turns.turn(by):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(by) for by in range(20)))

    assert (inside, most) == (0, 3)


async def test_turn_of_one_that_went_away_goes_to_the_next() -> None:
    turns, order = Turns(1), list[float]()

    async with turns.turn(0):
        gone, stays = [await waiting(turns, by, order) for by in (1, 2)]
        gone.cancel()
    await asyncio.wait_for(stays, 1)

    assert gone.cancelled()
    assert order == [2]


async def test_turn_of_one_that_goes_away_as_it_is_called_goes_to_the_next() -> None:
    turns, order = Turns(1), list[float]()

    async with turns.turn(0):
        called, stays = [await waiting(turns, by, order) for by in (1, 2)]
    called.cancel()
    await asyncio.wait_for(stays, 1)

    assert called.cancelled()
    assert order == [2]


async def test_turn_is_given_back_after_a_failure() -> None:
    turns = Turns(1)

    with pytest.raises(ArithmeticError):
        async with turns.turn(0):
            raise ArithmeticError

    async with asyncio.timeout(1), turns.turn(0):
        pass
