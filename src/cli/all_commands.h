#pragma once

#include "command.h"

namespace preannotate::cli {

std::function<ExitCode()> declare_train(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_predict(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_evaluate(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_select(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_review(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_certify(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_audit(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_import(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_statistics(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_rank(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_issues(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_update(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_runs(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_simulate(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_check(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_convert(CLI::App& app, const SharedOptions& shared);
std::function<ExitCode()> declare_doctor(CLI::App& app, const SharedOptions& shared);

}  // namespace preannotate::cli
