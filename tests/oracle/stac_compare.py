# SPDX-License-Identifier: Apache-2.0
"""STAC documents as they mean, for comparing what rastream and pystac write."""
import json
from pathlib import Path


def canonical_links(links):
    return sorted((json.dumps(link, sort_keys=True) for link in links))


def canonical(document):
    """The order of links, an empty list of extensions and how a number is written mean nothing."""
    document = dict(document)
    document["links"] = canonical_links(document.get("links", []))
    document["stac_extensions"] = document.get("stac_extensions") or []
    return document


def tree(folder, alias=None):
    """{relative path: canonical document} of all files below `folder`; `alias` stands for its path."""
    folder = Path(folder)
    out = {}
    for path in sorted(folder.rglob("*.json")):
        text = path.read_text()
        if alias is not None:
            text = text.replace(str(folder), alias)
        out[str(path.relative_to(folder))] = canonical(json.loads(text))
    return out
