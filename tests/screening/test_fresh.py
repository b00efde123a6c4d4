"""What came since the index was built: who carries what, and what is forgotten first."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.screening.fresh import LEAST, Carriers, FreshSignUps


def test_sign_ups_are_counted_behind_each_of_their_identifiers() -> None:
    fresh = FreshSignUps()

    fresh.note(100, [1, 2], {"ring_a": 0.5})
    fresh.note(200, [2, 3], {"ring_a": 0.25, "ring_b": 0.9})

    assert fresh.of(1) == Carriers(1, {"ring_a": 0.5})
    assert fresh.of(2) == Carriers(2, {"ring_a": 0.75, "ring_b": 0.9})
    assert fresh.of(3) == Carriers(1, {"ring_a": 0.25, "ring_b": 0.9})
    assert fresh.of(4) == Carriers(0, {})
    assert len(fresh) == 3


def test_unlikely_sign_up_is_counted_as_nobodys() -> None:
    fresh = FreshSignUps()

    fresh.note(300, [1], {"ring_a": LEAST - 0.01, "ring_b": LEAST})

    assert fresh.of(1) == Carriers(1, {"ring_b": LEAST})


def test_identifier_not_seen_for_longest_is_forgotten_first() -> None:
    fresh = FreshSignUps(max_keys=2)

    for who, one in enumerate((1, 2, 1, 3)):
        fresh.note(who, [one], {})

    assert [fresh.of(one).count for one in (1, 2, 3)] == [2, 0, 1]
    assert len(fresh) == 2


def test_nobody_stays_nobody() -> None:
    fresh = FreshSignUps()
    nobody = fresh.of(1)

    fresh.note(500, [1], {"ring_a": 0.9})

    assert nobody == FreshSignUps().of(1) == Carriers(0, {})


def test_successor_has_what_came_after_it_began_and_nothing_before() -> None:
    fresh = FreshSignUps()
    fresh.note(600, [1], {"ring_a": 0.9})

    successor = fresh.successor()
    fresh.note(700, [1, 2], {"ring_a": 0.8})

    assert fresh.of(1) == Carriers(2, {"ring_a": 0.9 + 0.8})
    assert successor.of(1) == successor.of(2) == Carriers(1, {"ring_a": 0.8})


def test_successor_of_a_failed_build_gives_way_to_the_next() -> None:
    fresh = FreshSignUps()
    failed = fresh.successor()
    fresh.note(800, [1], {})

    second = fresh.successor()
    fresh.note(900, [2], {})

    assert [failed.of(1).count, failed.of(2).count] == [1, 0]
    assert [second.of(1).count, second.of(2).count] == [0, 1]


_sign_ups = st.lists(
    st.tuples(
        st.lists(st.integers(0, 4), max_size=3, unique=True),
        st.dictionaries(st.sampled_from("ab"), st.floats(0, 1)),
    ),
    max_size=20,
)


@given(_sign_ups, _sign_ups)
def test_successor_is_as_if_only_the_later_ones_had_come(
    before: list[tuple[list[int], dict[str, float]]],
    after: list[tuple[list[int], dict[str, float]]],
) -> None:
    fresh, only_after = FreshSignUps(max_keys=4), FreshSignUps(max_keys=4)
    for who, (hashes, likely) in enumerate(before):
        fresh.note(who, hashes, likely)

    successor = fresh.successor()
    for who, (hashes, likely) in enumerate(after, start=100):
        fresh.note(who, hashes, likely)
        only_after.note(who, hashes, likely)

    assert [successor.of(one) for one in range(5)] == [only_after.of(one) for one in range(5)]


def test_one_who_comes_again_counts_once_as_what_it_is_now() -> None:
    fresh = FreshSignUps()
    fresh.note(7, [1, 2], {"ring_a": 0.5})

    fresh.note(7, [2, 3], {"ring_b": 0.75})

    assert [fresh.of(one) for one in (1, 2, 3)] == [Carriers(1, {"ring_b": 0.75})] * 3


def test_nobody_is_among_those_who_came_beside_it() -> None:
    fresh = FreshSignUps()
    fresh.note(7, [1], {"ring_a": 0.5})
    fresh.note(8, [1], {"ring_a": 0.25})

    assert fresh.of(1, 7) == Carriers(1, {"ring_a": 0.25})
    assert fresh.of(1, 9) == Carriers(2, {"ring_a": 0.75})


_comings = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.lists(st.integers(0, 4), max_size=3, unique=True),
        st.dictionaries(st.sampled_from("ab"), st.sampled_from([0.25, 0.5, 1.0])),
    ),
    max_size=20,
)


@given(_comings)
def test_counts_are_those_of_people_however_often_they_come(
    comings: list[tuple[int, list[int], dict[str, float]]],
) -> None:
    fresh = FreshSignUps()
    people: dict[int, tuple[set[int], dict[str, float]]] = {}
    for who, hashes, likely in comings:
        fresh.note(who, hashes, likely)
        people[who] = (people.get(who, (set(), {}))[0] | set(hashes), likely)

    for one in range(5):
        carriers = [likely for carried, likely in people.values() if one in carried]
        expected = {
            ring: total
            for ring in "ab"
            if (total := sum(likely.get(ring, 0.0) for likely in carriers))
        }
        assert fresh.of(one) == Carriers(len(carriers), expected)
