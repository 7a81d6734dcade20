// SPDX-License-Identifier: Apache-2.0
// A plan's JSON. No operators are linked, as they take minutes to build: what makes them of a plan
// is left out.
#include "rastream/base/json.h"
#include "rastream/plan/plan.cpp"  // NOLINT: without the rest of its layer
#include "tests/fuzz/input.h"

namespace rastream {

const OperatorInfo& find_operator(std::string_view name) {
  throw Error(Errc::unsupported, "operator '{}'", name);
}

}  // namespace rastream

using namespace rastream;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::try_it([&] {
    const Plan plan = plan_from_json(parse_json(fuzz::text_of(data, size), "fuzz"));
    fuzz::expect(to_json(plan_from_json(to_json(plan))) == to_json(plan),
                 "a plan comes back as it was written");
    fuzz::expect(plan.nest.n_tasks() >= 0, "tasks can be counted");
    plan_id(plan);
  });
  return 0;
}
