// SPDX-License-Identifier: Apache-2.0
// A variable of a file, or a window of it, as an array of stored values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/format/format.h"
#include "rastream/graph/array.h"

namespace rastream {

class Read final : public Source {
 public:
  struct Params {
    std::string path;
    std::string group;
    std::string variable;
    std::vector<std::int64_t> begin;  ///< of the window; empty for the whole variable
    std::vector<std::int64_t> end;
  };
  static void describe(auto& d, auto& p) {
    d("path", p.path, "file or store");
    d("group", p.group, "group in the file");
    d("variable", p.variable, "name of the variable");
    d("begin", p.begin, "first cell of the window along each dimension");
    d("end", p.end, "one past the last cell of the window");
  }
  /// Opens the file, once for all readers of it. Throws what open_file throws, and invalid_argument
  /// for a window that does not lie inside the variable.
  Read(const std::vector<Array>& inputs, Params params);

  const Schema& schema() const override { return schema_; }
  void compute(std::span<const Block> in, Block& out) const override;
  std::optional<double> missing() const override { return missing_; }
  std::optional<std::int64_t> stored_bytes(const Region& region) const override;
  std::string description() const override;
  std::int64_t scratch_bytes() const override { return scratch_bytes_; }
  std::int64_t shared_bytes() const override;

  const DatasetFile& file() const { return *file_; }
  const VariableInfo& variable() const { return file_->variables()[variable_]; }
  /// What this array shows of the variable.
  const Region& window() const { return window_; }
  /// The part `window` of this array, as a smaller read.
  Array windowed(const Region& window) const;

 private:
  Region in_file(const Region& region) const;

  Params params_;
  std::shared_ptr<DatasetFile> file_;
  std::size_t variable_ = 0;
  Region window_;
  Schema schema_;
  std::optional<double> missing_;
  std::int64_t scratch_bytes_ = 0;
};

OperatorInfo read_operator();

/// A file that is opened once and shared as long as anybody uses it.
std::shared_ptr<DatasetFile> open_shared(const std::string& path, const std::string& group);

}  // namespace rastream
