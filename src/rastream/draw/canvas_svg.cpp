// SPDX-License-Identifier: Apache-2.0
// SVG 1.1 with text as text and images embedded as PNG.
#include <fmt/format.h>

#include <iterator>

#include "rastream/draw/canvas.h"

namespace rastream {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : clean_text(text)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[group >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

/// Two decimals: a hundredth of a point is below what any printer shows.
std::string number(double v) {
  std::string text = fmt::format("{:.2f}", v);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string hex(Colour c) { return fmt::format("#{:02x}{:02x}{:02x}", c.red, c.green, c.blue); }

class SvgCanvas final : public Canvas {
 public:
  SvgCanvas(double width, double height, bool transparent) {
    put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
        "width=\"{0}\" "
        "height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"'DejaVu Sans', Verdana, "
        "sans-serif\">\n",
        number(width), number(height));
    if (!transparent) Canvas::fill(Box{0, 0, width, height}, kWhite);
  }

  void fill(std::span<const Point> polygon, Colour colour) override {
    put("<path d=\"{}Z\" fill=\"{}\"/>\n", path(polygon), hex(colour));
  }

  void line(std::span<const Point> points, const LineStyle& style) override {
    std::string dashes;
    for (const double d : style.dashes)
      dashes += fmt::format("{}{}", dashes.empty() ? "" : " ", number(d));
    if (!dashes.empty()) dashes = fmt::format(" stroke-dasharray=\"{}\"", dashes);
    put("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" "
        "stroke-linejoin=\"round\"{}/>\n",
        path(points), hex(style.colour), number(style.width), dashes);
  }

  void text(Point at, std::string_view text, const TextStyle& style) override {
    constexpr const char* kAnchors[] = {"start", "middle", "end"};
    const std::string turn =
        style.vertical ? fmt::format(" transform=\"rotate(-90 {} {})\"", number(at.x), number(at.y))
                       : "";
    put("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" fill=\"{}\"{}{}>{}</text>\n",
        number(at.x), number(at.y), number(style.size), kAnchors[static_cast<int>(style.anchor)],
        hex(style.colour), style.bold ? " font-weight=\"bold\"" : "", turn, escape(text));
  }

  void image(const Box& box, const Image& image) override {
    put("<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" "
        "style=\"image-rendering:optimizeSpeed;image-rendering:pixelated\" "
        "xlink:href=\"data:image/png;base64,{}\"/>\n",
        number(box.x), number(box.y), number(box.width), number(box.height),
        base64(encode_png(image)));
  }

  std::string encode() override { return out_ + "</svg>\n"; }

 private:
  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  static std::string path(std::span<const Point> points) {
    std::string out;
    for (const Point& p : points)
      out += fmt::format("{}{} {}", out.empty() ? 'M' : 'L', number(p.x), number(p.y));
    return out;
  }

  std::string out_;
};

}  // namespace

std::unique_ptr<Canvas> make_svg_canvas(double width, double height, bool transparent) {
  return std::make_unique<SvgCanvas>(width, height, transparent);
}

}  // namespace rastream
