// What the checks of one op record have in common: its operands, its matrices; the first failure sticks.
#pragma once

#include "native/engine/packing.h"
#include "native/engine/validate.h"

namespace linnet {

// What an operand must be.
struct Want {
  TensorKind kind;
  DType dtype;
  uint8_t rank;
  uint8_t time;
};
constexpr Want kSequence = {TensorKind::kActivation, DType::kI8, 2, 1};
constexpr Want kVector = {TensorKind::kActivation, DType::kI8, 1, 0};
constexpr Want kMatrix = {TensorKind::kConstant, DType::kI8, 2, 0};
constexpr Want kBias = {TensorKind::kConstant, DType::kI32, 1, 0};
constexpr Want kMultiplier = kBias;
constexpr Want kShift = {TensorKind::kConstant, DType::kU8, 1, 0};
constexpr Want kHidden = {TensorKind::kState, DType::kI8, 1, 0};
constexpr Want kWide = {TensorKind::kState, DType::kI32, 1, 0};
constexpr Want kLogits = {TensorKind::kActivation, DType::kI16, 1, 0};
constexpr Want kScores = {TensorKind::kActivation, DType::kU16, 1, 0};

class OpChecker {
 public:
  OpChecker(const Image& image, uint32_t index) : image_(image), index_(index) {}

  Status status() const { return status_; }
  bool ok() const { return status_ == Status::kOk; }
  void fail(Status status) {
    if (ok()) status_ = status;
  }

  const Header& header() const { return *image_.header; }
  const Tensor& tensor(uint16_t id) const { return image_.tensor(id); }

  // bad_operand. What may be a vector is a sequence if it is anything else.
  void operand(uint16_t id, const Want& want);
  void matrix(const Dense& d, Packing packing, bool bias_allowed, bool bias_required = false);
  Packing packing(uint16_t id) const { return id < header().tensor_count ? packing_of(tensor(id)) : Packing::kNone; }
  // A matrix of weights that is not packed, or packed like this.
  void weight(uint16_t id, Packing packing);
  Want sequence_or_vector(uint16_t id) const {
    return id < header().tensor_count && tensor(id).rank == 1 ? kVector : kSequence;
  }

  // bad_shape, of operands that passed.
  void shape(bool agrees) {
    if (!agrees) fail(Status::kBadShape);
  }
  void matrix_shape(const Dense& d, uint64_t rows, uint64_t columns);

  // Numbers of a matrix whose shape passed, row by row.
  void numbers(uint16_t weight, uint16_t bias, uint16_t multiplier, uint16_t shift);
  void numbers(const Dense& d) { numbers(d.weight, d.bias, d.multiplier, d.shift); }

 private:
  bool serves_another(const Dense& d) const;

  const Image& image_;
  uint32_t index_;
  Status status_ = Status::kOk;
};

// Elements of a step.
inline uint32_t features(const Tensor& t) { return t.dims[t.rank - 1]; }

// Sequences as long as each other whatever the input; vectors always are.
inline bool same_time(const Tensor& a, const Tensor& b) {
  return a.time == b.time && (!a.time || (a.dims[0] == b.dims[0] && a.time_factor == b.time_factor &&
                                          a.time_divisor == b.time_divisor && a.time_offset == b.time_offset));
}

}  // namespace linnet
