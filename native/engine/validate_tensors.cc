#include "native/engine/packing.h"
#include "native/engine/validate.h"

namespace linnet {
namespace {

// Keeps steps in int32: 65535 · max_tokens + 2^24 < 2^31.
constexpr int32_t kMostTimeOffset = 1 << 24;

// Bytes of an element, 0 if the type is unknown.
uint32_t element_bytes(uint8_t dtype) {
  switch (static_cast<DType>(dtype)) {
    case DType::kI8:
    case DType::kU8:
    case DType::kPacked:
    case DType::kPackedGates: return 1;
    case DType::kI16:
    case DType::kU16: return 2;
    case DType::kI32: return 4;
  }
  return 0;
}

// Steps that come of n tokens, rounded down; below 1 there are none.
int64_t steps(const Tensor& t, uint32_t n) {
  const int64_t v = int64_t{t.time_factor} * n + t.time_offset;
  return v < 0 ? 0 : v / t.time_divisor;
}

// The time form of a tensor whose dimensions are right.
bool time_ok(const Image& image, const Tensor& t) {
  if (!t.time) return t.time_factor == 0 && t.time_divisor == 0 && t.time_offset == 0;
  if (t.kind != static_cast<uint8_t>(TensorKind::kActivation) || t.rank != 2) return false;
  if (t.time_factor < 1 || t.time_divisor < 1) return false;
  if (t.time_offset < -kMostTimeOffset || t.time_offset > kMostTimeOffset) return false;
  if (image.is_language_model())
    return t.time_factor == 1 && t.time_divisor == 1 && t.time_offset == 0 && t.dims[0] == 1;
  return t.dims[0] == steps(t, image.header->max_tokens) && steps(t, image.header->min_tokens) >= 1;
}

// Only matrices are packed, and only in an image of a packed layout.
bool packing_ok(const Image& image, const Tensor& t) {
  if (packing_of(t) == Packing::kNone) return true;
  return image.header->layout != static_cast<uint16_t>(Layout::kRowMajor) && t.rank == 2 &&
         t.kind == static_cast<uint8_t>(TensorKind::kConstant) &&
         (packing_of(t) == Packing::kRows || t.dims[0] % 4 == 0);
}

bool shape_ok(const Image& image, const Tensor& t) {
  if (t.rank < 1 || t.rank > 4 || t.time > 1 || !packing_ok(image, t)) return false;
  uint64_t bytes = element_bytes(t.dtype);
  if (bytes == 0) return false;
  for (uint32_t i = 0; i < 4; i++) {
    if (t.dims[i] < 1 || t.dims[i] > (i < t.rank ? kMaxDim : 1)) return false;
    bytes *= t.dims[i];
    if (bytes > 1u << 28) return false;
  }
  if (t.offset % kImageAlignment != 0) return false;
  return time_ok(image, t);
}

bool outside_sections(const Header& h, uint64_t offset, uint64_t bytes) {
  const Section* const sections[] = {&h.tensors, &h.ops, &h.tokenizer, &h.strings, &h.metadata};
  for (const Section* s : sections)
    if (ranges_overlap(offset, bytes, s->offset, s->size)) return false;
  return true;
}

}  // namespace

uint64_t tensor_bytes(const Tensor& t) {
  return uint64_t{element_bytes(t.dtype)} * t.dims[0] * t.dims[1] * t.dims[2] * t.dims[3];
}

Verdict validate_tensors(const Image& image) {
  const Header& h = *image.header;
  uint64_t constants_end = sizeof(Header), states_end = 0;
  for (uint32_t i = 0; i < h.tensor_count; i++) {
    const Tensor& t = image.tensors[i];
    const Verdict bad = {Status::kBadTensor, static_cast<uint32_t>(h.tensors.offset + i * sizeof(Tensor))};
    if (!shape_ok(image, t)) return bad;
    const uint64_t end = t.offset + tensor_bytes(t);
    switch (static_cast<TensorKind>(t.kind)) {
      case TensorKind::kConstant:
        if (t.offset < constants_end || end > h.size || !outside_sections(h, t.offset, end - t.offset)) return bad;
        constants_end = end;
        break;
      case TensorKind::kActivation:
        if (is_streamed(image, t) ? t.offset != 0 : end > h.scratch_bytes) return bad;
        break;
      case TensorKind::kState:
        if (t.offset < states_end || end > h.state_bytes) return bad;
        states_end = end;
        break;
      default: return bad;
    }
  }
  return {};
}

}  // namespace linnet
