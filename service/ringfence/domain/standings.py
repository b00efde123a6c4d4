"""What the provider says of an account: what it may do there, and whether it is to be spared."""

from dataclasses import dataclass

from ringfence.domain.takedowns import Standing


@dataclass(frozen=True, slots=True)
class ToldStanding:
    """What is told of one account; the last word holds, in all that it says.

    Attributes:
        standing: what the provider itself lets it do, whatever takedowns say.
        verified_organisation: held out of takedowns, as an organisation that proved who it is.
        protected_because: why it is held out of takedowns; None: it is not protected.
    """

    account_id: str
    standing: Standing = Standing.ACTIVE
    verified_organisation: bool = False
    protected_because: str | None = None
