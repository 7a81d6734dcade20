// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/validate/check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <initializer_list>
#include <set>
#include <string_view>

namespace rastream::check {
namespace {

bool is_one_of(const Json& v, std::initializer_list<std::string_view> names) {
  if (!v.is_string()) return false;
  const auto& text = v.get_ref<const std::string&>();
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_between(const Json& v, double low, double high) {
  return v.is_number() && v.get<double>() >= low && v.get<double>() <= high;
}

template <typename F>
bool is_list_of(const Json& v, F&& f) {
  return v.is_array() && std::all_of(v.begin(), v.end(), f);
}

bool is_integer(const Json& v) {
  if (v.is_number_float()) return std::trunc(v.get<double>()) == v.get<double>();
  return v.is_number_integer();
}

int digits(std::string_view text, std::size_t at, std::size_t n) {
  int value = 0;
  for (std::size_t i = at; i < at + n; ++i) {
    if (i >= text.size() || !std::isdigit(static_cast<unsigned char>(text[i]))) return -1;
    value = 10 * value + text[i] - '0';
  }
  return value;
}

bool is_day(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  if (year < 0 || month < 1 || month > 12 || day < 1) return false;
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (is_leap ? 1 : 0);
}

/// "2020-01-31T10:00:00.5Z", also with "+00:00".
bool is_time(std::string_view text) {
  if (!is_day(text) || text.size() < 20) return false;
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return false;
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (text[13] != ':' || text[16] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60)
    return false;
  std::size_t at = 19;
  if (text[at] == '.') {
    ++at;
    const std::size_t begin = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
    if (at == begin) return false;
  }
  return text.substr(at) == "Z" || text.substr(at) == "+00:00";
}

/// Lists of lists, `depth` of them, around positions; `least` of them in the innermost.
bool is_nested(const Json& v, int depth, std::size_t least) {
  if (!v.is_array()) return false;
  if (depth == 0) {
    return v.size() >= 2 && is_list_of(v, [](const Json& x) { return x.is_number(); });
  }
  if (depth == 1 && v.size() < least) return false;
  return is_list_of(v, [&](const Json& x) { return is_nested(x, depth - 1, least); });
}

bool is_geometry(const Json& v, int levels_left) {
  if (!v.is_object() || levels_left == 0) return false;
  const std::string type = v.contains("type") && v["type"].is_string() ? v["type"] : Json("");
  if (v.contains("bbox") && !is_list_of(v["bbox"], [](const Json& x) { return x.is_number(); }))
    return false;
  if (type == "GeometryCollection") {
    return v.contains("geometries") && is_list_of(v["geometries"], [&](const Json& x) {
             return is_geometry(x, levels_left - 1);
           });
  }
  if (!v.contains("coordinates")) return false;
  const Json& c = v["coordinates"];
  if (type == "Point") return is_nested(c, 0, 0);
  if (type == "MultiPoint") return is_nested(c, 1, 0);
  if (type == "LineString") return is_nested(c, 1, 2);
  if (type == "MultiLineString") return is_nested(c, 2, 2);
  if (type == "Polygon") return is_nested(c, 2, 4);
  return type == "MultiPolygon" && is_nested(c, 3, 4);
}

bool is_optional(const Json& object, const char* name, Check f) {
  return !object.contains(name) || f(object[name]);
}

}  // namespace

bool any(const Json&) { return true; }
bool text(const Json& v) { return v.is_string(); }
bool full_text(const Json& v) { return v.is_string() && !v.get_ref<const std::string&>().empty(); }
bool object(const Json& v) { return v.is_object(); }
bool list(const Json& v) { return v.is_array(); }
bool full_list(const Json& v) { return v.is_array() && !v.empty(); }
bool texts(const Json& v) { return is_list_of(v, text); }
bool different_texts(const Json& v) {
  if (!texts(v)) return false;
  std::set<std::string> seen;
  return std::all_of(v.begin(), v.end(),
                     [&](const Json& x) { return seen.insert(x.get<std::string>()).second; });
}
bool number(const Json& v) { return v.is_number(); }
bool positive(const Json& v) { return v.is_number() && v.get<double>() > 0; }
bool count(const Json& v) { return is_integer(v) && v.get<double>() >= 0; }
bool percent(const Json& v) { return is_between(v, 0, 100); }
bool boolean(const Json& v) { return v.is_boolean(); }
bool is_null(const Json& v) { return v.is_null(); }
bool text_or_null(const Json& v) { return v.is_null() || v.is_string(); }
bool object_or_null(const Json& v) { return v.is_null() || v.is_object(); }
bool integer_or_null(const Json& v) { return v.is_null() || is_integer(v); }
bool time(const Json& v) { return v.is_string() && is_time(v.get_ref<const std::string&>()); }
bool time_or_null(const Json& v) { return v.is_null() || time(v); }
bool interval(const Json& v) { return v.size() == 2 && is_list_of(v, time_or_null); }
bool box(const Json& v) { return (v.size() == 4 || v.size() == 6) && is_list_of(v, number); }
bool boxes(const Json& v) {
  return v.is_array() && (v.size() == 1 || v.size() >= 3) && is_list_of(v, box);
}
bool geometry(const Json& v) {
  constexpr int kLevels = 2;  // collections of collections are not for use (RFC 7946, 3.1.8)
  return v.is_null() || is_geometry(v, kLevels);
}
bool license(const Json& v) {
  if (!full_text(v)) return false;
  const auto& name = v.get_ref<const std::string&>();
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c >= 0x80 || std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '+';
  });
}
bool method(const Json& v) {
  if (!full_text(v)) return false;
  const auto& name = v.get_ref<const std::string&>();
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isupper(c); });
}
bool full_object(const Json& v) { return v.is_object() && !v.empty(); }
bool summary(const Json& v) { return (v.is_object() || v.is_array()) && !v.empty(); }
bool item_asset(const Json& v) { return v.is_object() && v.size() >= 2 && !v.contains("href"); }
bool data_type(const Json& v) {
  return is_one_of(
      v, {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
          "float32", "float64", "cint16", "cint32", "cfloat32", "cfloat64", "other"});
}
bool nodata(const Json& v) { return v.is_number() || is_one_of(v, {"nan", "inf", "-inf"}); }
bool role_of_provider(const Json& v) {
  return is_one_of(v, {"producer", "licensor", "processor", "host"});
}
bool shape(const Json& v) { return v.size() == 2 && is_list_of(v, is_integer); }
bool transform(const Json& v) { return (v.size() == 6 || v.size() == 9) && is_list_of(v, number); }
bool centroid(const Json& v) {
  return v.is_object() && v.contains("lat") && v.contains("lon") && is_between(v["lat"], -90, 90) &&
         is_between(v["lon"], -180, 180);
}
bool band(const Json& v) {
  return v.is_object() && is_optional(v, "name", text) && is_optional(v, "common_name", text) &&
         is_optional(v, "description", full_text) && is_optional(v, "center_wavelength", number) &&
         is_optional(v, "full_width_half_max", number);
}
bool off_nadir(const Json& v) { return is_between(v, 0, 90); }
bool azimuth(const Json& v) { return is_between(v, 0, 360); }
bool elevation(const Json& v) { return is_between(v, -90, 90); }
bool frequency_band(const Json& v) {
  return is_one_of(v, {"P", "L", "S", "C", "X", "Ku", "K", "Ka"});
}
bool polarizations(const Json& v) {
  return full_list(v) && is_list_of(v, [](const Json& x) {
           return is_one_of(x, {"HH", "VV", "HV", "VH"});
         });
}
bool dimension(const Json& v) {
  return v.is_object() && v.contains("type") && full_text(v["type"]) &&
         is_optional(v, "extent", list) && is_optional(v, "values", list) &&
         is_optional(v, "description", text) && is_optional(v, "unit", text);
}
bool variable(const Json& v) {
  return v.is_object() && v.contains("dimensions") && texts(v["dimensions"]) &&
         v.contains("type") && is_one_of(v["type"], {"data", "auxiliary"}) &&
         is_optional(v, "shape", list) && is_optional(v, "unit", text);
}
bool byte_order(const Json& v) { return is_one_of(v, {"big-endian", "little-endian"}); }
bool multihash(const Json& v) {
  if (!full_text(v)) return false;
  const auto& hex = v.get_ref<const std::string&>();
  return std::all_of(hex.begin(), hex.end(),
                     [](unsigned char c) { return std::isdigit(c) || (c >= 'a' && c <= 'f'); });
}
bool sampling(const Json& v) { return is_one_of(v, {"area", "point"}); }
bool observation_direction(const Json& v) { return is_one_of(v, {"left", "right"}); }

}  // namespace rastream::check
