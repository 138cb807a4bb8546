#pragma once

#include "preannotate/serve/http_server.h"
#include "preannotate/serve/picture.h"
#include "preannotate/serve/review_session.h"

namespace preannotate {

/// What lies below the token: the page, api/..., image/ITEM, thumbnail/ITEM. No path of a request
/// reaches the disk: items are numbers, the page's files are part of the program.
class ReviewSite {
 public:
  explicit ReviewSite(ReviewSession& session) : session_(session) {}
  HttpReply reply(const HttpRequest& request);

 private:
  HttpReply read(const HttpRequest& request);
  HttpReply write(const HttpRequest& request);
  HttpReply picture(const std::string& path);

  ReviewSession& session_;
  Pictures pictures_;
};

}  // namespace preannotate
