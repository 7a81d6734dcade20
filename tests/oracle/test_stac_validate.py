# SPDX-License-Identifier: Apache-2.0
"""rastream stac validate agrees with the schemas of the specification, which pystac validates by.

Documented differences (docs/stac.md): a schema of JSON says nothing of what a time is (formats are not checked by pystac), of the
headers of a link, and takes any object for a summary.
"""
import functools
import json
import random
import warnings
from copy import deepcopy

import jsonschema
import pytest
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry, Resource

from test_stac_migrate import DATA, documents, of_pystac

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is absent")

SCHEMAS = {name: schema for name, schema in get_local_schema_cache().items()}
REGISTRY = Registry().with_resources([(k, Resource.from_contents(v)) for k, v in SCHEMAS.items()])
SCHEMA_OF = {"Feature": "item", "Catalog": "catalog", "Collection": "collection"}
WRONG = [7.5, "text", [], {}, None, True]


@functools.cache
def validator_of(kind):
    name = SCHEMA_OF[kind]
    uri = f"https://schemas.stacspec.org/v1.1.0/{name}-spec/json-schema/{name}.json"
    return jsonschema.Draft7Validator(SCHEMAS[uri], registry=REGISTRY)


def is_valid_by_schema(document, kind):
    return validator_of(kind).is_valid(document)


def is_valid_by_us(rastream, path, document):
    path.write_text(json.dumps(document))
    done = rastream("stac", "validate", path)
    assert done.code in (0, 1, 6), done.err
    return done.code == 0, done.out + done.err


@functools.cache
def newest():
    """Each document as pystac migrates it, without extensions, of which it has no schemas."""
    found = []
    for path, document in documents():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = of_pystac(document, path)
        document["stac_extensions"] = []
        found.append((path, document))
    return found


def differs_as_documented(output):
    """Fields that pystac does not check, or that rastream reads more strictly."""
    return any(word in output for word in ("(RFC 3339)", "summaries", "headers"))


def test_all_documents_are_judged_alike(rastream, tmp_path):
    n_valid = n_invalid = 0
    for path, document in newest():
        valid = is_valid_by_schema(document, document["type"])
        ours, output = is_valid_by_us(rastream, tmp_path / "x.json", document)
        if ours != valid and differs_as_documented(output):
            continue
        assert ours == valid, (path, output)
        n_valid += valid
        n_invalid += not valid
    assert n_valid > 50 and n_invalid > 0, (n_valid, n_invalid)


def places(document):
    """Paths to members of the document, its properties, extent, first link and first asset."""
    for name in document:
        yield (name,)
    for name in document.get("properties", {}):
        yield ("properties", name)
    for name in document.get("extent", {}):
        yield ("extent", name)
        for inner in document["extent"][name]:
            yield ("extent", name, inner)
    if document.get("links"):
        for name in document["links"][0]:
            yield ("links", 0, name)
    for key in list(document.get("assets", {}))[:1]:
        for name in document["assets"][key]:
            yield ("assets", key, name)


def changed(document, place, value):
    """Without the member at `place`, or with `value` there."""
    document = deepcopy(document)
    at = document
    for step in place[:-1]:
        at = at[step]
    if value is ...:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return document


def test_changed_documents_are_judged_alike(rastream, tmp_path):
    draw = random.Random(5)
    n = n_invalid = 0
    for path, document in newest()[::2]:  # a schema takes 24 ms
        kind = document["type"]
        if not is_valid_by_schema(document, kind):
            continue
        for place in draw.sample(list(places(document)), k=min(5, len(list(places(document))))):
            value = draw.choice([..., *WRONG])
            if place == ("type",) or place == ("stac_extensions",):
                continue
            mutant = changed(document, place, value)
            valid = is_valid_by_schema(mutant, kind)
            ours, output = is_valid_by_us(rastream, tmp_path / "x.json", mutant)
            if ours != valid and differs_as_documented(output):
                continue
            assert ours == valid, (path, place, value, output)
            n += 1
            n_invalid += not valid
    assert n > 300 and n_invalid > 100, (n, n_invalid)
