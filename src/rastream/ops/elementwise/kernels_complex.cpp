// SPDX-License-Identifier: Apache-2.0
// Complex numbers: arithmetic, comparison, and their parts. As NumPy: no NaN of either part is
// repaired (C++'s product does that only under its own rules), the modulus does not overflow.
#include <array>
#include <cmath>
#include <complex>

#include "rastream/ops/elementwise/kernels.h"

namespace rastream {
namespace {

struct Add {
  static auto cell(auto a, auto b) { return a + b; }
};
struct Subtract {
  static auto cell(auto a, auto b) { return a - b; }
};
struct Multiply {
  template <typename C>
  static C cell(C a, C b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }
};
struct Equal {
  static bool cell(auto a, auto b) { return a == b; }
};
struct NotEqual {
  static bool cell(auto a, auto b) { return a != b; }
};
struct Negative {
  static auto cell(auto a) { return -a; }
};
struct Conjugate {
  static auto cell(auto a) { return std::conj(a); }
};
struct Absolute {
  static auto cell(auto a) { return std::hypot(a.real(), a.imag()); }
};
struct Angle {
  static auto cell(auto a) { return std::atan2(a.imag(), a.real()); }
};
struct Real {
  static auto cell(auto a) { return a.real(); }
};
struct Imaginary {
  static auto cell(auto a) { return a.imag(); }
};
struct IsNan {
  static bool cell(auto a) { return std::isnan(a.real()) || std::isnan(a.imag()); }
};
struct IsFinite {
  static bool cell(auto a) { return std::isfinite(a.real()) && std::isfinite(a.imag()); }
};
struct IsInf {
  static bool cell(auto a) { return std::isinf(a.real()) || std::isinf(a.imag()); }
};

template <typename F, typename C>
void unary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  using R = decltype(F::cell(C{}));
  const C* a = reinterpret_cast<const C*>(in[0]);
  R* r = reinterpret_cast<R*>(out);
  for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i]);
}

template <typename F, typename C>
void binary_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  using R = decltype(F::cell(C{}, C{}));
  const C* a = reinterpret_cast<const C*>(in[0]);
  const C* b = reinterpret_cast<const C*>(in[1]);
  R* r = reinterpret_cast<R*>(out);
  for (std::int64_t i = 0; i < n; ++i) r[i] = F::cell(a[i], b[i]);
}

/// The kernels of one operation: for complex64 and for complex128.
struct Entry {
  std::string_view operation;
  Kernel narrow;
  Kernel wide;
};

using C64 = std::complex<float>;
using C128 = std::complex<double>;

template <typename F>
constexpr Entry unary(std::string_view operation) {
  return {operation, &unary_row<F, C64>, &unary_row<F, C128>};
}
template <typename F>
constexpr Entry binary(std::string_view operation) {
  return {operation, &binary_row<F, C64>, &binary_row<F, C128>};
}

constexpr Entry kTable[] = {
    binary<Add>("add"),          binary<Subtract>("subtract"),  binary<Multiply>("multiply"),
    binary<Equal>("equal"),      binary<NotEqual>("not_equal"), unary<Negative>("negative"),
    unary<Conjugate>("conj"),    unary<Absolute>("absolute"),   unary<Angle>("angle"),
    unary<Real>("real"),         unary<Imaginary>("imag"),      unary<IsNan>("isnan"),
    unary<IsFinite>("isfinite"), unary<IsInf>("isinf"),
};

template <typename C, typename From>
void convert_row(std::int64_t n, std::byte* out, const std::byte* const* in, const void*) {
  const From* a = reinterpret_cast<const From*>(in[0]);
  C* r = reinterpret_cast<C*>(out);
  for (std::int64_t i = 0; i < n; ++i) {
    if constexpr (requires { C(a[i].real()); }) {
      using Part = typename C::value_type;
      r[i] = {static_cast<Part>(a[i].real()), static_cast<Part>(a[i].imag())};
    } else {
      r[i] = static_cast<typename C::value_type>(a[i]);
    }
  }
}

}  // namespace

KernelSet find_complex_kernels(std::string_view operation, DType dtype) {
  for (const Entry& entry : kTable) {
    if (entry.operation == operation)
      return {{dtype == DType::complex64 ? entry.narrow : entry.wide}};
  }
  return {};
}

KernelSet find_complex_conversion(DType from, DType to) {
  if (!is_complex(to)) return {};
  return visit_cell(from, [to]<typename From>(From) -> KernelSet {
    return {{to == DType::complex64 ? &convert_row<C64, From> : &convert_row<C128, From>}};
  });
}

}  // namespace rastream
