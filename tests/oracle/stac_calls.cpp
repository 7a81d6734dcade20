// SPDX-License-Identifier: Apache-2.0
// Calls of StacApi for tests that record what is asked: a call a line in, its result a line out.
#include <iostream>
#include <map>

#include "rastream/base/error.h"
#include "rastream/catalog/api/stac_api.h"

namespace {

using namespace rastream;

std::int64_t most_of(const Json& call) {
  return call.value("most", std::numeric_limits<std::int64_t>::max());
}

Search search_of(const Json& call) {
  return search_from_json(call.value("search", Json::object()));
}

Json landing(StacApi& api, const Json&) { return {api.landing().id}; }

Json add_conformance(StacApi& api, const Json& call) {
  api.conformance().add(call.at("class").get<std::string>());
  return api.conformance().uris();
}

/// Stops behind the first `most`, as who reads no further does.
Json collections(StacApi& api, const Json& call) {
  Json ids = Json::array();
  const auto visit = [&](const JsonText& text) {
    ids.push_back(text.parse("collection").at("id"));
    return static_cast<std::int64_t>(ids.size()) < most_of(call);
  };
  api.for_each_collection(visit, search_of(call));
  return ids;
}

Json collection(StacApi& api, const Json& call) {
  return {api.collection(call.at("collection")).id};
}

Json items(StacApi& api, const Json& call) {
  Json ids = Json::array();
  ItemSearch found = api.items(api.collection(call.at("collection")), search_of(call));
  while (static_cast<std::int64_t>(ids.size()) < most_of(call)) {
    const auto item = found.next();
    if (!item) break;
    ids.push_back(item->id);
  }
  return ids;
}

Json item(StacApi& api, const Json& call) {
  return {api.item(api.collection(call.at("collection")), call.at("item")).id};
}

using Call = Json (*)(StacApi&, const Json&);
const std::map<std::string, Call> kCalls = {{"landing", landing},
                                            {"add_conformance", add_conformance},
                                            {"collections", collections},
                                            {"collection", collection},
                                            {"items", items},
                                            {"item", item}};

Json result_of(StacApi& api, const Json& call) {
  try {
    return {{"ids", kCalls.at(call.at("call"))(api, call)}};
  } catch (const Error& e) {
    return {{"error", to_string(e.code())}};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: stac_calls URL\nCalls are read from stdin, a JSON object a line: "
                 "{\"call\": \"item\", \"collection\": ID, \"item\": ID}\n";
    return 2;
  }
  try {
    StacApi api = StacApi::open(argv[1]);
    for (std::string line; std::getline(std::cin, line);)
      std::cout << result_of(api, Json::parse(line)).dump() << '\n';
    return 0;
  } catch (const Error& e) {
    std::cerr << "stac_calls: " << e.what() << '\n';
    return exit_code(e.code());
  }
}
