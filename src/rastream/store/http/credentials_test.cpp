// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "tests/suites/errors.h"

namespace rastream {
namespace {

namespace fs = std::filesystem;

class CredentialFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "rastream-cred-XXXXXX").native();
    ASSERT_TRUE(::mkdtemp(name.data()));
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text, int mode = 0600) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    ::chmod(path.c_str(), static_cast<mode_t>(mode));
    return path;
  }

  Environment environment(std::map<std::string, std::string> values) {
    values.emplace("HOME", folder_.native());
    return [values](const std::string& name) -> std::optional<std::string> {
      const auto it = values.find(name);
      return it == values.end() ? std::nullopt : std::optional(it->second);
    };
  }

  static std::string field_for(const Credentials& credentials, const std::string& url) {
    const Credential* c = credentials.find(parse_url(url));
    return c ? c->fields().at(0).second.reveal() : "";
  }

  /// What loading says; it must fail, and not show `hidden`.
  std::string failure_of(const Environment& environment, const std::string& hidden, Errc code) {
    try {
      load_credentials(environment);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << e.what();
      EXPECT_EQ(std::string(e.what()).find(hidden), std::string::npos) << e.what();
      return e.what();
    }
    ADD_FAILURE() << "was taken";
    return "";
  }

  fs::path folder_;
};

TEST(Secret, IsNotShownByFormattingOrStreaming) {
  const Secret secret("hidden");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(fmt::format("{} {:>5}", secret, secret), "***   ***");
  EXPECT_EQ(to_string(secret), "***");
}

TEST(Credentials, TheLongestPathOfTheSameOriginWins) {
  Credentials credentials;
  const auto bearer = [](const char* token) {
    Credential c;
    c.secret = Secret(token);
    return c;
  };
  credentials.add("https://h:2880/", bearer("door"));
  credentials.add("https://h:2880/project", bearer("project"));
  const auto token = [&](const char* url) -> std::string {
    const Credential* c = credentials.find(parse_url(url));
    return c ? c->secret.reveal() : "";
  };
  EXPECT_EQ(token("https://h:2880/x"), "door");
  EXPECT_EQ(token("https://h:2880/project"), "project");
  EXPECT_EQ(token("https://H:2880/project/a?b"), "project");
  EXPECT_EQ(token("https://h:2880/projects"), "door");
  EXPECT_EQ(token("https://h:2880/project/../x"), "door") << "a way out of the folder";
  EXPECT_EQ(token("https://h:2880/project/%2e%2E/x"), "door");
  EXPECT_EQ(token("https://h/project"), "") << "another port";
  EXPECT_EQ(token("http://h:2880/project"), "") << "another scheme";
  EXPECT_EQ(token("https://h.evil:2880/project"), "");
  EXPECT_EQ(token("https://sub.h:2880/project"), "");
}

TEST(Credentials, PlainHttpIsForThisMachineAlone) {
  Credentials credentials;
  EXPECT_EQ(code_of([&] { credentials.add("http://h/", Credential()); }), Errc::invalid_argument);
  for (const char* url : {"http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/"})
    EXPECT_NO_THROW(credentials.add(url, Credential())) << url;
  EXPECT_EQ(code_of([&] { credentials.add("http://127.0.0.1.evil/", Credential()); }),
            Errc::invalid_argument);
}

TEST_F(CredentialFiles, OurOwnFileHoldsEachKind) {
  write("tokens/macaroon", "  abc.def\n");
  const fs::path file = write("c.json", R"({"credentials": [
    {"url": "https://dcache:2880/", "token_file": "tokens/macaroon"},
    {"url": "https://env/", "token_env": "MY_TOKEN"},
    {"url": "https://basic/", "username": "me", "password": "pw"},
    {"url": "https://key/", "headers": {"X-Api-Key": "k"}},
    {"url": "https://s3.example/bucket", "access_key_id": "id", "secret_access_key": "sk", "region": "nl"}
  ]})");
  const Credentials credentials = load_credentials(
      environment({{"RASTREAM_CREDENTIALS", file.native()}, {"MY_TOKEN", "from-env"}}));
  EXPECT_EQ(field_for(credentials, "https://dcache:2880/x"), "Bearer abc.def");
  EXPECT_EQ(field_for(credentials, "https://env/x"), "Bearer from-env");
  EXPECT_EQ(field_for(credentials, "https://basic/"), "Basic bWU6cHc=");
  EXPECT_EQ(field_for(credentials, "https://key/"), "k");
  const Credential* s3 = credentials.find_s3(parse_url("https://s3.example/bucket/key"));
  ASSERT_TRUE(s3);
  EXPECT_EQ(s3->s3.secret_access_key.reveal(), "sk");
  EXPECT_EQ(credentials.find(parse_url("https://s3.example/bucket/key")), nullptr);
}

TEST_F(CredentialFiles, ACredentialNamesTheSitesThatSendTheirUsersThere) {
  const fs::path file = write("c.json", R"({"credentials": [
    {"url": "https://login/", "username": "me", "password": "pw",
     "sites": ["https://data/protected", "https://more:8443/"]},
    {"url": "https://data/", "username": "me", "password": "other"}
  ]})");
  const Credentials credentials =
      load_credentials(environment({{"RASTREAM_CREDENTIALS", file.native()}}));
  const auto is_login = [&](const char* url, const char* site) {
    return credentials.find_login(parse_url(url), parse_url(site)) != nullptr;
  };
  EXPECT_TRUE(is_login("https://login/oauth", "https://data/protected/a.nc"));
  EXPECT_TRUE(is_login("https://login/oauth", "https://more:8443/a.nc"));
  EXPECT_FALSE(is_login("https://login/oauth", "https://data/open/a.nc"));
  EXPECT_FALSE(is_login("https://login/oauth", "https://data/protected/../open/a.nc"));
  EXPECT_FALSE(is_login("https://login/oauth", "https://more/a.nc"));
  EXPECT_FALSE(is_login("https://data/oauth", "https://data/protected/a.nc"));
  EXPECT_TRUE(credentials.has_login(parse_url("https://data/protected/a.nc")));
  EXPECT_FALSE(credentials.has_login(parse_url("https://login/oauth")));
  EXPECT_EQ(field_for(credentials, "https://login/"), "Basic bWU6cHc=");
  for (const char* entry :
       {R"("token_env": "HOME", "sites": "https://data/")", R"("token_env": "HOME", "sites": [1])",
        R"("token_env": "HOME", "sites": ["http://data/"])",
        R"("token_env": "HOME", "sites": ["data"])",
        R"("access_key_id": "i", "secret_access_key": "s", "sites": ["https://data/"])"}) {
    write("c.json", fmt::format(R"({{"credentials": [{{"url": "https://login/", {}}}]}})", entry));
    failure_of(environment({{"RASTREAM_CREDENTIALS", file.native()}}), "?hidden?",
               Errc::invalid_argument);
  }
  write("c.json", R"({"credentials": [{"netrc": "~/.netrc", "sites": ["https://data/"]}]})");
  failure_of(environment({{"RASTREAM_CREDENTIALS", file.native()}}), "?hidden?",
             Errc::invalid_argument);
}

TEST_F(CredentialFiles, AFileThatOthersCanReadIsRefused) {
  for (const int mode : {0644, 0640, 0604, 0660}) {
    const fs::path file = write("c.json", R"({"credentials": []})", mode);
    EXPECT_NE(failure_of(environment({{"RASTREAM_CREDENTIALS", file.native()}}), "?hidden?",
                         Errc::permission_denied)
                  .find("mode"),
              std::string::npos);
  }
  const fs::path token = write("token", "hidden", 0644);
  EXPECT_EQ(code_of([&] { read_token_file(token); }), Errc::permission_denied);
}

TEST_F(CredentialFiles, ErrorsShowNoSecret) {
  const auto fails = [&](const std::string& text, Errc code) {
    const fs::path file = write("c.json", text);
    return failure_of(environment({{"RASTREAM_CREDENTIALS", file.native()}}), "hidden", code);
  };
  fails(R"({"credentials": [{"url": "https://h/", "password": "hidden" "x"}]})", Errc::data_loss);
  fails(R"({"credentials": [{"url": "http://h/", "username": "me", "password": "hidden"}]})",
        Errc::invalid_argument);
  fails(R"({"credentials": [{"url": "https://me:hidden@h/", "token_env": "HOME"}]})",
        Errc::invalid_argument);
  fails(R"({"credentials": [{"url": "https://h/", "username": "me", "password": {"hidden": 1}}]})",
        Errc::invalid_argument);
  fails(R"({"credentials": "hidden"})", Errc::data_loss);
  EXPECT_NE(
      fails(R"({"credentials": [{"url": "https://h/", "insecure": true}]})", Errc::invalid_argument)
          .find("'insecure'"),
      std::string::npos);
  const fs::path two_lines = write("token", "hidden\nhidden2\n");
  EXPECT_EQ(code_of([&] { read_token_file(two_lines); }), Errc::data_loss);
  EXPECT_EQ(code_of([&] { read_token_file(write("token", " \n")); }), Errc::data_loss);
}

TEST_F(CredentialFiles, NetrcGivesLoginAndPasswordByHostForHttpsAlone) {
  write(".netrc",
        "# a comment\nmachine h.example login me password \"p \\\"w\"\nmacdef init\ncd /\n\n"
        "machine other\n  login you\n  password x # not more\ndefault login any password all\n");
  const Credentials credentials = load_credentials(environment({}));
  EXPECT_EQ(field_for(credentials, "https://h.example/a"), "Basic bWU6cCAidw==");
  EXPECT_EQ(field_for(credentials, "https://other/a"), "Basic eW91Ong=");
  EXPECT_EQ(field_for(credentials, "http://h.example/a"), "");
  EXPECT_EQ(field_for(credentials, "https://third/a"), "") << "default is not used";
}

TEST_F(CredentialFiles, AnRcloneFileGivesItsBearerTokenAndSaysWhatItCannotGive) {
  const fs::path file = write("rclone.conf",
                              "[macaroon]\ntype = webdav\nurl = https://dav.example:2880/\n"
                              "vendor = other\nuser =\npassword =\nbearer_token = tok-123\n"
                              "[obscured]\ntype = webdav\nurl = https://pw.example/\nuser = me\n"
                              "pass = hidden\n"
                              "[s]\ntype = s3\naccess_key_id = id\nsecret_access_key = sk\n"
                              "endpoint = s3.example\n");
  Credentials credentials;
  add_rclone_config(file, credentials);
  EXPECT_EQ(field_for(credentials, "https://dav.example:2880/a"), "Bearer tok-123");
  EXPECT_TRUE(credentials.find_s3(parse_url("https://s3.example/b/k")));
  try {
    field_for(credentials, "https://pw.example/");
    ADD_FAILURE() << "an obscured password was used";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), Errc::unsupported);
    EXPECT_NE(std::string(e.what()).find("obscured"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("'obscured'"), std::string::npos) << "the remote's name";
    EXPECT_EQ(std::string(e.what()).find("hidden"), std::string::npos);
  }
  EXPECT_EQ(code_of([&] { add_rclone_config(write("e", "RCLONE_ENCRYPT_V0:\nxyz"), credentials); }),
            Errc::unsupported);
}

TEST_F(CredentialFiles, TheRecordedMacaroonConfigurationIsRead) {
  std::ifstream in("../shared/data/dcache/macaroon.conf");
  if (!in) GTEST_SKIP() << "../shared/data is absent";
  std::ostringstream text;
  text << in.rdbuf();
  Credentials credentials;
  add_rclone_config(write("rclone.conf", text.str()), credentials);
  EXPECT_EQ(field_for(credentials, "https://webdav.grid.surfsara.nl:2880/pnfs/x"),
            "Bearer this-is-my-macaroon-0123456789");
}

TEST_F(CredentialFiles, TheEnvironmentGivesATokenFileAndKeysOfS3) {
  const fs::path token = write("token", "tok");
  const Credentials credentials = load_credentials(environment({
      {"RASTREAM_TOKEN_FILE", token.native()},
      {"RASTREAM_TOKEN_URL", "https://h/"},
      {"AWS_ACCESS_KEY_ID", "id"},
      {"AWS_SECRET_ACCESS_KEY", "sk"},
  }));
  EXPECT_EQ(field_for(credentials, "https://h/a"), "Bearer tok");
  EXPECT_TRUE(credentials.find_s3(parse_url("s3://any-bucket/key")));
}

}  // namespace
}  // namespace rastream
