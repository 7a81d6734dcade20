# SPDX-License-Identifier: Apache-2.0
"""Documents of older versions become what pystac makes of them."""
import json
import warnings
from copy import deepcopy

import pystac
import pytest
from pystac.serialization import identify_stac_object, merge_common_properties, migrate_to_latest

from conftest import SHARED

DATA = SHARED / "data/stac"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is absent")


def documents():
    """All that pystac takes for STAC and that says its version."""
    for path in sorted(DATA.rglob("*.json")):
        try:
            document = json.loads(path.read_text())
            if isinstance(document, dict) and "stac_version" in document and "links" in document:
                identify_stac_object(document)
                yield path, document
        except (ValueError, KeyError, pystac.STACError, pystac.STACTypeError):
            continue


def of_pystac(document, path):
    document = deepcopy(document)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if document.get("type") == "Feature":
            try:
                merge_common_properties(document, json_href=str(path))
            except OSError:  # a collection that is not there: rastream reads the item without it
                pass
        return migrate_to_latest(document, identify_stac_object(document))


def without_storage(document):
    """The extension "storage" is left at its version: see docs/stac.md."""
    document = json.loads(json.dumps(document))
    document["stac_extensions"] = [e for e in document.get("stac_extensions") or [] if "/storage/" not in e]
    for part in [document.get("properties", {}), *document.get("assets", {}).values()]:
        for name in [name for name in part if name.startswith("storage:")]:
            del part[name]
    return document


def test_every_document_is_migrated_as_by_pystac(rastream):
    n = 0
    for path, document in documents():
        if document["stac_version"].startswith("1.1.0") and "-" not in document["stac_version"]:
            continue
        done = rastream("stac", "show", path, "--json")
        if done.code != 0 and "needs" not in done.err:
            assert "expected" in done.err or "is not" in done.err, (path, done.err)
            continue
        assert without_storage(json.loads(done.out)) == without_storage(of_pystac(document, path)), path
        n += 1
    assert n > 80


def test_a_document_of_the_newest_version_keeps_every_byte(rastream):
    n = 0
    for path, document in documents():
        if document["stac_version"] != "1.1.0":
            continue
        done = rastream("stac", "show", path, "--json")
        if done.code == 0:
            assert done.out.rstrip("\n") == path.read_text().rstrip("\n"), path
            n += 1
    assert n > 40


def test_migration_can_be_switched_off(rastream):
    path = DATA / "stac2dcache/data/s2-catalog/catalog.json"
    shown = json.loads(rastream("stac", "show", path, "--json", "--no-migrate").out)
    assert shown == json.loads(path.read_text())
