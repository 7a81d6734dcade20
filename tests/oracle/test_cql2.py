# SPDX-License-Identifier: Apache-2.0
"""CQL2 filters, judged by the Python package cql2 (its own parser and evaluator), item by item."""
import json

import pytest

cql2 = pytest.importorskip("cql2", reason="cql2 is not installed")

FILTERS = [
    "n = 3", "n <> 3", "n < 3", "n >= 3", "n BETWEEN 2 AND 4", "n NOT BETWEEN 2 AND 4", "n IN (1, 2, 3)", "n NOT IN (1, 2)",
    "name = 'scene-2'", "name LIKE 'scene%'", "name NOT LIKE '%-3'", "name LIKE 'scene-_'", "flag = TRUE", "NOT flag = TRUE",
    "n + 1 = 4", "n * 2 > 5", "(n - 1) * 2 = 4", "n / 2 = 2", "n = 1 OR n = 2", "n > 1 AND n < 4", "n > 1 AND (n < 3 OR flag = TRUE)",
    "NOT (n > 1 AND n < 4)", "a_contains(tags, ('x'))", "a_overlaps(tags, ('y', 'z'))", "a_equals(tags, ('x', 'y'))",
    "a_containedby(tags, ('x', 'y', 'z'))", "s_intersects(geometry, POINT(2.5 50.5))", "s_within(geometry, BBOX(0, 50, 4, 51))",
    "s_disjoint(geometry, POLYGON((0 50, 2.5 50, 2.5 51, 0 51, 0 50)))", "s_contains(geometry, POINT(3.5 50.5))",
    "casei(name) = casei('SCENE-2')", "name >= 'scene-3'",
]


def item(i):
    ring = [[i, 50], [i + 1, 50], [i + 1, 51], [i, 51], [i, 50]]
    return {"type": "Feature", "stac_version": "1.0.0", "id": f"i{i}", "geometry": {"type": "Polygon", "coordinates": [ring]},
            "bbox": [i, 50, i + 1, 51], "links": [], "assets": {},
            "properties": {"datetime": f"2020-01-0{i + 1}T00:00:00Z", "n": i, "name": f"scene-{i}", "flag": i % 2 == 0,
                           "tags": ["x", "y"] if i < 3 else ["z"]}}


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("language", ["text", "json"])
def test_the_same_items_match(rastream, tmp_path, text, language):
    items = [item(i) for i in range(6)]
    path = tmp_path / "items.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    expression = cql2.Expr(text)
    try:
        # Its evaluator looks at members by their own names.
        expected = [i["id"] for i in items if expression.matches({**i, **i["properties"]})]
    except Exception as error:
        pytest.skip(f"cql2 does not evaluate this: {error}")
    given = text if language == "text" else json.dumps(expression.to_json())
    result = rastream("stac", "search", path, "--filter", given, "--ndjson")
    assert result.code == 0, result.err
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == expected
