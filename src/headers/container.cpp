#include "preannotate/headers/container.h"

#include <algorithm>

#include "preannotate/headers/byte_reader.h"

namespace preannotate::headers {
namespace {

/// A format that is recognised so that its refusal can name it.
struct Refused {
  size_t at;
  std::string_view magic;
  const char* reason;
  const char* name;
};

using std::string_view_literals::operator""sv;

constexpr Refused kRefused[] = {
    {0, "GIF87a"sv, "unsupported_format", "GIF"},
    {0, "GIF89a"sv, "unsupported_format", "GIF"},
    {4, "ftypavif"sv, "format_not_enabled", "AVIF"},
    {4, "ftypavis"sv, "format_not_enabled", "AVIF"},
    {4, "ftypheic"sv, "format_not_enabled", "HEIC"},
    {4, "ftypheix"sv, "format_not_enabled", "HEIC"},
    {4, "ftyphevc"sv, "format_not_enabled", "HEIC"},
    {4, "ftypmif1"sv, "format_not_enabled", "HEIF"},
    {4, "ftypmsf1"sv, "format_not_enabled", "HEIF"},
    {0, "\0\0\0\x0CjP  \r\n\x87\n"sv, "format_not_enabled", "JPEG 2000"},
    {0, "\xFF\x4F\xFF\x51"sv, "format_not_enabled", "JPEG 2000"},
    {0, "\x76\x2F\x31\x01"sv, "format_not_enabled", "OpenEXR"},
    {0, "#?RADIANCE"sv, "format_not_enabled", "Radiance HDR"},
    {0, "#?RGBE"sv, "format_not_enabled", "Radiance HDR"},
    {0, "\xFF\x0A"sv, "format_not_enabled", "JPEG XL"},
    {0, "\0\0\0\x0CJXL \r\n\x87\n"sv, "format_not_enabled", "JPEG XL"},
    {0, "II+\0"sv, "unsupported_format", "BigTIFF"},
    {0, "MM\0+"sv, "unsupported_format", "BigTIFF"},
    {0, "8BPS"sv, "unsupported_format", "Photoshop"},
    {0, "%PDF"sv, "unsupported_format", "PDF"},
    {0, "\x89JNG\r\n\x1A\n"sv, "unsupported_format", "JNG"},
    {0, "\x8AMNG\r\n\x1A\n"sv, "unsupported_format", "MNG"},
};

const Refused* refused_format(std::string_view bytes) {
  const auto* found = std::find_if(std::begin(kRefused), std::end(kRefused), [&](const auto& f) {
    return bytes.size() >= f.at && bytes.substr(f.at).starts_with(f.magic);
  });
  return found == std::end(kRefused) ? nullptr : found;
}

/// "42 4d 00" for people who know their magic numbers.
std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    if (!text.empty()) text += ' ';
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

bool is_bmp(std::string_view bytes) {
  // "BM" alone would claim any text that begins so: the header's size must be one there is.
  const ByteReader reader(bytes, /*big_endian=*/false);
  const auto header = reader.u32(14);
  return bytes.starts_with("BM") &&
         (bytes.size() < 18 || header == 12 || header == 40 || header == 52 || header == 56 ||
          header == 64 || header == 108 || header == 124);
}

}  // namespace

Container container_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xD8\xFF") || bytes == "\xFF\xD8") return Container::kJpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return Container::kPng;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") {
    return Container::kWebp;
  }
  if (bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv)) return Container::kTiff;
  if (is_bmp(bytes)) return Container::kBmp;
  return refused_format(bytes) ? Container::kRefused : Container::kUnknown;
}

Refusal refusal_of(std::string_view bytes) {
  if (const auto* format = refused_format(bytes)) {
    return {format->reason,
            std::string(format->name) + " is not read; convert it to JPEG, PNG, WebP, BMP or TIFF"};
  }
  return {"not_an_image", "this is no JPEG, PNG, WebP, BMP or TIFF: it begins with the bytes " +
                              hex(bytes.substr(0, 8))};
}

}  // namespace preannotate::headers
