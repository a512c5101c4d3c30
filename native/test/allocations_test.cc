// Nothing is allocated to classify: what the addon calls, from token ids, with every call to the heap counted.
#include <cstdlib>

#include "native/addon/classify.h"
#include "native/test/test.h"

#if defined(__has_feature)  // clang's way to say it
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LINNET_SANITIZER_HEAP 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LINNET_SANITIZER_HEAP 1
#endif
#if defined(LINNET_SANITIZER_HEAP)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, size_t),
                                                         void (*)(const volatile void*));
#endif

using namespace linnet;
using addon::OwnedSession;
using addon::SharedImage;

namespace {

thread_local uint64_t allocations = 0;

}  // namespace

#if defined(LINNET_SANITIZER_HEAP)
namespace {
const int hooked = __sanitizer_install_malloc_and_free_hooks([](const volatile void*, size_t) { allocations++; },
                                                             [](const volatile void*) {});
constexpr bool kCounted = true;
}  // namespace
#elif defined(__GLIBC__)
// glibc's own names lead to its heap when these ones come first; operator new calls malloc or aligned_alloc.
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void* malloc(size_t size) {
  allocations++;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  allocations++;
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  allocations++;
  return __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  allocations++;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** to, size_t alignment, size_t size) {
  allocations++;
  *to = __libc_memalign(alignment, size);
  return *to == nullptr ? 12 : 0;  // ENOMEM
}
}
namespace {
constexpr bool kCounted = true;
}
#else
namespace {
constexpr bool kCounted = false;
}
#endif

TEST("classifying token ids allocates nothing, with any kernels, once the session is there") {
  if (!kCounted) return test::skip("no way to count this system's allocations");
  for (const char* name :
       {"models/sst2-textcnn/sst2-textcnn", "models/sst2-rnncnn/sst2-rnncnn", "test/conformance/cnn-plane",
        "test/conformance/cnn-deep", "test/conformance/cnn-largest", "test/conformance/bidirectional"}) {
    const std::vector<uint8_t> file = test::read_file(std::string(name) + ".linnet");
    std::shared_ptr<SharedImage> image;
    uint32_t where;
    CHECK(SharedImage::open(file.data(), file.size(), &image, &where) == Status::kOk);
    if (!image) continue;
    const uint64_t before_session = allocations;
    const std::unique_ptr<OwnedSession> session = OwnedSession::create(image);
    CHECK(allocations > before_session);  // so they are counted
    const std::vector<uint16_t> ids(image->header().max_tokens, 1);
    uint32_t variants;
    const KernelVariant* all = kernel_variants(&variants);
    for (uint32_t v = 0; v < variants; v++) {
      if (!all[v].available) continue;
      select_kernels(all[v].kernels->name);
      const uint64_t before = allocations;
      for (uint32_t count = 1; count <= ids.size(); count += 5) {
        uint16_t label, scores[kMaxLabels];
        CHECK(addon::classify_ids(*session, ids.data(), count, &label, scores) == Status::kOk);
      }
      CHECK_EQ(allocations, before);
    }
    select_kernels("auto");
  }
}
