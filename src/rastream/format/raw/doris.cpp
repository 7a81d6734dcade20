// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/raw/doris.h"

#include <charconv>
#include <cmath>
#include <filesystem>

#include "rastream/base/error.h"
#include "rastream/base/trimmed.h"

namespace rastream::raw {
namespace {

enum class Kind { text, number, positive, count, time };

/// A field of section readfiles.
struct Field {
  std::string_view label;  ///< as in the file, up to the colon
  const char* attribute;
  Kind kind;
  bool is_required;
};

// Labels as Doris writes them, its spelling included.
constexpr Field kFields[] = {
    {"SAR_PROCESSOR", "sar_processor", Kind::text, true},
    {"Product type specifier", "product_type", Kind::text, true},
    {"Sensor platform mission identifer", "platform", Kind::text, true},
    {"Scene identification", "scene_identification", Kind::text, true},
    {"SWATH", "swath", Kind::text, false},
    {"PASS", "pass", Kind::text, false},
    {"polarisation", "polarisation", Kind::text, false},
    {"Scene_centre_latitude", "scene_centre_latitude", Kind::number, true},
    {"Scene_centre_longitude", "scene_centre_longitude", Kind::number, true},
    {"Scene_center_heading", "scene_centre_heading", Kind::number, false},
    {"Radar_wavelength (m)", "radar_wavelength_m", Kind::positive, true},
    {"First_pixel_azimuth_time (UTC)", "first_pixel_azimuth_time", Kind::time, true},
    {"Pulse_Repetition_Frequency (computed, Hz)", "pulse_repetition_frequency_hz", Kind::positive,
     true},
    {"Azimuth_time_interval (s)", "azimuth_time_interval_s", Kind::positive, false},
    {"Total_azimuth_band_width (Hz)", "total_azimuth_bandwidth_hz", Kind::positive, true},
    {"Weighting_azimuth", "weighting_azimuth", Kind::text, true},
    {"Range_time_to_first_pixel (2way) (ms)", "range_time_to_first_pixel_ms", Kind::positive, true},
    {"Range_sampling_rate (computed, MHz)", "range_sampling_rate_mhz", Kind::positive, true},
    {"Total_range_band_width (MHz)", "total_range_bandwidth_mhz", Kind::positive, true},
    {"Weighting_range", "weighting_range", Kind::text, true},
    {"Number_of_lines_original", "number_of_lines_original", Kind::count, true},
    {"Number_of_pixels_original", "number_of_pixels_original", Kind::count, true},
};

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Between "_Start_NAME:" and "End_NAME:"; nothing when there is no such section.
std::optional<std::string_view> find_section(std::string_view text, const std::string& name) {
  const auto start = text.find("*_Start_" + name + ":");
  if (start == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(start);
  const auto end = rest.find("* End_" + name + ":");
  return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
}

/// The value after "LABEL:" at the start of a line.
std::optional<std::string_view> find_field(std::string_view section, std::string_view label) {
  while (!section.empty()) {
    const auto newline = std::min(section.find('\n'), section.size() - 1);
    const std::string_view line = section.substr(0, newline + 1);
    section.remove_prefix(newline + 1);
    if (line.starts_with(label) && line.substr(label.size()).starts_with(':'))
      return trimmed(line.substr(label.size() + 1));
  }
  return std::nullopt;
}

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "2018-Mar-06 17:24:29.954980" (Doris 5) or "01-Mar-2018 17:19:09.165000" (Doris 4) as ISO 8601.
std::optional<std::string> parse_time(std::string_view text) {
  const auto blank = text.find(' ');
  const auto dash = text.find('-');
  const auto dash2 = text.find('-', dash + 1);
  if (blank == std::string_view::npos || dash2 == std::string_view::npos || dash2 > blank)
    return std::nullopt;
  std::string_view year = text.substr(0, dash);
  std::string_view day = text.substr(dash2 + 1, blank - dash2 - 1);
  if (year.size() == 2) std::swap(year, day);
  const std::string_view name = text.substr(dash + 1, dash2 - dash - 1);
  const auto month = std::find(std::begin(kMonths), std::end(kMonths), name);
  const auto day_number = parse_whole<unsigned>(day);
  int hour = -1, minute = -1, n_read = 0;
  double second = -1;
  const std::string clock(trimmed(text.substr(blank)));
  if (std::sscanf(clock.c_str(), "%2d:%2d:%lf%n", &hour, &minute, &second, &n_read) != 3)
    return std::nullopt;
  const bool is_time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                       second < 61 && static_cast<std::size_t>(n_read) == clock.size();
  if (!is_time || month == std::end(kMonths) || year.size() != 4 || !parse_whole<unsigned>(year) ||
      !day_number || *day_number < 1 || *day_number > 31)
    return std::nullopt;
  return fmt::format("{}-{:02}-{:02}T{}", year, month - std::begin(kMonths) + 1, *day_number,
                     clock);
}

std::optional<Attribute> parse_value(std::string_view text, Kind kind) {
  if (kind == Kind::text)
    return text.empty() ? std::nullopt : std::optional<Attribute>(std::string(text));
  if (kind == Kind::time) {
    const auto time = parse_time(text);
    return time ? std::optional<Attribute>(*time) : std::nullopt;
  }
  if (kind == Kind::count) {
    const auto n = parse_whole<std::int64_t>(text);
    if (!n || *n < 1) return std::nullopt;
    return Attribute(Numbers{DType::int64, {*n}, {}});
  }
  const auto number = parse_whole<double>(text);
  if (!number || !std::isfinite(*number) || (kind == Kind::positive && *number <= 0))
    return std::nullopt;
  return number_attribute(DType::float64, *number);
}

[[noreturn]] void throw_field(const std::string& path, std::string_view section,
                              std::string_view label, std::optional<std::string_view> value) {
  if (!value)
    throw Error(Errc::data_loss, "'{}': field '{}' of section {} is missing", path, label, section);
  throw Error(Errc::data_loss, "'{}': field '{}' of section {} cannot be read: '{}'", path, label,
              section, value->substr(0, 80));
}

Attributes readfiles_attributes(std::string_view section, const std::string& path) {
  Attributes attributes;
  for (const Field& field : kFields) {
    const auto text = find_field(section, field.label);
    if (!text && !field.is_required) continue;
    const auto value = text ? parse_value(*text, field.kind) : std::nullopt;
    if (!value) throw_field(path, "readfiles", field.label, text);
    attributes.set(field.attribute, *value);
  }
  for (const auto& [name, limit] : {std::pair("latitude", 90.0), std::pair("longitude", 360.0)}) {
    const double degrees = *attributes.number(fmt::format("scene_centre_{}", name));
    if (std::abs(degrees) > limit) {
      throw Error(Errc::data_loss,
                  "'{}': field 'Scene_centre_{}' is {}: expected at most {} degrees", path, name,
                  degrees, limit);
    }
  }
  return attributes;
}

/// First and last line or pixel of the image, in the numbers of `frame`.
std::pair<std::int64_t, std::int64_t> limits(std::string_view section, const std::string& name,
                                             const std::string& what, const char* frame,
                                             const std::string& path) {
  const auto read = [&](const char* which) {
    const std::string label = fmt::format("{}_{} (w.r.t. {})", which, what, frame);
    const auto text = find_field(section, label);
    const auto value = text ? parse_whole<std::int64_t>(*text) : std::nullopt;
    if (!value || *value < 0 || *value > INT32_MAX) throw_field(path, name, label, text);
    return *value;
  };
  const std::int64_t first = read("First");
  const std::int64_t last = read("Last");
  if (last < first) {
    throw Error(Errc::data_loss, "'{}': section {}: {} {} is before {}", path, name, what, last,
                first);
  }
  return {first, last};
}

std::string text_field(std::string_view section, const std::string& name, std::string_view label,
                       const std::string& path) {
  const auto text = find_field(section, label);
  if (!text || text->empty()) throw_field(path, name, label, text);
  return std::string(*text);
}

}  // namespace

bool is_doris_result(std::string_view head) {
  return head.find("RESULTFILE:") != std::string_view::npos;
}

Description parse_doris_result(std::string_view text, const std::string& path) {
  const auto readfiles = find_section(text, "readfiles");
  if (!readfiles) throw Error(Errc::data_loss, "'{}': section readfiles is missing", path);
  const bool is_resampled = find_section(text, "resample").has_value();
  const std::string name = is_resampled ? "resample" : "crop";
  const auto image = find_section(text, name);
  if (!image) throw Error(Errc::data_loss, "'{}': sections resample and crop are missing", path);
  const char* frame = is_resampled ? "original_master" : "original_image";
  Description d;
  d.attributes = readfiles_attributes(*readfiles, path);
  const auto lines = limits(*image, name, "line", frame, path);
  const auto pixels = limits(*image, name, "pixel", frame, path);
  const std::string format = text_field(*image, name, "Data_output_format", path);
  if (format != "complex_real4" && format != "complex_short")
    throw_field(path, name, "Data_output_format", format);
  d.name = "slc";
  d.may_be_absent = true;
  d.cells = cell_form(format == "complex_real4" ? "complex64" : "complex_int16", false, path);
  d.schema = schema_of({"azimuth", "range"},
                       {lines.second - lines.first + 1, pixels.second - pixels.first + 1}, d.cells,
                       false, path);
  d.files = {(std::filesystem::path(path).parent_path() /
              text_field(*image, name, "Data_output_file", path))
                 .native()};
  for (const auto& [key, n] :
       {std::pair("first_line", lines.first), std::pair("last_line", lines.second),
        std::pair("first_pixel", pixels.first), std::pair("last_pixel", pixels.second)})
    d.variable_attributes.set(key, Numbers{DType::int64, {n}, {}});
  return d;
}

}  // namespace rastream::raw
