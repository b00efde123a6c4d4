"""Bearer tokens of an OpenID Connect issuer: signature, time and audience checked, scopes read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt

from ringfence.api.jwks import KeySet
from ringfence.api.problems import Unauthenticated
from ringfence.domain.access import Principal, PrincipalKind, Scope

ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")
"""Each signs with a private key; secrets that both sides know, and no signature, are refused."""
LEEWAY_S: Final = 30
MAX_TOKEN: Final = 16_384
MAX_SUBJECT: Final = 200
_REQUIRED: Final = ("exp", "iat", "iss", "aud", "sub")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Whose tokens are taken.

    Attributes:
        issuer: the `iss` of tokens.
        audience: what their `aud` must hold.
        jwks: URL or file of the issuer's keys; empty: the issuer's discovery document names it.
        scopes_claim: claim that holds scopes, separated by spaces or in a list.
        scopes_prefix: what stands before the name of each scope of ours; others are not read.
    """

    issuer: str
    audience: str
    jwks: str = ""
    scopes_claim: str = "scope"
    scopes_prefix: str = ""


class TokenReader:
    """Makes principals of tokens.

    Args:
        settings: whose tokens are taken.
        keys: the issuer's.
    """

    def __init__(self, settings: OidcSettings, keys: KeySet) -> None:
        self._settings = settings
        self._keys = keys

    async def principal(self, token: str) -> Principal:
        """Whoever the token names, with the scopes that it holds.

        Raises:
            Unauthenticated: the token is not one of the issuer for us, or not of now.
            IssuerUnavailable: the issuer's keys cannot be had.
        """
        key = await self._keys.find(_key_id(token))
        if key is None:
            raise Unauthenticated("The token is signed with a key that its issuer does not name.")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._settings.issuer,
                audience=self._settings.audience,
                leeway=LEEWAY_S,
                options={"require": list(_REQUIRED)},
            )
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            raise Unauthenticated(f"The token is refused: {_reason(error)}.") from None
        subject = str(claims["sub"])
        if not 1 <= len(subject) <= MAX_SUBJECT:
            raise Unauthenticated(f"The token's `sub` is empty or over {MAX_SUBJECT} characters.")
        name = str(claims.get("name") or subject)[:MAX_SUBJECT]
        scopes = scopes_of(claims, self._settings.scopes_claim, self._settings.scopes_prefix)
        return Principal(f"oidc:{subject}", name, PrincipalKind.TOKEN, scopes)


def scopes_of(claims: Mapping[str, Any], claim: str, prefix: str) -> frozenset[Scope]:
    """The scopes of ours that a claim holds; all else in it is left out."""
    told = claims.get(claim, ())
    names: Sequence[object] = told.split() if isinstance(told, str) else told
    if not isinstance(names, list | tuple):
        return frozenset()
    known = {f"{prefix}{scope.value}": scope for scope in Scope}
    return frozenset(known[name] for name in names if isinstance(name, str) and name in known)


def _key_id(token: str) -> str | None:
    if len(token) > MAX_TOKEN:
        raise Unauthenticated(f"The token is longer than {MAX_TOKEN:,} characters.")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise Unauthenticated("The token is no signed JSON Web Token.") from None
    if header.get("alg") not in ALGORITHMS:
        raise Unauthenticated(f"The token's algorithm is none of {', '.join(ALGORITHMS)}.")
    key_id = header.get("kid")
    return key_id if isinstance(key_id, str) else None


def _reason(error: Exception) -> str:
    """What is wrong, in our words: the library's may quote the token."""
    told = {
        jwt.ExpiredSignatureError: "it has expired",
        jwt.ImmatureSignatureError: "its time has not come",
        jwt.InvalidAudienceError: "it is for another audience",
        jwt.InvalidIssuerError: "it is of another issuer",
        jwt.MissingRequiredClaimError: f"it lacks one of {', '.join(_REQUIRED)}",
        jwt.InvalidSignatureError: "its signature is wrong",
    }
    return told.get(type(error), "it breaks the rules of JSON Web Tokens")
