# SPDX-License-Identifier: Apache-2.0
"""The programs under test, and the data that tests share.

RASTREAM is the program, RASTREAM_BUILD the folder with its companions; without them the release build is taken.
"""
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import xarray as xr

import daymet_files

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RASTREAM_BUILD", ROOT / "build/release"))
PROGRAM = Path(os.environ.get("RASTREAM", BUILD / "rastream"))
SHARED = ROOT.parent / "shared"


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def error_lines(self):
        return [line for line in self.err.splitlines() if line.strip()]


def run_program(program, *arguments, limit_s=300, **options):
    done = subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, timeout=limit_s, **options)
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def program():
    assert PROGRAM.exists(), f"{PROGRAM} is not built"
    return PROGRAM


@pytest.fixture(scope="session")
def rastream(program):
    """Runs rastream; the result has code, out and err."""
    return lambda *arguments, **options: run_program(program, *arguments, **options)


@pytest.fixture(scope="session")
def generic():
    """Runs spring_index_generic, the same model written in the array API."""
    return lambda *arguments, **options: run_program(BUILD / "spring_index_generic", *arguments, **options)


@pytest.fixture(scope="session")
def maps_of(rastream, generic):
    """Runs a spring index and opens what it wrote; how: built-in, exact or generic."""

    def make(how, arguments, out, *more, group="1980"):
        run = generic if how == "generic" else rastream
        command = [] if how == "generic" else ["spring-index"] + (["--exact"] if how == "exact" else [])
        result = run(*command, *arguments, "--out", out, "--group", group, *more)
        assert result.code == 0, result.err
        return xr.open_zarr(out, group=group, decode_coords="all").load()

    return make


@pytest.fixture(scope="session")
def shared_data():
    if not (SHARED / "data").is_dir():
        pytest.skip("shared/data is absent")
    return SHARED / "data"


@pytest.fixture
def year(tmp_path):
    """A year of made-up weather on a small grid."""
    return daymet_files.make_year(tmp_path / "in", daymet_files.weather())


@pytest.fixture(scope="session")
def made_catalog(rastream, tmp_path_factory):
    """make-daymet's catalog of 300 x 260 cells: enough for several columns and chunks, and for a few seconds of work."""
    folder = tmp_path_factory.mktemp("made") / "daymet"
    result = rastream("make-daymet", folder, "--x0", 4200, "--y0", 4300, "--nx", 300, "--ny", 260, "--chunk", 100)
    assert result.code == 0, result.err
    return folder / "catalog.json"
