#include "jpeg_errors.h"

#include <jerror.h>

#include <cstring>

namespace preannotate::image {
namespace {

JpegErrors& errors_of(j_common_ptr info) {
  return *reinterpret_cast<JpegErrors*>(info->err);
}

[[noreturn]] void fail(j_common_ptr info) {
  auto& errors = errors_of(info);
  info->err->format_message(info, errors.message);
  std::longjmp(errors.jump, 1);
}

/// Called with level -1 for warnings, 0 and up for chatter.
void note(j_common_ptr info, int level) {
  if (level >= 0) return;
  auto& errors = errors_of(info);
  switch (info->err->msg_code) {
    case JWRN_JFIF_MAJOR:      // a version number
    case JWRN_ADOBE_XFORM:     // colour space guessed as everyone guesses it
    case JWRN_NOT_SEQUENTIAL:  // unused fields of the scan header
    case JWRN_BOGUS_ICC:       // a colour profile we do not use
      return;
    case JWRN_EXTRANEOUS_DATA:
      errors.extraneous_bytes += info->err->msg_parm.i[0];
      break;
    case JWRN_JPEG_EOF:
      errors.ended_early = true;
      break;
    case JWRN_HIT_MARKER:
      errors.data_missing = true;
      break;
    default:
      errors.damaged = true;
      break;
  }
  if (info->err->num_warnings++ > 0) return;
  info->err->format_message(info, errors.message);
  if (info->is_decompressor) {
    const auto* decompressor = reinterpret_cast<j_decompress_ptr>(info);
    errors.first_bad_row = decompressor->output_scanline;
    errors.first_bad_scan = decompressor->input_scan_number;
  }
}

/// A small file of thousands of scans over a large frame would keep a core busy for minutes.
void stop_at_too_many_scans(j_common_ptr info) {
  constexpr int kMostScans = 500;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  std::strcpy(errors_of(info).message, "it has more than 500 scans");
  std::longjmp(errors_of(info).jump, 1);
}

}  // namespace

void set_up_errors(JpegErrors& errors) {
  std::memset(&errors, 0, sizeof errors);
  jpeg_std_error(&errors.base);
  errors.base.error_exit = fail;
  errors.base.emit_message = note;
}

void limit_scans(j_decompress_ptr info, JpegErrors& errors) {
  errors.progress.progress_monitor = stop_at_too_many_scans;
  info->progress = &errors.progress;
}

}  // namespace preannotate::image
