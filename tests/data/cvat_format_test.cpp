#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/core/json.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace testing_support;

class Cvat : public testing::Test {
 protected:
  Dataset read(const std::string& images, const std::string& labels = "<name>cat</name>") {
    write_text(folder_ / "annotations.xml",
               "<annotations><version>1.1</version>\n<meta><task><labels><label>" + labels +
                   "</label></labels></task></meta>\n" + images + "</annotations>");
    return format_named("cvat").read(folder_);
  }
  std::string error(const std::string& images) {
    try {
      read(images);
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }
  fs::path folder_ = test_folder();
};

TEST_F(Cvat, WritesWhatItsImportAsksFor) {
  format_named("cvat").write(boxed_drafts(), folder_);
  pugi::xml_document document;
  ASSERT_TRUE(document.load_file((folder_ / "annotations.xml").c_str()));
  const auto root = document.child("annotations");
  EXPECT_STREQ(root.child("version").text().get(), "1.1");
  ASSERT_TRUE(root.child("meta").child("task").child("labels").child("label"));
  std::vector<std::string> names;
  int id = 0;
  for (const auto image : root.children("image")) {
    EXPECT_EQ(image.attribute("id").as_int(), id++);
    names.push_back(image.attribute("name").value());
  }
  EXPECT_THAT(names, ElementsAre("a b.jpg", "empty.png", "one/same.jpg", "two/same.jpg"));
  const auto box = root.child("image").child("box");
  EXPECT_STREQ(box.attribute("source").value(), "auto");
  EXPECT_STREQ(box.attribute("xbr").value(), "640");
  EXPECT_STREQ(box.child("attribute").attribute("name").value(), "score");
  EXPECT_STREQ(box.child("attribute").text().get(), "0.93");
  EXPECT_FALSE(box.next_sibling("box").attribute("track_id"));
}

TEST_F(Cvat, LabelsJsonDeclaresTheAttributesThatElseAreDropped) {
  format_named("cvat").write(boxed_drafts(), folder_);
  const auto labels = read_json(folder_ / "labels.json");
  ASSERT_EQ(labels.size(), 2u);
  EXPECT_EQ(labels[0]["name"], "red cell");
  std::vector<std::string> names;
  for (const auto& attribute : labels[0]["attributes"]) {
    EXPECT_EQ(attribute["input_type"], "text");
    names.push_back(attribute["name"]);
  }
  EXPECT_THAT(names, ElementsAre("bucket", "crowd", "draft_id", "model_version", "score"));
}

TEST_F(Cvat, AReviewedExportIsRead) {
  const auto dataset = read(
      R"(<image id="0" name="sub/a.jpg" width="100" height="80">
           <box label="cat" source="semi-auto" occluded="0" xtl="10.00" ytl="20.00" xbr="40.00" ybr="60.00" z_order="0"/>
           <polygon label="cat" source="manual" points="1.00,1.00;9.00,1.00;9.00,8.00" z_order="0"></polygon>
           <tag label="cat" source="auto"></tag>
           <mask label="cat" rle="3, 5, 7" left="7" top="8" width="5" height="3"></mask>
         </image><image id="1" name="b.jpg" width="10" height="10"/>)");
  ASSERT_EQ(dataset.samples.size(), 2u);
  EXPECT_EQ(dataset.samples[0].image, "b.jpg");
  const auto& labels = dataset.samples[1].labels;
  ASSERT_EQ(labels.size(), 3u);
  EXPECT_EQ(labels[0].box, (Box{10, 20, 40, 60}));
  EXPECT_EQ(labels[1].box, (Box{1, 1, 9, 8}));
  EXPECT_EQ(labels[1].segmentation, "[[1.0,1.0,9.0,1.0,9.0,8.0]]");
  EXPECT_FALSE(labels[2].box);
  ASSERT_EQ(dataset.problems.size(), 1u);
  EXPECT_EQ(dataset.problems[0].reason, "unsupported_shape");
}

TEST_F(Cvat, FaultsNameTheirLine) {
  EXPECT_THAT(error("<image name=\"a.jpg\" width=\"9\" height=\"9\">\n<box label=\"catt\" "
                    "xtl=\"1\" ytl=\"1\" xbr=\"2\" ybr=\"2\"/></image>"),
              AllOf(HasSubstr("annotations.xml:4: category 'catt' is not in the labels of <meta>"),
                    HasSubstr("did you mean 'cat'?")));
  EXPECT_THAT(error("<image name=\"a.jpg\" width=\"9\" height=\"9\"><box label=\"cat\" "
                    "xtl=\"1,5\" ytl=\"1\" xbr=\"2\" ybr=\"2\"/></image>"),
              AllOf(HasSubstr("annotations.xml:3"), HasSubstr("no decimal comma")));
  EXPECT_THAT(error("<image name=\"../a.jpg\" width=\"9\" height=\"9\"/>"),
              HasSubstr("unsafe_path"));
  EXPECT_THAT(error("<image name=\"a.jpg\"/><image name=\"a.jpg\"/>"),
              HasSubstr("is already that of line 3"));
  EXPECT_THAT(error("<image name=\"a.jpg\" width=\"9\" height=\"9\"><polygon label=\"cat\" "
                    "points=\"1,1;2,2\"/></image>"),
              HasSubstr("a polygon has 2 points"));
  EXPECT_THAT(error("<image name=\"a.jpg\""),
              AllOf(HasSubstr("not valid XML"), Not(HasSubstr("internal"))));
}

TEST_F(Cvat, VocFilesAreNotTakenForIt) {
  write_text(folder_ / "a.xml", "<annotation><filename>a.jpg</filename></annotation>");
  EXPECT_EQ(&format_of(folder_), &format_named("voc"));
}

}  // namespace
}  // namespace preannotate
