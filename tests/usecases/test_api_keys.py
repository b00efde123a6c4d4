from datetime import UTC, datetime, timedelta

import pytest

from ringfence.domain.access import Scope
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.api_keys import find_key, find_keys, save_key_use
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import (
    create_key,
    end_key,
    is_one_person,
    opens,
    rotate_key,
    split_key,
)
from ringfence.usecases.audit import read_log, verify

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
READ = frozenset({Scope.READ})


async def told(graph: Graph) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.action, entry.subject) async for entry in read_log(graph)]


async def test_secret_opens_and_is_kept_nowhere(graph: Graph) -> None:
    key, text = await create_key(graph, " scripts ", READ, now=NOW, by="ana", lives=DAY)

    key_id, secret = split_key(text) or ("", "")
    assert key_id == key.id
    assert await find_key(graph, key.id) == key
    assert (key.name, key.scopes, key.expires_at) == ("scripts", READ, NOW + DAY)
    assert opens(key, secret, NOW + DAY - timedelta(seconds=1))
    assert not opens(key, secret, NOW + DAY)
    assert not opens(key, secret[:-1] + ("a" if secret[-1] != "a" else "b"), NOW)
    assert secret not in repr(await graph.read("api_keys/find_all"))
    assert await told(graph) == [("ana", "key_created", key.id)]


async def test_keys_of_one_owner_and_keys_that_replace_one_another_are_one_person(
    graph: Graph,
) -> None:
    async def caller(name: str, owner: str = "") -> str:
        key, _ = await create_key(graph, name, READ, now=NOW, by="ana", owner=owner)
        return f"key_{key.id}"

    mias, mias_other, bos = await caller("a", " mia "), await caller("b", "mia"), await caller("c")
    replacing, _ = await rotate_key(graph, bos.removeprefix("key_"), now=NOW, by="ana")
    again, _ = await rotate_key(graph, replacing.id, now=NOW, by="ana")

    assert await is_one_person(graph, mias, mias_other)
    assert await is_one_person(graph, "mia", mias)
    assert await is_one_person(graph, bos, f"key_{again.id}")
    assert await is_one_person(graph, f"key_{replacing.id}", f"key_{again.id}")
    assert not await is_one_person(graph, mias, bos)
    assert not await is_one_person(graph, await caller("a"), mias)
    assert not await is_one_person(graph, "key_gone", mias)
    with pytest.raises(InvalidInput, match="owner of a key has 100"):
        await caller("d", "m" * 101)


async def test_rotated_key_goes_on_for_the_overlap_and_no_longer(graph: Graph) -> None:
    old, old_text = await create_key(graph, "etl", READ, now=NOW, by="ana", lives=30 * DAY)

    new, new_text = await rotate_key(graph, old.id, now=NOW + DAY, by="bo")

    ending = await find_key(graph, old.id)
    assert ending is not None
    _, old_secret = split_key(old_text) or ("", "")
    _, new_secret = split_key(new_text) or ("", "")
    assert opens(ending, old_secret, NOW + 2 * DAY - timedelta(seconds=1))
    assert not opens(ending, old_secret, NOW + 2 * DAY)
    assert opens(new, new_secret, NOW + 30 * DAY)
    assert not opens(new, old_secret, NOW + DAY)
    assert (new.name, new.scopes, new.expires_at) == ("etl", READ, NOW + 31 * DAY)
    assert (await told(graph))[1:] == [("bo", "key_rotated", new.id)]


async def test_rotation_never_lengthens_a_life(graph: Graph) -> None:
    old, _ = await create_key(graph, "etl", READ, now=NOW, by="ana", lives=timedelta(hours=1))

    await rotate_key(graph, old.id, now=NOW, by="ana")

    ending = await find_key(graph, old.id)
    assert ending is not None
    assert ending.expires_at == NOW + timedelta(hours=1)


async def test_revoked_key_opens_nothing_and_cannot_come_back(graph: Graph) -> None:
    key, text = await create_key(graph, "etl", READ, now=NOW, by="ana")

    ended = await end_key(graph, key.id, now=NOW, by="bo")

    assert not opens(ended, (split_key(text) or ("", ""))[1], NOW)
    for act in (end_key, rotate_key):
        with pytest.raises(Conflict):
            await act(graph, key.id, now=NOW, by="bo")
    assert len(await find_keys(graph)) == 1
    assert await told(graph) == [("ana", "key_created", key.id), ("bo", "key_revoked", key.id)]
    assert (await verify(graph)).fault is None


async def test_unknown_key_and_empty_words_are_refused(graph: Graph) -> None:
    for act in (end_key, rotate_key):
        with pytest.raises(NotFound):
            await act(graph, "nobody", now=NOW, by="bo")
    for name, scopes in ((" ", READ), ("x" * 101, READ), ("x", frozenset[Scope]())):
        with pytest.raises(InvalidInput):
            await create_key(graph, name, scopes, now=NOW, by="ana")

    assert await find_keys(graph) == []
    assert await told(graph) == []


async def test_last_use_never_goes_back(graph: Graph) -> None:
    key, _ = await create_key(graph, "etl", READ, now=NOW, by="ana")

    for moment in (NOW + DAY, NOW):
        await save_key_use(graph, key.id, moment)

    found = await find_key(graph, key.id)
    assert found is not None
    assert found.last_used_at == NOW + DAY


@pytest.mark.parametrize("text", ["", "rf_", "rf_0_x", "rf_" + "0" * 12 + "_" + "!" * 43, "root"])
def test_other_texts_are_no_keys(text: str) -> None:
    assert split_key(text) is None
