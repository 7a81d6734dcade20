#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small valid inputs for the fuzz targets: make_seeds.py FOLDER writes FOLDER/<target>/<seed>.

Needs h5py, netCDF4, rasterio and zarr of tests/oracle/requirements.txt. The fuzzer does the rest; what it found
worth keeping is in tests/fuzz/corpus.
"""
import base64
import json
import struct
import sys
import zlib
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import rasterio
import zarr

ROOT = Path(sys.argv[1])


def put(target, name, data):
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def scratch(name):
    folder = ROOT / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def hdf5_seeds():
    cells = np.arange(60, dtype="<i4").reshape(6, 10)
    cases = {
        "contiguous": {},
        "btree": dict(chunks=(2, 5)),
        "deflate": dict(chunks=(2, 5), compression="gzip", shuffle=True, fletcher32=True),
        "growing": dict(chunks=(2, 5), maxshape=(None, 10)),
        "growing_twice": dict(chunks=(2, 5), maxshape=(None, None)),
        "growing_filtered": dict(chunks=(2, 5), maxshape=(None, 10), compression="gzip"),
        "single": dict(chunks=(6, 10), compression="gzip"),
    }
    for name, options in cases.items():
        for version in ("earliest", "latest"):
            path = scratch(f"{name}_{version}.h5")
            with h5py.File(path, "w", libver=version) as file:
                v = file.create_dataset("v", data=cells, **options)
                v.attrs["units"] = "m"
                address = h5py.h5o.get_info(v.id).addr
                chunks, limits = v.chunks or (1, 1), v.maxshape
            data = path.read_bytes()
            filters = 7 if name == "deflate" else 4 if "compression" in options else 0
            axes = b"".join(struct.pack("<HBB", cells.shape[i], chunks[i], 255 if limits[i] is None else 0)
                            for i in range(2)) + bytes(4)
            for target in ("hdf5_index_fuzz", "hdf5_cells_fuzz"):
                put(target, path.stem, data + struct.pack("<IBB", address, 1, 3) + axes + bytes([filters, 0]))
            put("hdf5_file_fuzz", path.stem, data)


def netcdf_seeds():
    for kind in ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA"):
        path = scratch(kind + ".nc")
        with netCDF4.Dataset(path, "w", format=kind) as d:
            d.createDimension("time", None)
            d.createDimension("x", 4)
            d.createDimension("n", 3)
            d.title = "seed"
            v = d.createVariable("v", "f4", ("time", "x"), fill_value=-1)
            v[:] = np.arange(8, dtype="f4").reshape(2, 4)
            d.createVariable("t", "f8", ("time",))[:] = [1, 2]
            d.createVariable("name", "S1", ("x", "n"))[:] = np.full((4, 3), b"a", "S1")
            d.createVariable("s", "i2", ())[:] = 5
        put("netcdf_classic_fuzz", kind, path.read_bytes())


def tiff_seeds():
    cells = np.arange(2 * 20 * 20).reshape(2, 20, 20)
    for dtype in ("uint8", "int16", "float32", "complex64"):
        for compress in ("none", "lzw", "deflate", "packbits", "zstd", "lzma"):
            for predictor in (1, 2, 3):
                if predictor > 1 and compress in ("none", "packbits"):
                    continue
                if predictor == 2 and dtype in ("float32", "complex64") or predictor == 3 and dtype != "float32":
                    continue
                path = scratch(f"{dtype}_{compress}_{predictor}.tif")
                options = dict(predictor=predictor) if predictor > 1 else {}
                with rasterio.open(path, "w", driver="GTiff", count=2, width=20, height=20, dtype=dtype,
                                   compress=compress, tiled=True, blockxsize=16, blockysize=16,
                                   interleave="band" if predictor == 2 else "pixel", **options) as file:
                    file.write(cells.astype(dtype))
                put("tiff_fuzz", path.stem, path.read_bytes())
    for kind, data in enumerate((b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", b"\xfe\xaa\x02\x80\x00\x2a",
                                 zlib.compress(bytes(200)))):
        put("tiff_codec_fuzz", str(kind), bytes([kind, 9, 0]) + data)


V2 = {"zarr_format": 2, "shape": [4, 6], "chunks": [2, 3], "dtype": "<i2", "order": "C", "fill_value": 0,
      "filters": None, "compressor": None}


def v3(**changes):
    return {"zarr_format": 3, "node_type": "array", "shape": [4, 6], "data_type": "int16",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 3]}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "fill_value": 0,
            "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
            "dimension_names": ["y", "x"], "attributes": {"units": "m"}} | changes


SHARDING = {"name": "sharding_indexed", "configuration": {
    "chunk_shape": [2, 3], "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "index_location": "end"}}


def metadata_documents():
    yield "v2", V2
    yield "v2_big", V2 | {"dtype": ">f8", "order": "F", "fill_value": "NaN", "compressor": {"id": "zlib", "level": 1},
                          "filters": [{"id": "delta", "dtype": ">f8"}, {"id": "shuffle", "elementsize": 8}],
                          "attributes": {"_ARRAY_DIMENSIONS": ["y", "x"]}}
    for dtype in ("<U4", "|S3", "<c16", "|b1", "<M8[ns]", "<f2", "|O"):
        yield "v2_" + dtype[1:3], V2 | {"dtype": dtype, "fill_value": None,
                                        "filters": [{"id": "vlen-utf8"}] if dtype == "|O" else None}
    yield "v3", v3()
    chunk_grid = {"name": "regular", "configuration": {"chunk_shape": [4, 6]}}
    yield "v3_sharded", v3(codecs=[SHARDING], chunk_grid=chunk_grid)
    yield "v3_codecs", v3(data_type="float32", fill_value="0x7fc00000", chunk_key_encoding={"name": "v2"}, codecs=[
        {"name": "transpose", "configuration": {"order": [1, 0]}},
        {"name": "bytes", "configuration": {"endian": "big"}},
        {"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 4,
                                            "blocksize": 0}},
        {"name": "zstd", "configuration": {"level": 1, "checksum": False}}, {"name": "crc32c"}])
    yield "v3_text", v3(data_type="string", fill_value="", codecs=[{"name": "vlen-utf8"}])


def zarr_seeds():
    def text(value):
        return "base64:" + base64.b64encode(value).decode()

    cells = text(np.arange(6, dtype="<i2").tobytes())
    for name, document in metadata_documents():
        put("zarr_metadata_fuzz", name, json.dumps(document))
        if "node_type" in document:
            refs = {"zarr.json": document} | {f"c/{i}/{j}": cells for i in (0, 1) for j in (0, 1)}
        else:
            refs = {".zgroup": {"zarr_format": 2}, "v/.zarray": document, "v/0.0": cells, "v/1.1": cells,
                    "v/.zattrs": document.get("attributes", {})}
        if name == "v3_sharded":
            index = b"".join(struct.pack("<QQ", 12 * i, 12) for i in range(4))
            refs["c/0/0"] = text(bytes(48) + index)
        if "text" in name or "O" in name:
            texts = struct.pack("<I", 6) + b"".join(struct.pack("<I", 1) + b"a" for _ in range(6))
            refs |= {key: text(texts) for key, value in refs.items() if value == cells}
        put("zarr_file_fuzz", name, json.dumps(refs))
    put("zarr_shard_fuzz", "end", bytes(48) + b"".join(struct.pack("<QQ", 3 * i, 3) for i in range(16)))
    put("zarr_shard_fuzz", "start", b"".join(struct.pack("<QQ", 256 + i, 1) for i in range(16)) + bytes(16))
    put("zarr_manifest_fuzz", "manifest", '"run_id": "a",\n"arrays": {\n"v": {"signature": "00000000000000aa", '
        '"chunks": [[12, "00000000000000bb"],\n"fill"]}}}\n')
    put("zarr_manifest_fuzz", "journal", "00000000000000aa 0 12 00000000000000bb v\n00000000000000aa 1 -1 0 v\n")


def codec_seeds():
    import numcodecs as nc

    cells = np.arange(50, dtype="<i4")
    raw = cells.tobytes()
    v2 = [nc.Zlib(1), nc.GZip(1), nc.BZ2(1), nc.LZ4(), nc.Zstd(1), nc.LZMA(), nc.CRC32(), nc.Adler32(), nc.Fletcher32(),
          nc.Delta("<i4"), nc.Shuffle(4), nc.FixedScaleOffset(0, 10, "<f4", "<i2"), nc.Quantize(2, "<f4"),
          nc.BitRound(10), nc.AsType("<i2", "<i4"), nc.PackBits()]
    v2 += [nc.Blosc(cname, 5, shuffle) for cname in ("lz4", "blosclz", "zlib", "zstd") for shuffle in (0, 1, 2)]
    for i, codec in enumerate(v2):
        floats = codec.codec_id in ("fixedscaleoffset", "quantize", "bitround")
        given = cells.astype("<f4") if floats else cells.astype("?") if codec.codec_id == "packbits" else cells
        if codec.codec_id == "packbits":
            given = given[:50]
        stored = bytes(codec.encode(given if codec.codec_id not in ("crc32", "adler32") else given.view("u1")))
        n = len(raw) if codec.codec_id != "packbits" else 50
        for version in (2, 3):
            config = codec.get_config()
            named = {"name": "numcodecs." + config["id"], "configuration": config} if version == 3 else config
            line = json.dumps({"zarr_format": version, "item_size": 2, "bytes": n, "codecs": [named]})
            put("zarr_codec_fuzz", f"{codec.codec_id}_{version}_{i}", line.encode() + b"\n" + stored)
    chain = json.dumps({"zarr_format": 3, "item_size": 2, "bytes": len(raw),
                        "codecs": [{"name": "gzip", "configuration": {"level": 1}}, {"name": "crc32c"}]})
    put("zarr_codec_fuzz", "chain", chain.encode() + b"\n" + raw)


def zip_seeds():
    import zipfile

    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = scratch(f"{kind}.zip")
        with zipfile.ZipFile(path, "w", kind) as file:
            file.writestr("a/.zarray", json.dumps(V2))
            with file.open("a/0.0", "w", force_zip64=True) as entry:
                entry.write(bytes(100))
        put("zip_fuzz", path.stem, path.read_bytes())


def filter_seeds():
    def seed(filters, n_bytes, stored):
        head = bytes([len(filters)])
        for number, parameters in filters:
            head += struct.pack("<HB", number, len(parameters)) + struct.pack(f"<{len(parameters)}H", *parameters)
        return head + b"\0" + struct.pack("<H", n_bytes) + stored

    import hdf5plugin  # noqa: F401  registers the filters

    cells = np.arange(256, dtype="<i4")
    options = {"shuffle_deflate": dict(compression="gzip", shuffle=True), "fletcher32": dict(fletcher32=True),
               "lzf": dict(compression="lzf"), "szip": dict(compression="szip"), "bitshuffle": hdf5plugin.Bitshuffle(),
               "bitshuffle_none": hdf5plugin.Bitshuffle(cname="none"), "lz4": hdf5plugin.LZ4(),
               "zstd": hdf5plugin.Zstd(), "bzip2": hdf5plugin.BZip2(), "blosc": hdf5plugin.Blosc(),
               "blosc_zstd": hdf5plugin.Blosc(cname="zstd")}
    for name, kind in options.items():
        with h5py.File(scratch("filter.h5"), "w") as file:
            try:
                v = file.create_dataset("v", data=cells, chunks=cells.shape, **kind)
            except ValueError:
                continue
            plist = v.id.get_create_plist()
            filters = [plist.get_filter(i) for i in range(plist.get_nfilters())]
            _, stored = v.id.read_direct_chunk((0,))
        put("hdf5_filter_fuzz", name, seed([(f[0], [p & 0xffff for p in f[2][:8]]) for f in filters], cells.nbytes, stored))


def text_seeds():
    put("json_fuzz", "all", '{"a": [1, -2.5e-3, true, null, NaN, -Infinity, "\\u00e9\\n"], "b": {"c": 18446744073709551615}}')
    for text in ("512MiB", "1.5 GB", "-124.784,24.743,-66.951,49.346", "../x/y.json", "file:///a/b", "<M8[ns]",
                 "complex64", "aGVsbG8=", "http://a/b"):
        put("text_fuzz", base64.b32encode(text.encode()).decode().strip("="), text)
    for text in ("days since 1950-01-01 00:00:00|noleap", "hours since 1900-1-1 12:30:15.25 +01:00|360_day",
                 "months since 2000-01-01|360_day", "1980-05-03T12:30:15.25Z", "1980-05", "1582-10-04", "-0044-03-15"):
        put("time_fuzz", base64.b32encode(text.encode()).decode().strip("="), text)
    put("grid_mapping_fuzz", "lcc", json.dumps({
        "grid_mapping_name": "lambert_conformal_conic", "standard_parallel": [25.0, 60.0],
        "longitude_of_central_meridian": -100.0, "latitude_of_projection_origin": 42.5, "false_easting": 0.0,
        "false_northing": 0.0, "semi_major_axis": 6378137.0, "inverse_flattening": 298.257223563,
        "GeoTransform": "0 1 0 0 0 -1"}))
    for name in ("transverse_mercator", "polar_stereographic", "latitude_longitude", "albers_conical_equal_area",
                 "sinusoidal", "rotated_latitude_longitude", "geostationary", "mercator", "lambert_azimuthal_equal_area"):
        put("grid_mapping_fuzz", name, json.dumps({
            "grid_mapping_name": name, "longitude_of_central_meridian": 5.0, "latitude_of_projection_origin": 52.0,
            "longitude_of_projection_origin": 5.0, "straight_vertical_longitude_from_pole": 0.0,
            "standard_parallel": 45.0, "scale_factor_at_central_meridian": 0.9996, "earth_radius": 6371000.0,
            "grid_north_pole_latitude": 40.0, "grid_north_pole_longitude": 10.0,
            "perspective_point_height": 35786000.0, "sweep_angle_axis": "y"}))
    put("stac_fuzz", "item", json.dumps({
        "type": "Feature", "stac_version": "1.1.0", "id": "a", "geometry": None, "bbox": [1, 2, 3, 4],
        "properties": {"datetime": None, "start_datetime": "2000-01-01T00:00:00Z"}, "collection": "c",
        "links": [{"rel": "self", "href": "./a.json", "type": "application/json"}],
        "assets": {"x": {"href": "./x.nc", "roles": ["data"], "proj:code": "EPSG:4326", "title": "t"}}}))
    put("stac_fuzz", "collection", json.dumps({"type": "Collection", "stac_version": "1.0.0", "id": "c",
                                               "description": "d", "links": [{"rel": "item", "href": "a.json"}]}))
    for n, text in enumerate((
            "a = 1 AND b LIKE 'te%' OR NOT c IS NULL", "a BETWEEN 0 AND 2 AND b IN ('x', 'text')", "A_CONTAINS(c, ('x'))",
            "S_INTERSECTS(geometry, POLYGON Z ((0 50 1, 9 50 1, 9 54 1, 0 50 1)))", "S_WITHIN(geometry, BBOX(0, 50, 9, 54))",
            "T_DURING(datetime, INTERVAL('2019-01-01', '..'))", "-a ^ 2 + 3 * (a div 2) % 5 - 1.5e0 = a / 2",
            "CASEI(b) = ACCENTI('TEXT') AND datetime >= TIMESTAMP('2020-01-01T00:00:00Z')", "f(a, \"b\", DATE('2020-01-01'))",
            '{"op": "and", "args": [{"op": "<", "args": [{"property": "a"}, 2]}, {"op": "s_within", "args": [{"property": "geometry"}, '
            '{"type": "Point", "coordinates": [5, 52]}]}, {"op": "t_after", "args": [{"interval": ["..", "2020-01-01"]}, {"date": "2020-01-01"}]}]}')):
        put("cql2_fuzz", f"filter{n}", text)
    put("plan_fuzz", "plan", json.dumps({
        "rastream_plan": 1, "threads": 2, "nodes": [
            {"op": "read", "params": {"path": "a.nc"}, "inputs": []}, {"op": "mean", "params": {}, "inputs": [0]}],
        "outputs": [{"name": "v", "node": 1}], "nest": {
            "stream": "time", "cell_dims": ["y", "x"], "loop_dims": [], "slab": 4, "step": 1, "tile_cells": 1024,
            "cell_lists": False, "read_ahead": True, "tasks_in_parallel": False, "most_waiting": 5,
            "column_cuts": [{"size": 10, "chunk": 4}, {"edges": [0, 3, 10]}],
            "kept": [{"node": 0, "in_memory": True}]},
        "memory_bound": {"process": 1, "slabs": 2, "state": 3, "kept": 4, "outputs": 5, "workers": 6}}))
    put("references_fuzz", "v1", json.dumps({"version": 1, "templates": {"u": "/etc/hostname"}, "refs": {
        ".zgroup": '{"zarr_format": 2}', "a/0": ["{{u}}", 0, 4], "a/1": "base64:AAAA", "a/2": ["file:///etc/hostname"]}}))
    put("references_fuzz", "v0", json.dumps({".zgroup": {"zarr_format": 2}, "a/0": ["x", 1, 2]}))


DORIS = {
    "readfiles": {
        "SAR_PROCESSOR": "S1", "Product type specifier": "slc", "Sensor platform mission identifer": "S1A",
        "Scene identification": "Orbit: 1", "Scene_centre_latitude": "53.5", "Scene_centre_longitude": "6.5",
        "Radar_wavelength (m)": "0.0555", "First_pixel_azimuth_time (UTC)": "2018-Mar-06 17:16:51.2",
        "Pulse_Repetition_Frequency (computed, Hz)": "486.4", "Total_azimuth_band_width (Hz)": "327.0",
        "Weighting_azimuth": "HAMMING", "Range_time_to_first_pixel (2way) (ms)": "5.3",
        "Range_sampling_rate (computed, MHz)": "64.3", "Total_range_band_width (MHz)": "56.5",
        "Weighting_range": "HAMMING", "Number_of_lines_original": "100", "Number_of_pixels_original": "200"},
    "crop": {
        "Data_output_file": "slave.raw", "Data_output_format": "complex_short",
        "First_line (w.r.t. original_image)": "1", "Last_line (w.r.t. original_image)": "10",
        "First_pixel (w.r.t. original_image)": "1", "Last_pixel (w.r.t. original_image)": "20"}}


def doris_result():
    text = "MASTER RESULTFILE: a.res\n\nStart_process_control\nreadfiles: 1\ncrop: 1\nEnd_process_control\n"
    for section, fields in DORIS.items():
        text += f"*_Start_{section}: master\n"
        text += "".join(f"{label}: \t{value}\n" for label, value in fields.items())
        text += f"* End_{section}:_NORMAL\n"
    return text


def raw_seeds():
    put("raw_fuzz", "description", json.dumps({
        "rastream_raw": 1, "files": ["a.raw", "b.raw"], "dtype": "complex_short", "dims": ["t", "y", "x"],
        "shape": [2, 3, 4], "byte_order": "big", "name": "slc", "offset": 4, "trailing": 1,
        "variable_attributes": {"units": "1"}, "attributes": {"title": "a"}, "coords": {"t": {"values": [1, 2]}}}))
    put("raw_fuzz", "doris", doris_result())
    put("hdf5_journal_fuzz", "two", bytes([200, 0, 60, 0, 1]) + b"\x05hello\x03abc")
    for kind in (0, 1, 2):
        put("hdf5_checksums_fuzz", str(kind), bytes([kind, 5, 0, 1]) + struct.pack("<QQQQQQ", 32768, 1, 0, 8, 1, 2))


for make in (hdf5_seeds, netcdf_seeds, tiff_seeds, zarr_seeds, codec_seeds, zip_seeds, filter_seeds, text_seeds, raw_seeds):
    make()
