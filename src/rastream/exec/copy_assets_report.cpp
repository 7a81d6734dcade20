// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "rastream/exec/copy_assets.h"

namespace rastream {

std::int64_t CopyAssetsReport::count(CopyState state) const {
  return std::count_if(assets.begin(), assets.end(),
                       [&](const CopiedAsset& a) { return a.state == state; });
}

std::int64_t CopyAssetsReport::size_bytes() const {
  std::int64_t n = 0;
  for (const CopiedAsset& a : assets) n += a.size_bytes;
  return n;
}

bool CopyAssetsReport::is_complete() const {
  return count(CopyState::failed) == 0 && count(CopyState::not_begun) == 0;
}

Json report_to_json(const CopyAssetsReport& report) {
  Json done = Json::array();
  Json failed = Json::array();
  for (const CopiedAsset& a : report.assets) {
    Json entry = {{"item", a.name.item}, {"asset", a.name.key}, {"from", a.from}, {"to", a.to}};
    if (a.state == CopyState::failed) {
      entry["code"] = to_string(a.code);
      entry["error"] = a.message;
      failed.push_back(std::move(entry));
    } else if (a.state == CopyState::not_begun) {
      entry["code"] = "not_begun";
      entry["error"] = "stopped before it was begun";
      failed.push_back(std::move(entry));
    } else {
      entry["size"] = a.size_bytes;
      entry["result"] = a.state == CopyState::copied ? "copied" : "intact";
      done.push_back(std::move(entry));
    }
  }
  return {{"copied", report.count(CopyState::copied)},
          {"intact", report.count(CopyState::intact)},
          {"not_begun", report.count(CopyState::not_begun)},
          {"bytes", report.size_bytes()},
          {"seconds", report.seconds},
          {"failed", failed},
          {"done", done}};
}

std::vector<AssetName> parse_failed_assets(const Json& report) {
  constexpr const char* kWhat = "report of copied assets";
  if (!report.is_object() || !report.contains("failed") || !report["failed"].is_array())
    throw Error(Errc::data_loss, "{}: expected a list 'failed'", kWhat);
  std::vector<AssetName> names;
  for (const Json& entry : report["failed"])
    names.push_back({json_member<std::string>(entry, "item", kWhat),
                     json_member<std::string>(entry, "asset", kWhat)});
  return names;
}

}  // namespace rastream
