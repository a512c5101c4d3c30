// The kernels that have fast variants, and the one point where a variant is chosen.
#pragma once

#include <cstdint>

namespace linnet {

// A quantized matrix, rows one after another (Layout::kRowMajor), and what pack_dense() made of it, if it did.
struct DenseView {
  const int8_t* weight;       // [rows, columns] in [-127, 127]
  const int32_t* bias;        // [rows], or null
  const int32_t* multiplier;  // [rows], 0 or in [2^30, 2^31)
  const uint8_t* shift;       // [rows], 17 … 62
  uint32_t rows;
  uint32_t columns;
  uint32_t section_rows;  // rows of one gate of a recurrent layer; else rows
  const uint8_t* packed;  // 64-byte aligned, or null
};

// One LSTM layer's matrices, each [4·hidden, …], gate order i, f, g, o.
struct LstmView {
  DenseView input;
  DenseView recurrent;
  uint32_t hidden_size;
};

struct Kernels {
  const char* name;
  // out[r - first] = requantize(bias[r] + Σ weight[r]·x, …) for r in [first, first + count). x: int8 [columns],
  // any alignment; out does not overlap x.
  void (*dense_i8)(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
  // The same at `positions` places, x + p·stride: out [positions, count].
  void (*dense_many_i8)(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                        uint32_t count, int32_t* out);
  // One time step. hidden: int8 Q0.7 of the step before, unchanged; cell: int32 Q15.16, updated in place;
  // output: int8 Q0.7, must not overlap hidden.
  void (*lstm_step_i8)(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
  // The same where dense_i8 of `input` at x was done before: terms [4·hidden].
  void (*lstm_recur_i8)(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell, int8_t* output);
  // Σ exp_neg((largest - logits[i]) << up), Q.31: the terms of docs/numerics.md, 5. largest >= every logit, up <= 10.
  uint64_t (*sum_exp)(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);
  // out[i] = v[i] clamped to [low, 127], low being -127 or 0, or to [low, 32767], low being -32768 or 0.
  void (*narrow_i8)(const int32_t* v, uint32_t count, int32_t low, int8_t* out);
  void (*narrow_i16)(const int32_t* v, uint32_t count, int32_t low, int16_t* out);
  // linnet/digest.h has the reference, and the one for what is short.
  uint32_t (*crc32)(const void* data, uint32_t size, uint32_t crc);
};

// The kernels every engine call uses. Firmware: fixed at build time. Host: the fastest this CPU runs, unless
// select_kernels() chose otherwise.
const Kernels& kernels();

#ifdef LINNET_HOST
// Variants compiled in, reference first; `available` tells whether this CPU runs one.
struct KernelVariant {
  const Kernels* kernels;
  bool available;
};
const KernelVariant* kernel_variants(uint32_t* count);

// Packing, which all variants but the reference want; without it they do as the reference does. Bytes it takes, a
// multiple of 64, and the work itself: `w` row-major, to 64-byte aligned memory.
uint64_t packed_bytes(uint32_t rows, uint32_t columns, uint32_t sections);
void pack_dense(const DenseView& w, uint8_t* to);

// Forces a variant by name; null or "auto" goes back to the fastest. False if unknown or not available here.
bool select_kernels(const char* name);
#endif

}  // namespace linnet
