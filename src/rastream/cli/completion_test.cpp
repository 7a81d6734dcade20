// SPDX-License-Identifier: Apache-2.0
#include "rastream/cli/completion.h"

#include <gtest/gtest.h>

#include "rastream/cli/command.h"

namespace rastream {
namespace {

using Words = std::vector<std::string>;

/// rastream with "dump FILE [VARIABLE...]" and "stac search TARGET".
class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    CLI::App* dump = app_.add_subcommand("dump", "All cells, \nin order. Nothing is held.");
    dump->add_option("file", text_, "file")->required();
    dump->add_option("variables", texts_, "variables");
    dump->add_option("-f,--format", text_, "the form. More words")
        ->check(CLI::IsMember({"csv", "json", "cdl"}));
    dump->add_option("--cells", number_, "most cells");
    dump->add_option("-o,--out", text_, "file that is made");
    CLI::Option* stored = dump->add_flag("-s,--stored", flag_, "stored values");
    dump->add_flag("--decoded", flag_, "decoded ones")->excludes(stored);
    dump->add_flag("--hidden", flag_, "for ourselves")->group("");
    dump->add_option("--bbox", texts_, "a box")->expected(4);
    dump->add_option("--at", texts_, "cells");
    app_.add_subcommand("secret", "not shown")->group("");
    CLI::App* stac = app_.add_subcommand("stac", "Catalogs");
    stac->add_subcommand("search", "Find items");
    stac->add_subcommand("serve", "Serve");
    stac->add_subcommand("describe", "Describe");
  }

  Words words(const Words& typed) const {
    Words out;
    for (const Candidate& c : complete_words(app_, typed).candidates) out.push_back(c.word);
    return out;
  }
  bool takes_file(const Words& typed) const { return complete_words(app_, typed).takes_file; }

  CLI::App app_{"", "rastream"};
  std::string text_;
  std::vector<std::string> texts_;
  int number_ = 0;
  bool flag_ = false;
};

TEST_F(CompletionTest, CommandsAndThoseBelowThemAreFoundByTheirBeginning) {
  EXPECT_EQ(words({""}), (Words{"dump", "stac"}));
  EXPECT_EQ(words({"st"}), (Words{"stac"}));
  EXPECT_EQ(words({"stac", "se"}), (Words{"search", "serve"}));
  EXPECT_EQ(words({"none", "se"}), Words());
  EXPECT_EQ(words({}), (Words{"dump", "stac"}));
}

TEST_F(CompletionTest, OptionsAreThoseOfTheCommandThatCanStillBeGiven) {
  EXPECT_EQ(words({"dump", "--"}), (Words{"--help", "--format", "--cells", "--out", "--stored",
                                          "--decoded", "--bbox", "--at"}));
  EXPECT_EQ(words({"dump", "--cells", "3", "-s", "--"}),
            (Words{"--help", "--format", "--out", "--bbox", "--at"}));
  EXPECT_EQ(words({"dump", "--at", "x", "--a"}), (Words{"--at"}));
  EXPECT_EQ(words({"stac", "-"}), (Words{"--help"}));
}

TEST_F(CompletionTest, ChoicesOfAValueAreOfferedWhereverItStands) {
  EXPECT_EQ(words({"dump", "--format", ""}), (Words{"csv", "json", "cdl"}));
  EXPECT_EQ(words({"dump", "a.nc", "-f", "c"}), (Words{"csv", "cdl"}));
  EXPECT_EQ(words({"dump", "-sf", "j"}), (Words{"json"}));
  EXPECT_EQ(words({"dump", "--format=c"}), (Words{"--format=csv", "--format=cdl"}));
  EXPECT_FALSE(takes_file({"dump", "--format", ""}));
}

TEST_F(CompletionTest, AValueThatWasGivenEndsItsOption) {
  for (const Words& given : std::vector<Words>{
           {"dump", "--format=csv"}, {"dump", "-fcsv"}, {"dump", "-f", "csv"}, {"dump", "-s"}}) {
    Words typed = given;
    typed.emplace_back("");
    EXPECT_TRUE(takes_file(typed)) << given.back();
    EXPECT_EQ(words(typed), Words()) << given.back();
  }
}

TEST_F(CompletionTest, AValueMayLookLikeACommandOrAnOption) {
  EXPECT_EQ(words({"dump", "--out", "dump", "--dec"}), (Words{"--decoded"}));
  EXPECT_EQ(words({"dump", "--bbox", "-5", "--decoded", "1", "2", "--dec"}), (Words{"--decoded"}));
  EXPECT_EQ(words({"dump", "--bbox", "-5", "-"}), Words());
  EXPECT_EQ(words({"dump", "--", "--dec"}), Words());
}

TEST_F(CompletionTest, FilesAreForTextThatHasNoChoices) {
  EXPECT_TRUE(takes_file({"dump", ""}));
  EXPECT_TRUE(takes_file({"dump", "a.nc", "b", "c"}));
  EXPECT_TRUE(takes_file({"dump", "--out", ""}));
  EXPECT_TRUE(takes_file({"dump", "--out=a"}));
  EXPECT_FALSE(takes_file({"dump", "--cells", ""}));
  EXPECT_FALSE(takes_file({"dump", "--none=a"}));
  EXPECT_FALSE(takes_file({"stac", ""}));
  EXPECT_FALSE(takes_file({"stac", "search", "a"}));
}

TEST_F(CompletionTest, IsALineACandidateWithOneSentence) {
  EXPECT_EQ(completion_text(complete_words(app_, {"d"})), "words\ndump\tAll cells,  in order\n");
  EXPECT_EQ(completion_text(complete_words(app_, {"dump", "--f"})), "words\n--format\tthe form\n");
  EXPECT_EQ(completion_text(complete_words(app_, {"dump", "a"})), "files\n");
}

TEST_F(CompletionTest, HostileWordsAreOnlyWords) {
  for (const std::string& word : {std::string(100'000, '-'), std::string("--="), std::string("="),
                                  std::string("-="), std::string("{"), std::string("--format={")})
    EXPECT_EQ(words({"dump", word, word}), Words()) << word.substr(0, 10);
}

}  // namespace
}  // namespace rastream
