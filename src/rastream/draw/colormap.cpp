// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/colormap.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "rastream/base/error.h"
#include "rastream/draw/plot.h"

namespace rastream {
namespace {

// Evenly spaced samples, straight lines between them: within 2/255 of the originals. viridis and
// magma are by Smith, van der Walt and Firing (CC0); RdYlBu and RdBu by Brewer (colorbrewer2.org,
// Apache 2.0).
constexpr std::uint32_t kViridis[] = {
    0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453781, 0x424086, 0x3e4989, 0x3b528b,
    0x375b8d, 0x33638d, 0x2f6b8e, 0x2c728e, 0x297a8e, 0x26828e, 0x23898e, 0x21918c, 0x1f988b,
    0x1fa088, 0x22a785, 0x28ae80, 0x32b67a, 0x3fbc73, 0x4ec36b, 0x5ec962, 0x70cf57, 0x84d44b,
    0x98d83e, 0xaddc30, 0xc2df23, 0xd8e219, 0xece51b, 0xfde725};
constexpr std::uint32_t kMagma[] = {
    0x000004, 0x030312, 0x0a0822, 0x130d34, 0x1d1147, 0x29115a, 0x36106b, 0x440f76, 0x51127c,
    0x5d177f, 0x6a1c81, 0x762181, 0x832681, 0x902a81, 0x9c2e7f, 0xaa337d, 0xb73779, 0xc43c75,
    0xd0416f, 0xdc4869, 0xe75263, 0xef5d5e, 0xf56b5c, 0xf9795d, 0xfc8961, 0xfd9869, 0xfea772,
    0xfeb67c, 0xfec488, 0xfed395, 0xfde2a3, 0xfcf0b2, 0xfcfdbf};
constexpr std::uint32_t kRdYlBu[] = {0xa50026, 0xd73027, 0xf46d43, 0xfdae61, 0xfee090, 0xffffbf,
                                     0xe0f3f8, 0xabd9e9, 0x74add1, 0x4575b4, 0x313695};
constexpr std::uint32_t kRdBu[] = {0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7,
                                   0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac, 0x053061};
// For days of the year on which spring arrives: early is warm and light, late is cold and dark.
constexpr std::uint32_t kSpring[] = {0xfbd737, 0xd9d53c, 0xafcd49, 0x82c057, 0x57b066, 0x2f9d75,
                                     0x178983, 0x1b748b, 0x2a5e8c, 0x374787, 0x3f2f7a, 0x3e1a63};

struct Named {
  std::string_view name;
  std::span<const std::uint32_t> samples;
};
constexpr Named kColormaps[] = {{"viridis", kViridis},
                                {"magma", kMagma},
                                {"RdYlBu", kRdYlBu},
                                {"RdBu", kRdBu},
                                {"spring", kSpring}};

double channel(std::uint32_t rgb, int shift) { return static_cast<double>(rgb >> shift & 255U); }

Colour sample(std::span<const std::uint32_t> samples, double t) {
  const double position = t * static_cast<double>(samples.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(position), samples.size() - 2);
  const double f = position - static_cast<double>(i);
  const auto mix = [&](int shift) {
    return static_cast<std::uint8_t>(
        std::lround(channel(samples[i], shift) * (1 - f) + channel(samples[i + 1], shift) * f));
  };
  return {mix(16), mix(8), mix(0)};
}

}  // namespace

std::vector<std::string_view> colormap_names() {
  std::vector<std::string_view> names;
  for (const Named& c : kColormaps) names.push_back(c.name);
  return names;
}

ColourTable colour_table(const std::string& name) {
  const bool is_reversed = name.ends_with("_r");
  const std::string_view plain =
      std::string_view(name).substr(0, name.size() - (is_reversed ? 2 : 0));
  for (const Named& c : kColormaps) {
    if (c.name != plain) continue;
    ColourTable table;
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = sample(c.samples, static_cast<double>(i) / 255);
    if (is_reversed) std::reverse(table.begin(), table.end());
    return table;
  }
  throw Error(Errc::invalid_argument,
              "unknown colormap '{}': expected one of {}, or one of these with '_r' appended", name,
              fmt::join(colormap_names(), ", "));
}

Colour ColourScale::operator()(double v) const {
  // Halved first: the difference of two huge numbers would be infinite.
  const double t = std::clamp((v / 2 - vmin / 2) / (vmax / 2 - vmin / 2), 0.0, 1.0);
  return table[std::min<std::size_t>(static_cast<std::size_t>(t * 256), 255)];
}

}  // namespace rastream
