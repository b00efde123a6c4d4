import orjson
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.erasure import ERASED, Redaction, account_hash, sum_up

words = st.text(alphabet="ab1@.ß", min_size=3, max_size=8)


def test_whole_words_go_in_any_case_and_no_others() -> None:
    redaction = Redaction({"acct_1": "one", "Ana@x.example": "two", "ab": "three"})

    text, owners = redaction.of_text("ACCT_1, acct_12, xacct_1, ab: ana@X.example.")

    assert text == f"{ERASED}, acct_12, xacct_1, ab: {ERASED}."
    assert owners == {"one", "two"}


def test_longer_word_goes_before_the_one_that_it_begins_with() -> None:
    redaction = Redaction({"acct-1": "one", "acct-1-b": "two"})

    assert redaction.of_text("acct-1-b") == (ERASED, {"two"})


def test_only_strings_of_json_are_mended() -> None:
    redaction = Redaction({"1234567": "one"})

    text, owners = redaction.of_json('{"n":1234567,"1234567":["id 1234567",null]}')

    assert orjson.loads(text) == {"n": 1234567, ERASED: [f"id {ERASED}", None]}
    assert owners == {"one"}
    assert redaction.of_json('{"n": 1}') == ('{"n": 1}', set())
    assert redaction.of_json("no json 1234567") == (f"no json {ERASED}", {"one"})


@given(st.lists(words, max_size=5), st.lists(words, max_size=5))
def test_no_word_is_left(names: list[str], told: list[str]) -> None:
    redaction = Redaction({name: name for name in names})

    text, _ = redaction.of_text(" | ".join(told))

    known = {name.casefold() for name in names if any(map(str.isalnum, name))}
    assert not [one for one in text.split(" | ") if one.casefold() in known]


def test_hash_tells_accounts_and_secrets_apart() -> None:
    hashes = {account_hash(secret, one) for secret in (b"s", b"t") for one in ("acct_1", "acct_2")}

    assert len(hashes) == 4
    assert {len(one) for one in hashes} == {32}


def test_counts_are_summed_by_account_and_kind() -> None:
    told = [("a", "links", 2), ("b", "links", 1), ("a", "links", 3), ("a", "texts", 0)]

    assert sum_up(told) == {"a": {"links": 5}, "b": {"links": 1}}
