// SPDX-License-Identifier: Apache-2.0
// One step of each fold for one cell: what happens to the state when the next value comes. A step
// type has
//   In, States (a tuple), kStart (the states before any step), next(x, index, states...)
// and, where the first step is taken as it is, first(x, index, states...); scans have Out and
// emit(x, states...). Everything is branch-free, so that the loops over cells vectorise.
#pragma once

#include <array>
#include <cstdint>
#include <tuple>
#include <type_traits>

namespace rastream {

/// bool cells are read as bytes.
template <typename T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

/// What cells of T are added up in.
template <typename T>
using Accumulator =
    std::conditional_t<std::is_floating_point_v<T>, double,
                       std::conditional_t<std::is_signed_v<T> || std::is_same_v<T, bool>,
                                          std::int64_t, std::uint64_t>>;

template <typename T>
constexpr bool is_nan(T x) {
  return x != x;
}

/// Integers wrap around on overflow, as NumPy's do.
template <typename A>
constexpr A wrapping_add(A a, A b) {
  if constexpr (std::is_floating_point_v<A>) {
    return a + b;
  } else {
    return static_cast<A>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  }
}

template <typename A>
constexpr A wrapping_multiply(A a, A b) {
  if constexpr (std::is_floating_point_v<A>) {
    return a * b;
  } else {
    return static_cast<A>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  }
}

template <typename T, bool kSkip, typename A = Accumulator<T>>
struct SumStep {
  using In = Stored<T>;
  using States = std::tuple<A>;
  static constexpr std::array<double, 1> kStart = {0};
  static void next(In x, std::int64_t, A& sum) {
    sum = wrapping_add(sum, kSkip && is_nan(x) ? A{0} : static_cast<A>(x));
  }
};

template <typename T>
struct MeanSkipStep {
  using In = T;
  using States = std::tuple<double, double>;
  static constexpr std::array<double, 2> kStart = {0, 0};
  static void next(In x, std::int64_t, double& sum, double& n) {
    sum += is_nan(x) ? 0.0 : static_cast<double>(x);
    n += is_nan(x) ? 0.0 : 1.0;
  }
};

/// The last link of a mean over several dimensions: partial sums and their counts.
struct MeanOfSumsStep {
  using In = double;
  using In2 = std::int64_t;
  using States = std::tuple<double, double>;
  static constexpr std::array<double, 2> kStart = {0, 0};
  static void next(In x, In2 count, std::int64_t, double& sum, double& n) {
    sum += x;
    n += static_cast<double>(count);
  }
};

template <typename T>
struct CountStep {
  using In = Stored<T>;
  using States = std::tuple<std::int64_t>;
  static constexpr std::array<double, 1> kStart = {0};
  static void next(In x, std::int64_t, std::int64_t& n) { n += is_nan(x) ? 0 : 1; }
};

template <typename T, bool kSkip>
struct CumsumStep : SumStep<T, kSkip> {
  using Out = std::conditional_t<std::is_floating_point_v<T>, T, Accumulator<T>>;
  static Out emit(Stored<T>, Accumulator<T> sum) { return static_cast<Out>(sum); }
};

template <typename T, bool kSkip>
struct ProdStep {
  using In = Stored<T>;
  using A = Accumulator<T>;
  using States = std::tuple<A>;
  static constexpr std::array<double, 1> kStart = {1};
  static void next(In x, std::int64_t, A& product) {
    product = wrapping_multiply(product, kSkip && is_nan(x) ? A{1} : static_cast<A>(x));
  }
};

template <typename T, bool kSkip>
struct CumprodStep : ProdStep<T, kSkip> {
  using Out = std::conditional_t<std::is_floating_point_v<T>, T, Accumulator<T>>;
  static Out emit(Stored<T>, Accumulator<T> product) { return static_cast<Out>(product); }
};

template <typename T, bool kLargest>
constexpr bool is_better(T x, T best) {
  return kLargest ? x > best : x < best;
}

template <typename T, bool kSkip, bool kLargest>
struct ExtremeStep {
  using In = Stored<T>;
  using States = std::tuple<Stored<T>>;
  static constexpr std::array<double, 1> kStart = {0};
  static void first(In x, std::int64_t, In& best) { best = x; }
  static void next(In x, std::int64_t, In& best) {
    const bool is_taken = is_better<In, kLargest>(x, best) | is_nan(kSkip ? best : x);
    best = is_taken ? x : best;
  }
};

template <typename T, bool kAny>
struct TruthStep {
  using In = Stored<T>;
  using States = std::tuple<std::uint8_t>;
  static constexpr std::array<double, 1> kStart = {kAny ? 0 : 1};
  static void next(In x, std::int64_t, std::uint8_t& truth) {
    const auto is_true = static_cast<std::uint8_t>(x != In{0});
    truth = kAny ? truth | is_true : truth & is_true;
  }
};

/// Without skipna the first NaN is better than any number and than any later NaN.
template <typename T, bool kSkip, bool kLargest>
struct ArgExtremeStep {
  using In = T;
  using States = std::tuple<T, std::int64_t>;
  static constexpr std::array<double, 2> kStart = {0, 0};
  static void first(In x, std::int64_t, In& best, std::int64_t& at) {
    best = x;
    at = 0;
  }
  static void next(In x, std::int64_t index, In& best, std::int64_t& at) {
    const bool is_taken = is_better<In, kLargest>(x, best) |
                          (kSkip ? is_nan(best) & !is_nan(x) : is_nan(x) & !is_nan(best));
    best = is_taken ? x : best;
    at = is_taken ? index : at;
  }
};

/// -1 until a cell of the wanted truth is seen.
template <bool kWanted>
struct FirstTruthStep {
  using In = std::uint8_t;
  using States = std::tuple<std::int64_t>;
  static constexpr std::array<double, 1> kStart = {-1};
  static void next(In x, std::int64_t index, std::int64_t& at) {
    const bool is_found = (x != 0) == kWanted;
    at = (at < 0) & is_found ? index : at;
  }
};

template <typename T, bool kSkip>
struct FirstStep {
  using In = Stored<T>;
  using States = std::tuple<Stored<T>>;
  static constexpr std::array<double, 1> kStart = {0};
  static void first(In x, std::int64_t, In& cell) { cell = x; }
  static void next(In x, std::int64_t, In& cell) { cell = kSkip && is_nan(cell) ? x : cell; }
};

template <typename T, bool kSkip>
struct LastStep {
  using In = Stored<T>;
  using States = std::tuple<Stored<T>>;
  static constexpr std::array<double, 1> kStart = {0};
  static void first(In x, std::int64_t, In& cell) { cell = x; }
  static void next(In x, std::int64_t, In& cell) { cell = kSkip && is_nan(x) ? cell : x; }
};

template <typename T>
struct FfillStep : LastStep<T, true> {
  using Out = Stored<T>;
  static Out emit(Stored<T>, Stored<T> cell) { return cell; }
};

/// Welford 1962: the mean so far, the sum of squared differences from it, the count.
template <typename T, bool kSkip>
struct VarStep {
  using In = Stored<T>;
  using States = std::tuple<double, double, double>;
  static constexpr std::array<double, 3> kStart = {0, 0, 0};
  static void next(In cell, std::int64_t, double& mean, double& squares, double& n) {
    const auto x = static_cast<double>(cell);
    const bool is_counted = !(kSkip && is_nan(x));
    const double n_next = n + 1;
    const double difference = x - mean;
    const double mean_next = mean + difference / n_next;
    squares = is_counted ? squares + difference * (x - mean_next) : squares;
    mean = is_counted ? mean_next : mean;
    n = is_counted ? n_next : n;
  }
};

}  // namespace rastream
