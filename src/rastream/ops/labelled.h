// SPDX-License-Identifier: Apache-2.0
// Xarray's operations on labelled arrays. Arithmetic aligns by the coordinates of shared dimensions
// (inner join) and broadcasts by name; coordinates follow the cells; attributes of the variables do
// not survive arithmetic, the CRS does. All are lazy: only labels are read while an expression is
// written down.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rastream/geo/bbox.h"
#include "rastream/geo/crs.h"
#include "rastream/graph/data_array.h"
#include "rastream/ops/elementwise/elementwise.h"
#include "rastream/ops/folds/folds.h"
#include "rastream/ops/views/views.h"

namespace rastream {

/// An operand of labelled arithmetic: a DataArray or a literal, whose dtype is weak.
class Term {
 public:
  Term(DataArray array) : value_(std::move(array)) {}  // NOLINT(google-explicit-constructor)
  template <typename T>
  requires std::integral<T> || std::floating_point<T> Term(T literal)
      : value_(Operand(literal)) {}  // NOLINT(google-explicit-constructor)
  const DataArray* array() const { return std::get_if<DataArray>(&value_); }
  const Operand& literal() const { return std::get<Operand>(value_); }

 private:
  std::variant<DataArray, Operand> value_;
};

/// Any operation of elementwise() on labelled operands. Throws invalid_argument when nothing is
/// left after alignment of a dimension that had cells, or sizes of an unlabelled dimension differ.
DataArray apply_elementwise(const std::string& name, std::vector<Term> terms);

DataArray operator+(const Term& a, const Term& b);
DataArray operator-(const Term& a, const Term& b);
DataArray operator*(const Term& a, const Term& b);
DataArray operator/(const Term& a, const Term& b);
DataArray operator-(const DataArray& a);
DataArray operator>(const Term& a, const Term& b);
DataArray operator>=(const Term& a, const Term& b);
DataArray operator<(const Term& a, const Term& b);
DataArray operator<=(const Term& a, const Term& b);
DataArray operator&&(const DataArray& a, const DataArray& b);
DataArray operator||(const DataArray& a, const DataArray& b);
DataArray operator!(const DataArray& a);
DataArray sin(const DataArray& a);
DataArray cos(const DataArray& a);
DataArray exp(const DataArray& a);
DataArray log(const DataArray& a);
DataArray sqrt(const DataArray& a);
DataArray absolute(const DataArray& a);
DataArray real(const DataArray& a);
DataArray imag(const DataArray& a);
DataArray conj(const DataArray& a);
DataArray angle(const DataArray& a);
DataArray floor(const DataArray& a);
/// Half to even, as NumPy.
DataArray round(const DataArray& a);
DataArray isfinite(const DataArray& a);
DataArray isnan(const DataArray& a);
/// `x` where `condition` holds, else `y`.
DataArray where(const DataArray& condition, const Term& x, const Term& y);
/// `a` where `condition` holds, else NaN (integers become float64).
DataArray where(const DataArray& a, const DataArray& condition);
DataArray clip(const DataArray& a, std::optional<double> least, std::optional<double> greatest);
DataArray astype(const DataArray& a, DType dtype);

DataArray isel(const DataArray& a, const std::string& dim, const Slice& slice);
DataArray isel(const DataArray& a, const std::string& dim, std::int64_t index);
/// The cell whose label equals `label` (or is nearest to it). Throws not_found naming the label and
/// the range there is.
DataArray sel(const DataArray& a, const std::string& dim, double label, bool nearest = false);
/// The cell of a text label; for a time dimension the cells in a partial date such as "1980-05".
DataArray sel(const DataArray& a, const std::string& dim, const std::string& label);
/// Cells with labels from `first` to `last`, both included, in the order of the labels (Xarray's
/// slice).
DataArray sel(const DataArray& a, const std::string& dim, double first, double last);

/// The CRS of the grid mapping among the coordinates; nothing when there is none. Throws what
/// Crs::from_cf throws.
std::optional<Crs> crs_of(const Coordinates& coords);
/// Name of the grid mapping coordinate; empty when there is none.
std::string grid_mapping_of(const Coordinates& coords);
/// The cells of dimensions x and y that a longitude-latitude box touches (RioXarray's half-cell
/// rule). Throws invalid_argument when there is no CRS, or the box lies outside.
DataArray clip_box(const DataArray& a, const BBox& lonlat);

/// Labels are padded like the cells; with mode constant numbers by NaN, and text labels are
/// dropped.
DataArray pad(const DataArray& a, const std::string& dim, std::int64_t before, std::int64_t after,
              PadMode mode);
DataArray rolling_sum(const DataArray& a, const std::string& dim, std::int64_t window);
DataArray cumsum(const DataArray& a, const std::string& dim, bool skipna = true);
DataArray argmax(const DataArray& a, const std::string& dim, bool skipna = true);
DataArray sum(const DataArray& a, const Dims& dims, bool skipna = true);
DataArray mean(const DataArray& a, const Dims& dims, bool skipna = true);
DataArray min(const DataArray& a, const Dims& dims, bool skipna = true);
DataArray max(const DataArray& a, const Dims& dims, bool skipna = true);
DataArray any(const DataArray& a, const Dims& dims);
/// Means of boxes; what does not fill a box is left out. Labels become the means of their box.
DataArray coarsen_mean(const DataArray& a, const std::vector<std::string>& dims,
                       const std::vector<std::int64_t>& factors);
/// A new dimension of size 1 with a text label, in front.
DataArray expand_dims(const DataArray& a, const std::string& dim, const std::string& label);
/// One after another along `dim`, labels too.
DataArray concat(const std::vector<DataArray>& arrays, const std::string& dim);
DataArray transpose(const DataArray& a, const std::vector<std::string>& dims);
DataArray rechunk(const DataArray& a, const std::vector<std::string>& dims,
                  const std::vector<std::int64_t>& chunks);
DataArray rename(DataArray a, std::string name);

/// A one-dimensional array with text labels, or none.
DataArray from_values(const std::vector<double>& cells, const std::string& dim, DType dtype,
                      std::vector<std::string> labels = {});

}  // namespace rastream
