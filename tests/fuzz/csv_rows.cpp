// CSV text: rows that read back from their own text, or a UserError.

#include "data/csv_rows.h"

#include "fuzz.h"
#include "preannotate/core/text.h"

namespace preannotate::fuzz {
namespace {

void test(std::string_view text) {
  std::vector<CsvRow> rows;
  if (!accepts([&] { rows = parse_csv(text, "a.csv"); })) return;
  std::string written = "header\n";  // a field may start like a byte order mark
  for (const CsvRow& row : rows) {
    for (size_t i = 0; i < row.fields.size(); ++i) {
      require(is_valid_utf8(row.fields[i]), "a field is UTF-8");
      written += (i ? "," : "") + csv_field(row.fields[i]);
    }
    written += '\n';
  }
  const auto again = parse_csv(written, "written.csv");
  require(again.size() == rows.size() + 1, "as many rows read back as written");
  for (size_t i = 0; i < rows.size(); ++i) {
    require(again[i + 1].fields == rows[i].fields, "a row reads back as it was written");
    require(i == 0 || rows[i].line > rows[i - 1].line, "rows count their lines");
  }
}

}  // namespace
}  // namespace preannotate::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  preannotate::fuzz::test(preannotate::fuzz::text_of(data, size));
  return 0;
}
