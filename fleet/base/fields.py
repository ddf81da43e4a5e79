"""Fields that take what JSON says and nothing else.

The library's own fields also take `"NaN"`, `"yes"` and `true` for a number or a truth, and stumble over a whole number
that is too large for a float.
"""

import math
from typing import Any
from uuid import UUID

from rest_framework import serializers


class NumberField(serializers.FloatField):
    """A finite JSON number, as float."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        try:
            value = float(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class WholeField(serializers.IntegerField):
    """A JSON number without a fraction, as int."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(data)


class TruthField(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class IdField(serializers.UUIDField):
    """A UUID as text; the library's field also takes any whole number for one."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        value: UUID = super().to_internal_value(data)
        return value


class LineField(serializers.CharField):
    """Text of one line, without control characters: it is shown, logged and sent to cars as it is."""

    default_error_messages = {"invalid": "Text of one line, without control characters, is expected."}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        if any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u2029" for c in text):
            self.fail("invalid")
        return text
