"""Examples for the API's description."""

from drf_spectacular.utils import OpenApiExample

QUOTE_REQUEST = OpenApiExample(
    "Two seats",
    request_only=True,
    value={
        "pickup": {"lon": 7.4197, "lat": 43.7325},
        "dropoff": {"lon": 7.4256, "lat": 43.7403},
        "seats": 2,
        "wheelchair": False,
        "preference": "fastest",
    },
)
BOOK_REQUEST = OpenApiExample(
    "Book a quote", request_only=True, value={"quote_id": "0199d3a0-5b1e-7c3f-9a51-3c4f0e6f2d11"}
)
CANCEL_REQUEST = OpenApiExample("Plans have changed", request_only=True, value={"reason": "changed_plans", "note": ""})
OUTSIDE = OpenApiExample(
    "Pick-up in a no-go zone",
    response_only=True,
    status_codes=["422"],
    value={
        "type": "urn:hansom:problem:no_go",
        "title": "The request can't be carried out",
        "status": 422,
        "detail": "The pickup can't be served. It is in a no-go zone. (Street market)",
        "instance": "/api/quotes",
        "code": "no_go",
        "errors": [{"field": "pickup", "code": "no_go", "detail": "The pickup can't be served."}],
        "reasons": ["no_go"],
        "place": {"lon": 7.4197, "lat": 43.7325},
        "zone_name": "Street market",
        "odd_version": 4,
    },
)
EXPIRED = OpenApiExample(
    "Too late",
    response_only=True,
    status_codes=["410"],
    value={
        "type": "urn:hansom:problem:quote_expired",
        "title": "It is gone",
        "status": 410,
        "detail": "This quote has expired. Ask for a new one.",
        "instance": "/api/rides",
        "code": "quote_expired",
        "errors": [{"field": "quote_id", "code": "quote_expired", "detail": "This quote has expired."}],
    },
)
