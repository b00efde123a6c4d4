"""Settings, read from the environment at the two doors and passed down as plain values."""

import hmac
import os
from pathlib import Path
from typing import Final, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ringfence.errors import InvalidInput

DEMO_API_KEY = "ringfence-demo"
MIN_API_KEY_LENGTH = 16
MIN_SECRET_LENGTH: Final = 16
_IDENTIFIER_LABEL: Final = b"ringfence identifiers of rings that were taken down"


class Settings(BaseSettings):
    """What the operator chose; each field is the variable `RINGFENCE_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="RINGFENCE_", frozen=True, extra="ignore")

    neo4j_uri: str | None = Field(
        None, description="Bolt address of an existing Neo4j; empty: the one that comes along."
    )
    neo4j_user: str = Field("neo4j", description="User of the existing Neo4j.")
    neo4j_password: SecretStr | None = Field(None, description="Password of the existing Neo4j.")
    neo4j_database: str | None = Field(None, description="Database; empty: the home database.")
    home: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("ringfence"),
        description="Folder of the Neo4j that comes along: data, password, log.",
    )
    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("ringfence"),
        description="Folder of Neo4j's jars, fetched once.",
    )
    api_key: SecretStr | None = Field(None, description="Key that callers of the API present.")
    identifier_secret: SecretStr | None = Field(
        None,
        description="Secret that identifiers of rings taken down are hashed with; empty: one made "
        "of the API key, so that a new API key forgets them.",
    )
    oidc_issuer: str | None = Field(
        None, description="Issuer of OpenID Connect tokens that are taken; empty: none are."
    )
    oidc_audience: str | None = Field(None, description="What the `aud` of a token must hold.")
    oidc_jwks: str = Field(
        "", description="URL or file of the issuer's keys; empty: its discovery document says."
    )
    oidc_scopes_claim: str = Field("scope", description="Claim of a token that holds its scopes.")
    oidc_scopes_prefix: str = Field(
        "", description="What stands before each scope of ours in that claim."
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the API listens on; 0: a free one.")
    query_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="Longest time one statement may take in Neo4j."
    )
    trusted_documents: Path | None = Field(
        None,
        description="Folder of .graphql documents; GraphQL then runs these and no others.",
    )
    cost_capacity: int = Field(
        1_000_000, ge=1, description="Points of GraphQL cost that a caller may spend at once."
    )
    cost_restored_per_s: float = Field(
        50_000, gt=0, description="Points of GraphQL cost that a caller gets back each second."
    )
    screening_folder: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("ringfence") / "screening",
        description="Folder of the sign-up check: its index, its journal, its counts.",
    )
    snapshot_folder: Path | None = Field(
        None,
        description="Folder that keeps the account graph as it was read last, contact data "
        "included, so that the next detection reads only what changed since; empty: none is kept.",
    )
    screening_fail_mode: Literal["open", "challenge", "closed"] = Field(
        "open", description="What a sign-up is answered while nothing is known."
    )
    round_every_s: float = Field(
        300,
        ge=0,
        le=86_400,
        description="Least seconds between two rounds of detection while sign-ups are checked; "
        "0: rings are found by `ringfence detect` alone.",
    )
    detection_config: Path | None = Field(
        None, description="TOML file of parameters that rounds change."
    )
    known_shared: Path | None = Field(
        None, description="CSV file of identifiers that prove nothing, for rounds."
    )
    retention: Path | None = Field(
        None, description="TOML file of days that things are kept, where not as comes along."
    )
    webhook_allow_private: bool = Field(
        False,
        description="Whether webhooks may be sent to this machine, over plain HTTP too, and to "
        "private networks.",
    )
    webhook_tries: int = Field(
        12, ge=1, le=100, description="Tries of a webhook's message until it is a dead letter."
    )
    sharing_secret: SecretStr | None = Field(
        None,
        description="Secret that identifiers shared with peers are hashed with; all peers hold it.",
    )
    takedown_rules: Path | None = Field(
        None, description="TOML file of rules of takedowns that change those that come along."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="Form of log lines; auto: console on a terminal, JSON elsewhere."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severity that is logged."
    )

    @field_validator("neo4j_uri")
    @classmethod
    def _uri_speaks_bolt(cls, value: str | None) -> str | None:
        if value and not value.partition("://")[0].startswith(("bolt", "neo4j")):
            raise ValueError("expected bolt://, bolt+s://, neo4j:// or neo4j+s:// and a host")
        return value or None


def load_settings() -> Settings:
    """Read the environment, and the folder of secrets that `RINGFENCE_SECRETS_DIR` names.

    A secret is a file called as its variable in lower case, such as `ringfence_api_key`.

    Raises:
        InvalidInput: a variable holds a value out of its range; the message names it.
    """
    try:
        return Settings(_secrets_dir=os.environ.get("RINGFENCE_SECRETS_DIR"))
    except ValidationError as error:
        faults = "; ".join(
            f"RINGFENCE_{str(fault['loc'][0]).upper()}: {fault['msg']}, got {fault['input']!r}"
            for fault in error.errors()
        )
        raise InvalidInput(f"{faults}. Correct the environment and start again.") from error


def require_api_key(settings: Settings) -> str:
    """The API key, refused where it is missing, short or the one that the demo publishes.

    Raises:
        InvalidInput: the service would start with a secret that anybody can guess.
    """
    key = settings.api_key.get_secret_value() if settings.api_key else ""
    if len(key) < MIN_API_KEY_LENGTH or key == DEMO_API_KEY:
        raise InvalidInput(
            "RINGFENCE_API_KEY is missing, shorter than 16 characters, or the key of the demo. "
            'Set one of your own, such as the output of python -c "import secrets; '
            'print(secrets.token_urlsafe(32))", and start again.'
        )
    return key


def require_identifier_secret(settings: Settings, *, demo: bool = False) -> bytes:
    """The secret that identifiers of rings taken down are hashed with.

    Where none is set it is made of the API key, by an HMAC-SHA-256 that leads back to no key. What
    was hashed with another secret is known no more, so who means to change the API key sets a
    secret before the first takedown.

    Args:
        settings: with a secret or an API key.
        demo: whether the demo's own key does, which anybody knows.

    Raises:
        InvalidInput: the secret is shorter than 16 characters, or there is nothing to make it of.
    """
    secret = settings.identifier_secret.get_secret_value() if settings.identifier_secret else ""
    if not secret:
        key = DEMO_API_KEY if demo else require_api_key(settings)
        return hmac.digest(key.encode(), _IDENTIFIER_LABEL, "sha256")
    if len(secret) < MIN_SECRET_LENGTH:
        raise InvalidInput(
            f"RINGFENCE_IDENTIFIER_SECRET has {len(secret)} characters; expected "
            f"{MIN_SECRET_LENGTH} or more. Set a longer one, or none to have it made of the API "
            "key, and start again."
        )
    return secret.encode()


def require_sharing_secret(settings: Settings) -> bytes:
    """The secret that identifiers shared with peers are hashed with.

    Raises:
        InvalidInput: it is missing or shorter than 16 characters.
    """
    secret = settings.sharing_secret.get_secret_value() if settings.sharing_secret else ""
    if len(secret) < MIN_SECRET_LENGTH:
        raise InvalidInput(
            f"RINGFENCE_SHARING_SECRET has {len(secret)} characters; expected {MIN_SECRET_LENGTH} "
            "or more. Set the one that you and your peers agreed on, and never the one of your own "
            "identifiers."
        )
    return secret.encode()
