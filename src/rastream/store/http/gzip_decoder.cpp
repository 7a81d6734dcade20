// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/gzip_decoder.h"

#include <zlib.h>

#include <array>

#include "rastream/base/error.h"

namespace rastream {

struct GzipDecoder::State {
  z_stream stream = {};
  bool is_at_end = true;  ///< of a member, or before the first
  bool has_begun = false;
  std::array<std::byte, 64 << 10> out;
};

GzipDecoder::GzipDecoder() : state_(std::make_unique<State>()) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&state_->stream, kGzipOnly) != Z_OK)
    throw Error(Errc::internal, "gzip: cannot begin");
}

GzipDecoder::~GzipDecoder() { inflateEnd(&state_->stream); }

void GzipDecoder::write(std::span<const std::byte> piece, const Take& take) {
  z_stream& z = state_->stream;
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(piece.data()));
  z.avail_in = static_cast<uInt>(piece.size());
  bool is_full = true;  // more may come out although all has gone in
  while (z.avail_in > 0 || is_full) {
    if (state_->is_at_end && z.avail_in == 0) return;
    if (state_->is_at_end && state_->has_begun) inflateReset(&z);
    state_->has_begun = true;
    z.next_out = reinterpret_cast<Bytef*>(state_->out.data());
    z.avail_out = static_cast<uInt>(state_->out.size());
    const int status = inflate(&z, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      throw Error(Errc::data_loss, "gzip: the compressed body is damaged");
    state_->is_at_end = status == Z_STREAM_END;
    is_full = z.avail_out == 0;
    take({state_->out.data(), state_->out.size() - z.avail_out});
    if (status == Z_BUF_ERROR && !is_full) return;
  }
}

void GzipDecoder::finish() const {
  if (!state_->is_at_end) throw Error(Errc::data_loss, "gzip: the compressed body breaks off");
}

}  // namespace rastream
