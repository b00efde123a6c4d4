"""Seeds that parameters were chosen on report nothing."""

from ringfence.detection import load_config

from . import ablation, measuring, page, scorecard, seeds


def test_seeds_for_choosing_and_for_reporting_have_none_in_common() -> None:
    together = [*seeds.CHOOSING, *seeds.REPORTING, *seeds.LARGE, seeds.CI]

    assert len(set(together)) == len(together)
    assert len(seeds.REPORTING) >= 5


def test_scorecard_reports_on_the_seeds_for_reporting() -> None:
    asked = scorecard.parse_arguments([])

    assert asked.seeds == seeds.REPORTING


def test_each_ablation_changes_the_parameters() -> None:
    whole = load_config()

    for part in ablation.WITHOUT:
        assert ablation.without(part) != whole


def test_confidence_interval_is_students_over_worlds() -> None:
    spread = measuring.Spread.of([0.8, 0.9, 1.0, None])

    assert spread
    assert spread.worlds == 3
    assert spread.text() == "0.900 ± 0.248"
    assert measuring.Spread.of([None]) is None


def test_ranges_of_seeds_are_told_briefly() -> None:
    assert measuring.parse_seeds("11-13,20") == (11, 12, 13, 20)


def test_page_takes_new_tables_and_keeps_its_prose() -> None:
    old = "# Quality\n<!-- begin large -->\nold table\n<!-- end large -->\nprose\n"

    new = page.replaced(old, "large", "| new |")

    assert new == "# Quality\n<!-- begin large -->\n\n| new |\n\n<!-- end large -->\nprose\n"
    assert page.replaced(new, "large", "| new |") == new


def test_page_of_the_documentation_has_a_place_for_each_table() -> None:
    text = page.PAGE.read_text(encoding="utf-8")

    for part in page.PARTS:
        assert page.replaced(text, part, "x")
