#pragma once

// clang-format off
#include <cstdio>  // jpeglib.h needs FILE
#include <jpeglib.h>
// clang-format on

#include <csetjmp>

namespace preannotate::image {

/// libjpeg's error manager without its prints and exit(): errors jump, warnings are counted by what
/// they mean. Plain data, because a jump runs no destructors.
///
/// What a file gives was tried on pictures of several sizes, samplings, restart intervals and scan
/// scripts, cut at many lengths (tests/image/jpeg_damage_test.cpp):
///   only the end marker missing      ended_early, nothing else
///   cut inside a scan                ended_early and data_missing
///   cut between scans                ended_early only, but not every coefficient has arrived
///   flipped bytes                    damaged, or data_missing without ended_early, or an error
struct JpegErrors {
  jpeg_error_mgr base;  // first: libjpeg sees this type only
  jpeg_progress_mgr progress;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];  // of the error, or of the first warning
  bool ended_early;               // the file's bytes were used up before its end marker
  bool data_missing;              // a segment ended before its picture was whole
  bool damaged;                   // the data contradicts itself
  long extraneous_bytes;          // skipped before a marker
  unsigned first_bad_row;         // rows already out at the first warning
  int first_bad_scan;
};

/// Makes `errors` the error manager and the progress monitor of `info`. Call after
/// jpeg_create_decompress() has been given errors.base.
void set_up_errors(JpegErrors& errors);
void limit_scans(j_decompress_ptr info, JpegErrors& errors);

}  // namespace preannotate::image
