// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/raw/npy.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/format/zarr/type_string.h"

namespace rastream::raw {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  std::optional<std::string> type;
  std::optional<bool> is_fortran_order;
  std::optional<std::vector<std::int64_t>> shape;
};

/// Reads the one Python literal that a header may be.
class Literal {
 public:
  Literal(std::string_view text, const std::string& what) : rest_(text), what_(what) {}

  Header header() {
    Header header;
    take("{");
    while (!is_next("}")) {
      const std::string key = text();
      take(":");
      if (key == "descr" && !header.type) {
        header.type = type();
      } else if (key == "fortran_order" && !header.is_fortran_order) {
        header.is_fortran_order = is_next("True");
        take(*header.is_fortran_order ? "True" : "False");
      } else if (key == "shape" && !header.shape) {
        header.shape = tuple();
      } else {
        throw Error(Errc::data_loss, "{}: key '{}' in the header of a NumPy file", what_, key);
      }
      if (!is_next("}")) take(",");
    }
    take("}");
    if (!peek().empty()) fail("nothing after the dictionary");
    return header;
  }

 private:
  std::string type() {
    if (is_next("["))
      throw Error(Errc::unsupported, "{}: cells are records of fields: expected numbers", what_);
    return text();
  }

  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    take("(");
    while (!is_next(")")) {
      const std::string_view at = peek();
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), number);
      if (error != std::errc() || number < 0) fail("a length");
      rest_.remove_prefix(static_cast<std::size_t>(end - at.data()));
      numbers.push_back(number);
      if (is_next("L")) take("L");  // a long of Python 2
      if (!is_next(")")) take(",");
    }
    take(")");
    return numbers;
  }

  std::string text() {
    const char quote = is_next("\"") ? '"' : '\'';
    take({&quote, 1});
    const auto end = rest_.find(quote);
    if (end == std::string_view::npos) fail("the end of a text");
    const std::string found(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return found;
  }

  std::string_view peek() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size()));
    return rest_;
  }
  bool is_next(std::string_view token) { return peek().starts_with(token); }
  void take(std::string_view token) {
    if (!is_next(token)) fail(fmt::format("'{}'", token));
    rest_.remove_prefix(token.size());
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(Errc::data_loss, "{}: the header of a NumPy file: expected {} at '{}'", what_,
                expected, rest_.substr(0, 20));
  }

  std::string_view rest_;
  const std::string& what_;
};

/// The header's text, and where the cells begin.
std::pair<std::string_view, std::size_t> header_of(std::string_view head, const std::string& what) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(head[i]));
  };
  const std::size_t version = head.size() > 6 ? byte(6) : 0;
  if (version < 1 || version > 3)
    throw Error(Errc::unsupported, "{}: version {} of NumPy's format: expected 1, 2 or 3", what,
                version);
  const std::size_t begin = version == 1 ? 10 : 12;
  std::size_t length = 0;
  for (std::size_t i = begin; i > 8 && head.size() >= begin; --i)
    length = length << 8 | byte(i - 1);
  if (head.size() < begin || length > kMaxNpyHeaderBytes - begin || head.size() - begin < length) {
    throw Error(Errc::data_loss,
                "{}: the header of a NumPy file has {} bytes: expected at most {} in the file",
                what, length, std::min(head.size(), kMaxNpyHeaderBytes));
  }
  return {head.substr(begin, length), begin + length};
}

CellForm form_of(const std::string& name, const std::string& what) {
  const auto type = zarr::split_type(name);
  CellForm form;
  form.is_swapped = type && type->byte_order == '>';
  form.is_half = type && type->kind == 'f' && type->size == 2;
  if (form.is_half) return form;
  const bool is_number = type && type->unit.empty() && type->kind != 'M' && type->kind != 'm';
  const auto dtype = is_number ? zarr::number_type(type->kind, type->size) : std::nullopt;
  if (!dtype) {
    throw Error(Errc::unsupported, "{}: cells of NumPy's type '{}': expected numbers or truths",
                what, name.substr(0, 60));
  }
  form.dtype = *dtype;
  form.part = part_of(*dtype);
  return form;
}

Extents reversed(Extents e) {
  std::reverse(e.begin(), e.end());
  return e;
}

/// Chunks are whole rows of what lies together in the file.
Schema npy_schema(const Extents& shape, bool is_fortran_order, const CellForm& cells,
                  const std::string& what) {
  std::vector<std::string> dims;
  for (std::size_t i = 0; i < shape.size(); ++i) dims.push_back(fmt::format("dim_{}", i));
  if (!is_fortran_order) return schema_of(dims, shape, cells, false, what);
  const Schema stored = schema_of(dims, reversed(shape), cells, false, what);
  return make_schema(dims, shape, cells.dtype,
                     ChunkGrid::regular(shape, reversed(stored.chunks.max_chunk_shape())));
}

}  // namespace

bool is_npy(std::string_view head) { return head.starts_with(kMagic); }

Description parse_npy(std::string_view head, const std::string& path) {
  const std::string what = "'" + path + "'";
  if (!is_npy(head)) throw Error(Errc::data_loss, "{} is not a NumPy file", what);
  const auto [text, offset] = header_of(head, what);
  const Header header = Literal(text, what).header();
  if (!header.type || !header.is_fortran_order || !header.shape) {
    throw Error(Errc::data_loss,
                "{}: the header of a NumPy file lacks one of descr, fortran_order and shape", what);
  }
  if (header.shape->size() >= kMaxRank) {
    throw Error(Errc::unsupported, "{}: {} dimensions: at most {} are supported", what,
                header.shape->size(), kMaxRank - 1);
  }
  Description d;
  d.name = std::filesystem::path(path).stem().native();
  d.cells = form_of(*header.type, what);
  d.files = {path};
  d.offset = static_cast<std::int64_t>(offset);
  d.is_fortran_order = *header.is_fortran_order;
  d.schema = npy_schema(Extents(std::span(*header.shape)), d.is_fortran_order, d.cells, what);
  check_sizes(d, what);
  return d;
}

}  // namespace rastream::raw
