# SPDX-License-Identifier: Apache-2.0
"""Pictures: their size, their colours where there is data and none where there is not, and the text around them."""
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import rasterio
import rasterio.errors

import daymet_files

WHITE = (255, 255, 255)
VIRIDIS_LOW, VIRIDIS_HIGH = (68, 1, 84), (253, 231, 37)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def half_missing(tmp_path):
    """tmin of 10 days on 40 x 60 cells: the west half missing, 0 in the north-east, 10 in the south-east."""
    cells = np.full((10, 40, 60), np.nan, "f4")
    cells[:, :20, 30:] = 0
    cells[:, 20:, 30:] = 10
    cells[4:6] = np.nan
    return daymet_files.write_variable_file(tmp_path / "tmin.nc", "tmin", cells, 1000.0 * np.arange(60), 20000 - 1000.0 * np.arange(40))


@pytest.fixture
def plot(rastream, tmp_path):
    """Plots into a PNG and an SVG; returns the PNG's pixels (y, x, colour) and the SVG's tree."""

    def run(*arguments):
        for suffix in ("png", "svg"):
            result = rastream("plot", *arguments, "--out", tmp_path / f"picture.{suffix}")
            assert result.code == 0, result.err
        return pixels(tmp_path / "picture.png"), ET.parse(tmp_path / "picture.svg").getroot()

    return run


@pytest.fixture
def leaf(rastream, year, tmp_path):
    store = tmp_path / "leaf.zarr"
    assert rastream("spring-index", *year.arguments, "--out", store, "--quiet").code == 0
    return store


def pixels(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        png = rasterio.open(path)
    with png:
        return np.moveaxis(png.read()[:3], 0, -1)


def texts(svg):
    return [t.text or "" for t in svg.iter(f"{SVG}text")]


def maps(svg, colour_bars=1):
    """Boxes (x, y, width, height) of the maps; the colour bar comes last."""
    boxes = [tuple(float(i.get(k)) for k in ("x", "y", "width", "height")) for i in svg.iter(f"{SVG}image")]
    return boxes[:len(boxes) - colour_bars]


def colour_at(png, svg, box, right, down):
    """The pixel at a share of the way through a map; the PNG may be finer than the SVG's units."""
    scale = png.shape[1] / float(svg.get("width"))
    x, y, width, height = box
    return tuple(int(c) for c in png[int(scale * (y + down * height)), int(scale * (x + right * width))])


def map_of(plot, path, *more):
    png, svg = plot(path, "--variable", "tmin", "--isel", "time=0", *more)
    box, = maps(svg)
    return png, svg, box


def test_png_and_svg_have_the_same_shape(plot, half_missing):
    png, svg, _ = map_of(plot, half_missing)
    width, height = (float(svg.get(k)) for k in ("width", "height"))
    assert png.shape[1] >= width >= 400
    assert png.shape[0] / png.shape[1] == pytest.approx(height / width, abs=0.01)


def test_missing_cells_stay_white_and_others_have_the_colour_of_their_value(plot, half_missing):
    png, svg, box = map_of(plot, half_missing, "--vmin", 0, "--vmax", 10)
    assert colour_at(png, svg, box, 0.25, 0.25) == WHITE
    assert colour_at(png, svg, box, 0.25, 0.75) == WHITE
    assert colour_at(png, svg, box, 0.75, 0.25) == VIRIDIS_LOW
    assert colour_at(png, svg, box, 0.75, 0.75) == VIRIDIS_HIGH
    assert tuple(png[0, 0]) == WHITE


def test_a_map_without_any_data_is_white(plot, half_missing):
    png, svg = plot(half_missing, "--variable", "tmin", "--isel", "time=4")
    for box in maps(svg):
        assert colour_at(png, svg, box, 0.75, 0.25) == WHITE


def test_a_cell_is_as_wide_as_it_is_high(plot, half_missing):
    _, _, (_, _, width, height) = map_of(plot, half_missing)
    assert width / height == pytest.approx(60 / 40, rel=0.02)


def test_north_is_up_even_where_y_rises(plot, tmp_path):
    cells = np.zeros((1, 40, 60), "f4")
    cells[:, 20:] = 10
    path = daymet_files.write_variable_file(tmp_path / "up.nc", "tmin", cells, 1000.0 * np.arange(60), 1000.0 * np.arange(40))
    png, svg, box = map_of(plot, path)
    assert colour_at(png, svg, box, 0.5, 0.25) == VIRIDIS_HIGH
    assert colour_at(png, svg, box, 0.5, 0.75) == VIRIDIS_LOW


def test_the_box_cuts_the_map(plot, leaf):
    _, whole = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--sel", "plant=mean")
    _, part = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--sel", "plant=mean", "--bbox=-128.80,48.43,-128.70,48.45")
    (_, _, w, h), = maps(whole)
    (_, _, pw, ph), = maps(part)
    assert w / h != pytest.approx(pw / ph, rel=0.01)


def test_axes_title_and_colour_bar_are_labelled(plot, half_missing):
    _, svg, _ = map_of(plot, half_missing, "--vmin", 0, "--vmax", 10, "--title", "Cold <days> & \"nights\"")
    words = texts(svg)
    assert "Cold <days> & \"nights\"" in words
    assert "x [km]" in words and "y [km]" in words
    assert {"0", "20", "40"} <= set(words)
    assert {"0", "2", "4", "6", "8", "10"} <= set(words)


def test_days_are_labelled_with_dates(plot, leaf):
    _, svg = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--sel", "plant=mean", "--days")
    assert any(t.endswith(("Mar)", "Apr)", "May)")) for t in texts(svg))


def test_facets_have_a_map_and_a_name_each(plot, leaf):
    png, svg = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--facet", "plant")
    assert len(maps(svg)) == 4
    assert {"lilac", "arnold red", "zabelli", "mean"} <= set(texts(svg))
    boxes = maps(svg)
    assert len({box[2:] for box in boxes}) == 1 and len({box[:2] for box in boxes}) == 4


def test_missing_cells_of_facets_are_white(plot, leaf, year):
    png, svg = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--facet", "plant")
    is_missing = np.isnan(year.cells["tmin"][0])
    ny, nx = is_missing.shape
    for box in maps(svg):
        for j, i in np.ndindex(ny, nx):
            is_white = colour_at(png, svg, box, (i + 0.5) / nx, (j + 0.5) / ny) == WHITE
            assert is_white == is_missing[j, i], (j, i)


def test_a_series_is_a_line_with_dates_below(plot, year):
    j, i = np.argwhere(np.isfinite(year.cells["tmin"][0]))[0]
    _, svg = plot(year.paths["tmin"], "--variable", "tmin", "--isel", f"y={j}", "--isel", f"x={i}")
    words = texts(svg)
    assert maps(svg, colour_bars=0) == []
    assert "1980-04" in words and "time" in words
    assert any("degrees C" in word for word in words)
    longest = max(svg.iter(f"{SVG}path"), key=lambda p: len(p.get("d")))
    assert longest.get("d").count("L") >= 300


def test_lines_have_a_line_and_a_name_for_each_of_the_others(plot, leaf, year):
    j, _ = np.argwhere(np.isfinite(year.cells["tmin"][0]))[0]
    _, svg = plot(leaf, "--group", "1980", "--variable", "first-leaf", "--isel", f"y={j}", "--lines", "x")
    assert {"lilac", "arnold red", "zabelli", "mean"} <= set(texts(svg))
    colours = {p.get("stroke") for p in svg.iter(f"{SVG}path") if p.get("stroke") not in (None, "none")}
    assert len(colours) >= 4


def test_a_date_selects_a_day(plot, half_missing):
    png, svg = plot(half_missing, "--variable", "tmin", "--sel", "time=1980-01-03", "--vmin", 0, "--vmax", 10)
    box, = maps(svg)
    assert colour_at(png, svg, box, 0.75, 0.75) == VIRIDIS_HIGH


def test_the_same_command_gives_the_same_bytes(rastream, half_missing, tmp_path):
    for suffix in ("png", "svg"):
        made = []
        for number in range(2):
            path = tmp_path / f"{number}.{suffix}"
            assert rastream("plot", half_missing, "--variable", "tmin", "--isel", "time=0", "--out", path).code == 0
            made.append(path.read_bytes())
        assert made[0] == made[1]
