// SPDX-License-Identifier: Apache-2.0
// CQL2, the common query language of OGC (21-065r2), as text and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "rastream/base/json.h"
#include "rastream/catalog/search/expression.h"

namespace rastream {

/// Parses CQL2 text (Annex B of the standard). Operators and their names are known in any case;
/// functions that the standard does not have are kept. Throws invalid_argument with the column;
/// also for more than kMaxFilterBytes or kMaxExpressionDepth levels.
Expression parse_cql2_text(std::string_view text);

/// Parses CQL2 JSON (the standard's cql2.json), and the "function" of its drafts. Throws
/// invalid_argument likewise.
Expression parse_cql2_json(const Json& json);

/// Text that parses to the same tree. Throws unsupported for a text that ends in a backslash,
/// which the language cannot write.
std::string to_cql2_text(const Expression& filter);

/// JSON that parses to the same tree.
Json to_cql2_json(const Expression& filter);

}  // namespace rastream
