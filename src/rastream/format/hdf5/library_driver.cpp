// SPDX-License-Identifier: Apache-2.0
#include "rastream/format/hdf5/library_driver.h"

#include <H5FDpublic.h>

#include <memory>

#include "rastream/format/file_bytes.h"
#include "rastream/format/hdf5/library.h"

namespace rastream {
namespace {

/// libhdf5 sees the first member; it allocates and frees nothing of it.
struct OpenValue {
  H5FD_t common{};
  FileBytes bytes;
  haddr_t end_of_addresses = 0;
  explicit OpenValue(const char* url) : bytes(url) {}
};

OpenValue& value_of(H5FD_t* file) { return *reinterpret_cast<OpenValue*>(file); }
const OpenValue& value_of(const H5FD_t* file) { return *reinterpret_cast<const OpenValue*>(file); }

/// An exception must not pass through the library; its words go onto the library's error stack.
void push_error(const std::exception& e, const char* function) {
  H5Epush2(H5E_DEFAULT, __FILE__, function, 0, H5E_ERR_CLS, H5E_VFL, H5E_READERROR, "%s", e.what());
}

H5FD_t* open_value(const char* name, unsigned flags, hid_t, haddr_t) {
  if ((flags & H5F_ACC_RDWR) != 0) return nullptr;
  try {
    return &std::make_unique<OpenValue>(name).release()->common;
  } catch (const std::exception& e) {
    push_error(e, "open");
    return nullptr;
  }
}

herr_t close_value(H5FD_t* file) {
  delete &value_of(file);
  return 0;
}

/// Two openings of one value are one file to the library.
int compare(const H5FD_t* a, const H5FD_t* b) {
  return value_of(a).bytes.path().compare(value_of(b).bytes.path());
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE;
  return 0;
}

haddr_t end_of_addresses(const H5FD_t* file, H5FD_mem_t) { return value_of(file).end_of_addresses; }

herr_t set_end_of_addresses(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  value_of(file).end_of_addresses = address;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return value_of(file).bytes.size(); }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  try {
    value_of(file).bytes.read_at(address, std::span(static_cast<std::byte*>(buffer), size));
    return 0;
  } catch (const std::exception& e) {
    push_error(e, "read");
    return -1;
  }
}

herr_t refuse_to_write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) { return -1; }

hid_t driver() {
  static const hid_t id = [] {
    H5FD_class_t c{};
    c.name = "rastream";
    c.maxaddr = HADDR_MAX / 2;
    c.fc_degree = H5F_CLOSE_WEAK;
    c.open = open_value;
    c.close = close_value;
    c.cmp = compare;
    c.query = query;
    c.get_eoa = end_of_addresses;
    c.set_eoa = set_end_of_addresses;
    c.get_eof = end_of_file;
    c.read = read;
    c.write = refuse_to_write;
    for (H5FD_mem_t& type : c.fl_map) type = H5FD_MEM_DEFAULT;
    return H5FDregister(&c);
  }();
  return id;
}

}  // namespace

void use_remote_driver(hid_t access) {
  check_library(H5Pset_driver(access, driver(), nullptr), "the driver of remote files");
}

}  // namespace rastream
