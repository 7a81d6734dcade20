// SPDX-License-Identifier: Apache-2.0
// The one file that includes cairo: the PNG canvas and the widths of text.
// Hinting is off, so that text has the same widths at every scale and in the SVG.
#include <cairo.h>

#include <cmath>
#include <cstring>
#include <numbers>

#include "rastream/base/error.h"
#include "rastream/draw/canvas.h"

namespace rastream {
namespace {

struct Destroy {
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(cairo_font_options_t* p) const { cairo_font_options_destroy(p); }
};
using Surface = std::unique_ptr<cairo_surface_t, Destroy>;
using Context = std::unique_ptr<cairo_t, Destroy>;

void check(cairo_status_t status, const char* what) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  throw Error(Errc::internal, "cairo failed to {}: {}", what, cairo_status_to_string(status));
}

Surface make_surface(int width, int height) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height));
  check(cairo_surface_status(surface.get()), "make an image");
  return surface;
}

Surface surface_of(const Image& image) {
  Surface surface = make_surface(image.width, image.height);
  cairo_surface_flush(surface.get());
  unsigned char* row = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int y = 0; y < image.height; ++y, row += stride) {
    std::memcpy(
        row,
        image.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width),
        static_cast<std::size_t>(image.width) * sizeof(std::uint32_t));
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

cairo_status_t append(void* out, const unsigned char* data, unsigned int size) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

std::string png_bytes(cairo_surface_t* surface) {
  std::string out;
  check(cairo_surface_write_to_png_stream(surface, append, &out), "encode a PNG");
  return out;
}

void select_font(cairo_t* cr, double size, bool bold) {
  const std::unique_ptr<cairo_font_options_t, Destroy> options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_set_font_options(cr, options.get());
  cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                         bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(cr, size);
}

double advance(cairo_t* cr, const std::string& text) {
  cairo_text_extents_t extents;
  cairo_text_extents(cr, text.c_str(), &extents);
  check(cairo_status(cr), "measure text");
  return extents.x_advance;
}

class PngCanvas final : public Canvas {
 public:
  PngCanvas(double width, double height, bool transparent)
      : surface_(make_surface(static_cast<int>(std::ceil(width * kPixelsPerPoint)),
                              static_cast<int>(std::ceil(height * kPixelsPerPoint)))),
        context_(cairo_create(surface_.get())) {
    if (!transparent) {
      set_colour(kWhite);
      cairo_paint(context_.get());
    }
    cairo_scale(context_.get(), kPixelsPerPoint, kPixelsPerPoint);
    cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
  }

  void fill(std::span<const Point> polygon, Colour colour) override {
    trace(polygon);
    set_colour(colour);
    cairo_fill(context_.get());
  }

  void line(std::span<const Point> points, const LineStyle& style) override {
    trace(points);
    set_colour(style.colour);
    cairo_set_line_width(context_.get(), style.width);
    cairo_set_dash(context_.get(), style.dashes.data(), static_cast<int>(style.dashes.size()), 0);
    cairo_stroke(context_.get());
  }

  void text(Point at, std::string_view text, const TextStyle& style) override {
    cairo_t* cr = context_.get();
    const std::string clean = clean_text(text);
    cairo_save(cr);
    select_font(cr, style.size, style.bold);
    const double shift[] = {0, 0.5, 1};
    cairo_translate(cr, at.x, at.y);
    if (style.vertical) cairo_rotate(cr, -std::numbers::pi / 2);
    cairo_move_to(cr, -advance(cr, clean) * shift[static_cast<int>(style.anchor)], 0);
    set_colour(style.colour);
    cairo_show_text(cr, clean.c_str());
    cairo_restore(cr);
  }

  void image(const Box& box, const Image& image) override {
    cairo_t* cr = context_.get();
    const Surface cells = surface_of(image);
    cairo_save(cr);
    cairo_rectangle(cr, box.x, box.y, box.width, box.height);
    cairo_clip(cr);
    cairo_translate(cr, box.x, box.y);
    cairo_scale(cr, box.width / image.width, box.height / image.height);
    cairo_set_source_surface(cr, cells.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_restore(cr);
  }

  std::string encode() override {
    check(cairo_status(context_.get()), "draw");
    return png_bytes(surface_.get());
  }

 private:
  void set_colour(Colour c) {
    cairo_set_source_rgb(context_.get(), c.red / 255.0, c.green / 255.0, c.blue / 255.0);
  }
  void trace(std::span<const Point> points) {
    cairo_new_path(context_.get());
    for (const Point& p : points) cairo_line_to(context_.get(), p.x, p.y);
  }

  Surface surface_;
  Context context_;
};

}  // namespace

std::unique_ptr<Canvas> make_png_canvas(double width, double height, bool transparent) {
  return std::make_unique<PngCanvas>(width, height, transparent);
}

std::string encode_png(const Image& image) { return png_bytes(surface_of(image).get()); }

double text_width(std::string_view text, double size, bool bold) {
  const Surface surface = make_surface(1, 1);
  const Context context(cairo_create(surface.get()));
  select_font(context.get(), size, bold);
  return advance(context.get(), clean_text(text));
}

}  // namespace rastream
