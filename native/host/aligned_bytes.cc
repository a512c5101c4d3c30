#include "native/host/aligned_bytes.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstring>

namespace linnet {
namespace {

constexpr size_t kCacheLine = 64, kLargePage = 2 << 20;

// As many as lie within; the rest is no larger for it.
void ask_for_large_pages(uint8_t* data, size_t size) {
#ifdef __linux__
  madvise(data, size / kLargePage * kLargePage, MADV_HUGEPAGE);  // a wish: refused, nothing is lost
#else
  (void)data, (void)size;
#endif
}

}  // namespace

AlignedBytes::AlignedBytes(size_t size, bool zeroed) {
  if (size == 0) return;
  const std::align_val_t alignment{size < kLargePage ? kCacheLine : kLargePage};
  data_ = {static_cast<uint8_t*>(::operator new(size, alignment, std::nothrow)), Free{alignment}};
  if (!data_) return;
  if (size >= kLargePage) ask_for_large_pages(data_.get(), size);
  if (zeroed) std::memset(data_.get(), 0, size);
}

}  // namespace linnet
