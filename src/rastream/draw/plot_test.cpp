// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/plot.h"

#include <cairo.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <sstream>
#include <thread>

#include "rastream/base/error.h"
#include "rastream/draw/colormap.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

// fontconfig 2.14 loses a pattern while it reads its configuration, once a process.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }

namespace rastream {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A folder of its own that is gone after the test.
class PlotTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ / name; }
  std::size_t n_files() const {
    const auto files = std::filesystem::directory_iterator(folder_.path());
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
  ScratchFolder folder_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

/// A PNG as cairo reads it: premultiplied 0xAARRGGBB.
struct Png {
  explicit Png(const std::string& path)
      : surface(cairo_image_surface_create_from_png(path.c_str()), cairo_surface_destroy) {
    EXPECT_EQ(cairo_surface_status(surface.get()), CAIRO_STATUS_SUCCESS);
    width = cairo_image_surface_get_width(surface.get());
    height = cairo_image_surface_get_height(surface.get());
  }
  std::uint32_t at(int x, int y) const {
    const unsigned char* row =
        cairo_image_surface_get_data(surface.get()) +
        static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(surface.get());
    std::uint32_t pixel = 0;
    std::memcpy(&pixel, row + 4 * static_cast<std::ptrdiff_t>(x), 4);
    // An opaque picture is stored without alpha.
    return cairo_image_surface_get_format(surface.get()) == CAIRO_FORMAT_RGB24 ? pixel | 0xFF000000U
                                                                               : pixel;
  }
  std::shared_ptr<cairo_surface_t> surface;
  int width = 0;
  int height = 0;
};

std::uint32_t argb(Colour c) {
  return 0xFF000000U | static_cast<std::uint32_t>(c.red) << 16 |
         static_cast<std::uint32_t>(c.green) << 8 | c.blue;
}

struct PixelBox {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

/// Where the panels of a map are in its PNG: the <image> elements of its SVG, the colour bar's left
/// out.
std::vector<PixelBox> panel_boxes(const std::string& svg) {
  std::vector<PixelBox> boxes;
  for (auto at = svg.find("<image"); at != std::string::npos; at = svg.find("<image", at + 1)) {
    double x = 0, y = 0, width = 0, height = 0;
    EXPECT_EQ(
        std::sscanf(svg.c_str() + at, "<image x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\"", &x,
                    &y, &width, &height),
        4);
    const auto pixels = [](double points) { return static_cast<int>(points * 2); };
    boxes.push_back({pixels(x), pixels(y), pixels(x + width), pixels(y + height)});
  }
  if (!boxes.empty()) boxes.pop_back();
  return boxes;
}

/// The smallest box that holds all pixels of `colour`.
PixelBox find_colour(const Png& png, std::uint32_t colour) {
  PixelBox box{png.width, png.height, -1, -1};
  for (int y = 0; y < png.height; ++y) {
    for (int x = 0; x < png.width; ++x) {
      if (png.at(x, y) != colour) continue;
      box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1),
             std::max(box.bottom, y + 1)};
    }
  }
  return box;
}

/// Two rows, three columns; y falls as in rasters:
///   0    NaN  2     y = 10
///   3    4    5     y = 0
MapPlot small_map() {
  MapPlot plot;
  plot.title = "Small <map> & more";
  plot.x = {"x [m]", {100, 110, 120}, {}};
  plot.y = {"y [m]", {10, 0}, {}};
  plot.panels = {{"", {0, kNaN, 2, 3, 4, 5}}};
  plot.colour_bar_label = "cell [1]";
  return plot;
}

LinePlot small_lines() {
  LinePlot plot;
  plot.title = "Two lines";
  plot.x = {"year", {1990, 1991, 1992, 1993, 1994}, {}};
  plot.series = {{"leaf", {1, 2, kNaN, 4, 5}}, {"bloom & fruit", {5, 4, 3, 2, 1}}};
  plot.y_label = "day of year";
  return plot;
}

TEST_F(PlotTest, CellsHaveTheirColoursWithYUpwardsAndNaNIsTransparent) {
  MapPlot plot = small_map();
  plot.transparent = true;
  draw_map(plot, path("a.png"));
  const Png png(path("a.png"));
  EXPECT_EQ(png.width, 1600);

  const ColourScale scale{0, 5, colour_table("viridis"), false, false};
  draw_map(plot, path("a.svg"));
  const PixelBox box = panel_boxes(read_file(path("a.svg"))).at(0);
  const auto cell = [&](int row, int column) {
    return png.at(box.left + (2 * column + 1) * (box.right - box.left) / 6,
                  box.top + (2 * row + 1) * (box.bottom - box.top) / 4);
  };
  EXPECT_EQ(cell(0, 0), argb(scale(0)));
  EXPECT_EQ(cell(0, 1), 0U);
  EXPECT_EQ(cell(0, 2), argb(scale(2)));
  EXPECT_EQ(cell(1, 0), argb(scale(3)));
  EXPECT_EQ(cell(1, 1), argb(scale(4)));
  EXPECT_EQ(cell(1, 2), argb(scale(5)));
  EXPECT_EQ(png.at(1, 1), 0U);
  EXPECT_NEAR(box.right - box.left, 1.5 * (box.bottom - box.top), 3) << "30 m by 20 m";
}

TEST_F(PlotTest, ThePageIsWhiteUnlessTransparent) {
  draw_map(small_map(), path("a.png"));
  const Png png(path("a.png"));
  for (int y = 0; y < png.height; y += 7) {
    for (int x = 0; x < png.width; x += 7) ASSERT_EQ(png.at(x, y) >> 24, 255U);
  }
  EXPECT_EQ(png.at(1, 1), 0xFFFFFFFFU);
}

TEST_F(PlotTest, TheOrderOfTheAxesDoesNotChangeThePicture) {
  MapPlot turned = small_map();
  turned.y.values = {0, 10};
  turned.x.values = {120, 110, 100};
  turned.panels[0].cells = {5, 4, 3, 2, kNaN, 0};
  for (const char* suffix : {".png", ".svg"}) {
    draw_map(small_map(), path("a") + suffix);
    draw_map(turned, path("b") + suffix);
    EXPECT_EQ(read_file(path("a") + suffix), read_file(path("b") + suffix)) << suffix;
  }
}

TEST_F(PlotTest, SvgHoldsTextAsTextAndCellsAsPng) {
  MapPlot plot = small_map();
  plot.vmin = 1;
  draw_map(plot, path("a.svg"));
  const std::string svg = read_file(path("a.svg"));
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  for (const char* text : {">100<", ">120<", ">10<", ">0<", ">x [m]<", ">cell [1]<",
                           ">Small &lt;map&gt; &amp; more<"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_NE(svg.find("data:image/png;base64,iVBORw0KGgo"), std::string::npos);
}

TEST_F(PlotTest, EqualPlotsGiveEqualBytesAlsoFromManyThreads) {
  for (const std::string suffix : {".png", ".svg"}) {
    draw_map(small_map(), path("a" + suffix));
    draw_lines(small_lines(), path("b" + suffix));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        draw_map(small_map(), path("a" + std::to_string(i) + suffix));
        draw_lines(small_lines(), path("b" + std::to_string(i) + suffix));
      });
    }
    for (std::thread& t : threads) t.join();
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(read_file(path("a" + suffix)), read_file(path("a" + std::to_string(i) + suffix)));
      EXPECT_EQ(read_file(path("b" + suffix)), read_file(path("b" + std::to_string(i) + suffix)));
    }
  }
}

TEST_F(PlotTest, FacetsShareOneScaleAndHaveTheirTitles) {
  MapPlot plot = small_map();
  plot.panels = {
      {"1990", {0, 0, 0, 0, 0, 0}}, {"1991", {1, 1, 1, 1, 1, 1}}, {"1992", {2, 2, 2, 2, 2, 2}}};
  plot.n_columns = 3;
  draw_map(plot, path("a.png"));
  const Png png(path("a.png"));
  const ColourTable table = colour_table("viridis");
  draw_map(plot, path("a.svg"));
  const std::string svg = read_file(path("a.svg"));
  const std::vector<PixelBox> boxes = panel_boxes(svg);
  ASSERT_EQ(boxes.size(), 3U);
  const double values[] = {0, 0.5, 1};
  for (std::size_t i = 0; i < 3; ++i) {
    const PixelBox& box = boxes[i];
    const Colour expected =
        table[std::min<std::size_t>(255, static_cast<std::size_t>(values[i] * 256))];
    EXPECT_EQ(png.at((box.left + box.right) / 2, (box.top + box.bottom) / 2), argb(expected)) << i;
    EXPECT_EQ(box.right - box.left, boxes[0].right - boxes[0].left);
    EXPECT_EQ(box.top, boxes[0].top);
  }
  for (const char* title : {">1990<", ">1991<", ">1992<"})
    EXPECT_NE(svg.find(title), std::string::npos);
}

TEST_F(PlotTest, DaysOfTheYearAreWrittenWithTheirDates) {
  MapPlot plot = small_map();
  plot.panels[0].cells = {40, kNaN, 60, 80, 100, 120};
  plot.day_of_year_labels = true;
  draw_map(plot, path("a.svg"));
  EXPECT_NE(read_file(path("a.svg")).find(">60 (1 Mar)<"), std::string::npos);
}

TEST_F(PlotTest, WithoutDataThePictureSaysSo) {
  MapPlot all_nan = small_map();
  all_nan.panels[0].cells.assign(6, kNaN);
  draw_map(all_nan, path("a.svg"));
  draw_map(MapPlot{}, path("b.svg"));
  draw_lines(LinePlot{}, path("c.svg"));
  LinePlot gaps = small_lines();
  for (Series& s : gaps.series) s.values.assign(5, kNaN);
  draw_lines(gaps, path("d.svg"));
  for (const char* name : {"a.svg", "b.svg", "c.svg", "d.svg"}) {
    EXPECT_NE(read_file(path(name)).find(">no data<"), std::string::npos) << name;
  }
  draw_map(MapPlot{}, path("b.png"));
  EXPECT_EQ(Png(path("b.png")).width, 1600);
}

TEST_F(PlotTest, OneCellOneValueAndInfinityAreDrawn) {
  MapPlot plot;
  plot.x.values = {5};
  plot.y.values = {7};
  plot.panels = {{"", {42}}};
  draw_map(plot, path("a.svg"));
  EXPECT_NE(read_file(path("a.svg")).find(">42.0<"), std::string::npos);
  plot.x.values = {5, 6};
  plot.panels[0].cells = {std::numeric_limits<double>::infinity(), -1e308};
  draw_map(plot, path("b.png"));
  plot.panels[0].cells = {1e308, -1e308};
  draw_map(plot, path("c.png"));
  EXPECT_EQ(n_files(), 3U);
}

TEST_F(PlotTest, ALargeGridShowsValuesOfTheDataAndNoMeans) {
  // Stripes one cell wide of the classes 0 and 10: a mean would be 5, a class that does not exist.
  MapPlot plot;
  const int n = 4000;
  for (int i = 0; i < n; ++i) plot.x.values.push_back(i);
  for (int i = 0; i < 1000; ++i) plot.y.values.push_back(-i);
  std::vector<double> cells(static_cast<std::size_t>(n) * 1000);
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = i % 2 == 0 ? 0 : 10;
  plot.panels = {{"", std::move(cells)}};
  plot.transparent = true;
  draw_map(plot, path("a.png"));
  const Png png(path("a.png"));
  const ColourTable table = colour_table("viridis");
  const int y = png.height / 2;
  for (int x = 200; x < 1200; ++x) {
    const std::uint32_t pixel = png.at(x, y);
    ASSERT_TRUE(pixel == argb(table.front()) || pixel == argb(table.back())) << x;
  }
}

TEST_F(PlotTest, LinesHaveGapsAndTheNamesOfTheirSeries) {
  LinePlot plot = small_lines();
  draw_lines(plot, path("a.png"));
  const Png png(path("a.png"));
  EXPECT_EQ(png.width, 1600);
  // The blue line has no pixel in the middle, where its value is NaN; the red one has.
  const std::uint32_t blue = argb({31, 119, 180});
  const std::uint32_t red = argb({214, 39, 40});
  const PixelBox all_blue = find_colour(png, blue);
  const int middle = (find_colour(png, red).left + png.width) / 2;
  int n_blue = 0;
  int n_red = 0;
  for (int y = 120; y < png.height; ++y) {
    for (int x = middle - 80; x < middle + 80; ++x) {
      n_blue += png.at(x, y) == blue;
      n_red += png.at(x, y) == red;
    }
  }
  EXPECT_GT(all_blue.right, middle);
  EXPECT_EQ(n_blue, 0);
  EXPECT_GT(n_red, 0);

  draw_lines(plot, path("a.svg"));
  const std::string svg = read_file(path("a.svg"));
  for (const char* text : {">leaf<", ">bloom &amp; fruit<", ">1990<", ">1994<", ">day of year<",
                           ">year<", ">Two lines<"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
}

TEST_F(PlotTest, DatesBecomeTicksAtTheStartOfMonths) {
  LinePlot plot;
  plot.x.label = "time";
  const int days[] = {31, 28, 31, 30, 31, 30};
  for (int month = 1; month <= 6; ++month) {
    for (int day = 1; day <= days[month - 1]; ++day) {
      plot.x.tick_labels.push_back(fmt::format("1980-{:02}-{:02}", month, day));
      plot.x.values.push_back(static_cast<double>(plot.x.values.size()));
    }
  }
  plot.series = {{"tmin", plot.x.values}};
  draw_lines(plot, path("a.svg"));
  const std::string svg = read_file(path("a.svg"));
  for (const char* text : {">1980-01<", ">1980-02<", ">1980-06<"})
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  EXPECT_EQ(svg.find(">1980-01-"), std::string::npos);
}

TEST_F(PlotTest, APeakAmongAHundredThousandPointsIsDrawnAndTheFileStaysSmall) {
  LinePlot plot;
  Series s{"s", std::vector<double>(100000, 1.0)};
  s.values[77777] = 100;
  for (int i = 0; i < 100000; ++i) plot.x.values.push_back(i);
  plot.series = {s};
  draw_lines(plot, path("a.png"));
  const Png png(path("a.png"));
  const PixelBox line = find_colour(png, argb({31, 119, 180}));
  EXPECT_GT(line.bottom - line.top, 500) << "from 1 to 100";
  draw_lines(plot, path("a.svg"));
  EXPECT_LT(read_file(path("a.svg")).size(), 200000U);
}

TEST_F(PlotTest, BadInputIsRefusedAndLeavesNoFile) {
  const auto refuses = [&](const MapPlot& plot, const char* name = "a.png") {
    EXPECT_EQ(code_of([&] { draw_map(plot, path(name)); }), Errc::invalid_argument);
  };
  refuses(small_map(), "a.jpg");
  refuses(small_map(), "png");
  MapPlot plot = small_map();
  plot.panels[0].cells.pop_back();
  refuses(plot);
  plot = small_map();
  plot.x.values = {1, 1, 2};
  refuses(plot);
  plot.x.values = {1, kNaN, 2};
  refuses(plot);
  plot = small_map();
  plot.colormap = "jet";
  refuses(plot);
  plot = small_map();
  plot.vmin = plot.vmax = 3;
  refuses(plot);
  plot.vmin = kNaN;
  refuses(plot);
  plot = small_map();
  plot.x.tick_labels = {"one"};
  refuses(plot);
  LinePlot lines = small_lines();
  lines.series[0].values.pop_back();
  EXPECT_EQ(code_of([&] { draw_lines(lines, path("a.png")); }), Errc::invalid_argument);
  EXPECT_EQ(n_files(), 0U);
}

TEST_F(PlotTest, AnUnwritablePathIsTheRightError) {
  EXPECT_EQ(code_of([&] { draw_map(small_map(), path("missing/a.png")); }), Errc::not_found);
  std::filesystem::create_directory(path("folder.png"));
  EXPECT_NE(code_of([&] { draw_map(small_map(), path("folder.png")); }), Errc::internal);
  EXPECT_EQ(n_files(), 1U) << "no temporary file stays behind";
  if (geteuid() == 0) return;  // root writes anywhere
  chmod(folder_.path().c_str(), 0555);
  EXPECT_EQ(code_of([&] { draw_map(small_map(), path("a.png")); }), Errc::permission_denied);
  chmod(folder_.path().c_str(), 0755);
}

TEST_F(PlotTest, TextThatIsNotUtf8OrTooLongIsStillDrawn) {
  MapPlot plot = small_map();
  plot.title = "bad \xff\xc3 byte\x01 " + std::string(5000, 'x');
  plot.panels[0].title = "\xed\xa0\x80";
  draw_map(plot, path("a.svg"));
  draw_map(plot, path("a.png"));
  const std::string svg = read_file(path("a.svg"));
  EXPECT_NE(svg.find("bad \xEF\xBF\xBD\xEF\xBF\xBD byte  xx"), std::string::npos);
  EXPECT_NE(svg.find("x…<"), std::string::npos);
}

}  // namespace
}  // namespace rastream
