"""Request bodies as values: a JSON object, an uploaded file or a raw text, all as one ``Intake``.

Reading a body is the one thing here that waits, so these dependencies are coroutines; what they give is plain bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import Any, TypeVar, get_origin
from urllib.parse import parse_qs

import pydantic_core
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from trendnlp.access import Role
from trendnlp.actions import Reading
from trendnlp.errors import printable
from trendnlp.pipeline import Question
from trendnlp.review import Draft
from trendnlp.store import Versions
from trendnlp.types import Format, Metadata
from trendnlp.web.fields import (
    MAX_SOURCE,
    AnalyzeBody,
    CompareBody,
    DocumentBody,
    FileDescription,
    ReviewBody,
    SourcedDescription,
    UndoBody,
    WebhookBody,
)
from trendnlp.web.principal import author_of, require
from trendnlp.web.problems import Fault, Problem, Refusal, analysis_too_large, invalid, wrong_type

JSON_TYPE = "application/json"
FORM_TYPE = "multipart/form-data"
PLAIN_FORM_TYPE = "application/x-www-form-urlencoded"
MAX_PLAIN_FIELDS = 500  # a decision on the most statements that one may tie, with their versions
# text/plain is no statement about the format: many clients give it to whatever they do not know
TEXT_TYPES: dict[str, Format | None] = {"text/plain": None, "text/markdown": Format.MARKDOWN, "text/html": Format.HTML}
OFFICE_TYPE = "application/vnd.openxmlformats-officedocument"
# what is in a file of these types says which of them it is
FILE_TYPES = (
    "application/pdf",
    f"{OFFICE_TYPE}.wordprocessingml.document",
    f"{OFFICE_TYPE}.presentationml.presentation",
)
RAW_TYPES: dict[str, Format | None] = {**TEXT_TYPES, **dict.fromkeys(FILE_TYPES)}
# where a caller names an encoding it is taken at its word; codecs that are no encodings, or slow ones, are not reached
CHARSETS = frozenset({"us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "cp1252", "utf-16"})
IF_MATCH = re.compile(r'"([0-9]{1,18})"')
MAX_FORM_FIELDS = 16  # the fields of a description and room for a mistake
MAX_FORM_VALUE = 16 * 1024  # bytes; over what any field of a description may hold
MAX_ENTRIES = 1000  # of one list or object of a JSON body; as many as the longest that a body may hold
READ_AT_ONCE = 64 * 1024  # bytes; a larger JSON body is read in a thread, for others wait meanwhile
MAX_ANALYZE_BYTES = 2 * 1024 * 1024  # some 300 pages of text: a caller waits for the answer, and others for their turn
OF_THE_ANSWER = frozenset({"offset_unit"})  # query parameters that say nothing of the body
UNNAMED = "request"  # the source of a text that came without a name

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Intake:
    """A document as it came: bytes of an encoding yet to be told, or text."""

    data: bytes | str
    source: str
    format: Format | None
    given: Metadata
    password: str | None = None


async def analyze_intake(request: Request) -> Intake:
    """The JSON body of an analysis; raises Refusal (413, 415, 422) and RequestValidationError."""
    body = await json_intake(AnalyzeBody, request)
    return Intake(body.text, UNNAMED, body.known_format, body.metadata)


async def compare_intake(request: Request) -> tuple[Question, ...]:
    """The JSON body of a comparison; raises Refusal (413, 415, 422) and RequestValidationError."""
    body = await json_intake(CompareBody, request)
    return tuple(Question(pair.a, pair.b, pair.kind) for pair in body.pairs)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, and the versions that were seen of what it is about."""

    draft: Draft
    seen: Versions


async def review_intake(request: Request) -> Decision:
    """The JSON body of a decision; raises Refusal (403, 413, 415, 422), RequestValidationError and
    BadReview. ``If-Match``
    is the version of the one statement that it names.
    """
    body = await json_intake(ReviewBody, request)
    seen = dict(body.versions)
    if (given := request.headers.get("if-match")) is not None:
        version = IF_MATCH.fullmatch(given)
        if version is None or len(body.statements) > 1:
            detail = 'If-Match is a version in quotes, as "17", of the one statement that is named; else use `versions`'
            raise Refusal(invalid([Fault("#/versions", detail)]))
        seen[body.statements[0]] = int(version[1])
    draft = body.draft(author_of(request, body.by))
    if draft.reading is Reading.FINAL:
        require(request, Role.ADJUDICATE)
    return Decision(draft, seen)


async def undo_intake(request: Request) -> str:
    """Who takes a review back, from a JSON body; raises Refusal (403, 413, 415, 422) and RequestValidationError."""
    return author_of(request, (await json_intake(UndoBody, request)).by)


async def webhook_intake(request: Request) -> WebhookBody:
    """The JSON body of a subscription; raises Refusal (413, 415, 422) and RequestValidationError."""
    return await json_intake(WebhookBody, request)


async def document_intake(request: Request) -> Intake:
    """A document as JSON, as a multipart upload or as a raw body; raises Refusal and RequestValidationError."""
    media = media_type(request)
    kind = media.get_content_type() if "content-type" in request.headers else ""
    if kind in (JSON_TYPE, FORM_TYPE):
        refuse_query(request)
    if kind == JSON_TYPE:
        body = await _read_json(DocumentBody, await request.body())
        return Intake(body.text, shown(body.source), body.known_format, body.metadata)
    if kind == FORM_TYPE:
        async with request.form(max_files=1, max_fields=MAX_FORM_FIELDS, max_part_size=MAX_FORM_VALUE) as form:
            return await _from_form(form)
    if kind in RAW_TYPES:
        described = _checked(SourcedDescription, _query(request), "query")
        data = _decoded(await request.body(), media)
        return Intake(data, shown(described.source), described.known_format or RAW_TYPES[kind], described.metadata)
    raise Refusal(wrong_type(request.headers.get("content-type", ""), (JSON_TYPE, FORM_TYPE, *RAW_TYPES)))


async def json_intake(model: type[Body], request: Request) -> Body:
    """A short JSON body; raises Refusal (413, 415, 422) and RequestValidationError."""
    if media_type(request).get_content_type() != JSON_TYPE:
        raise Refusal(wrong_type(request.headers.get("content-type", ""), (JSON_TYPE,)))
    refuse_query(request)
    return await _read_json(model, await _short_body(request))


async def _short_body(request: Request) -> bytes:
    """The body, which is given up as soon as it is too large for an analysis."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_ANALYZE_BYTES:
            raise Refusal(analysis_too_large(MAX_ANALYZE_BYTES))
    return bytes(received)


async def _from_form(form: FormData) -> Intake:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal(invalid([Fault("#/file", "a file is required, in a part with a file name")]))
    described = _checked(FileDescription, {key: value for key, value in form.items() if key != "file"}, "body")
    return of_file(await file.read(), file.filename, file.content_type, described)


def of_file(data: bytes, name: str | None, media_type: str | None, described: FileDescription | None = None) -> Intake:
    """An uploaded file, and what is said of it; raises Refusal."""
    described = described or FileDescription()
    media = Message()
    media["content-type"] = media_type or "text/plain"
    format = described.known_format or RAW_TYPES.get(media.get_content_type())
    source = shown(described.source or name)
    return Intake(_decoded(data, media), source, format, described.metadata, described.password)


async def from_form(model: type[Body], request: Request) -> Body:
    """The fields of a plain form, of which those of a list may come several times; raises Refusal (413, 415) and
    RequestValidationError.
    """
    if media_type(request).get_content_type() != PLAIN_FORM_TYPE:
        raise Refusal(wrong_type(request.headers.get("content-type", ""), (PLAIN_FORM_TYPE,)))
    text = (await _short_body(request)).decode("utf-8", "replace")
    try:
        given = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_PLAIN_FIELDS)
    except ValueError:
        raise Refusal(invalid([Fault("#", f"has more than {MAX_PLAIN_FIELDS} fields")])) from None
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}
    return _checked(model, {name: v if name in lists else v[-1] for name, v in given.items()}, "body")


def _query(request: Request) -> dict[str, object]:
    """The query parameters; one that is given twice keeps both values, which no field takes."""
    given = request.query_params
    names = given.keys() - OF_THE_ANSWER
    return {name: values[0] if len(values := given.getlist(name)) == 1 else values for name in sorted(names)}


def refuse_query(request: Request) -> None:
    """Fields in the address beside a body that has them would silently do nothing."""
    if names := sorted(request.query_params.keys() - OF_THE_ANSWER):
        raise Refusal(invalid([Fault(f"?{name}", "belongs into the body") for name in names]))


def media_type(request: Request) -> Message:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    return message


def shown(source: str | None) -> str:
    return printable(source or UNNAMED)[:MAX_SOURCE]


def _decoded(data: bytes, media: Message) -> bytes | str:
    """``data`` as text where the caller named its encoding; UTF-8 and no encoding are left to the reader."""
    try:
        charset = str(media.get_param("charset", "") or "").lower()
    except TypeError:  # by which the parser fails on a parameter whose parts are partly numbered
        charset = "?"
    if charset in ("", "utf-8", "utf8"):
        return data
    if charset not in CHARSETS:
        detail = f"The encoding {printable(charset)!r} is not read. Send UTF-8."
        raise Refusal(Problem(415, "unsupported-charset", "Unsupported encoding", detail))
    try:
        return data.decode(charset)
    except UnicodeDecodeError as error:
        detail = f"The body is not {charset}: byte {error.start} does not fit. Name the true encoding, or none."
        raise Refusal(Problem(422, "not-text", "Not a text", detail)) from None


async def _read_json(model: type[Body], data: bytes) -> Body:
    if len(data) <= READ_AT_ONCE:
        return from_json(model, data)
    return await run_in_threadpool(from_json, model, data)


def from_json(model: type[Body], data: bytes) -> Body:
    return checked_json(model, json_value(data), MAX_ENTRIES)


def json_value(data: bytes) -> Any:
    try:
        return pydantic_core.from_json(data)
    except ValueError as error:
        raise RequestValidationError([{"loc": ("body",), "msg": f"Invalid JSON: {error}"}]) from None


def checked_json(model: type[Body], value: Any, most: int) -> Body:
    """``value`` as a ``model``; raises Refusal where a list or object in it has more than ``most`` entries. Each entry
    could be a fault, and to tell a fault takes a thousand times what the entry does.
    """
    held = [value]
    while held:
        part = held.pop()
        if isinstance(part, dict | list):
            if len(part) > most:
                raise Refusal(invalid([Fault("#", f"has a list or object of more than {most:,} entries")]))
            held += part.values() if isinstance(part, dict) else part
    return _checked(model, value, "body")


def _checked(model: type[Body], values: object, place: str) -> Body:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _invalid(error, place) from None


def _invalid(error: ValidationError, place: str) -> RequestValidationError:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return RequestValidationError([{**fault, "loc": (place, *fault["loc"])} for fault in faults])
