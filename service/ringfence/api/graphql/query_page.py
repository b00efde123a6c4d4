"""The page of the demo that asks the API: one file, no script of others, works offline."""

import secrets
from functools import cache
from importlib.resources import files

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse

_HERE = files("ringfence.api.graphql")


def asks_for_page(request: Request) -> bool:
    """Whether a person's browser asks, and not a program."""
    return not request.query_params and "text/html" in request.headers.get("accept", "")


@cache
def example_queries() -> dict[str, str]:
    """Documents to begin with, by title; the title is the first line, a comment."""
    documents = sorted(_HERE.joinpath("examples").iterdir(), key=lambda file: file.name)
    texts = [file.read_text(encoding="utf-8") for file in documents]
    return {text.partition("\n")[0].removeprefix("# "): text for text in texts}


def query_page(api_key: str) -> HTMLResponse:
    """The page, with the demo's key and the examples filled in."""
    nonce = secrets.token_urlsafe(16)
    filled_in = {"key": api_key, "examples": example_queries()}
    page = _HERE.joinpath("query_page.html").read_text(encoding="utf-8")
    page = page.replace("{{nonce}}", nonce).replace(
        "{{filled_in}}", orjson.dumps(filled_in).decode().replace("<", "\\u003c")
    )
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(
        page, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    )
