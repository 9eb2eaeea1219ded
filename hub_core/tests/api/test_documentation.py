"""The API's documentation: served from here alone, and true."""

from __future__ import annotations

import re
from typing import Any

METHODS = {"get", "put", "post", "patch", "delete"}


def test_the_page_refers_to_local_assets_only(running: Any) -> None:
    client = running.client()
    page = client.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text.replace("http://www.w3.org/", "")
    assets = set(re.findall(r'(?:src|href)="([^"]+)"', page.text))
    assert len(assets) >= 3
    for asset in assets:
        assert asset.startswith("/assets/")
        answer = client.get(asset)
        assert (answer.status_code, len(answer.content) > 100) == (200, True)


def test_assets_load_nothing_from_elsewhere(running: Any) -> None:
    css = running.client().get("/assets/swagger-ui.css").text
    assert re.findall(r"url\(\s*[\"']?https?:", css) == []
    assert "@import" not in css


def test_the_schema_describes_every_route(running: Any) -> None:
    schema = running.client().get("/docs/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, item in schema["paths"].items():
        for method in METHODS & set(item):
            operation = item[method]
            assert operation["description"], path
            assert operation["tags"], path
            assert "400" not in operation["responses"]
            (media,) = operation["responses"]["default"]["content"].items()
            assert media == (
                "application/problem+json",
                {"schema": {"$ref": "#/components/schemas/Problem"}},
            )
    problem = schema["components"]["schemas"]["Problem"]
    assert set(problem["properties"]) == {
        *("type", "title", "status", "detail", "path"),
        *("conflicts", "slots"),
    }
    assert problem["required"] == ["type", "title", "status", "detail"]


def test_the_schema_says_how_to_authenticate(running: Any) -> None:
    schema = running.client().get("/docs/openapi.json").json()
    assert schema["security"] == [{"ApiKey": []}]
    assert schema["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"
    health = schema["paths"]["/v1/health"]["get"]
    assert {} in health["security"]


def test_every_reference_leads_somewhere(running: Any) -> None:
    answer = running.client().get("/docs/openapi.json")
    schemas = answer.json()["components"]["schemas"]
    for name in re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', answer.text):
        assert name in schemas
