// SPDX-License-Identifier: Apache-2.0
#include "rastream/plan/plan.h"

#include <algorithm>

#include "rastream/ops/registry.h"

namespace rastream {
namespace {

constexpr int kPlanVersion = 1;
/// Of slabs, steps, tiles: more is not a plan that was made here, and sums of sizes must not
/// overflow.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 40;
constexpr std::int64_t kMostThreads = 4096;

Json to_json(const Cuts& cuts) {
  if (const auto chunk = cuts.regular_chunk()) return {{"size", cuts.size()}, {"chunk", *chunk}};
  std::vector<std::int64_t> edges;
  for (std::int64_t i = 0; i < cuts.n_chunks(); ++i) edges.push_back(cuts.begin_of(i));
  edges.push_back(cuts.size());
  return {{"edges", edges}};
}

Cuts cuts_from_json(const Json& json) {
  if (json.contains("edges")) {
    return Cuts::explicit_edges(json_member<std::vector<std::int64_t>>(json, "edges", "plan"));
  }
  const auto size = json_member<std::int64_t>(json, "size", "plan");
  if (size < 0) throw Error(Errc::data_loss, "plan: a dimension of {} cells", size);
  return Cuts::regular(size, json_member<std::int64_t>(json, "chunk", "plan"));
}

Json to_json(const Nest& nest) {
  Json json = {{"stream", nest.stream},
               {"cell_dims", nest.cell_dims},
               {"loop_dims", nest.loop_dims},
               {"slab", nest.slab},
               {"step", nest.step},
               {"tile_cells", nest.tile_cells},
               {"cell_lists", nest.cell_lists},
               {"read_ahead", nest.read_ahead},
               {"tasks_in_parallel", nest.tasks_in_parallel}};
  json["column_cuts"] = Json::array();
  if (nest.most_waiting) json["most_waiting"] = *nest.most_waiting;
  for (const Cuts& cuts : nest.column_cuts) json["column_cuts"].push_back(to_json(cuts));
  json["kept"] = Json::array();
  for (const Kept& kept : nest.kept)
    json["kept"].push_back({{"node", kept.node}, {"in_memory", kept.in_memory}});
  return json;
}

Nest nest_from_json(const Json& json) {
  const auto get = [&]<typename T>(const char* key, T& value) {
    value = json_member<T>(json, key, "plan nest");
  };
  Nest nest;
  get("stream", nest.stream);
  get("cell_dims", nest.cell_dims);
  get("loop_dims", nest.loop_dims);
  get("slab", nest.slab);
  get("step", nest.step);
  get("tile_cells", nest.tile_cells);
  get("cell_lists", nest.cell_lists);
  get("read_ahead", nest.read_ahead);
  get("tasks_in_parallel", nest.tasks_in_parallel);
  if (json.contains("most_waiting"))
    nest.most_waiting = json_member<std::int64_t>(json, "most_waiting", "plan nest");
  for (const Json& cuts : json_member<std::vector<Json>>(json, "column_cuts", "plan nest")) {
    nest.column_cuts.push_back(cuts_from_json(cuts));
  }
  for (const Json& kept : json_member<std::vector<Json>>(json, "kept", "plan nest")) {
    nest.kept.push_back(
        {json_member<int>(kept, "node", "plan"), json_member<bool>(kept, "in_memory", "plan")});
  }
  const auto is_absurd = [](std::int64_t size) { return size < 1 || size > kLargestSize; };
  if (is_absurd(nest.slab) || is_absurd(nest.step) || is_absurd(nest.tile_cells) ||
      nest.column_cuts.size() != nest.cell_dims.size()) {
    throw Error(Errc::data_loss,
                "plan: the nest has sizes outside 1 .. {} or cuts for other dimensions",
                kLargestSize);
  }
  std::int64_t n_tasks = 1;
  for (const Cuts& cuts : nest.column_cuts)
    n_tasks = checked_multiply(n_tasks, cuts.n_chunks(), "plan: tasks");
  return nest;
}

Json nodes_to_json(const Plan& plan) {
  Json nodes = Json::array();
  for (const PlanNode& n : plan.nodes)
    nodes.push_back({{"op", n.op}, {"params", n.params}, {"inputs", n.inputs}});
  return nodes;
}

Json outputs_to_json(const Plan& plan) {
  Json outputs = Json::array();
  for (const Output& o : plan.outputs) outputs.push_back({{"name", o.name}, {"node", o.node}});
  return outputs;
}

void check_node_number(int node, std::size_t limit) {
  if (node < 0 || static_cast<std::size_t>(node) >= limit) {
    throw Error(Errc::data_loss, "plan: node number {} where one below {} was expected", node,
                limit);
  }
}

}  // namespace

Role Nest::role_of(const std::string& dim) const {
  if (std::find(cell_dims.begin(), cell_dims.end(), dim) != cell_dims.end()) return Role::cell;
  if (std::find(loop_dims.begin(), loop_dims.end(), dim) != loop_dims.end()) return Role::loop;
  return dim == stream ? Role::stream : Role::whole;
}

std::int64_t Nest::n_tasks() const {
  std::int64_t n = 1;
  for (const Cuts& cuts : column_cuts) n *= cuts.n_chunks();
  return n;
}

Json to_json(const Plan& plan) {
  Json json = {{"rastream_plan", kPlanVersion}, {"threads", plan.n_threads}};
  json["nodes"] = nodes_to_json(plan);
  json["outputs"] = outputs_to_json(plan);
  json["nest"] = to_json(plan.nest);
  const MemoryBound& b = plan.bound;
  json["memory_bound"] = {{"process", b.process}, {"slabs", b.slabs},     {"state", b.state},
                          {"kept", b.kept},       {"outputs", b.outputs}, {"workers", b.workers}};
  return json;
}

Plan plan_from_json(const Json& json) {
  if (json_member<int>(json, "rastream_plan", "plan") != kPlanVersion) {
    throw Error(Errc::unsupported, "plan: version {} where {} was expected",
                json["rastream_plan"].dump(), kPlanVersion);
  }
  Plan plan;
  plan.n_threads = json_member<std::int64_t>(json, "threads", "plan");
  if (plan.n_threads < 1 || plan.n_threads > kMostThreads) {
    throw Error(Errc::data_loss, "plan: {} threads where 1 .. {} were expected", plan.n_threads,
                kMostThreads);
  }
  for (const Json& n : json_member<std::vector<Json>>(json, "nodes", "plan")) {
    PlanNode node{json_member<std::string>(n, "op", "plan node"),
                  json_member<Json>(n, "params", "plan node"),
                  json_member<std::vector<int>>(n, "inputs", "plan node")};
    for (const int input : node.inputs) check_node_number(input, plan.nodes.size());
    plan.nodes.push_back(std::move(node));
  }
  for (const Json& o : json_member<std::vector<Json>>(json, "outputs", "plan")) {
    plan.outputs.push_back(
        {json_member<std::string>(o, "name", "output"), json_member<int>(o, "node", "output")});
    check_node_number(plan.outputs.back().node, plan.nodes.size());
  }
  plan.nest = nest_from_json(json_member<Json>(json, "nest", "plan"));
  for (const Kept& kept : plan.nest.kept) check_node_number(kept.node, plan.nodes.size());
  const Json b = json_member<Json>(json, "memory_bound", "plan");
  const auto bytes = [&](const char* key) {
    return json_member<std::int64_t>(b, key, "memory_bound");
  };
  plan.bound = {bytes("process"), bytes("slabs"),   bytes("state"),
                bytes("kept"),    bytes("outputs"), bytes("workers")};
  return plan;
}

std::string plan_id(const Plan& plan) {
  const std::string text = nodes_to_json(plan).dump() + outputs_to_json(plan).dump();
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a, 64 bits
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

std::vector<Array> arrays_of(const Plan& plan) {
  std::vector<Array> arrays;
  for (const PlanNode& node : plan.nodes) {
    std::vector<Array> inputs;
    for (const int input : node.inputs) inputs.push_back(arrays[static_cast<std::size_t>(input)]);
    arrays.push_back(find_operator(node.op).make(node.op, inputs, node.params));
  }
  return arrays;
}

}  // namespace rastream
