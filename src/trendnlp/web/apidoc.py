"""Pieces of the OpenAPI description: examples, and the problems that an operation may answer with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from trendnlp.web import examples
from trendnlp.web.fields import DocumentBody, FileDescription, SourcedDescription
from trendnlp.web.intake import TEXT_TYPES
from trendnlp.web.problems import MEDIA_TYPE, TYPE_PREFIX

Responses = dict[int | str, dict[str, Any]]

PROBLEM_REF = "#/components/schemas/Problem"
_WORDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-cursor", "Not a cursor of this list, or a body that cannot be parsed"),
    403: ("foreign-origin", "Sent by a page of another origin"),
    404: ("not-found", "No such item"),
    409: ("conflict", "A decision that an earlier one rules out; the detail names it"),
    410: ("gone", "A finding that was split up, or whose statements are gone; `split_into` lists what holds them now"),
    412: ("stale", "Somebody decided on it after it was read; `changed` lists the reviews that came since"),
    413: ("too-large", "Larger than a limit that `/v1/model` names"),
    415: ("unsupported-media-type", "A type, format or encoding that is not read"),
    422: ("invalid", "A request that does not hold to its schema, or a text that cannot be read"),
    421: ("misdirected-request", "Sent to a name that is not the service's"),
    429: ("busy", "More texts at once than the service takes; Retry-After says when to try again"),
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


def answers(*problems: int, **given: Any) -> Responses:
    """The responses of an operation: ``ok=`` and ``created=`` examples, and the statuses that are problems.

    421 and 500 are added to every operation.
    """
    statuses = {"ok": 200, "created": 201}
    responses: Responses = {
        statuses[name]: {"content": {"application/json": {"example": value}}} for name, value in given.items()
    }
    return responses | {status: _problem(status) for status in (*problems, 421, 500)}


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


class Service(FastAPI):
    """FastAPI whose description also holds the schema of the problem documents."""

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        schemas = described.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            schema = ProblemSchema.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update({name.removesuffix("Schema"): value for name, value in schema.pop("$defs").items()})
            schema["properties"]["errors"]["items"]["$ref"] = "#/components/schemas/Fault"
            schemas["Problem"] = schema
        return described
