#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/drafts.h"
#include "preannotate/core/error.h"
#include "preannotate/data/format.h"

namespace preannotate {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string object_xml(const std::string& name, const std::string& box,
                       const std::string& more = "") {
  return "  <object>\n    <name>" + name + "</name>\n" + more + "    " + box + "\n  </object>\n";
}

std::string box_xml(const std::string& x1, const std::string& y1, const std::string& x2,
                    const std::string& y2) {
  return "<bndbox><xmin>" + x1 + "</xmin><ymin>" + y1 + "</ymin><xmax>" + x2 + "</xmax><ymax>" +
         y2 + "</ymax></bndbox>";
}

std::string file_xml(const std::string& image, const std::string& objects,
                     const std::string& width = "640") {
  return "<annotation>\n  <filename>" + image + "</filename>\n  <size><width>" + width +
         "</width><height>480</height></size>\n" + objects + "</annotation>\n";
}

class Voc : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& xml) const {
    write_text(folder_ / "Annotations" / (name + ".xml"), xml);
  }
  Dataset read() const { return read_dataset(folder_, ""); }
  std::string error() const {
    try {
      read();
    } catch (const UserError& error) {
      EXPECT_EQ(error.exit_code(), kBadInput);
      return error.what();
    }
    return "no error";
  }
  /// The error, or the one problem, of an image with this object.
  std::string error_with(const std::string& objects) const {
    add("a", file_xml("a.jpg", objects));
    return error();
  }
  static std::vector<std::string> reasons(const Dataset& dataset) {
    std::vector<std::string> reasons;
    for (const Problem& problem : dataset.problems) reasons.push_back(problem.reason);
    return reasons;
  }
  fs::path folder_ = test_folder();
};

TEST_F(Voc, CornersAreTakenAsTheyAre) {
  add("a", file_xml("a.jpg", object_xml(" cat ", box_xml("1", " 2.5 ", "640", "480"))));
  const auto dataset = read();
  EXPECT_THAT(dataset.categories, ElementsAre("cat"));
  ASSERT_EQ(dataset.samples.size(), 1u);
  EXPECT_EQ(dataset.samples[0].width, 640);
  EXPECT_EQ(dataset.samples[0].height, 480);
  EXPECT_EQ(dataset.samples[0].labels.at(0).box, (Box{1, 2.5f, 640, 480}));
  EXPECT_TRUE(dataset.problems.empty());
}

TEST_F(Voc, CategoriesAreSortedOrAsTheLabelmapSays) {
  add("a", file_xml("a.jpg", object_xml("dog", box_xml("1", "2", "3", "4")) +
                                 object_xml("cat", box_xml("1", "2", "3", "4"))));
  EXPECT_THAT(read().categories, ElementsAre("cat", "dog"));
  write_text(folder_ / "labelmap.txt",
             "# label:color_rgb:parts:actions\nbackground:::\r\n"
             "dog:1,2,3::\ncat:::\nbird:::\n");
  EXPECT_THAT(read().categories, ElementsAre("dog", "cat", "bird"));
  EXPECT_EQ(read().samples[0].labels[0].category, 0);
}

// Row 83.
TEST_F(Voc, ACategoryThatTheLabelmapLacksIsAnErrorWithTheNearest) {
  write_text(folder_ / "labelmap.txt", "background:::\nplatelets:::\n");
  EXPECT_THAT(error_with(object_xml("platelet", box_xml("1", "2", "3", "4"))),
              HasSubstr("a.xml:4: category 'platelet' is not in labelmap.txt; did you mean "
                        "'platelets'?"));
}

TEST_F(Voc, DifficultIsACrowd) {
  add("a", file_xml("a.jpg", object_xml("cat", box_xml("1", "2", "3", "4"),
                                        "    <difficult>1</difficult>\n")));
  EXPECT_TRUE(read().samples[0].labels.at(0).crowd);
  EXPECT_THAT(error_with(object_xml("cat", box_xml("1", "2", "3", "4"),
                                    "    <difficult>yes</difficult>\n")),
              HasSubstr("a.xml:6: 'difficult' is 'yes', expected 0 or 1"));
}

TEST_F(Voc, AFileWithoutObjectsIsAnEmptyImage) {
  add("a", file_xml("a.jpg", object_xml("cat", box_xml("1", "2", "3", "4"))));
  add("b", file_xml("b.jpg", ""));
  EXPECT_TRUE(read().samples.at(1).labels.empty());
}

TEST_F(Voc, ImagesAreFoundBesideAndInSiblingFolders) {
  const auto xml = file_xml("a.jpg", object_xml("cat", box_xml("1", "2", "3", "4")));
  for (const char* place : {"JPEGImages", "images", "voc", "voc/images"}) {
    const auto root = folder_ / "set";
    fs::remove_all(root);
    write_text(root / "voc" / "a.xml", xml);
    write_text(root / place / "a.jpg", "");
    for (const auto& path : {root / "voc", root / "voc" / ""}) {
      const auto dataset = read_dataset(path, "");
      EXPECT_TRUE(
          fs::equivalent(image_file(dataset, dataset.samples.at(0)), root / place / "a.jpg"))
          << place;
    }
  }
}

TEST_F(Voc, AFolderWithImagesBesideAnnotationsIsNotReadAsClasses) {
  add("sub/a", file_xml("a.jpg", object_xml("cat", box_xml("1", "2", "3", "4"))));
  write_text(folder_ / "JPEGImages" / "sub" / "a.jpg", "");
  const auto dataset = read();
  EXPECT_EQ(dataset.samples.at(0).image, "sub/a.jpg");
  EXPECT_EQ(dataset.image_root, folder_ / "JPEGImages");
}

TEST_F(Voc, TheImagesBesideAFolderWithAnnotationsAreNotItsOwn) {
  for (const char* name : {"a", "b"})
    write_text(
        folder_ / "set" / "Annotations" / (std::string(name) + ".xml"),
        file_xml(std::string(name) + ".jpg", object_xml("cat", box_xml("1", "2", "3", "4"))));
  write_text(folder_ / "images" / "a.jpg", "");
  const auto dataset = read_dataset(folder_ / "set", "");
  EXPECT_EQ(dataset.samples.size(), 2u);
  EXPECT_TRUE(dataset.problems.empty());
}

TEST_F(Voc, AMissingImageIsLeftOutAndNamed) {
  for (const char* name : {"a", "b"})
    add(name, file_xml(std::string(name) + ".jpg", object_xml("cat", box_xml("1", "2", "3", "4"))));
  write_text(folder_ / "JPEGImages" / "a.jpg", "");
  const auto dataset = read();
  EXPECT_EQ(dataset.samples.size(), 1u);
  EXPECT_THAT(reasons(dataset), ElementsAre("image_missing"));
}

TEST_F(Voc, BoxesOutsideAndWithoutAreaAreLeftOutWithTheirLine) {
  add("a", file_xml("a.jpg", object_xml("cat", box_xml("700", "2", "900", "4")) +
                                 object_xml("cat", box_xml("5", "2", "5", "4")) +
                                 object_xml("cat", box_xml("600", "2", "700", "400"))));
  const auto dataset = read();
  ASSERT_THAT(reasons(dataset), ElementsAre("box_outside_image", "empty_box", "box_clipped"));
  EXPECT_THAT(dataset.problems[0].detail, HasSubstr("a.xml:6: box 700,2 to 900,4"));
  ASSERT_EQ(dataset.samples[0].labels.size(), 1u);
  EXPECT_EQ(dataset.samples[0].labels[0].box, (Box{600, 2, 640, 400}));
}

TEST_F(Voc, WhatIsNoFiniteNumberIsAnErrorWithItsLine) {
  EXPECT_THAT(error_with(object_xml("cat", box_xml("nan", "2", "3", "4"))),
              HasSubstr("a.xml:6: 'xmin' is 'nan', expected a number"));
  EXPECT_THAT(error_with(object_xml("cat", box_xml("1", "2", "inf", "4"))),
              HasSubstr("a.xml:6: 'xmax' is 'inf'"));
  EXPECT_THAT(error_with(object_xml("cat", box_xml("1", "2,5", "3", "4"))),
              HasSubstr("no decimal comma"));
  EXPECT_THAT(error_with(object_xml("cat", box_xml("", "2", "3", "4"))),
              HasSubstr("a.xml:6: 'xmin' is missing or empty"));
  EXPECT_THAT(error_with(object_xml("cat", "")), HasSubstr("a.xml:4: the object has no 'bndbox'"));
}

TEST_F(Voc, AnUnsafeFileNameIsRefused) {
  for (const char* name : {"../a.jpg", "/etc/passwd", "C:\\a.jpg", "file:///a.jpg"}) {
    add("a", file_xml(name, ""));
    EXPECT_THAT(error(), HasSubstr("a.xml:2: unsafe_path")) << name;
  }
}

TEST_F(Voc, AnImageInTwoFilesIsAnErrorThatNamesBoth) {
  add("a", file_xml("a.jpg", ""));
  add("b", file_xml("a.jpg", ""));
  EXPECT_THAT(error(), HasSubstr("b.xml:2: image 'a.jpg' is already that of a.xml"));
}

TEST_F(Voc, BrokenXmlUtf16AndOtherElementsAreErrors) {
  const auto xml = file_xml("a.jpg", object_xml("cat", box_xml("1", "2", "3", "4")));
  add("a", xml.substr(0, xml.size() - 20));
  add("b", std::string("\xFF\xFE<\0", 4));
  add("c", "<annotations><version>1.1</version></annotations>");
  add("d", "");
  EXPECT_THAT(error(), AllOf(HasSubstr("4 faults"), HasSubstr("a.xml:7: not valid XML"),
                             HasSubstr("b.xml: the file is UTF-16"),
                             HasSubstr("c.xml:1: the outermost element is 'annotations'"),
                             HasSubstr("d.xml:1: not valid XML")));
}

TEST_F(Voc, EqualFaultsOfManyFilesAreOneGroup) {
  for (const char* name : {"a", "b", "c"})
    add(name, file_xml(std::string(name) + ".jpg", object_xml("cat", box_xml("x", "2", "3", "4"))));
  EXPECT_THAT(error(), HasSubstr("3 faults: a.xml:6: 'xmin' is 'x', expected a number (also "
                                 "b.xml:6, c.xml:6)"));
}

TEST_F(Voc, NothingOutsideTheFileIsRead) {
  write_text(folder_ / "secret.txt", "secret");
  add("a", "<!DOCTYPE annotation [<!ENTITY x SYSTEM \"file://" + (folder_ / "secret.txt").string() +
               "\"><!ENTITY y \"cat\">]>\n" +
               file_xml("a.jpg", object_xml("&x;&y;", box_xml("1", "2", "3", "4"))));
  EXPECT_THAT(read().categories, ElementsAre("&x;&y;"));
}

TEST_F(Voc, DeepNestingIsNoCrash) {
  std::string deep;
  for (int i = 0; i < 200000; ++i) deep += "<a>";
  add("a", deep);
  add("b", file_xml("b.jpg", ""));
  EXPECT_THAT(error(), HasSubstr("a.xml:1: not valid XML"));
}

TEST_F(Voc, WritesWhatOtherReadersExpect) {
  write_text(folder_ / "x", "");
  Dataset dataset{{}, {"cat"}, {draft("sub/a.jpg", {})}, "0123456789ab", {}};
  dataset.samples[0].labels = {{0, 0.87, Box{10.1234f, 20, 40.5f, 60}, "d3f9a1c2e7b0"}};
  format_named("voc").write(dataset, folder_);
  EXPECT_EQ(read_text(folder_ / "labelmap.txt"),
            "# label:color_rgb:parts:actions\nbackground:::\ncat:::\n");
  EXPECT_EQ(read_text(folder_ / "ImageSets" / "Main" / "default.txt"), "sub/a\n");
  EXPECT_EQ(read_text(folder_ / "Annotations" / "sub" / "a.xml"), R"(<annotation>
  <folder />
  <filename>sub/a.jpg</filename>
  <source>
    <database>Unknown</database>
  </source>
  <size>
    <width>640</width>
    <height>480</height>
    <depth>3</depth>
  </size>
  <segmented>0</segmented>
  <object>
    <name>cat</name>
    <pose>Unspecified</pose>
    <truncated>0</truncated>
    <difficult>0</difficult>
    <bndbox>
      <xmin>10.123</xmin>
      <ymin>20</ymin>
      <xmax>40.5</xmax>
      <ymax>60</ymax>
    </bndbox>
    <attributes>
      <attribute>
        <name>source</name>
        <value>auto</value>
      </attribute>
      <attribute>
        <name>score</name>
        <value>0.87</value>
      </attribute>
      <attribute>
        <name>model_version</name>
        <value>0123456789ab</value>
      </attribute>
      <attribute>
        <name>bucket</name>
        <value>empty</value>
      </attribute>
      <attribute>
        <name>draft_id</name>
        <value>d3f9a1c2e7b0</value>
      </attribute>
    </attributes>
  </object>
</annotation>
)");
}

// Row 41.
TEST_F(Voc, ImagesOfTheSameStemKeepFilesOfTheirOwn) {
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {{0, 0.5}}), draft("a.png", {})}, "x", {}};
  format_named("voc").write(dataset, folder_);
  EXPECT_TRUE(fs::exists(folder_ / "Annotations" / "a.jpg.xml"));
  EXPECT_TRUE(fs::exists(folder_ / "Annotations" / "a.png.xml"));
  EXPECT_EQ(read().samples.size(), 2u);
}

TEST_F(Voc, WhatALabelmapCannotHoldIsRefusedBeforeWriting) {
  for (const char* name : {"a:b", "#a"}) {
    Dataset dataset{{}, {name}, {draft("a.jpg", {{0, 0.5}})}, "x", {}};
    EXPECT_THROW(format_named("voc").write(dataset, folder_), UserError);
  }
  Dataset dataset{{}, {"cat"}, {draft("a.jpg", {{0, 0.5}})}, "x", {}};
  dataset.samples[0].width = 0;
  EXPECT_THROW(format_named("voc").write(dataset, folder_), UserError);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace preannotate
