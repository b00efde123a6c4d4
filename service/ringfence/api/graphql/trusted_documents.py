"""Trusted documents: texts known beforehand, asked for by their id; nothing else need be run."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from graphql import GraphQLError, GraphQLSchema, parse, validate

from ringfence.api.problems import MalformedBody
from ringfence.errors import InvalidInput, NotPermitted

ID_PREFIX = "sha256:"


class DocumentNotTrusted(NotPermitted):
    """The service runs documents registered beforehand only, and this one is not among them."""

    code = "document_not_trusted"
    title = "Document not trusted"


def document_id(text: str) -> str:
    """The id of a document: `sha256:` and the hash of its text, in hex."""
    return ID_PREFIX + sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """Documents by id.

    Attributes:
        only: whether nothing else is run.
    """

    text_by_id: Mapping[str, str]
    only: bool = False

    @classmethod
    def read(cls, folder: Path, schema: GraphQLSchema) -> Self:
        """The `.graphql` files of a folder; with these, nothing else is run.

        Raises:
            InvalidInput: the folder is missing or empty, or a document breaks the schema.
        """
        files = sorted(folder.glob("*.graphql"))
        if not files:
            raise InvalidInput(
                f"{folder}: expected a folder of .graphql documents, found none. Put the documents "
                "of your clients there, or leave RINGFENCE_TRUSTED_DOCUMENTS empty."
            )
        texts = [_checked(file, schema) for file in files]
        return cls({document_id(text): text for text in texts}, only=True)

    def text_of(self, asked_id: str | None, query: str | None) -> str:
        """The text to run: that of the id, or the query itself where it may run.

        Raises:
            MalformedBody: there is neither an id nor a query.
            DocumentNotTrusted: the id is unknown, or the query is not registered and must be.
        """
        if asked_id is not None:
            if asked_id in self.text_by_id:
                return self.text_by_id[asked_id]
            raise DocumentNotTrusted(
                f"No document has the id {asked_id[:80]!r}. An id is {ID_PREFIX} and the SHA-256 "
                "of a registered document, in hex."
            )
        if query is None:
            raise MalformedBody("Expected a `query`, or the `documentId` of a trusted document.")
        if self.only and document_id(query) not in self.text_by_id:
            raise DocumentNotTrusted(
                "Only registered documents are run here. Have the document put into the folder "
                "that RINGFENCE_TRUSTED_DOCUMENTS names."
            )
        return query


def asked_id(document_id: str | None, extensions: Mapping[str, Any] | None) -> str | None:
    """The id that a request names, in the words of the draft or of Apollo's clients."""
    persisted = (extensions or {}).get("persistedQuery")
    hashed = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    return document_id or (ID_PREFIX + hashed if isinstance(hashed, str) else None)


def _checked(file: Path, schema: GraphQLSchema) -> str:
    try:
        text = file.read_text(encoding="utf-8")
        faults = validate(schema, parse(text))
    except (OSError, UnicodeDecodeError, GraphQLError) as error:
        raise InvalidInput(f"{file}: {error}. Expected a GraphQL document.") from error
    if faults:
        raise InvalidInput(f"{file}: {faults[0].message} Correct it to fit docs/schema.graphql.")
    return text
