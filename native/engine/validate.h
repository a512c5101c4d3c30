// The checks of open_image(), in the order of docs/format.md, "What a reader checks". Each assumes that the ones before
// it passed. Nothing here allocates; work tables are replaced by walking the op list again, which is short.
#pragma once

#include "linnet/image.h"

namespace linnet {

// A check that failed, or kOk.
struct Verdict {
  Status status = Status::kOk;
  uint32_t where = 0;  // byte offset in the image

  bool failed() const { return status != Status::kOk; }
};

Verdict validate_tensors(const Image& image);    // 4
Verdict validate_ops(const Image& image);        // 5
Verdict validate_order(const Image& image);      // 6, 7
Verdict validate_tokenizer(const Image& image);  // 8
Verdict validate_strings(const Image& image);    // 9

// What an op record refers to, whatever its type. The record's type and size must have been checked.
struct OpView {
  OpType type;
  uint16_t output;
  uint32_t input_count;
  const uint16_t* inputs;
  uint32_t matrix_count;
  const Dense* matrices;  // consecutive in the record
  uint32_t state_count;
  const uint16_t* states;  // consecutive in the record
  uint16_t window;         // activation the op uses for itself, or kNoId
};
OpView view_op(const uint8_t* record);

// One op record after another.
class OpCursor {
 public:
  explicit OpCursor(const Image& image) : image_(image) {}
  bool done() const { return index_ == image_.header->op_count; }
  const uint8_t* record() const { return image_.op_at(at_); }
  OpView view() const { return view_op(record()); }
  uint32_t where() const { return image_.header->ops.offset + at_; }
  uint32_t index() const { return index_; }
  void next() {
    at_ += reinterpret_cast<const OpRecord*>(record())->size;
    index_++;
  }

 private:
  const Image& image_;
  uint32_t at_ = 0, index_ = 0;
};

// Bytes of a tensor's elements; exact for every table entry.
uint64_t tensor_bytes(const Tensor& t);

inline bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
  return a < b + b_size && b < a + a_size;
}

// A language model's logits are streamed, never stored: its only int16 activation.
inline bool is_streamed(const Image& image, const Tensor& t) {
  return image.is_language_model() && t.kind == static_cast<uint8_t>(TensorKind::kActivation) &&
         t.dtype == static_cast<uint8_t>(DType::kI16);
}

}  // namespace linnet
