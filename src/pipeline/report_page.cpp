#include "report_page.h"

#include "report_style.h"
#include "report_values.h"

namespace preannotate::report {

std::string page(std::string_view title, std::string_view kind, std::string_view style,
                 std::string_view body) {
  return concat(
      {"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
       "style-src 'unsafe-inline'\">\n"
       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
       title, " - preannotate</title>\n<style>", kStyle, style,
       "</style>\n</head>\n<body>\n<main>\n<p class=\"kind\">preannotate <span>", kind,
       "</span></p>\n", body, "</main>\n</body>\n</html>\n"});
}

}  // namespace preannotate::report
