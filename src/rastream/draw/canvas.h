// SPDX-License-Identifier: Apache-2.0
// What pictures are made of: boxes, lines, text and images, drawn by cairo into a PNG or written as
// SVG elements. cairo's own SVG surface turns text into outlines, hence the second canvas. Units
// are points; a PNG has kPixelsPerPoint pixels each. The origin is the upper left corner. A canvas
// belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rastream {

inline constexpr int kPixelsPerPoint = 2;

struct Colour {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

inline constexpr Colour kInk{38, 38, 38};
inline constexpr Colour kPaleInk{130, 130, 130};
inline constexpr Colour kWhite{255, 255, 255};

struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 12;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool vertical = false;  ///< reads upwards
  Colour colour = kInk;
};

struct LineStyle {
  Colour colour = kInk;
  double width = 1;
  std::vector<double> dashes;
};

/// Pixels as 0xAARRGGBB with alpha 0 or 255, row by row from the top.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint32_t> pixels;
};

class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual void fill(std::span<const Point> polygon, Colour colour) = 0;
  virtual void line(std::span<const Point> points, const LineStyle& style) = 0;
  /// `at` is on the base line. Text is UTF-8; bytes that are not are shown as U+FFFD.
  virtual void text(Point at, std::string_view text, const TextStyle& style) = 0;
  /// Stretches `image` over `box` without smoothing.
  virtual void image(const Box& box, const Image& image) = 0;
  /// The bytes of the file. Equal calls give equal bytes.
  virtual std::string encode() = 0;

  void fill(const Box& box, Colour colour);
  void frame(const Box& box, const LineStyle& style);
  void line(Point from, Point to, const LineStyle& style);
};

/// A canvas for the suffix of `path`, .png or .svg; others throw invalid_argument.
using CanvasMaker = std::unique_ptr<Canvas> (*)(double width, double height, bool transparent);
CanvasMaker canvas_for(const std::string& path);

std::unique_ptr<Canvas> make_png_canvas(double width, double height, bool transparent);
std::unique_ptr<Canvas> make_svg_canvas(double width, double height, bool transparent);

/// The bytes of a PNG that holds `image` alone.
std::string encode_png(const Image& image);

/// Width in points of one line of text in the font that both canvases use (DejaVu Sans).
double text_width(std::string_view text, double size, bool bold = false);

/// `text` cut with an ellipsis so that it is no wider than `width`.
std::string fit_text(std::string_view text, double size, double width, bool bold = false);

/// `text` as valid UTF-8 without control characters.
std::string clean_text(std::string_view text);

}  // namespace rastream
