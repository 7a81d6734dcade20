// SPDX-License-Identifier: Apache-2.0
// Makes cells through random plans and writes them down beside a description of each case, for
// tests/oracle/operator_check.py to compute anew with NumPy and Xarray.
//
//   FOLDER/inputs.zarr, pool.zarr   what the expressions read
//   FOLDER/cells.zarr               the cells of all recorded nodes, one after another in a
//                                   variable a dtype: thousands of small variables are slow files
//   FOLDER/operators.json           {"operators": [name...],
//                                   "arrays": {name: {dtype, dims, shape, begin}...},
//                                   "cases": [{function, params, inputs, output or refused,
//                                   how}...]}
#pragma once

#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine_runs.h"
#include "oracle_inputs.h"
#include "random_plans.h"
#include "rastream/ops/registry.h"

namespace rastream::oracle {

class Recorder {
 public:
  Recorder(std::string folder, std::uint64_t seed) : folder_(std::move(folder)), random_(seed) {}

  /// A case for each node of the expression. Its cells are made by one plan for all of them, or by
  /// one for the last and another for the rest, so that nodes are fused in different ways.
  void add(const Array& array) {
    std::vector<Array> nodes;
    collect(array, nodes);
    if (nodes.empty()) return;
    if (random_() % 2 && nodes.size() > 1) {
      make({nodes.back()});
      make({nodes.begin(), nodes.end() - 1});
    } else {
      make(nodes);
    }
    for (const Array& node : nodes) describe(node);
  }

  /// A case for `result` as what `function` of the operands gives, whatever nodes that has made.
  void add_call(const std::string& function, const std::vector<Operand>& operands, Json params,
                const Array& result) {
    if (!has(names_, result)) make({result});
    Json call = description(function, operands, std::move(params));
    call["output"] = names_.at(result.id());
    call["how"] = how_.at(result.id());
    cases_.push_back(std::move(call));
  }

  /// A case for a call that was refused.
  void add_refusal(const std::string& function, const std::vector<Operand>& operands,
                   const Error& error) {
    Json call = description(function, operands, Json::object());
    call["refused"] = error.message();
    cases_.push_back(std::move(call));
  }

  /// Names of the registered operators that no case is about.
  std::set<std::string> untested() const {
    std::set<std::string> names;
    for (const OperatorInfo& o : operators()) names.insert(o.name);
    for (const Json& c : cases_) names.erase(c.at("function").get<std::string>());
    return names;
  }

  std::size_t n_cases() const { return cases_.size(); }
  /// Plans that were refused as unsupported, whose cells are those of evaluate().
  std::size_t n_refused_plans() const { return n_refused_; }

  void finish() const {
    CreateOptions options;
    options.overwrite = true;
    const auto writer = create_file(folder_ + "/cells.zarr", options);
    Json out;
    for (const OperatorInfo& o : operators()) out["operators"].push_back(o.name);
    for (const DType dtype : kDTypes) write_cells(*writer, dtype, out["arrays"]);
    writer->finish();
    out["cases"] = cases_;
    std::ofstream(folder_ + "/operators.json") << out.dump(1, ' ', false);
  }

 private:
  template <typename Ids>
  static bool has(const Ids& ids, const Array& array) {
    return ids.count(array.id()) != 0;
  }

  /// The nodes below `array`, and it, that have no cells yet; inputs first.
  void collect(const Array& array, std::vector<Array>& nodes) {
    if (has(names_, array)) return;
    for (const Array& input : array.inputs()) collect(input, nodes);
    for (const Array& node : nodes) {
      if (node.id() == array.id()) return;
    }
    nodes.push_back(array);
  }

  void make(const std::vector<Array>& arrays) {
    const PlanOptions options = runs::random_options(random_);
    const std::string executor = random_() % 2 ? "serial" : "threads";
    std::string how = runs::text_of(options) + " " + executor;
    SCOPED_TRACE(how + ": " + graphs::text_of(arrays.back()));
    std::vector<OwnedBlock> cells = runs::evaluated(arrays);
    try {
      const Plan plan = make_plan(runs::targets_of(arrays), options);
      EXPECT_TRUE(runs::makes(plan, arrays, cells, executor));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), Errc::unsupported) << e.what();
      ++n_refused_;
      how = "not planned: " + e.message();
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      names_[arrays[i].id()] = "v" + std::to_string(made_.size());
      how_[arrays[i].id()] = how;
      made_.push_back(arrays[i]);
      cells_.push_back(std::move(cells[i]));
    }
  }

  void describe(const Array& array) {
    if (!described_.insert(array.id()).second) return;
    const std::vector<Operand> operands(array.inputs().begin(), array.inputs().end());
    add_call(array.node().name, operands, array.node().params, array);
  }

  Json description(const std::string& function, const std::vector<Operand>& operands, Json params) {
    Json call;
    call["function"] = function;
    call["params"] = std::move(params);
    call["inputs"] = Json::array();
    for (const Operand& operand : operands) {
      Json input;
      if (operand.is_literal()) {
        input["literal"] = operand.literal();
      } else {
        add(operand.array());
        input["array"] = names_.at(operand.array().id());
      }
      call["inputs"].push_back(std::move(input));
    }
    return call;
  }

  void write_cells(DatasetWriter& writer, DType dtype, Json& arrays) const {
    std::int64_t n_cells = 0;
    for (const Array& a : made_) n_cells += a.schema().dtype == dtype ? a.schema().n_cells() : 0;
    OwnedBlock all(Region::whole({n_cells}), dtype);
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const Schema& schema = made_[i].schema();
      if (schema.dtype != dtype) continue;
      std::memcpy(all.view().at({begin}), cells_[i].view().data,
                  static_cast<std::size_t>(schema.n_cells()) * item_size(dtype));
      arrays[names_.at(made_[i].id())] = {
          {"dtype", to_string(dtype)},
          {"dims", schema.dims},
          {"shape", std::vector<std::int64_t>(schema.shape.begin(), schema.shape.end())},
          {"begin", begin}};
      begin += schema.n_cells();
    }
    VariableSpec spec;
    spec.name = to_string(dtype);
    spec.schema = make_schema({"cell"}, {n_cells}, dtype);
    writer.write(writer.add(spec), all.view());
  }

  std::string folder_;
  Random random_;
  std::vector<Array> made_;  // keeps the nodes alive, so that ids stay unique
  std::vector<OwnedBlock> cells_;
  std::map<const Node*, std::string> names_;
  std::map<const Node*, std::string> how_;
  std::set<const Node*> described_;
  std::vector<Json> cases_;
  std::size_t n_refused_ = 0;
};

}  // namespace rastream::oracle
