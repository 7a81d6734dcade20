# SPDX-License-Identifier: Apache-2.0
"""Several years from one catalog: a group each, each as if it had been computed alone."""
import numpy as np
import pytest
import xarray as xr


@pytest.fixture(scope="module")
def catalog(rastream, tmp_path_factory):
    folder = tmp_path_factory.mktemp("years") / "daymet"
    result = rastream("make-daymet", folder, "--region", "pr", "--stride", 20, "--first-year", 1979, "--last-year", 1981)
    assert result.code == 0, result.err
    return folder / "catalog.json"


def test_each_year_is_a_group_with_the_cells_of_that_year_alone(catalog, rastream, tmp_path):
    together = tmp_path / "together.zarr"
    result = rastream("spring-index", "--catalog", catalog, "--item", "pr-1979", "--years", "1979:1981", "--out", together, "--quiet")
    assert result.code == 0, result.err
    for year in ("1979", "1980", "1981"):
        alone = tmp_path / f"{year}.zarr"
        assert rastream("spring-index", "--catalog", catalog, "--item", f"pr-{year}", "--out", alone, "--quiet").code == 0
        assert xr.open_zarr(together, group=year).equals(xr.open_zarr(alone, group=year))
    assert sorted(p.name for p in together.iterdir() if not p.name.startswith(".")) == ["1979", "1980", "1981"]


def test_years_differ(catalog, rastream, tmp_path):
    leaves = []
    for year in ("1980", "1981"):
        out = tmp_path / f"{year}.zarr"
        assert rastream("spring-index", "--catalog", catalog.parent, "--item", f"pr-{year}", "--out", out, "--quiet").code == 0
        leaves.append(xr.open_zarr(out, group=year)["first-leaf"].values)
    assert np.isfinite(leaves[0]).any() and not np.array_equal(*leaves, equal_nan=True)


def test_pictures_of_several_years_have_the_year_in_their_names(catalog, rastream, tmp_path):
    result = rastream("spring-index", "--catalog", catalog, "--item", "pr-1980", "--years", "1980:1981", "--out", tmp_path / "a.zarr",
                      "--plot", tmp_path / "leaf.png", "--quiet")
    assert result.code == 0, result.err
    assert sorted(p.name for p in tmp_path.glob("*.png")) == ["leaf-1980.png", "leaf-1981.png"]


def test_the_same_options_make_the_same_files(rastream, tmp_path):
    made = []
    for name in ("a", "b"):
        assert rastream("make-daymet", tmp_path / name, "--region", "hi", "--stride", 40, "--seed", 3).code == 0
        made.append({str(p.relative_to(tmp_path / name)): p.read_bytes() for p in sorted((tmp_path / name).rglob("*")) if p.is_file()})
    assert list(made[0]) == list(made[1])
    assert all(made[0][name] == made[1][name] for name in made[0] if name.endswith(".json"))
    for name in (name for name in made[0] if name.endswith(".nc")):
        assert made[0][name] == made[1][name], name
