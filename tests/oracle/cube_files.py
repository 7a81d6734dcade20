# SPDX-License-Identifier: Apache-2.0
"""One cube in every format, written and read by the tools of others: zarr-python, netCDF4, rasterio."""
from dataclasses import dataclass, field

import netCDF4
import numpy as np
import rasterio
import zarr
from numcodecs import BZ2, GZip, Zstd
from numcodecs import Blosc as Blosc2
from pyproj import CRS
from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

N_TIME, N_Y, N_X = 3, 21, 34
SHAPE = (N_TIME, N_Y, N_X)
DIMS = ("time", "y", "x")
X = 500_005.0 + 10 * np.arange(N_X)
Y = 5_800_000.0 - 20 * np.arange(N_Y)
TIME = np.array([10957.5, 10958.5, 10960.5])
LABELS = ["first", "", "drei Äpfel"]
UTM = CRS.from_epsg(32631)
TIME_ATTRIBUTES = {"units": "days since 1950-01-01", "calendar": "noleap", "bounds_note": "noon"}
ATTRIBUTES = {"units": "K", "long_name": "day of the first leaf", "scale_factor": 0.125, "add_offset": -3.5,
              "standard_name": "air_temperature", "comment": "Größe in °C"}
# A GeoTIFF has no place for them.
MORE_ATTRIBUTES = {"valid_range": [1.0, 99.5], "flag_values": [1, 2, 4], "flag_meanings": "a b c", "level": 7}
GLOBAL_ATTRIBUTES = {"title": "a cube", "Conventions": "CF-1.8", "version": 3}

# Chunks of (time, y, x).
CHUNKS = {"whole": SHAPE, "slices": (1, N_Y, N_X), "columns": (N_TIME, 5, 8), "edges": (2, 8, 7)}
TILES = {"whole": {}, "slices": {"blockysize": 1}, "columns": {"tiled": True, "blockxsize": 16, "blockysize": 16},
         "edges": {"tiled": True, "blockxsize": 32, "blockysize": 16, "interleave": "pixel"}}


@dataclass
class Cube:
    """What a file says; attributes by value."""
    cells: np.ndarray
    nodata: object = None
    attributes: dict = field(default_factory=dict)
    crs: object = None
    x: np.ndarray = None
    y: np.ndarray = None
    time: np.ndarray = None
    time_attributes: dict = None
    labels: list = None
    global_attributes: dict = None


def some_cells(dtype):
    """The edges of the dtype among small numbers; floating ones with NaN payloads, -0 and infinities."""
    dtype = np.dtype(dtype)
    random = np.random.default_rng(5)
    if dtype.kind == "b":
        return random.integers(0, 2, SHAPE).astype(bool)
    if dtype.kind == "c":
        return (random.normal(size=SHAPE) + 1j * random.normal(size=SHAPE)).astype(dtype)
    cells = random.integers(0, 100, SHAPE).astype(dtype)
    if dtype.kind == "f":
        cells.flat[::7] = [np.nan, -0.0, np.inf, -np.inf, np.finfo(dtype).tiny, 0.1] * 51
        cells.view(f"u{dtype.itemsize}").flat[3] = np.array(np.nan, dtype).view(f"u{dtype.itemsize}") + 5
    else:
        cells.flat[:4] = [np.iinfo(dtype).min, np.iinfo(dtype).max, 0, 1]
    cells.flat[5::11] = nodata_of(dtype)
    return cells


def nodata_of(dtype):
    dtype = np.dtype(dtype)
    if dtype.kind in "bc":
        return None
    if dtype.kind == "f":
        return dtype.type(-9999)
    return np.iinfo(dtype).max if dtype.kind == "u" else dtype.type(-99)


def cube(dtype):
    return Cube(some_cells(dtype), nodata_of(dtype), ATTRIBUTES | MORE_ATTRIBUTES, UTM, X, Y, TIME, TIME_ATTRIBUTES, LABELS,
                GLOBAL_ATTRIBUTES)


def raster_cube(dtype):
    return Cube(some_cells(dtype), nodata_of(dtype), dict(ATTRIBUTES), UTM, X, Y)


# Codecs by format; "" of ours is the format's own.
FOREIGN_CODECS = {
    "zarr2": {"none": None, "zstd": Zstd(3), "gzip": GZip(4), "blosc": Blosc2("lz4", 5, 1), "bz2": BZ2(2)},
    "zarr3": {"none": None, "zstd": ZstdCodec(level=3, checksum=True), "gzip": GzipCodec(level=4), "blosc": BloscCodec(cname="zstd")},
    "netcdf": {"none": {}, "deflate": {"zlib": True, "complevel": 6, "shuffle": False}, "shuffle": {"zlib": True, "fletcher32": True}},
    "tif": {"none": {}, "deflate": {"compress": "deflate", "predictor": 2}, "lzw": {"compress": "lzw"}, "zstd": {"compress": "zstd"}},
}
FOREIGN_CODECS["shards"] = FOREIGN_CODECS["zarr3"]
OUR_CODECS = {"zarr2": ["", "none", "gzip:3", "blosc"], "zarr3": ["", "none", "gzip", "blosc"], "shards": ["zstd:1", "none", "blosc"],
              "netcdf": ["", "none", "deflate:9"], "tif": ["", "none", "zstd"]}
SUFFIX = {"zarr2": ".zarr", "zarr3": ".zarr", "shards": ".zarr", "netcdf": ".nc", "tif": ".tif"}


def write(path, kind, c, codec, chunking):
    compressor = FOREIGN_CODECS[kind][codec]
    if kind == "tif":
        return write_tif(path, c, compressor, chunking)
    if kind == "netcdf":
        return write_netcdf(path, c, compressor, chunking)
    return write_zarr(path, kind, c, compressor, chunking)


def crs_attributes(crs):
    return {"crs_wkt": crs.to_wkt(), **{k: v for k, v in crs.to_cf().items() if k != "crs_wkt"}}


def write_zarr(path, kind, c, compressor, chunking):
    is_v2 = kind == "zarr2"
    group = zarr.open_group(path, mode="w", zarr_format=2 if is_v2 else 3)
    group.attrs.update(c.global_attributes)

    def add(name, cells, dims, attributes, **options):
        cells = np.asarray(cells)
        attributes = dict(attributes)
        if is_v2:
            attributes["_ARRAY_DIMENSIONS"] = list(dims)
            options.setdefault("fill_value", None)  # else 0, which is nodata to Xarray
        else:
            options["dimension_names"] = list(dims)
        array = group.create_array(name, shape=cells.shape, dtype=cells.dtype if cells.dtype.kind != "U" or is_v2 else str,
                                   attributes=attributes, **options)
        array[...] = cells

    add("time", c.time, ["time"], c.time_attributes)
    add("x", c.x, ["x"], {"units": "m"})
    add("y", c.y, ["y"], {"units": "m"})
    add("label", c.labels, ["time"], {"long_name": "of a step"})
    add("crs", np.int32(0), [], crs_attributes(c.crs))
    options = {"compressors": compressor, "chunks": CHUNKS[chunking]}
    attributes = c.attributes | {"grid_mapping": "crs", "coordinates": "label"}
    if kind == "shards":
        options["shards"] = tuple(2 * n for n in CHUNKS[chunking])
    if is_v2:
        options["fill_value"] = c.nodata
    elif c.nodata is not None:
        attributes["_FillValue"] = c.nodata.item() if hasattr(c.nodata, "item") else c.nodata
    add("v", c.cells, DIMS, attributes, **options)


def write_netcdf(path, c, compressor, chunking):
    with netCDF4.Dataset(path, "w", auto_complex=True) as file:
        file.setncatts(c.global_attributes)
        for name, n in zip(DIMS, SHAPE):
            file.createDimension(name, None if name == "time" and chunking == "edges" else n)

        def add(name, cells, dims, attributes, dtype=None, **options):
            v = file.createVariable(name, dtype or np.asarray(cells).dtype, dims, **options)
            v.set_auto_maskandscale(False)
            v.setncatts(attributes)
            v[...] = np.array(cells, object) if dtype is str else cells

        add("time", c.time, ("time",), c.time_attributes)
        add("x", c.x, ("x",), {"units": "m"})
        add("y", c.y, ("y",), {"units": "m"})
        add("label", c.labels, ("time",), {"long_name": "of a step"}, dtype=str)
        add("crs", np.int32(0), (), crs_attributes(c.crs))
        attributes = c.attributes | {"grid_mapping": "crs", "coordinates": "label"}
        cells = c.cells
        if cells.dtype.kind == "b":
            cells, attributes = cells.astype("i1"), attributes | {"dtype": "bool"}
        add("v", cells, DIMS, attributes, chunksizes=CHUNKS[chunking], fill_value=c.nodata, **compressor)


def write_tif(path, c, compressor, chunking):
    if compressor.get("predictor") and (c.cells.dtype.kind == "c" or c.cells.dtype.itemsize == 8):
        compressor = compressor | {"predictor": 1}
    with rasterio.open(path, "w", driver="GTiff", width=N_X, height=N_Y, count=N_TIME, dtype=c.cells.dtype, crs=c.crs.to_wkt(),
                       transform=rasterio.Affine(10, 0, 500_000, 0, -20, 5_800_010), nodata=c.nodata, **compressor,
                       **TILES[chunking]) as file:
        file.write(c.cells)
        file.scales = [c.attributes["scale_factor"]] * N_TIME
        file.offsets = [c.attributes["add_offset"]] * N_TIME
        file.units = [c.attributes["units"]] * N_TIME
        file.descriptions = [c.attributes["long_name"]] * N_TIME
        file.update_tags(**{name: c.attributes[name] for name in ("standard_name", "comment")})


def read(path, kind):
    if kind == "tif":
        return read_tif(path)
    return read_netcdf(path) if kind == "netcdf" else read_zarr(path, kind)


def plain(value):
    """A value of an attribute, however it is typed."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return plain(value[0]) if len(value) == 1 else [plain(v) for v in value]
    return value


def of_arrays(names, cells, attributes, global_attributes, nodata):
    """A cube of what a file of named arrays holds."""
    v = "v" if "v" in names else "band_data"
    said = {name: plain(value) for name, value in attributes(v).items()}
    mapping = attributes(said.pop("grid_mapping"))
    said.pop("coordinates", None)
    has_time = "time" in names
    return Cube(cells(v), said.pop("_FillValue", None) if nodata is None else nodata, said,
                CRS.from_wkt(mapping["crs_wkt"]), cells("x"), cells("y"), cells("time") if has_time else None,
                {k: plain(v) for k, v in attributes("time").items()} if has_time else None,
                list(cells("label")) if "label" in names else None, {k: plain(v) for k, v in global_attributes.items()})


def read_zarr(path, kind):
    group = zarr.open_group(path, mode="r")
    assert group.metadata.zarr_format == (2 if kind == "zarr2" else 3)
    names = list(group.array_keys())
    v = group["v" if "v" in names else "band_data"]
    if kind == "shards":
        assert v.shards is not None
    hidden = {"_ARRAY_DIMENSIONS"}
    dims = v.attrs["_ARRAY_DIMENSIONS"] if kind == "zarr2" else v.metadata.dimension_names
    assert tuple(dims) in (DIMS, ("band", "y", "x"))
    c = of_arrays(names, lambda name: group[name][...], lambda name: {k: a for k, a in group[name].attrs.items() if k not in hidden},
                  group.attrs, v.metadata.fill_value if kind == "zarr2" else None)
    if isinstance(c.nodata, str):  # Xarray's base64 of a little-endian double
        import base64

        c.nodata = np.frombuffer(base64.b64decode(c.nodata), "<f8")[0]
    return c


def read_netcdf(path):
    with netCDF4.Dataset(path, auto_complex=True) as file:
        file.set_auto_maskandscale(False)
        c = of_arrays(list(file.variables), lambda name: file[name][...], lambda name: dict(file[name].__dict__), file.__dict__, None)
    if c.attributes.pop("dtype", None) == "bool":
        c.cells = c.cells.view(bool)
    return c


def read_tif(path):
    with rasterio.open(path) as file:
        t = file.transform
        assert t.b == t.d == 0
        attributes = {k: v for k, v in file.tags().items() if k not in ("AREA_OR_POINT", "OVR_RESAMPLING_ALG")}
        attributes |= {"units": file.units[0], "long_name": file.descriptions[0], "scale_factor": file.scales[0],
                       "add_offset": file.offsets[0]}
        return Cube(file.read(), file.nodata, attributes, CRS.from_wkt(file.crs.to_wkt()), t.c + t.a * (np.arange(file.width) + 0.5),
                    t.f + t.e * (np.arange(file.height) + 0.5))
