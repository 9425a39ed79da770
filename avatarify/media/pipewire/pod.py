"""PODs: the binary values in which PipeWire negotiates formats and buffers.

PipeWire's own builder is a set of C inline functions, so no library exports it. A POD is its body's
size and its type (two uint32), then the body, padded with zeros to a multiple of 8 bytes. Numbers
are in the machine's own byte order; the numbers of types are fixed by `spa/utils/type.h`.
"""

import struct
from collections.abc import Sequence
from enum import IntEnum


class PodType(IntEnum):
    """The types of value that describing a camera takes (`SPA_TYPE_*`)."""

    ID = 3
    INT = 4
    RECTANGLE = 10
    FRACTION = 11
    OBJECT = 15
    CHOICE = 19


class ChoiceKind(IntEnum):
    """How a choice lists its values (`SPA_CHOICE_*`)."""

    RANGE = 1
    """Default, minimum, maximum."""

    FLAGS = 4
    """One bit mask."""


def identifier(value: int) -> bytes:
    """Encode a value of one of PipeWire's enumerations."""
    return _pod(PodType.ID, struct.pack("=I", value))


def integer(value: int) -> bytes:
    """Encode a signed number of 32 bits."""
    return _pod(PodType.INT, struct.pack("=i", value))


def rectangle(width: int, height: int) -> bytes:
    """Encode a size in pixels."""
    return _pod(PodType.RECTANGLE, struct.pack("=II", width, height))


def fraction(numerator: int, denominator: int) -> bytes:
    """Encode a frame rate."""
    return _pod(PodType.FRACTION, struct.pack("=II", numerator, denominator))


def integer_choice(kind: ChoiceKind, values: Sequence[int]) -> bytes:
    """Encode several possible numbers, from which the two ends of a link agree on one.

    The body is kind, flags, then one header (size 4, type INT) for all the bare numbers after it.
    """
    header = struct.pack("=IIII", kind, 0, 4, PodType.INT)
    return _pod(PodType.CHOICE, header + struct.pack(f"={len(values)}i", *values))


def pod_object(object_type: int, parameter: int, properties: dict[int, bytes]) -> bytes:
    """Encode an object: a set of named values.

    Args:
        object_type: `SPA_TYPE_OBJECT_*`.
        parameter: The `SPA_PARAM_*` that this object is a value of.
        properties: Property key to encoded value; each is stored as key, flags, value.
    """
    body = struct.pack("=II", object_type, parameter)
    for key, value in properties.items():
        body += struct.pack("=II", key, 0) + value
    return _pod(PodType.OBJECT, body)


def _pod(pod_type: PodType, body: bytes) -> bytes:
    padding = b"\0" * (-len(body) % 8)
    return struct.pack("=II", len(body), pod_type) + body + padding
