import os
import stat
from pathlib import Path

from ringfence.neo4j.home import Home, ServerState

STATE = ServerState(pid=os.getpid(), started_at=0.0, bound=True, neo4j="2026.08.1", port=1)


def test_home_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with Home(tmp_path).hold() as first, Home(tmp_path).hold() as second:
        held = (first, second)

    assert held == (True, False)


def test_home_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    with Home(tmp_path).hold():
        pass

    with Home(tmp_path).hold() as held:
        assert held


def test_state_is_told_only_while_the_home_is_held(tmp_path: Path) -> None:
    home = Home(tmp_path)

    with home.hold():
        home.write_state(STATE)
        served = home.state()
    left_behind = home.state()

    assert served == STATE
    assert left_behind is None


def test_home_that_never_was_has_no_state_and_stays_unmade(tmp_path: Path) -> None:
    home = Home(tmp_path / "never")

    assert home.state() is None
    assert home.password() is None
    assert not home.folder.exists()


def test_password_is_for_its_owner_only(tmp_path: Path) -> None:
    home = Home(tmp_path)

    home.keep_password("one")
    home.keep_password("two")

    assert home.password() == "two"
    assert stat.S_IMODE(home.password_file.stat().st_mode) == 0o600
