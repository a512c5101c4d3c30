// Random layers of conv, pool, add and mul, in an image and in the oracle at once.
#pragma once

#include "native/test/image_builder.h"
#include "native/test/window_oracle.h"

namespace linnet::test {

// A value of the model, in the image and in the oracle (for one input).
struct Value {
  uint16_t id;
  bool sequence;
  uint32_t features;
  TimeForm form;  // of a sequence
  Array array;
};

// Adds random layers to a classifier and computes the same with the oracle, for one input.
class RandomModel {
 public:
  // Of at most `most` tokens; the input has `tokens`.
  RandomModel(uint64_t seed, uint32_t most, uint32_t tokens);

  void random_layers(int count);
  // A layer each, for models that are alike but for one: random_conv() draws the same whatever it keeps.
  void random_conv(OverTime over_time);
  void max_over_time();
  std::vector<uint8_t> finish();

  std::vector<Value> values;  // of all layers
  std::vector<uint16_t> windows, ids;

 private:
  uint32_t divisor_of(uint32_t n);
  // Steps that an input of n tokens gives a value.
  static int64_t steps(const Value& v, int64_t n);
  // Whether every input has a window everywhere.
  template <typename Op>
  bool has_windows(const Op& op, const Value& in, uint32_t width) const;
  // The value a layer makes of `in`; the array comes from the oracle.
  template <typename Op>
  uint16_t add_output(const Op& op, const Value& in, bool sequence, const Array& array);

  ConvOp random_conv_fields(const Value& in);
  PoolOp random_pool_fields(const Value& in);
  void random_pool();
  void random_pair();

  Random random_;
  const uint32_t least_, most_;
  ImageBuilder builder_;
};

}  // namespace linnet::test
