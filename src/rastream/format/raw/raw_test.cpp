// SPDX-License-Identifier: Apache-2.0
// Raw binary stacks by a JSON description or Doris metadata: cells of every form, and refusals that
// name what is wrong.
#include <complex>
#include <cstring>

#include "rastream/format/format_test_support.h"
#include "rastream/format/raw/description.h"
#include "rastream/format/raw/doris.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

const std::string kSharedSar = "../shared/data/sar/";

template <typename T>
std::string bytes_of(const std::vector<T>& values, bool is_big_endian = false) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  for (std::size_t i = 0; is_big_endian && i < bytes.size(); i += sizeof(T))
    std::reverse(bytes.begin() + static_cast<long>(i),
                 bytes.begin() + static_cast<long>(i + sizeof(T)));
  return bytes;
}

std::string description(const std::string& members) {
  return R"({"dims": ["time", "y", "x"], "shape": [2, 2, 3], )" + members + "}";
}

/// Cell i of 12 is i + 0.5 i, as pairs of T.
template <typename T>
std::vector<T> pairs() {
  std::vector<T> values;
  for (int i = 0; i < 12; ++i)
    values.insert(values.end(), {static_cast<T>(2 * i), static_cast<T>(i)});
  return values;
}

std::vector<std::complex<double>> complex_cells(const DatasetFile& file) {
  const Schema& schema = file.variables()[0].schema;
  OwnedBlock block(schema.whole(), DType::complex128);
  file.read(0, block.view());
  const auto* cells = block.view().as<std::complex<double>>();
  return {cells, cells + schema.n_cells()};
}

TEST(Raw, CellsOfEveryFormAreRead) {
  const ScratchFolder folder;
  const std::string path = folder / "a.raw.json";
  const auto expect_cells = [&](const std::string& bytes, const std::string& dtype,
                                const char* order, DType expected) {
    SCOPED_TRACE(dtype + " " + order);
    put_text(folder / "cells", "header" + bytes + "end");
    put_text(
        path,
        description(fmt::format(
            R"("dtype": "{}", "byte_order": "{}", "offset": 6, "trailing": 3, "files": ["cells"])",
            dtype, order)));
    const auto file = open_file(path);
    EXPECT_EQ(file->format_name(), "raw");
    ASSERT_EQ(file->variables().at(0).schema.dtype, expected);
    const auto cells = complex_cells(*file);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double n = static_cast<double>(i);
      EXPECT_EQ(cells[i], (is_complex(expected) ? std::complex<double>(2 * n, n) : 2 * n)) << i;
    }
    OwnedBlock part(Region({1, 0, 1}, {2, 2, 3}), DType::float32);
    file->read(0, part.view());
    EXPECT_EQ(cell_as_double(part.view(), {1, 1, 2}), 22) << "of a complex cell the real part";
  };
  for (const bool is_big : {false, true}) {
    const char* order = is_big ? "big" : "little";
    expect_cells(bytes_of(pairs<float>(), is_big), "complex64", order, DType::complex64);
    expect_cells(bytes_of(pairs<double>(), is_big), "complex128", order, DType::complex128);
    expect_cells(bytes_of(pairs<std::int16_t>(), is_big), "complex_int16", order, DType::complex64);
    std::vector<std::int32_t> integers;
    for (int i = 0; i < 12; ++i) integers.push_back(2 * i);
    expect_cells(bytes_of(integers, is_big), "int32", order, DType::int32);
    const std::vector<std::uint8_t> small(integers.begin(), integers.end());
    expect_cells(bytes_of(small), "uint8", order, DType::uint8);
  }
}

TEST(Raw, AStackHasOneFileForEachIndexOfTheFirstDimension) {
  const ScratchFolder folder;
  const std::string all = bytes_of(pairs<float>());
  put_text(folder / "one/cells", all.substr(0, all.size() / 2));
  put_text(folder / "two/cells", all.substr(all.size() / 2));
  put_text(folder / "s.raw.json",
           description(R"("dtype": "complex64", "name": "slc", "files": ["one/cells", "two/cells"],
    "coords": {"time": ["2018-03-06", "2018-03-12"], "y": {"values": [10, 20], "attributes": {"units": "m"}}},
    "attributes": {"platform": "S1B"}, "variable_attributes": {"units": "1"})"));
  const auto file = open_file(folder / "s.raw.json");
  ASSERT_EQ(file->variables().size(), 3u);
  EXPECT_EQ(file->variables()[0].name, "slc");
  EXPECT_EQ(file->variables()[0].schema.chunks.max_chunk_shape(), (Extents{1, 2, 3}));
  EXPECT_EQ(file->variables()[0].attributes.text("units"), "1");
  EXPECT_EQ(file->attributes().text("platform"), "S1B");
  EXPECT_EQ(file->read_strings(1), (std::vector<std::string>{"2018-03-06", "2018-03-12"}));
  EXPECT_EQ(cell_as_double(read_whole(*file, 2).view(), {1}), 20);
  const auto cells = complex_cells(*file);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(cells[i].real(), 2.0 * static_cast<double>(i));
  EXPECT_EQ(file->statistics().stored_bytes, 12 * 8);
}

TEST(Raw, LargeArraysAreCutIntoWholeRows) {
  const auto d = raw::parse_description(
      R"({"dims": ["t", "y", "x"], "shape": [2, 2000, 4000], "dtype": "complex64", "files": ["a", "b"]})",
      "p");
  EXPECT_EQ(d.schema.chunks.max_chunk_shape(), (Extents{1, 131, 4000}));
  EXPECT_EQ(d.file_bytes(), 2000 * 4000 * 8);
}

TEST(Raw, AWrongDescriptionIsRefusedNamingTheMember) {
  const ScratchFolder folder;
  put_text(folder / "cells", std::string(48, 'x'));
  const auto refused = [&](const std::string& json, const std::string& word,
                           Errc code = Errc::data_loss) {
    put_text(folder / "w.raw.json", json);
    expect_refused(code, word, [&] { open_file(folder / "w.raw.json"); });
  };
  const std::string whole = R"("dtype": "float32", "files": ["cells"])";
  refused("{", "JSON");
  refused("[]", "object");
  refused(R"({"dims": ["x"], )" + whole + "}", "'shape' is missing");
  refused(R"({"shape": [12], )" + whole + "}", "'dims' is missing");
  refused(R"({"dims": ["x", "y"], "shape": [12], )" + whole + "}", "2 dims");
  refused(R"({"dims": ["x"], "shape": [-12], )" + whole + "}", "negative");
  refused(R"({"dims": ["x", "y"], "shape": [4611686018427387904, 4], )" + whole + "}", "overflows");
  refused(R"({"dims": ["x"], "shape": [12], "offset": 9223372036854775807, )" + whole + "}",
          "overflows");
  refused(R"({"dims": ["x"], "shape": [12], "ofset": 4, )" + whole + "}", "'ofset' is unknown");
  refused(R"({"dims": ["x"], "shape": [12], "offset": -4, )" + whole + "}", "'offset'");
  refused(R"({"dims": ["x"], "shape": [12], "byte_order": "middle", )" + whole + "}", "middle");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "float16", "files": ["cells"]})", "float16");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "string", "files": ["cells"]})", "string");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "int32", "files": []})", "0 files");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "int32", "files": ["a", "b"]})", "2 files");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "int32", "files": "cells"})", "'files'");
  refused(R"({"dims": ["x"], "shape": [12], "coords": {"y": [1]}, )" + whole + "}", "'y'");
  refused(R"({"dims": ["x"], "shape": [12], "coords": {"x": [1]}, )" + whole + "}", "1 values");
  refused(R"({"dims": ["x"], "shape": [12], "coords": {"x": [null]}, )" + whole + "}", "'x'");
  refused(R"({"dims": ["x"], "shape": [13], )" + whole + "}", "has 48 bytes: expected 52");
  refused(R"({"dims": ["x"], "shape": [11], )" + whole + "}", "has 48 bytes: expected 44");
  refused(R"({"dims": ["x"], "shape": [12], "dtype": "int32", "files": ["none"]})", "none",
          Errc::not_found);
  expect_refused(Errc::not_found, "group", [&] { open_file(folder / "w.raw.json", "g"); });
}

TEST(Raw, TheSharedSceneHasItsFirstValue) {
  if (!fs::exists(kSharedSar)) GTEST_SKIP() << "needs ../shared/data/sar";
  const ScratchFolder folder;
  put_text(
      folder / "scene.raw.json",
      R"({"dims": ["azimuth", "range"], "shape": [100, 100], "dtype": "complex64", "files": [")" +
          fs::absolute(kSharedSar).native() + R"(scene_0.binaray"]})");
  const auto cells = complex_cells(*open_file(folder / "scene.raw.json"));
  EXPECT_EQ(cells.size(), 10000u);
  EXPECT_NEAR(cells[0].real(), -4019.5332, 1e-4);
  EXPECT_NEAR(cells[0].imag(), -6554.561, 1e-3);
}

/// A small result file of Doris 5 with its image beside it.
std::string doris_text() {
  return "MASTER RESULTFILE:   \n*_Start_readfiles:\n"
         "SAR_PROCESSOR:     Sentinel-1B\nProduct type specifier: S1B\n"
         "Sensor platform mission identifer: S1B\nScene identification: Orbit: 9914\n"
         "Scene_centre_latitude: 53.54352136900687\nScene_centre_longitude: 6.557386154885761\n"
         "Radar_wavelength (m): 0.055465760\n"
         "First_pixel_azimuth_time (UTC): 2018-Mar-06 17:24:29.954980\n"
         "Pulse_Repetition_Frequency (computed, Hz): 4.864863102995529e+02\n"
         "Total_azimuth_band_width (Hz): 3.14e+02\nWeighting_azimuth: Hamming\n"
         "Range_time_to_first_pixel (2way) (ms): 6.013024343276740\n"
         "Range_sampling_rate (computed, MHz): 64.345238126\n"
         "Total_range_band_width (MHz): 42.789918403\nWeighting_range: Hamming\n"
         "Number_of_lines_original: 6878\nNumber_of_pixels_original: 25133\n"
         "* End_readfiles:_NORMAL\n"
         "*_Start_resample:\nData_output_file: slave.raw\nData_output_format: complex_real4\n"
         "First_line (w.r.t. original_master): 11\nLast_line (w.r.t. original_master): 14\n"
         "First_pixel (w.r.t. original_master): 5\nLast_pixel (w.r.t. original_master): 7\n"
         "* End_resample:_NORMAL\n";
}

TEST(Doris, AResampledImageIsReadWithItsMetadata) {
  const ScratchFolder folder;
  put_text(folder / "metadata.res", doris_text());
  put_text(folder / "slave.raw", bytes_of(pairs<float>()));
  const auto file = open_file(folder / "metadata.res");
  EXPECT_EQ(file->format_name(), "doris");
  const VariableInfo& slc = file->variables().at(0);
  EXPECT_EQ(slc.name, "slc");
  EXPECT_EQ(slc.schema.dims, (std::vector<std::string>{"azimuth", "range"}));
  EXPECT_EQ(slc.schema.shape, (Extents{4, 3}));
  EXPECT_EQ(slc.attributes.number("first_line"), 11);
  EXPECT_EQ(complex_cells(*file)[5], std::complex<double>(10, 5));
  std::string shorts = doris_text();
  shorts.replace(shorts.find("complex_real4"), 13, "complex_short");
  put_text(folder / "metadata.res", shorts);
  put_text(folder / "slave.raw", bytes_of(pairs<std::int16_t>()));
  EXPECT_EQ(complex_cells(*open_file(folder / "metadata.res"))[5], std::complex<double>(10, 5));
  put_text(folder / "slave.raw", "short");
  const auto short_file = open_file(folder / "metadata.res");
  expect_refused(Errc::data_loss, "has 5 bytes: expected 48", [&] { complex_cells(*short_file); });
}

TEST(Doris, TheSharedFilesHaveTheirMetadata) {
  if (!fs::exists(kSharedSar)) GTEST_SKIP() << "needs ../shared/data/sar";
  const auto file = open_file(kSharedSar + "metadata/meta_doris5/20180306/metadata.res");
  const Attributes& a = file->attributes();
  EXPECT_EQ(a.number("scene_centre_latitude"), 53.54352136900687);
  EXPECT_EQ(a.number("scene_centre_longitude"), 6.557386154885761);
  EXPECT_EQ(a.text("first_pixel_azimuth_time"), "2018-03-06T17:24:29.954980");
  EXPECT_EQ(a.text("swath"), "IW3");
  EXPECT_EQ(file->variables()[0].schema.shape, (Extents{6881, 24865}));
  EXPECT_EQ(file->variables()[0].schema.dtype, DType::complex64);
  expect_refused(Errc::not_found, "slave_rsmp_reramped.raw", [&] {
    OwnedBlock cell(Region({0, 0}, {1, 1}), DType::complex64);
    file->read(0, cell.view());
  });
  const auto older = open_file(kSharedSar + "metadata/meta_doris4/20180301/metadata.res");
  EXPECT_EQ(older->attributes().text("first_pixel_azimuth_time"), "2018-03-01T17:19:09.165000");
  EXPECT_EQ(older->attributes().number("scene_centre_latitude"), 52.5403896702452542);
  EXPECT_EQ(older->variables()[0].schema.shape, (Extents{1750, 1752}));
  for (const auto& entry : fs::recursive_directory_iterator(kSharedSar + "metadata")) {
    if (entry.is_regular_file()) {
      EXPECT_EQ(open_file(entry.path())->format_name(), "doris") << entry.path();
    }
  }
}

TEST(Doris, EveryRequiredFieldThatIsMissingOrUnreadableIsNamed) {
  const std::string text = doris_text();
  int n_fields = 0;
  for (std::size_t begin = text.find("SAR_PROC"); begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const std::string line = text.substr(begin, end - begin);
    const std::string label = line.substr(0, line.find(": "));
    if (!line.starts_with('*')) {
      ++n_fields;
      expect_refused(Errc::data_loss, label, [&] {
        raw::parse_doris_result(text.substr(0, begin) + text.substr(end + 1), "m.res");
      });
      if (label.find("Data_output_file") == std::string::npos) {
        const bool is_text = label == "Scene identification" || !std::isdigit(line.back());
        const std::string bad = is_text && label != "Data_output_format" ? "" : "1.2x";
        expect_refused(Errc::data_loss, label, [&] {
          raw::parse_doris_result(text.substr(0, begin) + label + ": " + bad + text.substr(end),
                                  "m.res");
        });
      }
    }
    begin = end + 1;
  }
  EXPECT_EQ(n_fields, 23);
  for (const char* time : {"2018-Xxx-06 17:24:29", "2018-Mar-06", "2018-Mar-42 17:24:29",
                           "2018-Mar-06 25:24:29", "2018-Mar-06 17:24:29 x", "06 17:24:29"}) {
    std::string changed = text;
    changed.replace(changed.find("2018-Mar-06 17:24:29.954980"), 27, time);
    expect_refused(Errc::data_loss, "First_pixel_azimuth_time",
                   [&] { raw::parse_doris_result(changed, "m.res"); });
  }
  std::string far = text;
  far.replace(far.find("53.54"), 2, "153");
  expect_refused(Errc::data_loss, "latitude", [&] { raw::parse_doris_result(far, "m.res"); });
}

TEST(Doris, EveryTruncationIsRefused) {
  const std::string text = doris_text();
  for (std::size_t n = 0; n + 20 < text.size(); n += 7)
    EXPECT_EQ(code_of([&] { raw::parse_doris_result(text.substr(0, n), "m.res"); }),
              Errc::data_loss);
}

TEST(Snap, TheSharedStoresAreRead) {
  if (!fs::exists(kSharedSar)) GTEST_SKIP() << "needs ../shared/data/sar";
  const auto file = open_file(kSharedSar + "zarrs/20230319-coreg.znap");
  const std::size_t v = file->find_variable("h2ph_VV_19Mar2023");
  EXPECT_EQ(file->variables()[v].schema.shape, (Extents{84, 338}));
  EXPECT_EQ(file->variables()[v].schema.dims, (std::vector<std::string>{"y", "x"}));
  const VariableInfo& tie_points = file->variables()[file->find_variable("latitude")];
  EXPECT_EQ(tie_points.schema.dims, (std::vector<std::string>{"yt", "xt"}));
  EXPECT_EQ(tie_points.attributes.number("subsampling_y"), 304);
  EXPECT_EQ(tie_points.attributes.number("offset_x"), -225);
  const OwnedBlock latitudes = read_whole(*file, file->find_variable("latitude"));
  for_each_index(latitudes.view().region, [&](const Extents& i) {
    EXPECT_LT(std::abs(cell_as_double(latitudes.view(), i)), 90);
  });
}

}  // namespace
}  // namespace rastream
