// Checksums, and the self-test by which two engines prove that they agree.
#pragma once

#include "linnet/session.h"

namespace linnet {

// CRC-32 (IEEE 802.3, reflected, as RFC 1662's FCS-32 and zlib's crc32). Start with crc = 0 and chain.
uint32_t crc32(const void* data, uint32_t size, uint32_t crc = 0);

// SHA-256 (FIPS 180-4).
struct Sha256 {
  uint32_t h[8];
  uint64_t bytes;
  uint8_t block[64];

  void start();
  void update(const void* data, uint32_t size);
  void finish(uint8_t digest[32]);
};

// docs/numerics.md, 7. Overwrites the session's state.
Status self_test(Session& session, uint8_t digest[32]);

}  // namespace linnet
