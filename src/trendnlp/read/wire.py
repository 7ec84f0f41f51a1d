"""What parent and worker tell each other: plain JSON and bytes, never pickle. The parent believes none of it unchecked.

A message is a header, which is a JSON object, and a body of bytes; each is led by its length in eight bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import IO, Any

from trendnlp.read.parsed import Parsed
from trendnlp.read.reading import Reading
from trendnlp.types import Block, BlockKind, Box, Fact, FactKind, Format, Metadata, Place

LENGTH = 8
Header = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    header: Header
    body: bytes = b""


def send(stream: IO[bytes], message: Message) -> None:
    header = json.dumps(message.header).encode("ascii")
    for part in (header, message.body):
        stream.write(len(part).to_bytes(LENGTH, "big"))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes], longest: int) -> Message | None:
    """The next message, None at the end of the stream; raises ValueError for one that is cut off, or has a part over
    ``longest`` bytes."""
    header = _part(stream, longest)
    if header is None:
        return None
    found = json.loads(header)
    body = _part(stream, longest)
    if not isinstance(found, dict) or body is None:
        raise ValueError("not a message")
    return Message(found, body)


def _part(stream: IO[bytes], longest: int) -> bytes | None:
    head = stream.read(LENGTH)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if len(head) < LENGTH or length > longest:
        raise ValueError("a message that is cut off or too long")
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("a message that is cut off")
    return data


def reading_fields(reading: Reading) -> Header:
    """``reading`` as values that JSON holds."""
    parsed = reading.parsed
    return {
        "format": reading.format.value,
        "text": parsed.text,
        "blocks": [
            [b.start, b.end, str(b.kind), b.level, b.content, [_place_fields(p) for p in b.places]]
            for b in parsed.blocks
        ],
        "stated": asdict(parsed.stated),
        "warnings": list(parsed.warnings),
        "found": asdict(reading.found),
        "facts": [asdict(fact) for fact in reading.facts],
    }


def reading_of(values: Any) -> Reading:
    """The way back; raises ValueError where blocks are out of order or outside the text, facts are not what stands
    there, or a type is another."""
    try:
        text = _text(values["text"])
        blocks = tuple(_block(row) for row in values["blocks"])
        warnings = tuple(_text(warning) for warning in values["warnings"])
        parsed = Parsed(text, blocks, _metadata(values["stated"]), warnings)
        facts = tuple(_fact(row) for row in values["facts"])
        reading = Reading(Format(values["format"]), parsed, _metadata(values["found"]), facts)
    except (KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(repr(error)) from None
    _check_order(text, blocks)
    if any(not fact.text or text[fact.start : fact.end] != fact.text or fact.start < 0 for fact in facts):
        raise ValueError("facts that the text does not hold")
    return reading


def _check_order(text: str, blocks: Sequence[Block]) -> None:
    position = 0
    for block in blocks:
        places = [place.start for place in block.places]
        inside = position <= block.start <= block.content <= block.end <= len(text) and block.start < block.end
        placed = not places or (block.start == places[0] and places[-1] < block.end and places == sorted(places))
        if not (inside and placed):
            raise ValueError("blocks out of order")
        position = block.end


def _place_fields(place: Place) -> list[Any]:
    box = place.box
    return [place.start, place.page, [box.left, box.top, box.right, box.bottom] if box else None]


def _block(row: Any) -> Block:
    start, end, kind, level, content, places = row
    shown = tuple(_place(place) for place in places)
    return Block(_whole(start), _whole(end), BlockKind(kind), _whole(level), _whole(content), shown)


def _place(row: Any) -> Place:
    start, page, box = row
    return Place(_whole(start), _whole(page), None if box is None else Box(*(_exact(float)(side) for side in box)))


def _metadata(values: Any) -> Metadata:
    return Metadata(**{field.name: _optional(_text)(values[field.name]) for field in fields(Metadata)})


def _fact(values: Any) -> Fact:
    return Fact(
        FactKind(values["kind"]),
        _whole(values["start"]),
        _whole(values["end"]),
        _text(values["text"]),
        amount=_optional(_finite)(values["amount"]),
        upto=_optional(_finite)(values["upto"]),
        scale=_whole(values["scale"]),
        currency=_optional(_text)(values["currency"]),
        since=_optional(_whole)(values["since"]),
        year=_optional(_whole)(values["year"]),
        subject=_optional(_text)(values["subject"]),
    )


def _exact(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} expected")
        return value

    return check


_whole = _exact(int)
_text = _exact(str)


def _finite(value: Any) -> float:
    if not isfinite(_exact(float)(value)):
        raise TypeError("a number expected")
    return float(value)


def _optional(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)
