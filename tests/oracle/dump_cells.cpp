// SPDX-License-Identifier: Apache-2.0
// Writes what a file of any format holds into a folder, for other programs to compare: info.json
// with dimensions, attributes and variables, and the cells of variable i as plain numbers in i.bin.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "rastream/base/error.h"
#include "rastream/base/json.h"
#include "rastream/format/format.h"

using namespace rastream;

namespace {

/// With its dtype, which plain JSON does not keep.
Json typed(const Attribute& attribute) {
  if (const auto* text = std::get_if<std::string>(&attribute)) return {{"text", *text}};
  if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute))
    return {{"texts", *texts}};
  const auto& numbers = std::get<Numbers>(attribute);
  Json values = Json::array();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    // As text: JSON has no NaN, and a double no 64-bit integer.
    values.push_back(is_floating(numbers.dtype) ? fmt::format("{}", numbers.floats[i])
                                                : fmt::format("{}", numbers.integers[i]));
  }
  return {{"dtype", to_string(numbers.dtype)}, {"numbers", values}};
}

Json typed(const Attributes& attributes) {
  Json json = Json::object();
  for (const auto& [name, value] : attributes) json[name] = typed(value);
  return json;
}

Json dump_variable(const DatasetFile& file, std::size_t v, const std::string& folder) {
  const VariableInfo& info = file.variables()[v];
  Json json = {
      {"name", info.name},
      {"dims", info.schema.dims},
      {"shape", std::vector<std::int64_t>(info.schema.shape.begin(), info.schema.shape.end())},
      {"dtype", to_string(info.schema.dtype)},
      {"codecs", info.codecs},
      {"attributes", typed(info.attributes)}};
  if (info.schema.dtype == DType::string) {
    json["texts"] = file.read_strings(v);
    return json;
  }
  const OwnedBlock block(info.schema.whole(), info.schema.dtype);
  file.read(v, block.view());
  const auto n_bytes =
      info.schema.n_cells() * static_cast<std::int64_t>(item_size(info.schema.dtype));
  std::ofstream(fmt::format("{}/{}.bin", folder, v), std::ios::binary)
      .write(reinterpret_cast<const char*>(block.view().data), n_bytes);
  return json;
}

Json dump(const DatasetFile& file, const std::string& folder) {
  Json json = {{"format", file.format_name()}, {"groups", file.groups()}};
  json["dimensions"] = Json::array();
  for (const DimensionInfo& d : file.dimensions())
    json["dimensions"].push_back(
        {{"name", d.name}, {"size", d.size}, {"unlimited", d.is_unlimited}});
  json["attributes"] = typed(file.attributes());
  json["variables"] = Json::array();
  for (std::size_t v = 0; v < file.variables().size(); ++v)
    json["variables"].push_back(dump_variable(file, v, folder));
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 3) {
    std::cerr << "usage: dump_cells FILE GROUP FOLDER [NAME...]\n"
                 "A NAME that is not among the variables is listed with the reason.\n";
    return 2;
  }
  try {
    const auto file = open_file(arguments[0], arguments[1] == "/" ? "" : arguments[1]);
    const std::string& folder = arguments[2];
    std::filesystem::create_directories(folder);
    Json json = dump(*file, folder);
    json["refused"] = Json::object();
    for (std::size_t i = 3; i < arguments.size(); ++i) {
      if (const auto reason = file->unsupported_reason(arguments[i]))
        json["refused"][arguments[i]] = *reason;
    }
    std::ofstream(folder + "/info.json")
        << json.dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
    return 0;
  } catch (const Error& e) {
    std::cerr << "dump_cells: " << e.what() << '\n';
    return exit_code(e.code());
  }
}
