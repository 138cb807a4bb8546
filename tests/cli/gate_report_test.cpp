// --report: what a gate says to the machinery that runs it.

#include "cli/gate_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "cli/program.h"
#include "data/drafts.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using cli::Gate;
using cli::GateFailure;
using cli::github_lines;
using cli::junit_text;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

pugi::xml_document parsed(const std::string& text) {
  pugi::xml_document document;
  const auto result = document.load_string(text.c_str());
  EXPECT_TRUE(result) << result.description() << "\n" << text;
  return document;
}

/// tests and failures say how many there are, in the suite and above it.
void expect_counts(const pugi::xml_document& document, int tests, int failures) {
  const auto suites = document.child("testsuites"), suite = suites.child("testsuite");
  for (const auto node : {suites, suite}) {
    EXPECT_EQ(node.attribute("tests").as_int(-1), tests);
    EXPECT_EQ(node.attribute("failures").as_int(-1), failures);
    EXPECT_EQ(node.attribute("errors").as_int(-1), 0);
  }
  const auto cases = suite.children("testcase");
  EXPECT_EQ(std::distance(cases.begin(), cases.end()), tests);
  EXPECT_EQ(suite.select_nodes("testcase[failure]").size(), static_cast<size_t>(failures));
  EXPECT_EQ(suite.select_nodes("testcase/failure").size(), static_cast<size_t>(failures));
}

TEST(JunitReport, HasACaseForEachWhetherItFailedOrNot) {
  const auto document = parsed(junit_text(
      {"evaluate", {{"accuracy", {}}, {"macro_f1", {{"macro_f1 0.7000 is under 0.8"}}}}}));
  expect_counts(document, 2, 1);
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_STREQ(suite.attribute("name").value(), "evaluate");
  const auto failed = suite.find_child_by_attribute("name", "macro_f1");
  EXPECT_STREQ(failed.attribute("classname").value(), "preannotate.evaluate");
  EXPECT_STREQ(failed.child("failure").attribute("message").value(),
               "macro_f1 0.7000 is under 0.8");
}

TEST(JunitReport, ListsAllFailuresOfACaseInOneElement) {
  const auto document = parsed(junit_text(
      {"check", {{"box_clipped", {{"first", "a.txt", 3}, {"second", "b.txt", 9}, {"third"}}}}}));
  expect_counts(document, 1, 1);
  const auto node = document.child("testsuites").child("testsuite").child("testcase");
  EXPECT_STREQ(node.attribute("file").value(), "a.txt");
  EXPECT_EQ(node.attribute("line").as_int(), 3);
  EXPECT_STREQ(node.child("failure").attribute("message").value(), "first (and 2 more)");
  EXPECT_STREQ(node.child("failure").child_value(), "first\nsecond\nthird\n");
}

TEST(JunitReport, OfAGateThatLookedAtNothingIsStillOne) {
  expect_counts(parsed(junit_text({"check", {}})), 0, 0);
}

TEST(JunitReport, EscapesWhatComesFromOutside) {
  const std::string hostile = "]]></failure><x a=\"'&\">\x01\x1b[31m\n\t\xff \uFFFE\uFFFF \u0085é";
  const auto text = junit_text({"check", {{hostile, {{hostile, hostile, 1}}}}});
  const auto document = parsed(text);
  expect_counts(document, 1, 1);
  const std::string shown =
      "]]></failure><x a=\"'&\">\\x01\\x1B[31m\\x0A\\x09\\xFF \\uFFFE\\uFFFF \\xC2\\x85é";
  const auto node = document.child("testsuites").child("testsuite").child("testcase");
  EXPECT_EQ(node.attribute("name").value(), shown);
  EXPECT_EQ(node.attribute("file").value(), shown);
  EXPECT_EQ(node.child("failure").attribute("message").value(), shown);
  EXPECT_EQ(node.child("failure").child_value(), shown + "\n");
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(GithubReport, SaysNothingWhenAllPassed) {
  EXPECT_EQ(github_lines({"evaluate", {{"accuracy", {}}}}), "");
  EXPECT_EQ(github_lines({"check", {}}), "");
}

TEST(GithubReport, NamesFileAndLineWhereThereAreSome) {
  EXPECT_EQ(github_lines({"check",
                          {{"a", {{"one", "labels/a.txt", 2}, {"two", "b.json"}}},
                           {"b", {}},
                           {"c", {{"three"}}}}}),
            "::error file=labels/a.txt,line=2,title=preannotate check::one\n"
            "::error file=b.json,title=preannotate check::two\n"
            "::error title=preannotate check::three\n");
}

TEST(GithubReport, HasAtMostEightAndTheirRest) {
  Gate gate{"check", {{"a", {}}, {"b", {}}}};
  gate.cases[0].failures.assign(5, GateFailure{"a"});
  gate.cases[1].failures.assign(3, GateFailure{"b"});
  const auto lines = [&] {
    const auto text = github_lines(gate);
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(), 8);
  EXPECT_THAT(github_lines(gate), Not(HasSubstr("more")));
  gate.cases[1].failures.assign(1200, GateFailure{"b"});
  EXPECT_EQ(lines(), 9);
  EXPECT_THAT(github_lines(gate), testing::EndsWith("::and 1,197 more\n"));
}

// A name must not end its command, start another or set a property.
TEST(GithubReport, EscapesWhatComesFromOutside) {
  const std::string hostile = "a,line=9::x%25\r\n::add-mask::y\x1b\xff";
  EXPECT_EQ(github_lines({"check", {{"a", {{hostile, hostile, 1}}}}}),
            "::error file=a%2Cline=9%3A%3Ax%2525%0D%0A%3A%3Aadd-mask%3A%3Ay\\x1B\\xFF,line=1,"
            "title=preannotate check::a,line=9::x%2525%0D%0A::add-mask::y\\x1B\\xFF\n");
}

class GateReportTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "coco");
    Dataset dataset = boxed_drafts();
    format_named("coco").write(dataset, folder_ / "coco");
  }
  void spoil() {
    auto json = read_json(folder_ / "coco" / "annotations.json");
    json["annotations"][0]["id"] = 0;
    json["annotations"][1]["bbox"] = {600, 20, 100, 50};
    write_text(folder_ / "coco" / "annotations.json", json.dump(1));
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_in_process(folder_, arguments);
  }
  fs::path folder_ = test_folder();
};

TEST_F(GateReportTest, CheckReportsAPassWhenNothingIsFound) {
  const auto outcome = run({"check", "coco", "--report", "junit:junit.xml", "--report", "github"});
  EXPECT_THAT(outcome, Exits(0));
  EXPECT_EQ(outcome.out, run({"check", "coco"}).out);
  expect_counts(parsed(read_text(folder_ / "junit.xml")), 1, 0);
}

TEST_F(GateReportTest, CheckReportsACaseForEachCode) {
  spoil();
  const auto outcome = run({"check", "--report", "github", "--report=junit:junit.xml", "coco"});
  EXPECT_THAT(outcome, Exits(1));
  EXPECT_THAT(outcome.out, testing::StartsWith(run({"check", "coco"}).out));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\n::error file=coco/annotations.json,line="),
                                 HasSubstr("annotation_id_zero: annotation id 0 counts as")));
  const auto document = parsed(read_text(folder_ / "junit.xml"));
  expect_counts(document, 2, 2);
  const auto node = document.child("testsuites").child("testsuite").child("testcase");
  EXPECT_STREQ(node.attribute("name").value(), "annotation_id_zero");
  EXPECT_STREQ(node.attribute("file").value(), "coco/annotations.json");
  EXPECT_GT(node.attribute("line").as_int(), 1);
}

TEST_F(GateReportTest, AFileOfLabelsComesBeforeTheImageThatItIsAbout) {
  format_named("voc").write(boxed_drafts(), folder_ / "voc");
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "voc" / "Annotations")) {
    if (!entry.is_regular_file()) continue;
    std::string text = read_text(entry.path());
    for (size_t at = 0; (at = text.find("<xmax>", at)) != text.npos; at += 7) {
      text.insert(at + 6, "9");
    }
    write_text(entry.path(), text);
  }
  const auto outcome = run({"check", "voc", "--report", "github"});
  EXPECT_THAT(outcome.out, testing::ContainsRegex(
                               "\n::error file=voc/Annotations/.*xml,line=[0-9]+,.*box_clipped"));
}

TEST_F(GateReportTest, JsonStaysOneDocumentOnStdout) {
  spoil();
  const auto outcome = run({"check", "coco", "--json", "--report", "github"});
  EXPECT_EQ(parse_json(outcome.out, "out")["findings"].size(), 2u);
  EXPECT_THAT(outcome.err, HasSubstr("::error file=coco/annotations.json,line="));
}

TEST_F(GateReportTest, NamesOfFilesAndClassesAreEscaped) {
  const fs::path labels = folder_ / "y,o:l%o";
  fs::create_directories(labels / "images");
  fs::create_directories(labels / "labels");
  write_text(labels / "data.yaml", "path: .\ntrain: images\nnames: ['<b>&\\x1b']\n");
  write_text(labels / "labels" / "a<\x1b\n::error::\".txt", "7 0.5 0.5 2 2\n");
  write_text(labels / "images" / "a<\x1b\n::error::\".jpg", "");
  const auto outcome = run({"check", "y,o:l%o", "--report", "junit:j.xml", "--report", "github"});
  EXPECT_THAT(outcome, Exits(1));
  const auto document = parsed(read_text(folder_ / "j.xml"));
  EXPECT_GT(document.child("testsuites").attribute("failures").as_int(), 0);
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("::error "), Not(HasSubstr("\n::error::")), Not(HasSubstr("\x1b"))));
}

TEST_F(GateReportTest, AnEarlierReportIsReplacedAndNothingElse) {
  const std::vector<std::string> arguments{"check", "coco", "--report", "junit:junit.xml"};
  EXPECT_THAT(run(arguments), Exits(0));
  spoil();
  EXPECT_THAT(run(arguments), Exits(1));
  expect_counts(parsed(read_text(folder_ / "junit.xml")), 2, 2);
  const auto labels = read_text(folder_ / "coco" / "annotations.json");
  const auto refused = run({"check", "coco", "--report", "junit:coco/annotations.json"});
  EXPECT_THAT(refused, Exits(8));
  EXPECT_THAT(refused.err, HasSubstr("is there and no earlier report"));
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(read_text(folder_ / "coco" / "annotations.json"), labels);
  EXPECT_THAT(run({"check", "coco", "--report", "junit:coco"}), Exits(8));
  EXPECT_THAT(run({"check", "coco", "--report", "junit:none/junit.xml"}), Exits(7));
}

TEST_F(GateReportTest, MistakesAreNamed) {
  const auto refused = [&](const std::string& report) {
    const auto outcome = run({"check", "coco", "--report", report});
    EXPECT_THAT(outcome, Exits(2));
    return outcome.err;
  };
  EXPECT_THAT(refused("junt:a.xml"),
              HasSubstr("unknown report 'junt:a.xml'; did you mean 'junit'?"));
  EXPECT_THAT(refused("githb"), HasSubstr("did you mean 'github'?"));
  EXPECT_THAT(refused("sarif"), HasSubstr("known: junit, github"));
  EXPECT_THAT(refused("junit"), HasSubstr("'junit' lacks its file: junit:FILE"));
  EXPECT_THAT(refused("junit:"), HasSubstr("'junit:' lacks its file"));
  EXPECT_THAT(refused("github:a"), HasSubstr("github takes no file"));
  const auto useless = run({"evaluate", "--data", "coco", "--report", "github"});
  EXPECT_THAT(useless, Exits(2));
  EXPECT_THAT(useless.err, HasSubstr("--report requires --fail-under"));
}

TEST_F(GateReportTest, EvaluateReportsEachFigureThatItWasAskedFor) {
  const auto& [world, trained] = trained_world();
  const auto outcome =
      run_program(folder_, {"evaluate", "--model", trained.string(), "--data", world.seed.string(),
                            "--device", "cpu", "--fail-under", "accuracy=0,macro_f1=1.01",
                            "--report", "junit:junit.xml", "--report", "github"});
  EXPECT_THAT(outcome, Exits(1));
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\n::error title=preannotate evaluate::macro_f1 "),
                                 HasSubstr("is under 1.01\n"), Not(HasSubstr("::accuracy"))));
  const auto document = parsed(read_text(folder_ / "junit.xml"));
  expect_counts(document, 2, 1);
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_FALSE(suite.find_child_by_attribute("name", "accuracy").child("failure"));
  EXPECT_TRUE(suite.find_child_by_attribute("name", "macro_f1").child("failure"));
}

}  // namespace
}  // namespace preannotate
