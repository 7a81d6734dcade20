# SPDX-License-Identifier: Apache-2.0
"""What `dump --format cdl` prints is CDL that ncgen takes, whatever the attributes are called."""
import subprocess

import h5py
import netCDF4
import numpy as np
import pytest
import zarr

# Attributes that ncgen takes for orders, with values that it would refuse or follow.
SPECIAL = {
    "_ChunkSizes": [np.array([1, 584], "i4"), np.int32(7), "auto", 2.5, np.array([1, 2], "i2")],
    "_DeflateLevel": [np.int32(5), np.int32(99), "5"],
    "_Storage": ["chunked", "foo"],
    "_Format": ["netCDF-4", "none"],
    "_Shuffle": ["true", np.int32(1)],
    "_Fletcher32": ["true"],
    "_Endianness": ["little", "middle"],
    "_NoFill": ["true"],
    "_Filter": ["307,9", "x"],
    "_Codecs": ["x"],
    "_IsNetcdf4": [np.int32(1)],
    "_SuperblockVersion": [np.int32(2)],
    "_ARRAY_DIMENSIONS": ["x"],
}
CELLS = np.arange(6, dtype="f4").reshape(2, 3)


def dumped(rastream, path):
    result = rastream("dump", "--format", "cdl", path)
    assert result.code == 0, result.err
    return result.out


def generated(cdl, tmp_path):
    source, made = tmp_path / "text.cdl", tmp_path / "made.nc"
    source.write_text(cdl)
    done = subprocess.run(["ncgen", "-4", "-o", made, source], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    subprocess.run(["ncdump", made], check=True, capture_output=True)
    return netCDF4.Dataset(made)


@pytest.mark.parametrize("name", SPECIAL)
def test_attributes_that_ncgen_keeps_for_itself_are_remarks(name, rastream, tmp_path):
    for i, value in enumerate(SPECIAL[name]):
        path = tmp_path / f"special{i}.h5"
        with h5py.File(path, "w") as file:
            variable = file.create_dataset("v", data=CELLS)
            for owner in (file, variable):
                owner.attrs[name] = np.bytes_(value) if isinstance(value, str) else value
                owner.attrs["_Unsigned"] = np.bytes_("kept")
        text = dumped(rastream, path)
        assert text.count(f"// v:{name} = ") == 1 and text.count(f"// :{name} = ") == 1, text
        with generated(text, tmp_path) as made:
            np.testing.assert_array_equal(made["v"][:], CELLS)
            assert made.ncattrs() == ["_Unsigned"] and made["v"].ncattrs() == ["_Unsigned"]
            assert made["v"].chunking() == "contiguous" and not made["v"].filters()["zlib"]


@pytest.mark.parametrize("dtype, fill", [("f4", -9999), ("f8", 0), ("i2", -1), ("u1", 255)])
def test_a_fill_value_has_the_dtype_of_the_cells(dtype, fill, rastream, tmp_path):
    path = tmp_path / "fill.zarr"
    cells = zarr.create_array(path / "v", shape=(3,), dtype=dtype, zarr_format=3, dimension_names=["x"],
                              attributes={"_FillValue": fill})
    cells[:] = [1, 2, 3]
    zarr.open_group(path, mode="a", zarr_format=3)
    with generated(dumped(rastream, path), tmp_path) as made:
        assert made["v"]._FillValue == fill and made["v"]._FillValue.dtype == made["v"].dtype == dtype


def test_real_files_with_leftover_chunk_sizes(rastream, shared_data, tmp_path):
    paths = sorted(shared_data.glob("daymet/bbox_indianapolis_monthly/*_ncss.nc"))
    assert paths
    for path in paths:
        text = dumped(rastream, path)
        assert "_ChunkSizes" in text
        with generated(text, tmp_path) as made, netCDF4.Dataset(path) as source:
            assert set(made.variables) == set(source.variables)
            for name in made.variables:
                np.testing.assert_array_equal(made[name][:], source[name][:])
