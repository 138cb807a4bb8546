#include "preannotate/serve/review_site.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "page_files.h"
#include "preannotate/core/error.h"

namespace preannotate {

namespace {

constexpr const char* kPage = "page.html";

HttpReply json_reply(const Json& json) {
  return {.body = json_text(json)};
}

std::string type_of(std::string_view name) {
  return name.ends_with(".html")  ? "text/html; charset=utf-8"
         : name.ends_with(".css") ? "text/css; charset=utf-8"
                                  : "text/javascript; charset=utf-8";
}

std::optional<HttpReply> page_file(std::string_view name) {
  for (const PageFile& file : page_files()) {
    if (file.name == name) return HttpReply{200, type_of(name), std::string(file.bytes)};
  }
  return {};
}

/// "17" and nothing else.
std::optional<size_t> item_number(std::string_view text) {
  size_t item = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), item);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional(item) : std::nullopt;
}

}  // namespace

HttpReply ReviewSite::reply(const HttpRequest& request) {
  try {
    return request.method == "GET" ? read(request) : write(request);
  } catch (const UserError& error) {
    return http_error(error.exit_code() == kBadInput ? 400 : 500, error.what());
  } catch (const PictureError& error) {
    return http_error(404, error.what());
  }
}

HttpReply ReviewSite::read(const HttpRequest& request) {
  const std::string& path = request.path;
  if (path == "/api/session") return json_reply(session_.overview());
  if (path == "/api/progress") return json_reply(session_.progress(request.reviewer));
  if (path == "/api/items" || path == "/api/answers" || path == "/api/undo")
    return http_error(405, path + " expects POST");
  if (auto file = page_file(path == "/" ? kPage : path.substr(1))) return std::move(*file);
  return picture(path);
}

HttpReply ReviewSite::picture(const std::string& path) {
  constexpr std::string_view kImage = "/image/", kThumbnail = "/thumbnail/";
  const bool small = path.starts_with(kThumbnail);
  if (!small && !path.starts_with(kImage)) return http_error(404, "there is nothing here");
  const auto item =
      item_number(std::string_view(path).substr(small ? kThumbnail.size() : kImage.size()));
  if (!item || *item >= session_.size()) return http_error(404, "there is no such item");
  const PictureFile file = session_.picture(*item);
  return {200, "image/jpeg", small ? pictures_.thumbnail(file) : pictures_.image(file),
          /*kept=*/true};
}

HttpReply ReviewSite::write(const HttpRequest& request) {
  const std::string& path = request.path;
  if (path != "/api/items" && path != "/api/answers" && path != "/api/undo")
    return http_error(405, "only api/items, api/answers and api/undo take a POST");
  const Json json = parse_json(request.body, "request");
  if (path == "/api/items") return json_reply(session_.items(json));
  return json_reply(path == "/api/answers" ? session_.answers(json) : session_.undo(json));
}

}  // namespace preannotate
