// SPDX-License-Identifier: Apache-2.0
#include "rastream/catalog/extensions/datacube.h"

namespace rastream {

Datacube read_datacube(const Item& item, std::string_view asset) {
  const FieldReader fields(item, asset);
  Datacube cube;
  for (const auto& [name, f] : fields.members("cube:dimensions")) {
    const auto type = f.text("type");
    if (!type) throw f.wrong("type", "there, as that of a dimension must be");
    cube.dimensions.push_back({name, *type, f.text("axis"), f.text("description"), f.text("unit"),
                               f.raw("extent"), f.raw("values"), f.raw("step"),
                               f.raw("reference_system")});
  }
  for (const auto& [name, f] : fields.members("cube:variables")) {
    cube.variables.push_back({name, f.texts("dimensions"), f.text("type").value_or("data"),
                              f.text("description"), f.text("unit"), f.integers("shape"),
                              f.integers("chunks")});
  }
  return cube;
}

}  // namespace rastream
