// SPDX-License-Identifier: Apache-2.0
// The hands that one task may use. An executor lends a task its workers; a task asks for nothing
// else of it.
#pragma once

#include <cstddef>
#include <functional>

namespace rastream {

class Crew {
 public:
  virtual ~Crew() = default;
  /// Workers are numbered 0 .. n_workers() - 1; no two calls with one number run at once.
  virtual std::size_t n_workers() const = 0;
  /// Calls work(item, worker) once for each item below `n_items`, lower items first as far as
  /// possible, and returns when all are done. Rethrows the first exception; items not yet begun are
  /// then skipped.
  virtual void for_each(std::size_t n_items,
                        const std::function<void(std::size_t, std::size_t)>& work) = 0;
};

/// One worker: the calling thread.
class OneWorker final : public Crew {
 public:
  std::size_t n_workers() const override { return 1; }
  void for_each(std::size_t n_items,
                const std::function<void(std::size_t, std::size_t)>& work) override {
    for (std::size_t i = 0; i < n_items; ++i) work(i, 0);
  }
};

}  // namespace rastream
