// SPDX-License-Identifier: Apache-2.0
#include "rastream/draw/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace rastream {
namespace {

constexpr int kMostTicks = 9;

/// The smallest nice step that is at least `step`.
double nice_step(double step, bool only_integers) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    const double candidate = factor * power;
    if (candidate < step * (1 - 1e-9)) continue;
    if (!only_integers || candidate == std::floor(candidate)) return candidate;
  }
  return only_integers ? std::max(1.0, std::ceil(step)) : 10 * power;
}

/// Numbers below 10000 stay as they are: years are read more easily that way.
std::string with_commas(std::string digits) {
  const auto dot = digits.find('.');
  const std::size_t end = dot == std::string::npos ? digits.size() : dot;
  if (end < 5) return digits;
  for (std::size_t i = end; i > 3;) {
    i -= 3;
    digits.insert(digits.begin() + static_cast<std::ptrdiff_t>(i), ',');
  }
  return digits;
}

std::vector<double> multiples(double low, double high, double step) {
  std::vector<double> values;
  const double first = std::ceil(low / step - 1e-9);
  // + 0.0 turns -0 into 0.
  for (double k = first; k * step <= high + step * 1e-9; ++k) values.push_back(k * step + 0.0);
  return values;
}

/// As nice_values, with steps that divide a circle where ten degrees and more lie between ticks.
std::vector<double> degree_values(double low, double high, int n_wanted) {
  const double least = (high - low) / n_wanted;
  if (least > 5) {
    for (const double step : {10, 15, 20, 30, 45, 60, 90}) {
      if (step >= least) return multiples(low, high, step);
    }
  }
  return nice_values(low, high, n_wanted);
}

std::string superscript(int exponent) {
  constexpr std::array<const char*, 10> kDigits = {"⁰", "¹", "²", "³", "⁴",
                                                   "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(exponent)))
    out += kDigits[static_cast<std::size_t>(c - '0')];
  return out;
}

/// The least number of decimals, at most 12, that write every value of `values` / `unit` to a
/// thousandth of a step.
int n_decimals(const std::vector<double>& values, double unit) {
  double step = values.size() > 1 ? std::abs(values[1] - values[0]) : std::abs(values[0]);
  step = step > 0 ? step / unit : 1;
  for (int n = 0; n < 12; ++n) {
    const double scale = std::pow(10, n);
    const bool is_enough = std::all_of(values.begin(), values.end(), [&](double v) {
      return std::abs(std::round(v / unit * scale) / scale - v / unit) < step * 1e-3;
    });
    if (is_enough) return n;
  }
  return 12;
}

std::string number_label(double v, double unit, int decimals, const std::string& suffix) {
  std::string digits = fmt::format("{:.{}f}", std::abs(v / unit), decimals);
  const bool is_zero = digits.find_first_not_of("0.") == std::string::npos;
  return (v < 0 && !is_zero ? "−" : "") + with_commas(digits) + (is_zero ? "" : suffix);
}

struct Unit {
  std::string_view written;  ///< as labels have it, in brackets
  char positive = 0;         ///< hemisphere letters, or 0
  char negative = 0;
};
constexpr std::array<Unit, 4> kDegrees = {{{"degrees_north", 'N', 'S'},
                                           {"degree_north", 'N', 'S'},
                                           {"degrees_east", 'E', 'W'},
                                           {"degree_east", 'E', 'W'}}};

/// Position of "[unit]" at the end of `label`, or npos.
std::size_t find_unit(std::string_view label, std::string_view unit) {
  const std::string bracketed = fmt::format("[{}]", unit);
  return label.ends_with(bracketed) ? label.size() - bracketed.size() : std::string_view::npos;
}

std::string trimmed(std::string_view text) {
  return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
}

/// Writes the numbers of an axis in the unit of its label.
class NumberAxis {
 public:
  NumberAxis(const Axis& axis, double low, double high) : label_(axis.label) {
    const std::string& label = axis.label;
    only_integers_ = std::all_of(axis.values.begin(), axis.values.end(),
                                 [](double v) { return v == std::floor(v); });
    const double extent = std::max(std::abs(low), std::abs(high));
    const auto metres = find_unit(label, "m");
    if (metres != std::string::npos && high - low >= 1000 && extent >= 10000) {
      unit_ = 1000;
      only_integers_ = false;
      label_ = label.substr(0, metres) + "[km]";
    }
    for (const Unit& degrees : kDegrees) {
      const auto at = find_unit(label, degrees.written);
      if (at == std::string::npos) continue;
      hemispheres_ = &degrees;
      only_integers_ = false;
      label_ = trimmed(label.substr(0, at));
    }
  }

  const std::string& label() const { return label_; }

  std::vector<Tick> ticks(double low, double high, int n_wanted) const {
    const std::vector<double> values =
        hemispheres_ ? degree_values(low, high, n_wanted)
                     : nice_values(low / unit_, high / unit_, n_wanted, only_integers_);
    const std::vector<std::string> labels = number_labels(values);
    std::vector<Tick> ticks;
    for (std::size_t i = 0; i < values.size(); ++i) {
      ticks.push_back(
          {values[i] * unit_, hemispheres_ ? degrees(values[i], labels[i]) : labels[i]});
    }
    return ticks;
  }

 private:
  std::string degrees(double value, std::string label) const {
    const std::string_view minus = "−";
    if (label.starts_with(minus)) label.erase(0, minus.size());
    std::string out = label + "°";
    if (value != 0) out += value < 0 ? hemispheres_->negative : hemispheres_->positive;
    return out;
  }

  double unit_ = 1;
  bool only_integers_ = true;  ///< years and indices have nothing between them
  const Unit* hemispheres_ = nullptr;
  std::string label_;
};

bool is_iso_date(std::string_view s) {
  if (s.size() < 10 || s[4] != '-' || s[7] != '-') return false;
  return std::all_of(s.begin(), s.begin() + 10,
                     [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

/// The indices at which a new period of `n_months` begins, labelled by year or by year and month.
std::vector<Tick> period_starts(const Axis& axis, int n_months) {
  std::vector<Tick> ticks;
  int previous = -1;
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    const std::string& date = axis.tick_labels[i];
    const int month = std::stoi(date.substr(0, 4)) * 12 + std::stoi(date.substr(5, 2)) - 1;
    const int period = month / n_months;
    // The first cell counts only when it is itself the first day: else its tick would stand for a
    // date not there.
    const bool is_start =
        i == 0 ? month % n_months == 0 && date.substr(8, 2) == "01" : period != previous;
    if (is_start) ticks.push_back({axis.values[i], date.substr(0, n_months % 12 == 0 ? 4 : 7)});
    previous = period;
  }
  return ticks;
}

std::vector<Tick> date_ticks(const Axis& axis, double low, double high, const FitsFunction& fits) {
  const auto is_outside = [&](const Tick& t) { return t.value < low || t.value > high; };
  for (const int n_months : {1, 3, 6, 12, 24, 60, 120, 240, 600, 1200}) {
    std::vector<Tick> ticks = period_starts(axis, n_months);
    std::erase_if(ticks, is_outside);
    if (ticks.size() < 2) break;
    if (fits(ticks)) return ticks;
  }
  return {};
}

/// Every 1st, 2nd, 5th, 10th, ... label, as many as fit.
std::vector<Tick> strided_ticks(const Axis& axis, const FitsFunction& fits) {
  const std::size_t n = axis.values.size();
  for (std::size_t power = 1; power < n; power *= 10) {
    for (const std::size_t factor : {1, 2, 5}) {
      std::vector<Tick> ticks;
      for (std::size_t i = 0; i < n; i += factor * power)
        ticks.push_back({axis.values[i], axis.tick_labels[i]});
      if (fits(ticks)) return ticks;
    }
  }
  return {{axis.values[0], axis.tick_labels[0]}};
}

AxisTicks labelled_ticks(const Axis& axis, double low, double high, const FitsFunction& fits) {
  if (std::all_of(axis.tick_labels.begin(), axis.tick_labels.end(), is_iso_date)) {
    if (auto ticks = date_ticks(axis, low, high, fits); !ticks.empty())
      return {std::move(ticks), axis.label};
  }
  return {strided_ticks(axis, fits), axis.label};
}

}  // namespace

std::vector<double> nice_values(double low, double high, int n_wanted, bool only_integers) {
  const double span = high - low;
  if (!(span > 0) || !std::isfinite(span)) return {low};
  // A step below a few ulps would repeat values.
  const double least = std::max(std::abs(low), std::abs(high)) * 1e-14;
  return multiples(low, high, nice_step(std::max(span / n_wanted, least), only_integers));
}

std::vector<std::string> number_labels(const std::vector<double>& values) {
  if (values.empty()) return {};
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  double unit = 1;
  std::string suffix;
  if (largest >= 1e7 || (largest > 0 && largest < 1e-3)) {
    const int exponent = static_cast<int>(std::floor(std::log10(largest)));
    unit = std::pow(10, exponent);
    suffix = "×10" + superscript(exponent);
  }
  const int decimals = n_decimals(values, unit);
  std::vector<std::string> labels;
  for (const double v : values) labels.push_back(number_label(v, unit, decimals, suffix));
  return labels;
}

AxisTicks choose_ticks(const Axis& axis, double low, double high, const FitsFunction& fits) {
  if (axis.values.empty()) return {{}, axis.label};
  if (!axis.tick_labels.empty()) return labelled_ticks(axis, low, high, fits);
  const NumberAxis numbers(axis, low, high);
  for (int n = kMostTicks; n > 1; --n) {
    std::vector<Tick> ticks = numbers.ticks(low, high, n);
    if (ticks.size() >= 2 && fits(ticks)) return {std::move(ticks), numbers.label()};
  }
  std::vector<Tick> ticks = numbers.ticks(low, high, 2);
  if (ticks.size() > 1) ticks = {ticks.front()};
  return {std::move(ticks), numbers.label()};
}

std::vector<Tick> choose_colour_ticks(double low, double high, bool day_of_year_labels,
                                      const FitsFunction& fits) {
  std::vector<Tick> ticks;
  for (int n = kMostTicks; n >= 1; --n) {
    const std::vector<double> values = nice_values(low, high, n, day_of_year_labels);
    const std::vector<std::string> labels = number_labels(values);
    ticks.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool is_day = day_of_year_labels && std::abs(values[i]) < 1e6;
      ticks.push_back({values[i], is_day
                                      ? day_of_year_label(static_cast<int>(std::lround(values[i])))
                                      : labels[i]});
    }
    if (fits(ticks)) break;
  }
  return ticks;
}

std::string day_of_year_label(int day) {
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day < 1 || day > 365) return std::to_string(day);
  int rest = day;
  std::size_t month = 0;
  while (rest > kDays[month]) rest -= kDays[month++];
  return fmt::format("{} ({} {})", day, rest, kMonths[month]);
}

}  // namespace rastream
