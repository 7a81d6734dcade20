// SPDX-License-Identifier: Apache-2.0
// Cells of an HDF5 file without libhdf5: every layout, every filter of ours.
#include "rastream/format/hdf5/variable.h"
#include "tests/fuzz/hdf5_input.h"

using namespace rastream;

namespace {

std::vector<Filter> filters_of(int bits) {
  constexpr int kIds[] = {2, 3, 1, 32000, 32004, 32015, 307, 32001};
  std::vector<Filter> filters;
  for (int i = 0; i < 8; ++i) {
    if ((bits >> i & 1) != 0) filters.push_back({kIds[i], {4, 0, 0, 0}, ""});
  }
  return filters;
}

FileRecord record_of(const FileBytes& file, const fuzz::Hdf5Input& input) {
  FileRecord record;
  record.superblock = read_superblock(file);
  record.layouts = {read_layout(file, record.superblock, input.header_address)};
  record.indexes.resize(1);
  DatasetMetadata d;
  const bool is_chunked = record.layouts[0].kind >= Layout::Kind::btree;
  d.stored_shape = input.array.shape;
  d.limits = input.array.limits;
  if (is_chunked) d.chunk_shape = input.array.chunk_shape;
  d.type.cells.dtype = DType::int32;
  d.filters = FilterPipeline(filters_of(is_chunked ? input.filters : 0));
  const std::vector<std::string> dims = {"a", "b", "c"};
  d.info.schema = make_schema({dims.begin(), dims.begin() + d.stored_shape.size()}, d.stored_shape,
                              DType::int32);
  record.metadata.datasets = {std::move(d)};
  return record;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < fuzz::kParameterBytes) return 0;
  const auto input = fuzz::split_hdf5(fuzz::bytes_of(data, size));
  fuzz::try_it([&] {
    SharedFile file(fuzz::as_file(fuzz::hdf5_file));
    const FileRecord record = record_of(file.bytes, input);
    if (record.layouts[0].kind == Layout::Kind::virtual_) return;  // which libhdf5 reads
    const Hdf5Variable variable(file, record, 0);
    for (const bool from_end : {false, true}) {
      const Region region = fuzz::few_cells(input.array.shape, from_end);
      const OwnedBlock block(region, DType::int32);
      fuzz::try_it([&] { variable.read(block.view()); });
      fuzz::try_it([&] { variable.stored_bytes(region); });
    }
  });
  return 0;
}
