// Sizes that follow from the longest message a board accepts: board.json, uart.message_bytes.
#pragma once

#include <cstdint>

#include "linnet/schema/link.h"

#ifndef LINNET_MESSAGE_BYTES
#define LINNET_MESSAGE_BYTES linnet::kMaxMessage
#endif

namespace linnet {

// Bytes of a message, FCS and escapes not counted. HELLO tells the host.
constexpr uint32_t kMessageBytes = LINNET_MESSAGE_BYTES;
static_assert(kMessageBytes >= kMinMessage && kMessageBytes <= kMaxMessage, "uart.message_bytes");

// Token ids of one text: it has no more tokens than bytes, then BOS and a token left to feed.
constexpr uint32_t kMaxIds = kMessageBytes + 2;

// Token ids in a SCORE request.
constexpr uint32_t kMaxScoreIds = kMessageBytes >= 1024 ? 256 : (kMessageBytes - 12) / 2;

// Bytes of a line typed at the console.
constexpr uint32_t kLineBytes = kMessageBytes < 512 ? kMessageBytes : 512;

// Bytes of a frame: all escaped, its FCS too, between two flags; and as most are, with one byte in 64 escaped.
constexpr uint32_t kWorstFrameBytes = 2 * (kMessageBytes + 4) + 2;
constexpr uint32_t kUsualFrameBytes = (kMessageBytes + 4) * 65 / 64 + 2;

// Bytes from the UART that wait to be read.
constexpr uint32_t kReceiveBytes = kWorstFrameBytes + kUsualFrameBytes;

// Bytes that wait to be sent: a few tokens, so that the engine works on while the UART sends at 115200 baud.
constexpr uint32_t kSendBytes = 128;

}  // namespace linnet
