# SPDX-License-Identifier: Apache-2.0
"""Real Daymet V4 series, put into Daymet's files, give every date that the original notebooks give."""
import csv
from collections import defaultdict

import numpy as np
import pytest

import daymet_files

PLANTS = {"lilac": "lilac", "arnold red": "arnold_red", "zabelli": "zabelli", "mean": "mean"}
COLUMNS = {"dayl": "dayl (s)", "tmax": "tmax (deg c)", "tmin": "tmin (deg c)"}
SHAPE = (3, 4)


def read_series(path):
    """{year: {variable: 365 values}}"""
    lines = path.read_text().splitlines()
    header = next(i for i, line in enumerate(lines) if line.startswith("year,yday"))
    series = defaultdict(lambda: defaultdict(list))
    for row in csv.DictReader(lines[header:]):
        for name, column in COLUMNS.items():
            series[int(float(row["year"]))][name].append(float(row[column]))
    return series


@pytest.fixture(scope="module")
def years(shared_data, tmp_path_factory):
    """For each year its files and [(cell, expected row)]; each series has a cell of its own, other cells are missing."""
    with open(shared_data / "six/rsdat_expected.csv") as f:
        expected = list(csv.DictReader(f))
    files = {row["series"]: row["series"].replace("daymetr_demo_data", "demo_data") for row in expected}
    series = {name: read_series(shared_data / "daymet" / file) for name, file in files.items()}
    cell_of = {name: (i % SHAPE[0], (i + 1) % SHAPE[1]) for i, name in enumerate(sorted(series))}
    out = {}
    for number in sorted({int(row["year"]) for row in expected}):
        rows = [row for row in expected if int(row["year"]) == number]
        cells = {v: np.full((365, *SHAPE), np.nan, "f4") for v in COLUMNS}
        for row in rows:
            for v in COLUMNS:
                cells[v][:, *cell_of[row["series"]]] = series[row["series"]][number][v]
        year = daymet_files.make_year(tmp_path_factory.mktemp(str(number)), cells, year=number)
        out[number] = year, [(cell_of[row["series"]], row) for row in rows]
    return out


@pytest.mark.parametrize("how", ["built-in", "exact", "generic"])
def test_every_date_of_the_real_series_is_the_expected_one(how, years, maps_of, tmp_path):
    n_dates = 0
    for number, (year, rows) in years.items():
        maps = maps_of(how, year.arguments, tmp_path / f"{number}.zarr", group=str(number))
        for (j, i), row in rows:
            for event in ("leaf", "bloom"):
                for plant, column in PLANTS.items():
                    got = float(maps[f"first-{event}"].sel(plant=plant)[j, i])
                    assert got == float(row[f"first_{event}_{column}"]), (row["series"], number, event, plant)
                    n_dates += 1
    assert n_dates == 12 * 8


def test_cells_without_a_series_stay_missing(years, maps_of, tmp_path):
    year, rows = years[2001]
    maps = maps_of("built-in", year.arguments, tmp_path / "out.zarr", group="2001")
    has_series = np.zeros(SHAPE, bool)
    for cell, _ in rows:
        has_series[cell] = True
    for name in ("first-leaf", "first-bloom"):
        assert (np.isfinite(maps[name].values) == has_series).all()
