#include "cli/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/command.h"
#include "preannotate/core/hash.h"
#include "support/test_folder.h"

namespace preannotate::testing_support {

namespace fs = std::filesystem;

namespace {

using TemporaryFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

TemporaryFile temporary_file(const std::string& content = "") {
  TemporaryFile file(std::tmpfile(), std::fclose);
  if (!file) throw std::runtime_error("no temporary file");
  std::fwrite(content.data(), 1, content.size(), file.get());
  std::rewind(file.get());
  return file;
}

std::string content(const TemporaryFile& file) {
  std::rewind(file.get());
  std::string text;
  char buffer[4096];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, file.get())) text.append(buffer, n);
  return text;
}

/// In the child: never returns.
[[noreturn]] void become_program(const fs::path& folder, const std::vector<char*>& arguments,
                                 int in, int out, int err) {
  setenv("PREANNOTATE_CACHE", (folder / "cache").c_str(), 1);
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  if (chdir(folder.c_str()) == 0) execv(PREANNOTATE_PROGRAM, arguments.data());
  _exit(127);
}

/// Held while the shared world is made, so that tests at the same time wait for one of them.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& path) : file_(open(path.c_str(), O_CREAT | O_RDWR, 0600)) {
    if (flock(file_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path.string());
  }
  ~FolderLock() { close(file_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

/// Differs when the file was built anew.
std::string state_of(const fs::path& path) {
  return std::to_string(fs::last_write_time(path).time_since_epoch().count()) + " " +
         std::to_string(fs::file_size(path)) + "\n";
}

TrainedWorld make_trained_world() {
  const auto base = fs::temp_directory_path() / ("preannotate-tests-" + std::to_string(getuid()));
  fs::create_directories(base);
  const std::string program = PREANNOTATE_PROGRAM;
  const std::string place = "cli-world-" + sha256(program).substr(0, 12);
  const FolderLock lock(base / (place + ".lock"));
  const auto folder = base / place, stamp = folder / "built";
  const std::string built = state_of(program) + state_of(PREANNOTATE_PIPELINES);
  TrainedWorld trained;
  if (fs::exists(stamp) && read_text(stamp) == built) {
    trained.world = {folder, folder / "seed", folder / "unlabelled", folder / "truth.csv",
                     folder / "tiny.pt"};
  } else {
    fs::remove_all(folder);
    trained.world = make_world(folder, 6, 12);
    const auto outcome =
        run_program(folder, train_arguments(trained.world, trained.world.seed, "run"));
    if (outcome.code != 0) throw std::runtime_error("cannot train: " + outcome.err);
    write_text(stamp, built);
  }
  trained.run = folder / "run";
  return trained;
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

struct RunningProgram::Files {
  TemporaryFile in, out, err;
};

RunningProgram::RunningProgram(const fs::path& folder, const std::vector<std::string>& arguments,
                               const Start& start)
    : files_(new Files{temporary_file(start.input), temporary_file(), temporary_file()}) {
  std::vector<char*> pointers{const_cast<char*>("preannotate")};
  for (const auto& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  const int elsewhere =
      start.out_file.empty() ? -1 : open(start.out_file.c_str(), O_WRONLY | O_CLOEXEC);
  process_ = fork();
  if (process_ == 0) {
    if (start.memory_limit > 0) {
      const rlimit limit{start.memory_limit, start.memory_limit};
      setrlimit(RLIMIT_AS, &limit);
    }
    for (const auto& [name, value] : start.environment) setenv(name.c_str(), value.c_str(), 1);
    become_program(folder, pointers, fileno(files_->in.get()),
                   elsewhere < 0 ? fileno(files_->out.get()) : elsewhere,
                   fileno(files_->err.get()));
  }
  if (elsewhere >= 0) close(elsewhere);
  if (process_ < 0) throw std::runtime_error("cannot run");
}

RunningProgram::~RunningProgram() {
  if (ended_) return;
  kill(process_, SIGKILL);
  waitpid(process_, &status_, 0);
}

void RunningProgram::send(int signal) const {
  kill(process_, signal);
}

std::string RunningProgram::err() const {
  // Not through the stream: its position is the program's too.
  std::string text(1 << 16, '\0');
  const auto size = pread(fileno(files_->err.get()), text.data(), text.size(), 0);
  text.resize(static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

bool RunningProgram::ended() {
  ended_ = ended_ || waitpid(process_, &status_, WNOHANG) == process_;
  return ended_;
}

Outcome RunningProgram::wait() {
  if (!ended_ && waitpid(process_, &status_, 0) != process_)
    throw std::runtime_error("cannot wait");
  ended_ = true;
  const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  return {code, content(files_->out), content(files_->err)};
}

Outcome run_program(const fs::path& folder, const std::vector<std::string>& arguments,
                    const std::string& input, const fs::path& out_file) {
  return RunningProgram(folder, arguments, {input, out_file}).wait();
}

Outcome run_in_process(const fs::path& folder, const std::vector<std::string>& arguments) {
  std::vector<const char*> pointers{"preannotate"};
  for (const auto& argument : arguments) pointers.push_back(argument.c_str());
  const auto before = fs::current_path();
  fs::current_path(folder);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = cli::run(static_cast<int>(pointers.size()), pointers.data());
  Outcome outcome{code, testing::internal::GetCapturedStdout(),
                  testing::internal::GetCapturedStderr()};
  fs::current_path(before);
  return outcome;
}

void PrintTo(const Outcome& outcome, std::ostream* stream) {
  *stream << "exit code " << outcome.code << "\nstdout: " << outcome.out
          << "\nstderr: " << outcome.err;
}

const TrainedWorld& trained_world() {
  static const TrainedWorld trained = make_trained_world();
  return trained;
}

std::vector<std::string> train_arguments(const World& world, const fs::path& data,
                                         const std::string& output,
                                         const std::vector<std::string>& more) {
  return joined(
      {"train", "--data", data.string(), "--output", output, "--backbone", world.backbone.string(),
       "--trust-backbone", "--imgsz", "32", "--folds", "4", "--workers", "1"},
      more);
}

std::vector<std::string> predict_arguments(const fs::path& source, const std::string& output,
                                           const std::vector<std::string>& more) {
  return joined({"predict", "--model", trained_world().run.string(), "--source", source.string(),
                 "--output", output, "--workers", "1"},
                more);
}

}  // namespace preannotate::testing_support
