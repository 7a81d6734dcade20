// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/s3.h"

#include "rastream/store/file.h"
#include "tests/servers/server_process.h"
#include "tests/suites/scratch_folder.h"
#include "tests/suites/store_fixture.h"

namespace rastream {
namespace {

const S3Keys kExampleKeys{"AKIAIOSFODNN7EXAMPLE",
                          Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
const S3Time kExampleTime{std::chrono::seconds(1369353600)};  // 2013-05-24T00:00:00Z

// The worked examples of Amazon's documentation, "Signature Calculations for the Authorization
// Header" and "Authenticating Requests: Using Query Parameters".
TEST(S3Signature, IsThatOfTheDocumentedExamples) {
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const auto signature = [&](const std::string& url, const HttpHeaders& headers) {
    const std::string field =
        s3_signature(kExampleKeys, "us-east-1", "GET", parse_url(url), headers, empty, kExampleTime)
            .get("Authorization");
    return field.substr(field.rfind('=') + 1);
  };
  EXPECT_EQ(signature("https://examplebucket.s3.amazonaws.com/test.txt", {{"Range", "bytes=0-9"}}),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(signature("https://examplebucket.s3.amazonaws.com/?lifecycle", {}),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_EQ(signature("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", {}),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Signature, OfAUrlIsThatOfTheDocumentedExample) {
  const Url url = s3_presigned(kExampleKeys, "us-east-1",
                               parse_url("https://examplebucket.s3.amazonaws.com/test.txt"),
                               kExampleTime, std::chrono::seconds(86400));
  EXPECT_TRUE(url.query->ends_with(
      "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"))
      << *url.query;
}

constexpr std::string_view kPage = R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>true</IsTruncated>
<Contents><Key>a/x%20y</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>
<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size></Contents>
<Contents><Key>a/</Key><Size>0</Size></Contents>
<CommonPrefixes><Prefix>a/b/</Prefix></CommonPrefixes>
<NextContinuationToken>next</NextContinuationToken></ListBucketResult>)";

TEST(S3Page, GivesKeysPrefixesAndWhereItGoesOn) {
  const S3Page page = parse_s3_page(kPage, "a/", "test");
  ASSERT_EQ(page.files.size(), 1u);
  EXPECT_EQ(page.files[0].path, "a/x y");
  EXPECT_EQ(page.files[0].size_bytes, 434234);
  EXPECT_EQ(page.files[0].modified_ms, 1255369830000);
  EXPECT_EQ(to_string(page.files[0].digests.at(0)), "md5:fba9dede5f27731c9771645a39863328");
  EXPECT_EQ(page.folders, std::vector<std::string>{"a/b/"});
  EXPECT_EQ(page.next, "next");
}

TEST(S3Page, RefusesWhatIsNoneOrNamesOtherKeys) {
  const auto refused = [](std::string_view xml, std::string_view prefix) {
    EXPECT_EQ(code_of([&] { parse_s3_page(xml, prefix, "test"); }), Errc::data_loss) << xml;
  };
  refused(kPage, "b/");
  refused("", "");
  refused("<Error><Code>X</Code></Error>", "");
  refused("<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult/>", "");
  refused("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "");
  refused("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
          "");
  refused("<ListBucketResult><Contents><Key>%zz</Key><Size>1</Size></Contents></ListBucketResult>",
          "");
  for (std::size_t n = 0; n < kPage.size(); n += 7) refused(kPage.substr(0, n), "a/");
}

ServerProcess& moto() {
  static ServerProcess server({python_with_packages(), "tests/servers/s3_moto.py"});
  return server;
}

std::unique_ptr<S3Store> new_s3_store() {
  static int n_made = 0;
  if (!moto().is_running()) return nullptr;
  HttpOptions options;
  options.clock.wait = [](std::chrono::milliseconds, const std::stop_token&) {};
  S3Place place;
  place.endpoint_url = moto().origin();
  place.bucket = "data";
  place.prefix = fmt::format("store{}", n_made++);
  place.keys = S3Keys{"canary-key", Secret("canary-secret")};
  return std::make_unique<S3Store>("s3://data/", place, std::make_shared<HttpClient>(options));
}

const auto kStores =
    testing::Values(StoreFactory{.name = "S3", .make = new_s3_store, .has_empty_folders = false});
const auto name_of = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(S3, StoreSuite, kStores, name_of);
INSTANTIATE_TEST_SUITE_P(S3, FileSystemSuite, kStores, name_of);

TEST(S3Store, ALongListingComesInPages) {
  const auto store = new_s3_store();
  if (!store) GTEST_SKIP() << "moto is not installed";
  for (int i = 0; i < 1050; ++i) store->put(fmt::format("many/{:04}", i), {});
  EXPECT_EQ(store->list("many/").size(), 1050u);
  EXPECT_EQ(store->entries("many").size(), 1050u);
}

TEST(S3Store, ALongFileGoesInPartsAndComesBackByItsSignedUrl) {
  const auto store = new_s3_store();
  if (!store) GTEST_SKIP() << "moto is not installed";
  const ScratchFolder folder;
  Bytes bytes(std::size_t{70} << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 977);
  FileStore(folder.path()).put("long", bytes);
  std::int64_t n_told = 0;
  PutFileOptions options;
  options.on_bytes = [&](std::int64_t n) { n_told += n; };
  store->put_file(folder / "long", "long", options);
  EXPECT_EQ(n_told, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(store->size("long"), static_cast<std::int64_t>(bytes.size()));
  const auto address = store->web_address("long");
  const HttpResponse response = address->client->get(address->url);
  EXPECT_EQ(digest_of(DigestKind::md5, bytes_of(response.body)), digest_of(DigestKind::md5, bytes));
}

}  // namespace
}  // namespace rastream
