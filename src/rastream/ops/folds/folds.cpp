// SPDX-License-Identifier: Apache-2.0
#include "rastream/ops/folds/folds.h"

#include "rastream/ops/folds/cell_fold.h"
#include "rastream/ops/inputs.h"

namespace rastream {
namespace {

constexpr bool has_skipna(FoldName n) {
  return n != FoldName::count && n != FoldName::any && n != FoldName::all &&
         n != FoldName::squeeze && n != FoldName::ffill;
}
constexpr bool has_dtype(FoldName n) {
  return n == FoldName::sum || n == FoldName::prod || n == FoldName::mean;
}
constexpr bool has_ddof(FoldName n) { return n == FoldName::var || n == FoldName::std; }

template <FoldName kName>
class FoldOf final : public CellFold {
 public:
  using Params = FoldParams;
  static void describe(auto& d, auto& p) {
    d("dim", p.dim, "dimension to walk");
    if constexpr (has_skipna(kName)) d("skipna", p.skipna, "leave NaN out");
    if constexpr (has_dtype(kName))
      d("dtype", p.dtype, "dtype of the result; empty for the rule of NumPy");
    if constexpr (has_ddof(kName))
      d("ddof", p.ddof, "what to take off the number of cells in the denominator");
  }
  FoldOf(const std::vector<Array>& inputs, Params p) : CellFold(kName, inputs, std::move(p)) {}
};

template <FoldName kName>
Array fold(std::vector<Array> inputs, FoldParams params) {
  return apply<FoldOf<kName>>(std::string(to_string(kName)), std::move(inputs), std::move(params));
}

void expect_dims(const Dims& dims, FoldName name) {
  if (dims.empty()) throw Error(Errc::invalid_argument, "{}: no dimensions given", to_string(name));
}

/// The dimensions in the order of the chain: the array's last one first.
Dims chain_order(const Array& array, const Dims& dims, FoldName name) {
  expect_dims(dims, name);
  Dims ordered;
  std::size_t n_found = 0;
  for (std::size_t axis = array.schema().rank(); axis-- > 0;) {
    for (const std::string& dim : dims) {
      if (dim != array.schema().dims[axis]) continue;
      ordered.push_back(dim);
      ++n_found;
      break;
    }
  }
  for (const std::string& dim : dims) array.schema().axis(dim, to_string(name));
  if (n_found != dims.size()) {
    throw Error(Errc::invalid_argument, "{}: a dimension appears twice in ({})", to_string(name),
                fmt::join(dims, ", "));
  }
  return ordered;
}

/// Sums (products) of sums. Partial sums of floating cells stay float64 up to the last one; NaN is
/// only left out of the first, because a NaN in a partial sum is the result of an addition (inf -
/// inf) and must stay.
template <FoldName kName>
Array chained_sum(Array array, const Dims& dims, bool skipna) {
  const Dims chain = chain_order(array, dims, kName);
  const DType input = array.schema().dtype;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    FoldParams p{chain[i], skipna && i == 0, "", 0};
    if (is_floating(input) && chain.size() > 1)
      p.dtype = to_string(i + 1 < chain.size() ? DType::float64 : input);
    array = fold<kName>({array}, std::move(p));
  }
  return array;
}

template <FoldName kName>
Array chained(Array array, const Dims& dims, bool skipna) {
  for (const std::string& dim : chain_order(array, dims, kName))
    array = fold<kName>({array}, {dim, skipna, "", 0});
  return array;
}

template <FoldName kName>
OperatorInfo row(const char* summary) {
  return info<FoldOf<kName>>(to_string(kName).data(), summary);
}

}  // namespace

Array sum(const Array& array, const Dims& dims, bool skipna) {
  return chained_sum<FoldName::sum>(array, dims, skipna);
}
Array prod(const Array& array, const Dims& dims, bool skipna) {
  return chained_sum<FoldName::prod>(array, dims, skipna);
}

Array count(const Array& array, const Dims& dims) {
  const Dims chain = chain_order(array, dims, FoldName::count);
  Array counts = fold<FoldName::count>({array}, {chain[0], true, "", 0});
  for (std::size_t i = 1; i < chain.size(); ++i)
    counts = fold<FoldName::sum>({counts}, {chain[i], false, "", 0});
  return counts;
}

Array mean(const Array& array, const Dims& dims, bool skipna) {
  const Dims chain = chain_order(array, dims, FoldName::mean);
  if (chain.size() == 1) return fold<FoldName::mean>({array}, {chain[0], skipna, "", 0});
  const DType result = is_floating(array.schema().dtype) ? array.schema().dtype : DType::float64;
  const std::string dtype(to_string(result));
  const Dims inner(chain.begin(), chain.end() - 1);
  // A NaN that is not left out is in the sum, so the counts may leave it out in both cases.
  Array sums = array;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    sums = fold<FoldName::sum>({sums}, {inner[i], skipna && i == 0, "float64", 0});
  }
  return fold<FoldName::mean>({sums, count(array, inner)}, {chain.back(), skipna, dtype, 0});
}

Array min(const Array& array, const Dims& dims, bool skipna) {
  return chained<FoldName::min>(array, dims, skipna);
}
Array max(const Array& array, const Dims& dims, bool skipna) {
  return chained<FoldName::max>(array, dims, skipna);
}
Array any(const Array& array, const Dims& dims) {
  return chained<FoldName::any>(array, dims, true);
}
Array all(const Array& array, const Dims& dims) {
  return chained<FoldName::all>(array, dims, true);
}
Array first(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::first>({array}, {dim, skipna, "", 0});
}
Array last(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::last>({array}, {dim, skipna, "", 0});
}
Array argmax(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::argmax>({array}, {dim, skipna, "", 0});
}
Array argmin(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::argmin>({array}, {dim, skipna, "", 0});
}
Array var(const Array& array, const std::string& dim, std::int64_t ddof, bool skipna) {
  return fold<FoldName::var>({array}, {dim, skipna, "", ddof});
}
Array std_(const Array& array, const std::string& dim, std::int64_t ddof, bool skipna) {
  return fold<FoldName::std>({array}, {dim, skipna, "", ddof});
}
Array squeeze(const Array& array, const std::string& dim) {
  return fold<FoldName::squeeze>({array}, {dim, true, "", 0});
}
Array cumsum(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::cumsum>({array}, {dim, skipna, "", 0});
}
Array cumprod(const Array& array, const std::string& dim, bool skipna) {
  return fold<FoldName::cumprod>({array}, {dim, skipna, "", 0});
}
Array ffill(const Array& array, const std::string& dim) {
  return fold<FoldName::ffill>({array}, {dim, true, "", 0});
}

std::vector<OperatorInfo> fold_operators() {
  return {row<FoldName::sum>("Sum over a dimension"),
          row<FoldName::prod>("Product over a dimension"),
          row<FoldName::mean>("Mean over a dimension, or of sums and counts"),
          row<FoldName::count>("Number of cells that are not NaN"),
          row<FoldName::min>("Smallest cell of a dimension"),
          row<FoldName::max>("Largest cell of a dimension"),
          row<FoldName::any>("Whether any cell is true"),
          row<FoldName::all>("Whether all cells are true"),
          row<FoldName::first>("First cell that is not NaN"),
          row<FoldName::last>("Last cell that is not NaN"),
          row<FoldName::squeeze>("Drops a dimension of size 1"),
          row<FoldName::argmax>("Index of the first largest cell"),
          row<FoldName::argmin>("Index of the first smallest cell"),
          row<FoldName::var>("Variance over a dimension"),
          row<FoldName::std>("Standard deviation over a dimension"),
          row<FoldName::cumsum>("Running sum along a dimension"),
          row<FoldName::cumprod>("Running product along a dimension"),
          row<FoldName::ffill>("NaN replaced by the last cell before it")};
}

}  // namespace rastream
