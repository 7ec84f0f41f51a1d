"""Pieces of the OpenAPI description: examples, and the problems that an operation may answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from trendnlp.web import examples
from trendnlp.web.fields import DocumentBody, FileDescription, SourcedDescription
from trendnlp.web.intake import TEXT_TYPES
from trendnlp.web.permissions import SESSION_COOKIE, rule_of
from trendnlp.web.problems import MEDIA_TYPE, TYPE_PREFIX

Responses = dict[int | str, dict[str, Any]]

ALWAYS, LIMITED = (421, 500), (429,)
PROBLEM_REF = "#/components/schemas/Problem"
_WORDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-cursor", "Not a cursor of this list, or a body that cannot be parsed"),
    401: ("unauthenticated", "No key, or one that does not work"),
    403: ("forbidden", "The key has not the role that this needs, or a page of another origin sent it"),
    404: ("not-found", "No such item"),
    409: (
        "conflict",
        "Ruled out by an earlier decision, which the detail names, still worked on under the same key, or a job that "
        "has not ended yet, or has",
    ),
    410: (
        "gone",
        "A finding that was split up, or whose statements are gone; `split_into` lists what holds them now. "
        "Or results that have expired",
    ),
    412: (
        "stale",
        "It is not what If-Match names any more, or somebody decided on it after it was read; `changed` lists the "
        "reviews that came since",
    ),
    413: ("too-large", "Larger than a limit that `/v1/model` names"),
    415: ("unsupported-media-type", "A type, format or encoding that is not read"),
    422: ("invalid", "A request that does not hold to its schema, or a text that cannot be read"),
    428: ("precondition-required", "If-Match is missing"),
    421: ("misdirected-request", "Sent to a name that is not the service's"),
    429: (
        "too-many-requests",
        "More requests or texts than the service takes, or lets wait; Retry-After says when to try again",
    ),
    500: ("internal", "A defect of the service"),
    503: ("not-ready", "The models are loading or broken, or the database cannot be used; Retry-After says when"),
}


class FaultSchema(BaseModel):
    """One thing that is wrong in a request."""

    pointer: str
    detail: str


class ProblemSchema(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FaultSchema]
    request_id: str
    split_into: list[str] = []
    changed: list[str] = []


def answers(*problems: int, limited: bool = True, **given: Any) -> Responses:
    """The responses of an operation: ``ok=`` and ``created=`` examples, and the statuses that are problems.

    421 and 500 are added to every operation, 429 where requests are ``limited``.
    """
    statuses = {"ok": 200, "created": 201}
    responses: Responses = {
        statuses[name]: {"content": {"application/json": {"example": value}}} for name, value in given.items()
    }
    return responses | {status: _problem(status) for status in (*problems, *ALWAYS, *(LIMITED if limited else ()))}


def file_answer(given: Mapping[str, str]) -> Responses:
    """A 200 that is a file of one of several kinds: media type to example."""
    content = {media: {"schema": {"type": "string"}, "example": example} for media, example in given.items()}
    return {200: {"description": "The file", "content": content}}


def also_ok(model: type[BaseModel], example: Mapping[str, Any]) -> Responses:
    """A 200 beside an operation's usual success."""
    content = {"application/json": {"example": example}}
    return {200: {"model": model, "description": "The same content was there before", "content": content}}


def moved() -> Responses:
    """The redirect of an id that another finding has taken over."""
    return {308: {"description": "Another finding holds its statements now; Location names it"}}


def _problem(status: int) -> dict[str, Any]:
    slug, words = _WORDS[status]
    faults = [{"pointer": "?limit", "detail": "input should be less than or equal to 500"}]
    example = {
        "type": TYPE_PREFIX + slug,
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": f"{words}.",
        "instance": "/v1/documents",
        "errors": faults if status == 422 else [],
        "request_id": "3f2b8c0e6d6a4c1b9b5f0e7a2d9c4e11",
        **({"split_into": [examples.FINDING_ID]} if status == 410 else {}),
        **({"changed": [examples.REVIEW_ID]} if status == 412 else {}),
    }
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": PROBLEM_REF}, "example": example}}}


def json_body(model: type[BaseModel], example: Mapping[str, Any]) -> dict[str, Any]:
    """An operation's ``requestBody`` of one JSON object."""
    schema = model.model_json_schema()
    content = {"schema": _inlined(schema, schema.pop("$defs", {})), "example": example}
    return {"required": True, "content": {"application/json": content}}


def _inlined(schema: Any, parts: Mapping[str, Any]) -> Any:
    """``schema`` with its parts in their places: a reference into it would point outside the whole description."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
        return {key: _inlined(value, parts) for key, value in schema.items()}
    return [_inlined(value, parts) for value in schema] if isinstance(schema, list) else schema


def job_bodies(model: type[BaseModel], example: Mapping[str, Any], rows: str) -> dict[str, Any]:
    """What submits a job: JSON, files, rows or an archive."""
    body = json_body(model, example)
    files = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
    form = {"type": "object", "title": "JobForm", "properties": {"files": files}, "required": ["files"]}
    body["content"]["multipart/form-data"] = {"schema": form}
    body["content"]["application/x-ndjson"] = {"schema": {"type": "string", "minLength": 1}, "example": rows}
    body["content"]["application/zip"] = {"schema": {"type": "string", "format": "binary"}}
    return {"requestBody": body}


def document_bodies(example: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What stores a document: the same fields in JSON, beside a file, or as query parameters beside a raw text."""
    described = SourcedDescription.model_json_schema()
    fields = described["properties"]
    form = {
        **described,
        "title": "DocumentForm",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            **FileDescription.model_json_schema()["properties"],
        },
        "required": ["file"],
    }
    body = json_body(DocumentBody, example)
    body["content"]["multipart/form-data"] = {"schema": form}
    raw = {"schema": {"type": "string", "minLength": 1}, "example": text}
    body["content"] |= dict.fromkeys(TEXT_TYPES, raw)
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": "For a raw text."}
        for name, schema in fields.items()
    ]
    return {"requestBody": body, "parameters": parameters}


KEY, SESSION = "key", "session"
_SCHEMES = {
    KEY: {"type": "http", "scheme": "bearer", "description": "A key of `trendnlp keys add`."},
    SESSION: {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": "Of who signed in at `/login`."},
}


def _secured(described: dict[str, Any]) -> None:
    """Say of each operation which key it needs, as the gate asks for it."""
    described["components"]["securitySchemes"] = _SCHEMES
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            rule = rule_of(method.upper(), path)
            operation["security"] = [] if rule.open else [{KEY: []}, {SESSION: []}]
            if not rule.open:
                needs = f"Needs a key with the role `{rule.role}`." if rule.role else "Needs a key of any role."
                operation["description"] = " ".join(filter(None, (operation.get("description"), needs)))
                operation["responses"] |= {str(status): _problem(status) for status in (401, 403)}


class Service(FastAPI):
    """FastAPI whose description also holds the schema of the problem documents, and who may do what."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schema = ProblemSchema.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update({name.removesuffix("Schema"): value for name, value in schema.pop("$defs").items()})
            schema["properties"]["errors"]["items"]["$ref"] = "#/components/schemas/Fault"
            schemas["Problem"] = schema
            _secured(described)
            _tell_of_tags(described)
        return described


def _tell_of_tags(described: dict[str, Any]) -> None:
    """That what is read as JSON has an ETag, and may be asked for on the condition that it changed."""
    for methods in described["paths"].values():
        answers = methods.get("get", {}).get("responses", {})
        if "application/json" in answers.get("200", {}).get("content", {}):
            words = "Names the content, for If-None-Match and If-Match."
            answers["200"]["headers"] = {"ETag": {"description": words, "schema": {"type": "string"}}}
            answers["304"] = {"description": "What If-None-Match names has not changed"}
