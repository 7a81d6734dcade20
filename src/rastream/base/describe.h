// SPDX-License-Identifier: Apache-2.0
// Parameters as data. An operator describes its parameters once:
//
//   struct Params { int64_t window = 1; };
//   static void describe(auto& d, auto& p) { d("window", p.window, "cells in the window"); }
//
// Plan JSON, CLI flags, help and the reference page are visitors over that one description.
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rastream/base/error.h"
#include "rastream/base/json.h"

namespace rastream {

/// One described parameter, for help and reference pages.
struct ParameterInfo {
  std::string name;
  std::string help;
  Json default_value;
};

class JsonWriter {
 public:
  template <typename T>
  void operator()(const char* name, const T& value, const char*) {
    out[name] = value;
  }
  /// JSON has no NaN and no infinities, so they are written as text.
  void operator()(const char* name, double value, const char*) {
    if (std::isfinite(value))
      out[name] = value;
    else
      out[name] = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  Json out = Json::object();
};

class JsonReader {
 public:
  JsonReader(const Json& in, std::string what) : in_(in), what_(std::move(what)) {}
  template <typename T>
  void operator()(const char* name, T& value, const char*) {
    // JSON writes NaN as null, so null too stands for the default.
    if (!in_.is_object() || !in_.contains(name) || in_.find(name)->is_null()) return;
    value = json_member<T>(in_, name, what_);
  }
  void operator()(const char* name, double& value, const char*) {
    if (!in_.is_object() || !in_.contains(name)) return;
    if (!in_[name].is_string()) {
      value = json_member<double>(in_, name, what_);
      return;
    }
    const std::string text = in_[name];
    if (text == "NaN")
      value = std::numeric_limits<double>::quiet_NaN();
    else if (text == "Infinity")
      value = std::numeric_limits<double>::infinity();
    else if (text == "-Infinity")
      value = -std::numeric_limits<double>::infinity();
    else
      throw Error(Errc::data_loss, "{}: member '{}' is '{}', not a number", what_, name, text);
  }

 private:
  const Json& in_;
  std::string what_;
};

class ParameterLister {
 public:
  template <typename T>
  void operator()(const char* name, const T& value, const char* help) {
    out.push_back({name, help, Json(value)});
  }
  std::vector<ParameterInfo> out;
};

}  // namespace rastream
