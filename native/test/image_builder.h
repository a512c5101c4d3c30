// Classifiers of a few ops, made in memory: what is under test runs through open_image() and classify() like any model.
#pragma once

#include <string>
#include <type_traits>

#include "linnet/image.h"
#include "native/test/data.h"

namespace linnet::test {

// Steps that n tokens give: floor((factor · n + offset) / divisor).
struct TimeForm {
  int64_t factor, divisor, offset;
};

// Every activation has a place of its own in scratch, so that all can be read after a run.
class ImageBuilder {
 public:
  static constexpr uint32_t kLabels = 2;

  ImageBuilder(uint32_t vocab, uint16_t min_tokens, uint16_t max_tokens);

  uint16_t sequence(uint32_t steps, uint32_t features, const TimeForm& form);
  uint16_t vector(uint32_t features, DType dtype = DType::kI8);
  template <typename T>
  uint16_t constant(const std::vector<uint32_t>& dims, const std::vector<T>& values) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    return constant(dtype_of<T>(), dims, bytes, values.size() * sizeof(T));
  }
  // A matrix whose rows all have one multiplier and shift; without a bias if it is empty.
  Dense matrix(uint32_t rows, uint32_t columns, const std::vector<int8_t>& weights, const std::vector<int32_t>& bias,
               int32_t multiplier, uint8_t shift);

  // Adds a record; its type and size are filled in.
  template <typename Op>
  void op(OpType type, Op record) {
    record.type = static_cast<uint16_t>(type);
    record.size = sizeof(Op);
    append(&record, sizeof(Op));
  }
  // The first op: row ids[t] of `table` [vocab, features] at step t.
  uint16_t embedding(uint32_t features, const std::vector<int8_t>& table);
  // The last ops, after any activation: a linear of weights 1 and a softmax. A sequence is pooled first.
  void finish(uint16_t last);

  std::vector<uint8_t> bytes() const;

  std::vector<Tensor> tensors;

 private:
  template <typename T>
  static DType dtype_of() {
    if (std::is_same<T, int8_t>::value) return DType::kI8;
    if (std::is_same<T, uint8_t>::value) return DType::kU8;
    static_assert(std::is_same<T, int8_t>::value || std::is_same<T, uint8_t>::value || std::is_same<T, int32_t>::value);
    return DType::kI32;
  }
  uint16_t activation(Tensor t);
  uint16_t constant(DType dtype, const std::vector<uint32_t>& dims, const uint8_t* bytes, size_t size);
  void append(const void* record, size_t size);

  Header header_{};
  std::vector<uint8_t> ops_, constants_;
};

}  // namespace linnet::test
