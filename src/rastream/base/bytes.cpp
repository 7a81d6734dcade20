// SPDX-License-Identifier: Apache-2.0
#include "rastream/base/bytes.h"

#include <sys/mman.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <new>

#include "rastream/base/error.h"

namespace rastream {

std::int64_t parse_bytes(std::string_view text) {
  const auto bad = [&] {
    return Error(Errc::invalid_argument,
                 "'{}' is not a size: expected a number and a unit, such as 512MiB or 2GB", text);
  };
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc() || !(value >= 0)) throw bad();
  std::string unit;
  for (const char* p = end; p != text.data() + text.size(); ++p) {
    if (*p != ' ') unit += static_cast<char>(std::tolower(static_cast<unsigned char>(*p)));
  }
  double factor = 1;
  if (!unit.empty() && unit != "b") {
    const std::string_view prefixes = "kmgt";
    const auto power = prefixes.find(unit[0]);
    const std::string rest = unit.substr(1);
    if (power == std::string_view::npos || (rest != "ib" && rest != "b" && !rest.empty()))
      throw bad();
    factor =
        std::pow(rest == "ib" || rest.empty() ? 1024.0 : 1000.0, static_cast<double>(power + 1));
  }
  if (value * factor > 9e18) throw bad();
  return static_cast<std::int64_t>(value * factor);
}

std::string format_bytes(double size_bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t i = 0;
  while (size_bytes >= 1000 && i + 1 < std::size(units)) {
    size_bytes /= 1024;
    ++i;
  }
  if (i == 0 || size_bytes >= 100) return fmt::format("{:.0f} {}", size_bytes, units[i]);
  return fmt::format("{:.3g} {}", size_bytes, units[i]);
}

std::int64_t checked_multiply(std::int64_t a, std::int64_t b, std::string_view what) {
  std::int64_t product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) {
    throw Error(Errc::data_loss, "{}: the size {} x {} is negative or overflows 64 bits", what, a,
                b);
  }
  return product;
}

Buffer::Buffer(std::size_t size_bytes) { reserve(size_bytes); }

void Buffer::reserve(std::size_t size_bytes) {
  if (size_bytes <= size_) return;
  data_.reset();
  size_ = 0;
  // On huge pages, where the system has them, decoding is some percent faster; only whole ones are
  // asked for, so that no more memory is used.
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  const std::size_t huge_bytes = size_bytes / kHugePage * kHugePage;
  const std::size_t alignment = huge_bytes > 0 ? kHugePage : 64;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, (size_bytes + 63) / 64 * 64) != 0) throw std::bad_alloc();
  data_.reset(static_cast<std::byte*>(memory));
  if (huge_bytes > 0) madvise(memory, huge_bytes, MADV_HUGEPAGE);
  size_ = size_bytes;
}

void Buffer::Free::operator()(std::byte* p) const { std::free(p); }

}  // namespace rastream
