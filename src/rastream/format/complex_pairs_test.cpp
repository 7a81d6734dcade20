// SPDX-License-Identifier: Apache-2.0
// Two real variables as one complex one, for whoever asks for it.
#include <gtest/gtest.h>

#include <complex>
#include <filesystem>

#include "rastream/format/zarr/zarr_test_support.h"

namespace rastream {
namespace {

const std::string kStores = "../shared/data/sar/zarrs/";

void write_parts(const std::string& path, const std::vector<VariableSpec>& specs) {
  const auto writer = create_file(path, {});
  for (const VariableSpec& spec : specs) write_all_numbered(*writer, writer->add(spec), spec);
  writer->finish();
}

VariableSpec part(const std::string& name, DType dtype = DType::float32,
                  const Extents& shape = {5, 7}) {
  VariableSpec spec = make_spec(name, shape, {2, 3}, dtype);
  spec.attributes.set("units", "real");
  spec.attributes.set("part", name.substr(0, 1).c_str());
  return spec;
}

TEST(ComplexPairs, BandsOfSnapBecomeOneVariable) {
  const ScratchFolder folder;
  const std::string path = folder / "a.zarr";
  write_parts(path, {part("i_VV_19Mar2023"), part("q_VV_19Mar2023"), part("h2ph_VV_19Mar2023")});
  const auto plain = open_file(path);
  EXPECT_EQ(plain->variables().size(), 3u);
  const auto file = open_file("complex:" + path);
  EXPECT_EQ(file->variables().size(), 2u);
  const std::size_t v = file->find_variable("VV_19Mar2023");
  const VariableInfo& info = file->variables()[v];
  EXPECT_EQ(info.schema.dtype, DType::complex64);
  EXPECT_EQ(info.attributes.text("units"), "real");
  EXPECT_FALSE(info.attributes.contains("part"));
  const OwnedBlock real = read_whole(*plain, plain->find_variable("i_VV_19Mar2023"));
  const OwnedBlock imaginary = read_whole(*plain, plain->find_variable("q_VV_19Mar2023"));
  const OwnedBlock whole = read_whole(*file, v);
  for_each_index(whole.view().region, [&](const Extents& at) {
    const auto& cell = *reinterpret_cast<const std::complex<float>*>(whole.view().at(at));
    EXPECT_EQ(cell.real(), cell_as_double(real.view(), at));
    EXPECT_EQ(cell.imag(), cell_as_double(imaginary.view(), at));
  });
  OwnedBlock wide({{1, 2}, {4, 7}}, DType::complex128);
  file->read(v, wide.view());
  const auto& cell = *reinterpret_cast<const std::complex<double>*>(wide.view().at({3, 6}));
  EXPECT_EQ(cell.imag(), cell_as_double(imaginary.view(), {3, 6}));
}

TEST(ComplexPairs, HalvesAndPairsThatDoNotFitAreRefused) {
  const ScratchFolder folder;
  const auto refused = [&](Errc code, const char* word, const std::vector<VariableSpec>& specs) {
    const std::string path = folder / (std::string(word) + ".zarr");
    write_parts(path, specs);
    expect_refused(code, word, [&] { open_file("complex:" + path); });
    EXPECT_EQ(open_file(path)->variables().size(), specs.size()) << "without asking it is read";
  };
  refused(Errc::data_loss, "q_a", {part("i_a"), part("b")});
  refused(Errc::data_loss, "i_a", {part("q_a")});
  refused(Errc::data_loss, "differ", {part("i_a"), part("q_a", DType::float64)});
  refused(Errc::data_loss, "no parts", {part("i_a"), part("q_a", DType::float32, {5, 8})});
  refused(Errc::unsupported, "int16", {part("i_a", DType::int16), part("q_a", DType::int16)});
  refused(Errc::unsupported, "no complex", {part("a")});
  expect_refused(Errc::not_found, "absent",
                 [&] { open_file("complex:" + folder / "absent.zarr"); });
}

TEST(ComplexPairs, StacksOfSarxarrayAreReadAndBrokenOnesRefused) {
  if (!std::filesystem::exists(kStores)) GTEST_SKIP() << "needs ../shared/data/sar";
  const auto file = open_file("complex:" + kStores + "slcs_example.zarr");
  const std::size_t v = file->find_variable("complex");
  EXPECT_EQ(file->variables()[v].schema.shape, (Extents{2, 2, 3}));
  const OwnedBlock cells = read_whole(*file, v);
  const auto plain = open_file(kStores + "slcs_example.zarr");
  const OwnedBlock imaginary = read_whole(*plain, plain->find_variable("imag"));
  const auto* first = reinterpret_cast<const std::complex<float>*>(cells.view().data);
  EXPECT_EQ(first[0], std::complex<float>(50.15625F, imaginary.view().as<float>()[0]));
  expect_refused(Errc::data_loss, "no dimension 'time'",
                 [] { open_file("complex:" + kStores + "slcs_example_broken_dim.zarr"); });
  expect_refused(Errc::data_loss, "'real' is missing",
                 [] { open_file("complex:" + kStores + "slcs_example_broken_vars.zarr"); });
}

}  // namespace
}  // namespace rastream
