// SPDX-License-Identifier: Apache-2.0
// Certificates: what does not prove its name gets neither a request nor a credential.
#include <gtest/gtest.h>

#include <filesystem>

#include "rastream/store/http/http_client.h"
#include "tests/servers/server_process.h"
#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "rastream-tls-XXXXXX").native();
    ASSERT_TRUE(::mkdtemp(name.data()));
    folder_ = name;
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  void start(const std::string& name, const std::string& days = "1") {
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{
        "python3", "tests/servers/tls_server.py", folder_.native(), name, days});
    ASSERT_TRUE(server_->is_running());
  }

  std::string url(const std::string& path) const {
    return fmt::format("https://127.0.0.1:{}{}", server_->port(), path);
  }

  /// A client that trusts the server's own certificate, with a token for it.
  HttpOptions trusting() const {
    HttpOptions options;
    options.ca_file = folder_ / "cert.pem";
    Credentials credentials;
    Credential c;
    c.secret = Secret("tok");
    credentials.add(url("/"), c);
    options.credentials = std::make_shared<Credentials>(std::move(credentials));
    return options;
  }

  fs::path folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Tls, ATrustedCertificateWithTheRightNameIsTaken) {
  start("IP:127.0.0.1");
  HttpClient client(trusting());
  EXPECT_EQ(client.get(url("/a")).body, "Bearer tok");
}

TEST_F(Tls, AnUnknownIssuerIsRefused) {
  start("IP:127.0.0.1");
  HttpOptions options = trusting();
  options.ca_file.clear();
  HttpClient client(options);
  EXPECT_EQ(code_of([&] { client.get(url("/a")); }), Errc::permission_denied);
}

TEST_F(Tls, ACertificateForAnotherNameIsRefused) {
  start("other.example");
  HttpClient client(trusting());
  EXPECT_EQ(code_of([&] { client.get(url("/a")); }), Errc::permission_denied);
}

TEST_F(Tls, AnExpiredCertificateIsRefused) {
  start("IP:127.0.0.1", "-1");
  HttpClient client(trusting());
  EXPECT_EQ(code_of([&] { client.get(url("/a")); }), Errc::permission_denied);
}

TEST_F(Tls, ARedirectFromHttpsToHttpIsRefused) {
  start("IP:127.0.0.1");
  HttpClient client(trusting());
  EXPECT_EQ(code_of([&] { client.get(url("/downgrade")); }), Errc::data_loss);
}

}  // namespace
}  // namespace rastream
