#include "preannotate/serve/review.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "preannotate/core/interrupt.h"
#include "preannotate/core/log.h"
#include "preannotate/core/text.h"
#include "preannotate/serve/review_site.h"

namespace preannotate {

namespace {

constexpr int kWake_ms = 100;

bool has_display() {
  return std::getenv("DISPLAY") || std::getenv("WAYLAND_DISPLAY");
}

/// Does not wait for it. In a session of its own: Ctrl-C on the terminal is not for the browser.
void open_in_browser(std::string url) {
  std::string program = "xdg-open";
  char* const arguments[] = {program.data(), url.data(), nullptr};
  posix_spawnattr_t apart;
  posix_spawnattr_init(&apart);
  posix_spawnattr_setflags(&apart, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&silent, stream, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  if (posix_spawnp(&process, program.c_str(), &silent, &apart, arguments, environ) != 0)
    log_info("no xdg-open here: open the address in a browser");
  posix_spawn_file_actions_destroy(&silent);
  posix_spawnattr_destroy(&apart);
}

void wait_for_the_end() {
  try {
    for (;;) {
      stop_if_interrupted();
      ::poll(nullptr, 0, kWake_ms);
    }
  } catch (const Interrupted&) {
  }
}

size_t answered(const ReviewSession& session) {
  return session.overview()["answered"].get<size_t>();
}

}  // namespace

ReviewResult review(const ReviewOptions& options) {
  ReviewSession session(options.session);
  ReviewResult result;
  result.asked = session.size();
  if (result.asked == 0) return result;
  ReviewSite site(session);
  {
    HttpServer server(options.port, random_token(),
                      [&](const HttpRequest& request) { return site.reply(request); });
    if (options.serving) options.serving(server.url());
    log_info(human_count(result.asked) + " images, " + human_count(answered(session)) +
             " answered; each answer is saved at once, Ctrl-C ends");
    if (options.open_browser && has_display()) open_in_browser(server.url_for_once());
    wait_for_the_end();
  }
  result.answered = answered(session);
  result.paces = session.paces();
  return result;
}

}  // namespace preannotate
