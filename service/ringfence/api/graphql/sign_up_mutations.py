"""The sign-up check, for flows that speak GraphQL; `POST /v1/screenings` is the fast door."""

from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.screenings import Screening, screening
from ringfence.domain.attempts import MAX_IDENTIFIERS, BadAttempt, read_attempt
from ringfence.domain.screening_log import LoggedScreening
from ringfence.errors import GraphUnavailable, InvalidInput

OFF = "This service was started without sign-up checks. Ask one that makes them."


@strawberry.enum
class ScreeningProblem(Enum):
    """Why a sign-up was not checked."""

    INVALID_INPUT = InvalidInput.code
    UNAVAILABLE = GraphUnavailable.code


@strawberry.input
class SharedIdentifierInput:
    """Anything else that accounts can share."""

    kind: str = strawberry.field(description="Kind, a lower-case word such as phone.")
    value: str = strawberry.field(description="Value, 256 characters at the most.")


@strawberry.input
class SignUpInstrumentInput:
    """A payment instrument given at a sign-up."""

    instrument_id: str = strawberry.field(description="The provider's own id of it.")
    kind: str | None = strawberry.field(default=None, description="Card, bank or wallet.")
    bin: str | None = strawberry.field(default=None, description="First digits of a card.")
    funding: str | None = strawberry.field(
        default=None, description="Credit, debit, prepaid or virtual."
    )
    country: str | None = strawberry.field(default=None, description="Country of its issuer.")


@strawberry.input
class ScreenSignUpInput:
    """A sign-up, or one attempt at it; one of the two ids is given at least."""

    attempt_id: str | None = strawberry.field(
        default=None, description="The provider's own id of the attempt."
    )
    account_id: str | None = strawberry.field(
        default=None, description="The provider's own id of the account, where there is one."
    )
    time: datetime | None = strawberry.field(
        default=None, description="When, with a zone, a day back at the most; else now."
    )
    email: str | None = strawberry.field(default=None, description="E-mail address.")
    ip: str | None = strawberry.field(default=None, description="IPv4 or IPv6 address.")
    device_id: str | None = strawberry.field(default=None, description="The device.")
    user_agent: str | None = strawberry.field(default=None, description="The user agent.")
    country: str | None = strawberry.field(default=None, description="Country of the sign-up.")
    plan: str | None = strawberry.field(default=None, description="Plan of the sign-up.")
    instrument: SignUpInstrumentInput | None = strawberry.field(
        default=None, description="The payment instrument, if one is given."
    )
    identifiers: list[SharedIdentifierInput] = strawberry.field(
        default_factory=list,
        description=f"Anything else that accounts share, {MAX_IDENTIFIERS} at the most.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Asked again with it, the same attempt gets the same answer."
    )


@strawberry.type
class SignUpScreened:
    """A sign-up that was checked."""

    screening: Screening = strawberry.field(description="The answer.")


@strawberry.type
class SignUpNotScreened:
    """A sign-up that was not checked."""

    code: ScreeningProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")
    field: str | None = strawberry.field(description="The field at fault, if one is.")


ScreenSignUpResult = Annotated[
    SignUpScreened | SignUpNotScreened,
    strawberry.union("ScreenSignUpResult", description="The answer, or why there is none."),
]


@strawberry.type
class SignUpMutations:
    """The sign-up check."""

    @resolved
    async def screen_sign_up(
        self,
        info: Info,
        asked: Annotated[
            ScreenSignUpInput, strawberry.argument(name="input", description="The sign-up.")
        ],
    ) -> ScreenSignUpResult:
        """Check a sign-up: what to do with it, and why; the answer is logged within seconds."""
        screener = info.context.screener
        if screener is None:
            return SignUpNotScreened(code=ScreeningProblem.UNAVAILABLE, message=OFF, field=None)
        told = asdict(asked)
        key = told.pop("idempotency_key")
        try:
            attempt = read_attempt(told, now_ms=screener.settings.now_ms())
            answer = screener.screen(attempt, key=key, client=info.context.client)
        except BadAttempt as fault:
            return _refused(f"{fault}. Correct it and ask again.", fault.field or None)
        except InvalidInput as error:
            return _refused(str(error), "idempotencyKey")
        return SignUpScreened(screening=screening(LoggedScreening(answer)))


def _refused(message: str, field: str | None) -> SignUpNotScreened:
    return SignUpNotScreened(code=ScreeningProblem.INVALID_INPUT, message=message, field=field)
