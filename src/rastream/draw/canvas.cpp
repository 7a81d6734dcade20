// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/canvas.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "rastream/base/error.h"

namespace rastream {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the valid UTF-8 sequence at the start of `text`; 0 when there is none (Unicode 15,
/// table 3-7).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool out_of_range = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
    return continues(1) && continues(2) && continues(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t n = sequence_length(text);
    const auto lead = static_cast<unsigned char>(text[0]);
    if (n == 0) {
      out += kReplacement;
    } else if (lead < 0x20 || lead == 0x7F) {
      out += ' ';
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(std::max<std::size_t>(n, 1));
  }
  return out;
}

std::string fit_text(std::string_view text, double size, double width, bool bold) {
  std::string out = clean_text(text);
  if (text_width(out, size, bold) <= width) return out;
  constexpr std::string_view kEllipsis = "…";
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
  };
  // Bisection over the byte length: each measurement lays out the whole text.
  std::size_t low = 0;
  std::size_t high = std::min<std::size_t>(out.size(), 2000);
  while (low < high) {
    const std::size_t middle = (low + high + 1) / 2;
    std::size_t n = middle;
    while (n > 0 && n < out.size() && is_continuation(out[n])) --n;
    const bool fits = text_width(out.substr(0, n) + std::string(kEllipsis), size, bold) <= width;
    fits ? low = middle : high = middle - 1;
  }
  while (low > 0 && low < out.size() && is_continuation(out[low])) --low;
  return out.substr(0, low) + std::string(kEllipsis);
}

void Canvas::fill(const Box& box, Colour colour) {
  const std::array<Point, 4> corners = {
      {{box.x, box.y}, {box.right(), box.y}, {box.right(), box.bottom()}, {box.x, box.bottom()}}};
  fill(std::span<const Point>(corners), colour);
}

void Canvas::frame(const Box& box, const LineStyle& style) {
  const std::array<Point, 5> corners = {{{box.x, box.y},
                                         {box.right(), box.y},
                                         {box.right(), box.bottom()},
                                         {box.x, box.bottom()},
                                         {box.x, box.y}}};
  line(std::span<const Point>(corners), style);
}

void Canvas::line(Point from, Point to, const LineStyle& style) {
  const std::array<Point, 2> ends = {from, to};
  line(std::span<const Point>(ends), style);
}

CanvasMaker canvas_for(const std::string& path) {
  const auto dot = path.find_last_of("./");
  std::string suffix = dot == std::string::npos || path[dot] == '/' ? "" : path.substr(dot);
  for (char& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (suffix == ".png") return make_png_canvas;
  if (suffix == ".svg") return make_svg_canvas;
  throw Error(Errc::invalid_argument,
              "cannot draw '{}': expected a file name that ends in .png or .svg", path);
}

}  // namespace rastream
