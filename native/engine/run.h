// What the ops of a run work on, and the ops that have a file of their own.
#pragma once

#include "linnet/image.h"
#include "linnet/kernels.h"
#include "linnet/session.h"
#include "native/engine/packing.h"

namespace linnet {

// One run over `steps` tokens: where tensors lie and how long they are.
struct Run {
  const Image& image;
  uint8_t* state;
  uint8_t* scratch;
  const uint16_t* ids;
  uint32_t steps;
  uint8_t* workspace = nullptr;

  template <typename T>
  T* activation(uint16_t id) const {
    return reinterpret_cast<T*>(scratch + image.tensor(id).offset);
  }
  template <typename T>
  T* stored(uint16_t id) const {
    return reinterpret_cast<T*>(state + image.tensor(id).offset);
  }
  // Time steps of an activation now, 1 … dims[0]: docs/format.md, "Time".
  uint32_t time(uint16_t id) const {
    const Tensor& t = image.tensor(id);
    if (!t.time) return 1;
    return static_cast<uint32_t>(static_cast<int32_t>(t.time_factor * steps) + t.time_offset) / t.time_divisor;
  }
  uint32_t features(uint16_t id) const {
    const Tensor& t = image.tensor(id);
    return t.dims[t.rank - 1];
  }
  // `sections`: gates of a recurrent layer's matrix.
  DenseView dense(const Dense& d, uint32_t sections = 1) const {
    DenseView view = image.dense(d, sections);
    view.packing = packing_of(image.tensor(d.weight));
    return view;
  }
};

// An input as the kernels want it: prepared at byte `at` of the workspace, or as it is.
inline const int8_t* prepared(const Run& run, const int8_t* x, uint32_t columns, uint32_t at = 0) {
  const PackedKernels* packed = kernels().packed;
  if (packed == nullptr) return x;
  auto* to = reinterpret_cast<int8_t*>(run.workspace + at);
  packed->prepare(x, columns, to);
  return to;
}

// Bytes of the workspace an input takes.
inline uint32_t prepared_bytes(uint32_t columns) {
  const PackedKernels* packed = kernels().packed;
  return packed == nullptr ? 0 : packed->prepared_bytes(columns);
}

// execute.cc: any op.
void run_record(const Run& run, const OpRecord& record);

// Of a language model: its last op, and what feed() left for it.
struct OutputLayer {
  DenseView weights;
  uint8_t activation;
  uint16_t output;
};
OutputLayer output_layer(const Image& image);
int8_t* output_layer_input(const Session& session);

// feed() of several tokens at once, for an image whose activations have room for so many steps.
Status feed_steps(Session& session, const uint16_t* ids, uint32_t count);

inline bool is_reverse(uint8_t direction) { return direction == static_cast<uint8_t>(Direction::kReverse); }

// ops_recurrent.cc
void run_lstm(const Run& run, const LstmOp& op);
void run_gru(const Run& run, const GruOp& op);
void run_rnn(const Run& run, const RnnOp& op);
// ops_conv.cc
// Steps a convolution computes, whether it keeps them or not.
uint32_t conv_steps(const Run& run, const ConvOp& op);
void run_conv(const Run& run, const ConvOp& op);
// ops_pool.cc
void run_pool(const Run& run, const PoolOp& op);
// ops_elementwise.cc
void run_add(const Run& run, const AddOp& op);
void run_mul(const Run& run, const MulOp& op);

}  // namespace linnet
