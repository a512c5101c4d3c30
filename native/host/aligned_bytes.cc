#include "native/host/aligned_bytes.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstring>

namespace linnet {
namespace {

constexpr size_t kPage = 4096, kCacheLine = 64;
// What is larger is beyond the reach of the TLB's entries for small pages.
constexpr size_t kManyPages = 8 << 20;
// What is smaller is soon brought in page by page.
constexpr size_t kSomePages = 1 << 18;
constexpr size_t kLargePage = 2 << 20;

constexpr size_t alignment_of(size_t size) {
  return size >= kManyPages ? kLargePage : size >= kSomePages ? kPage : kCacheLine;
}

// Wishes: refused, nothing is lost. All of the memory is going to be written. Large pages lie within it, so that it is
// no larger for them; they are not for all, because one that a virtual machine has never touched takes long to bring
// in.
void prepare(uint8_t* data, size_t size) {
#ifdef __linux__
  if (size >= kManyPages) madvise(data, size / kLargePage * kLargePage, MADV_HUGEPAGE);
#ifdef MADV_POPULATE_WRITE  // Linux 5.14
  else if (size >= kSomePages)
    madvise(data, size / kPage * kPage, MADV_POPULATE_WRITE);
#endif
#else
  (void)data, (void)size;
#endif
}

}  // namespace

AlignedBytes::AlignedBytes(size_t size, bool zeroed) {
  if (size == 0) return;
  const std::align_val_t alignment{alignment_of(size)};
  data_ = {static_cast<uint8_t*>(::operator new(size, alignment, std::nothrow)), Free{alignment}};
  if (!data_) return;
  prepare(data_.get(), size);
  if (zeroed) std::memset(data_.get(), 0, size);
}

}  // namespace linnet
