// SPDX-License-Identifier: Apache-2.0
// The lazy array: an operator and its inputs. Immutable, cheap to copy, safe to share between
// threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rastream/base/describe.h"
#include "rastream/graph/operator.h"

namespace rastream {

class Array;

/// One node of the graph. `name` and `params` are what a plan's JSON holds of it.
struct Node {
  std::shared_ptr<const Operator> op;
  std::vector<Array> inputs;
  std::string name;
  Json params;
};

class Array {
 public:
  Array() = default;
  explicit Array(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  const Node& node() const { return *node_; }
  const Schema& schema() const { return node_->op->schema(); }
  const std::vector<Array>& inputs() const { return node_->inputs; }
  bool is_null() const { return node_ == nullptr; }
  const Node* id() const { return node_.get(); }

 private:
  std::shared_ptr<const Node> node_;
};

/// An operator in the table of ops/registry.cpp. `make` builds a node from a plan's JSON and throws
/// Error when the parameters or the inputs do not fit.
struct OperatorInfo {
  std::string name;
  std::string summary;
  std::vector<ParameterInfo> parameters;
  Array (*make)(const std::string& name, const std::vector<Array>& inputs, const Json& params);
};

/// A node of operator Op, which has `struct Params`, `static void describe(auto& d, auto& p)` and a
/// constructor Op(const std::vector<Array>& inputs, Params).
template <typename Op>
Array apply(const std::string& name, std::vector<Array> inputs, typename Op::Params params) {
  JsonWriter writer;
  Op::describe(writer, params);
  auto op = std::make_shared<const Op>(inputs, std::move(params));
  return Array(std::make_shared<const Node>(
      Node{std::move(op), std::move(inputs), name, std::move(writer.out)}));
}

template <typename Op>
Array make_from_json(const std::string& name, const std::vector<Array>& inputs, const Json& json) {
  typename Op::Params params;
  JsonReader reader(json, name);
  Op::describe(reader, params);
  return apply<Op>(name, inputs, std::move(params));
}

template <typename Op>
OperatorInfo info(const char* name, const char* summary) {
  typename Op::Params params;
  ParameterLister lister;
  Op::describe(lister, params);
  return {name, summary, std::move(lister.out), &make_from_json<Op>};
}

/// The cells of `region`, made by walking the graph and calling compute once a node, without plan,
/// chunks or threads. It is the definition that every plan must reproduce, and serves labels, which
/// are small.
OwnedBlock evaluate(const Array& array, const Region& region);

}  // namespace rastream
