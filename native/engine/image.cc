// Opening an image: the file as a whole, its header, its sections; then the checks of validate_*.cc.
#include "linnet/image.h"

#include "linnet/digest.h"
#include "linnet/kernels.h"
#include "native/engine/validate.h"

namespace linnet {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are read in place");

uint32_t field(const void* member, const void* base) {
  return static_cast<uint32_t>(static_cast<const uint8_t*>(member) - static_cast<const uint8_t*>(base));
}

Verdict check_file(const uint8_t* data, uint32_t size) {
  if (size < sizeof(Header)) return {Status::kImageTooSmall, 0};
  if (reinterpret_cast<uintptr_t>(data) % kImageAlignment != 0) return {Status::kMisalignedImage, 0};
  const auto& h = *reinterpret_cast<const Header*>(data);
  if (h.magic != kImageMagic) return {Status::kBadMagic, field(&h.magic, data)};
  if (h.version != kImageVersion) return {Status::kUnsupportedVersion, field(&h.version, data)};
  const PackedKernels* packed = kernels().packed;
  if (h.layout != static_cast<uint16_t>(Layout::kRowMajor) &&
      (packed == nullptr || h.layout != static_cast<uint16_t>(packed->layout)))
    return {Status::kUnsupportedLayout, field(&h.layout, data)};
  if (h.size != size || size % kImageAlignment != 0) return {Status::kSizeMismatch, field(&h.size, data)};
  if (h.crc32 != kernels().crc32(data + 16, size - 16, 0)) return {Status::kCrcMismatch, field(&h.crc32, data)};
  return {};
}

Verdict check_header(const Header& h) {
  const bool lm = h.kind == static_cast<uint8_t>(ModelKind::kLanguageModel);
  const auto token = [&h](uint16_t id) { return id == kNoId || id < h.vocab_size; };
  const struct {
    bool ok;
    const void* at;
  } checks[] = {
      {lm || h.kind == static_cast<uint8_t>(ModelKind::kClassifier), &h.kind},
      {h.reserved == 0, &h.reserved},
      {h.op_count >= 1 && h.op_count <= kMaxOps, &h.op_count},
      {h.tensor_count >= 1 && h.tensor_count <= kMaxTensors, &h.tensor_count},
      {lm ? h.label_count == 0 : h.label_count >= 1 && h.label_count <= kMaxLabels, &h.label_count},
      {h.vocab_size >= 1 && h.vocab_size <= kMaxVocab, &h.vocab_size},
      {lm ? h.min_tokens == 1 : h.min_tokens >= 1 && h.min_tokens <= kMaxWidth, &h.min_tokens},
      {lm ? h.max_tokens == 0 : h.max_tokens >= h.min_tokens && h.max_tokens <= kMaxTokens, &h.max_tokens},
      {token(h.bos_id), &h.bos_id},
      {token(h.eos_id), &h.eos_id},
      {token(h.pad_id) && (lm || h.min_tokens == 1 || h.pad_id != kNoId), &h.pad_id},
      {h.logit_frac <= 10, &h.logit_frac},
      {h.reserved2 == 0, &h.reserved2},
      {h.state_bytes % kImageAlignment == 0 && h.state_bytes <= 1u << 28, &h.state_bytes},
      {h.scratch_bytes % kImageAlignment == 0 && h.scratch_bytes <= 1u << 28, &h.scratch_bytes},
  };
  for (const auto& c : checks)
    if (!c.ok) return {Status::kBadHeader, field(c.at, &h)};
  return {};
}

Verdict check_sections(const Header& h) {
  const Section* const sections[] = {&h.tensors, &h.ops, &h.tokenizer, &h.strings, &h.metadata};
  for (uint32_t i = 0; i < 5; i++) {
    const Section& s = *sections[i];
    const Verdict bad = {Status::kBadSection, field(&s, &h)};
    if (i == 4 && s.offset == 0 && s.size == 0) continue;
    if (s.offset % kImageAlignment != 0 || s.offset < sizeof(Header) || s.size == 0) return bad;
    if (uint64_t{s.offset} + s.size > h.size) return bad;
    if (i == 0 && s.size != h.tensor_count * sizeof(Tensor)) return bad;
    for (uint32_t j = 0; j < i; j++)
      if (ranges_overlap(s.offset, s.size, sections[j]->offset, sections[j]->size)) return bad;
  }
  return {};
}

Verdict check(const uint8_t* data, uint32_t size, Image* image) {
  Verdict v = check_file(data, size);
  if (v.failed()) return v;
  image->data = data;
  image->header = reinterpret_cast<const Header*>(data);
  v = check_header(*image->header);
  if (v.failed()) return v;
  v = check_sections(*image->header);
  if (v.failed()) return v;
  image->tensors = reinterpret_cast<const Tensor*>(data + image->header->tensors.offset);
  Verdict (*const rest[])(const Image&) = {validate_tensors, validate_ops, validate_order, validate_tokenizer,
                                           validate_strings};
  for (const auto step : rest) {
    v = step(*image);
    if (v.failed()) return v;
  }
  return {};
}

}  // namespace

Status open_image(const void* data, uint32_t size, Image* image, uint32_t* where) {
  Image candidate;
  const Verdict v = check(static_cast<const uint8_t*>(data), size, &candidate);
  if (where != nullptr) *where = v.where;
  if (!v.failed()) *image = candidate;
  return v.status;
}

const char* Image::label(uint32_t index) const {
  const char* s = name();
  for (uint32_t i = 0; i <= index; i++) {
    while (*s != 0) s++;
    s++;
  }
  return s;
}

}  // namespace linnet
