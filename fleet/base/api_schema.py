"""How the API describes itself: what each route would otherwise have to say again, said once.

Tag, summary and description come from the path and the docstring, the Idempotency-Key from the handler's decorator, and
the refusals that follow from an operation's form (credentials, body, address) from the operation itself.
"""

import re
from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from fleet.base.errors import CONTENT_TYPE, TITLES
from fleet.base.idempotency import MAX_KEY, takes_key

# In the order of the docs page: name, what it is for, the addresses below it.
_TAGS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("accounts", "Sign up, get a token, ask who one is.", ("auth", "riders", "me")),
    ("quotes", "Where one may go now, and what a ride would be like and cost.", ("service-area", "quotes")),
    ("rides", "Book a ride, follow it, and direct it until it ends.", ("rides",)),
    ("vehicles", "Watch the cars, and give them orders.", ("vehicles",)),
    ("zones", "Draw the areas in which cars may drive and stop, and put them into force.", ("zones",)),
    ("odd", "The versions of the operational design domain, one for each change of the zones in force.", ("odd",)),
    ("console", "What the operators' pages show, read at once.", ("console",)),
)
_TAG_OF = {place: name for name, _, places in _TAGS for place in places}
TAGS = [{"name": name, "description": description} for name, description, _ in _TAGS]

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    OpenApiParameter.HEADER,
    required=True,
    description="New for each new intent. A repeat with the same body gets the first answer, with another body 422.",
)


class ApiSchema(AutoSchema):
    """The description of one operation."""

    def get_tags(self) -> list[str]:
        place = self.path.removeprefix("/api/").split("/")[0]
        return [_TAG_OF.get(place, place)]

    def get_summary(self) -> str:
        return self._told()[0]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        return self._told()[1]

    def get_override_parameters(self) -> list[Any]:
        handler = getattr(self.view, self.method.lower(), None)
        return [IDEMPOTENCY_KEY] if takes_key(handler) else []

    def get_serializer_name(self, serializer: Any, direction: str) -> str:
        """`RidersView.Output` is the component Rider, `QuoteIn` is QuoteRequest: the suffix for requests is added."""
        name = re.sub(r"s?View\.", "", type(serializer).__qualname__)
        return re.sub(r"(?<=.)(In|Out)(put)?$", "", name)

    def _told(self) -> tuple[str, str]:
        """The docstring's first sentence without its full stop, and what comes after it."""
        told = super().get_description().replace("Raises Conflict", "Answers 409")  # said to callers in Python
        first, _, rest = told.partition("\n\n")
        sentence, *more = re.split(r"(?<=\.)\s+", " ".join(first.split()), maxsplit=1)
        return sentence.rstrip("."), "\n\n".join(part for part in (*more, rest) if part)


def _text(description: str) -> dict[str, str]:
    return {"type": "string", "description": description}


_FAULT = {
    "type": "object",
    "properties": {
        "field": _text("The part of the request at fault, dotted where nested."),
        "code": _text("A stable word for programs."),
        "detail": _text("A sentence for people."),
    },
    "required": ["field", "code", "detail"],
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details. Some codes add members of their own, such as `reasons` and `place`.",
    "properties": {
        "type": {**_text("`urn:hansom:problem:` and the code."), "format": "uri"},
        "title": _text("What kind of problem this status tells of."),
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status."},
        "detail": _text("What is wrong this time, a sentence for people."),
        "instance": {**_text("The address asked."), "format": "uri-reference"},
        "code": _text("A stable word for programs."),
        "errors": {"type": "array", "items": _FAULT, "description": "One entry for each field at fault."},
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "errors"],
}
_PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}


def _following(operation: dict[str, Any]) -> Iterator[int]:
    """Statuses of the refusals that follow from the operation's form."""
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    if operation.get("security"):
        yield from (401, 403)
    if "requestBody" in operation or places & {"query", "header"}:
        yield 400
    if "path" in places:
        yield 404
    if "header" in places:
        yield 422


def tags(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: the sections of the docs page, in their order."""
    return {**result, "tags": TAGS}


def problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing hook: every refusal of every operation is a Problem."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            # What asks for nothing can still ask for it in a form that there is not.
            for status in list(_following(operation)) or [406]:
                answers.setdefault(str(status), {})
            for status in [status for status in answers if status.startswith("4")]:
                answers[status] = _refusal(int(status), answers[status])
            operation["responses"] = dict(sorted(answers.items()))
    return result


def _refusal(status: int, declared: dict[str, Any]) -> dict[str, Any]:
    """One answer, with the description and the examples that the route declared."""
    content: dict[str, Any] = {"schema": _PROBLEM_REF}
    for body in declared.get("content", {}).values():
        content |= {"examples": body["examples"]} if "examples" in body else {}
    return {"description": declared.get("description") or TITLES[status], "content": {CONTENT_TYPE: content}}
