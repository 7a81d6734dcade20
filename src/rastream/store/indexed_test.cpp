// SPDX-License-Identifier: Apache-2.0
// Zip archives and files of references, whole and damaged, made here byte by byte.
#include "rastream/store/indexed.h"

#include <libdeflate.h>

#include <fstream>

#include "rastream/store/file.h"
#include "tests/suites/byte_text.h"
#include "tests/suites/errors.h"
#include "tests/suites/scratch_folder.h"

namespace rastream {
namespace {

std::string number(std::uint64_t value, int n_bytes) {
  std::string text;
  for (int i = 0; i < n_bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

std::string deflated(const std::string& text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(text.size() + 64, '\0');
  out.resize(
      libdeflate_deflate_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

struct Entry {
  std::string name;
  std::string value;
  int method = 0;  // 8: deflated
  int flags = 0;
};

/// PKWARE APPNOTE 6.3.10. With `is_64` all sizes stand in zip64 fields.
class Archive {
 public:
  explicit Archive(bool is_64 = false) : is_64_(is_64) {}

  void add(const Entry& e) {
    const std::string stored = e.method == 8 ? deflated(e.value) : e.value;
    const std::uint32_t crc = libdeflate_crc32(0, e.value.data(), e.value.size());
    const std::uint64_t offset = body_.size();
    const std::string common = number(20, 2) + number(static_cast<unsigned>(e.flags), 2) +
                               number(static_cast<unsigned>(e.method), 2) + number(0, 4) +
                               number(crc, 4);
    // A local extra field that the directory does not have.
    body_ += number(0x04034b50, 4) + common + number(stored.size(), 4) + number(e.value.size(), 4) +
             number(e.name.size(), 2) + number(6, 2) + e.name + number(99, 2) + number(2, 2) +
             "xx" + stored;
    const std::string extra = is_64_ ? number(1, 2) + number(24, 2) + number(e.value.size(), 8) +
                                           number(stored.size(), 8) + number(offset, 8)
                                     : "";
    directory_ += number(0x02014b50, 4) + number(20, 2) + common + narrow(stored.size()) +
                  narrow(e.value.size()) + number(e.name.size(), 2) + number(extra.size(), 2) +
                  number(0, 12 - 2) + narrow(offset) + e.name + extra;
    ++n_;
  }

  std::string text(const std::string& comment = "") const {
    std::string out = body_ + directory_;
    if (is_64_) {
      const std::size_t at = out.size();
      out += number(0x06064b50, 4) + number(44, 8) + number(45, 4) + number(0, 8) + number(n_, 8) +
             number(n_, 8) + number(directory_.size(), 8) + number(body_.size(), 8);
      out += number(0x07064b50, 4) + number(0, 4) + number(at, 8) + number(1, 4);
    }
    return out + number(0x06054b50, 4) + number(0, 4) + number(n_, 2) + number(n_, 2) +
           narrow(directory_.size()) + narrow(body_.size()) + number(comment.size(), 2) + comment;
  }

 private:
  std::string narrow(std::uint64_t value) const { return number(is_64_ ? 0xffffffff : value, 4); }
  bool is_64_;
  std::uint64_t n_ = 0;
  std::string body_;
  std::string directory_;
};

class Zip : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(const std::string& text) {
    std::ofstream(folder_ / "a.zip", std::ios::binary | std::ios::trunc) << text;
    return open_zip_store(folder_ / "a.zip");
  }
  ScratchFolder folder_;
};

const std::string kLong = [] {
  std::string text;
  for (int i = 0; i < 999; ++i) text += std::to_string(i);
  return text;
}();

TEST_F(Zip, EntriesAreReadWholeAndByRangeStoredAndDeflated) {
  for (const bool is_64 : {false, true}) {
    for (const int method : {0, 8}) {
      Archive archive(is_64);
      archive.add({"a/b", kLong, method});
      archive.add({"empty", "", method});
      const auto store = open(archive.text("a comment"));
      EXPECT_EQ(text_of(store->get("a/b")), kLong);
      EXPECT_EQ(text_of(store->get("a/b", {5, 9})), kLong.substr(5, 4));
      EXPECT_EQ(store->size("a/b"), static_cast<std::int64_t>(kLong.size()));
      EXPECT_EQ(text_of(store->get("empty")), "");
      EXPECT_FALSE(store->get("absent"));
      EXPECT_EQ(store->list(""), (std::vector<std::string>{"a/b", "empty"}));
      EXPECT_EQ(store->children(""), (std::vector<std::string>{"a/", "empty"}));
      EXPECT_EQ(code_of([&] { store->get("a/b", {0, 99999}); }), Errc::data_loss);
    }
  }
}

TEST_F(Zip, TheLastOfEqualNamesCountsAndNamesThatLeadOutsideAreLeftOut) {
  Archive archive;
  for (const char* name : {"k", "../x", "/etc/x", "folder/", "k"}) archive.add({name, name});
  archive.add({"k", "last"});
  const auto store = open(archive.text());
  EXPECT_EQ(store->list(""), std::vector<std::string>{"k"});
  EXPECT_EQ(text_of(store->get("k")), "last");
}

TEST_F(Zip, IsOnlyRead) {
  Archive archive;
  archive.add({"k", "v"});
  const auto store = open(archive.text());
  EXPECT_EQ(code_of([&] { store->put("k", {}); }), Errc::unsupported);
  EXPECT_EQ(code_of([&] { store->erase("k"); }), Errc::unsupported);
}

TEST_F(Zip, MethodsAndCiphersThatAreNotReadAreRefusedByName) {
  Archive lzma;
  lzma.add({"k", "v", 14});
  expect_refused(Errc::unsupported, "zip method 14", [&] { open(lzma.text()); });
  Archive secret;
  secret.add({"k", "v", 0, 1});
  expect_refused(Errc::unsupported, "encrypted", [&] { open(secret.text()); });
}

TEST_F(Zip, EveryTruncationIsAnError) {
  Archive archive(true);
  archive.add({"a", kLong, 8});
  const std::string whole = archive.text();
  for (std::size_t n = 0; n < whole.size(); n += 3)
    EXPECT_EQ(code_of([&] { open(whole.substr(0, n)); }), Errc::data_loss) << n;
}

TEST_F(Zip, AFlippedBitGivesTheValueOrAnError) {
  Archive archive(true);
  archive.add({"a", "some text", 8});
  archive.add({"b", "more text", 0});
  const std::string whole = archive.text();
  for (std::size_t byte = 0; byte < whole.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = whole;
      damaged[byte] = static_cast<char>(damaged[byte] ^ 1 << bit);
      try {
        const auto store = open(damaged);
        for (const auto& [key, value] :
             {std::pair("a", "some text"), std::pair("b", "more text")}) {
          const auto found = store->get(key);
          if (found) {
            EXPECT_EQ(text_of(found), value) << byte << "." << bit;
          }
        }
      } catch (const Error& e) {
        EXPECT_TRUE(e.code() == Errc::data_loss || e.code() == Errc::unsupported) << e.what();
      }
    }
  }
}

TEST_F(Zip, ABombIsRefusedBeforeMemoryIsTaken) {
  Archive archive;
  archive.add({"a", kLong, 8});
  std::string text = archive.text();
  const std::size_t size_at = text.rfind(number(0x02014b50, 4)) + 24;
  text.replace(size_at, 4, number(0xfffffff0, 4));
  const auto store = open(text);
  expect_refused(Errc::data_loss, "cannot become", [&] { store->get("a"); });
}

class References : public ::testing::Test {
 protected:
  References() { std::ofstream(folder_ / "data.bin") << "0123456789"; }
  std::unique_ptr<Store> open(const std::string& text) {
    std::ofstream(folder_ / "r.json", std::ios::trunc) << text;
    return open_reference_store(folder_ / "r.json");
  }
  ScratchFolder folder_;
};

TEST_F(References, AreTextBase64AndRangesOfFiles) {
  const auto store = open(R"({"version":1,"templates":{"u":"data.bin"},"refs":{
      ".zgroup":"{\"zarr_format\":2}", "o":{"a":1}, "v/0":["{{u}}",2,3], "v/1":"base64:AAEC",
      "v/2":["data.bin"], "v/3":["file://)" +
                          std::string(folder_ / "data.bin") + R"(",9,1]}})");
  EXPECT_EQ(text_of(store->get(".zgroup")), "{\"zarr_format\":2}");
  EXPECT_EQ(text_of(store->get("o")), "{\"a\":1}");
  EXPECT_EQ(text_of(store->get("v/0")), "234");
  EXPECT_EQ(text_of(store->get("v/0", {1, -1})), "34");
  EXPECT_EQ(store->size("v/0"), 3);
  EXPECT_EQ(text_of(store->get("v/1")), std::string("\0\1\2", 3));
  EXPECT_EQ(text_of(store->get("v/2")), "0123456789");
  EXPECT_EQ(store->size("v/2"), 10);
  EXPECT_EQ(text_of(store->get("v/3")), "9");
  EXPECT_EQ(store->children(""), (std::vector<std::string>{".zgroup", "o", "v/"}));
}

TEST_F(References, OfVersion0AreTheObjectItself) {
  EXPECT_EQ(text_of(open(R"({"k":["data.bin",0,1]})")->get("k")), "0");
}

TEST_F(References, BeyondTheFileOrToAFileThatIsGoneAreErrors) {
  const auto store = open(R"({"version":1,"refs":{"a":["data.bin",8,5],"b":["gone.bin",0,1]}})");
  EXPECT_EQ(code_of([&] { store->get("a"); }), Errc::data_loss);
  EXPECT_EQ(code_of([&] { store->get("b"); }), Errc::not_found);
}

TEST_F(References, WhatIsNotUnderstoodIsRefused) {
  const std::pair<const char*, Errc> cases[] = {
      {"[]", Errc::data_loss},
      {"{\"version\":1", Errc::data_loss},
      {R"({"version":1})", Errc::data_loss},
      {R"({"version":2,"refs":{}})", Errc::unsupported},
      {R"({"version":1,"gen":[],"refs":{}})", Errc::unsupported},
      {R"({"version":1,"refs":{"../k":"x"}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":7}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":["data.bin",1]}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":["data.bin",-1,2]}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":["data.bin",9223372036854775807,9]}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":"base64:?"}})", Errc::data_loss},
      {R"({"version":1,"refs":{"k":["s3://bucket/x",0,1]}})", Errc::unsupported},
      {R"({"version":1,"templates":{"u":"{{u}}"},"refs":{"k":["{{u}}",0,1]}})", Errc::unsupported},
      {R"({"version":1,"refs":{"k":["{{u",0,1]}})", Errc::unsupported},
  };
  for (const auto& [text, code] : cases)
    EXPECT_EQ(code_of([&, given = text] { open(given); }), code) << text;
}

}  // namespace
}  // namespace rastream
