# SPDX-License-Identifier: Apache-2.0
"""What rastream reads of a file, through dump_cells.cpp: dimensions, attributes, cells and reasons for refusals."""
import json
from dataclasses import dataclass

import numpy as np


@dataclass
class Variable:
    name: str
    dims: list
    dtype: str
    codecs: list
    attributes: dict
    cells: np.ndarray


def attribute(value):
    if "text" in value:
        return value["text"]
    if "texts" in value:
        return value["texts"]
    if value["dtype"].startswith("float"):
        return np.array([float(n) for n in value["numbers"]]).astype(value["dtype"])
    bits = np.array([int(n) for n in value["numbers"]], dtype="int64")
    return bits.astype(value["dtype"])


def attributes(values):
    return {name: attribute(value) for name, value in values.items()}


def cells_of(variable, folder, i):
    if variable["dtype"] == "string":
        return np.array(variable["texts"], dtype=object).reshape(variable["shape"])
    return np.fromfile(folder / f"{i}.bin", dtype=variable["dtype"]).reshape(variable["shape"])


class Dump:
    """`dump` is a function from arguments of dump_cells to the result of the run."""

    def __init__(self, dump, path, folder, group="/", names=()):
        self.result = dump(path, group, folder, *names)
        if self.result.code != 0:
            return
        info = json.loads((folder / "info.json").read_text())
        self.format = info["format"]
        self.groups = info["groups"]
        self.refused = info["refused"]
        self.dimensions = {d["name"]: (d["size"], d["unlimited"]) for d in info["dimensions"]}
        self.attributes = attributes(info["attributes"])
        self.variables = {
            v["name"]: Variable(v["name"], v["dims"], v["dtype"], v["codecs"], attributes(v["attributes"]), cells_of(v, folder, i))
            for i, v in enumerate(info["variables"])
        }
