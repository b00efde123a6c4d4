import pytest

from ringfence.api.oidc import OidcSettings
from ringfence.cli.serve import oidc_settings
from ringfence.errors import InvalidInput
from ringfence.settings import load_settings


def test_no_tokens_are_taken_unless_an_issuer_is_named() -> None:
    assert oidc_settings(load_settings()) is None


def test_issuer_without_audience_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_OIDC_ISSUER", "https://login.example")

    with pytest.raises(InvalidInput, match="RINGFENCE_OIDC_AUDIENCE"):
        oidc_settings(load_settings())


def test_settings_of_the_issuer_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"ISSUER": "https://login.example", "AUDIENCE": "a", "JWKS": "keys.json"}
    for name, value in (told | {"SCOPES_CLAIM": "roles", "SCOPES_PREFIX": "rf:"}).items():
        monkeypatch.setenv(f"RINGFENCE_OIDC_{name}", value)

    assert oidc_settings(load_settings()) == OidcSettings(
        "https://login.example", "a", "keys.json", "roles", "rf:"
    )
