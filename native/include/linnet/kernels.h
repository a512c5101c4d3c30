// The kernels that have fast variants, and the one point where a variant is chosen.
#pragma once

#include <cstdint>

#include "linnet/schema/image.h"

namespace linnet {

// How the rows of a matrix lie: docs/format.md, "Packed weights".
enum class Packing : uint8_t {
  kNone,   // one after another
  kRows,   // groups of four rows
  kGates,  // groups of four rows: i, f, g, o of one unit of an LSTM
};

// A quantized matrix, as it lies in the image: only its weights may be packed, row r has bias[r], multiplier[r] and
// shift[r]. And what pack_dense() made of it at load, if it did: then its weights are row-major.
struct DenseView {
  const int8_t* weight;       // [rows, columns] in [-127, 127]
  const int32_t* bias;        // [rows], or null
  const int32_t* multiplier;  // [rows], 0 or in [2^30, 2^31)
  const uint8_t* shift;       // [rows], 17 … 62
  uint32_t rows;
  uint32_t columns;
  uint32_t section_rows = 0;         // rows of one gate of a recurrent layer; else rows
  const uint8_t* packed = nullptr;   // 64-byte aligned, or null
  Packing packing = Packing::kNone;  // of `weight`
};

// One LSTM layer's matrices, each [4·hidden, …], gate order i, f, g, o. Both are packed as gates or neither is.
struct LstmView {
  DenseView input;
  DenseView recurrent;
  uint32_t hidden_size;
};

// What kernels of a packed layout have besides. They read inputs in a form of their own: 4-byte aligned, made once and
// read by as many matrices as like.
struct PackedKernels {
  Layout layout;
  // Bytes of a prepared input, a multiple of 4.
  uint32_t (*prepared_bytes)(uint32_t columns);
  void (*prepare)(const int8_t* x, uint32_t columns, int8_t* prepared);
  // out[k] = weight [row][first + k], for k < count.
  void (*read_row)(const DenseView& w, uint32_t row, uint32_t first, uint32_t count, int8_t* out);
  // Two inputs at a time, for matrices that read many; null where there is nothing to win. A prepared pair has twice
  // the bytes; `which` is 0 or 1; out[1] follows out[0] after `count`.
  void (*prepare_of_pair)(const int8_t* x, uint32_t columns, uint32_t which, int8_t* prepared);
  void (*dense_i8_pair)(const DenseView& w, const int8_t* pair, uint32_t first, uint32_t count, int32_t* out);
};

struct Kernels {
  const char* name;
  // out[r - first] = requantize(bias[r] + Σ weight[r]·x, …) for r in [first, first + count). x: int8 [columns],
  // any alignment, or what prepare() made of it; out does not overlap x.
  void (*dense_i8)(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out);
  // The same at `positions` places, x + p·stride: out [positions, count]. Not in packed layouts (PackedKernels).
  void (*dense_many_i8)(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                        uint32_t count, int32_t* out);
  // One time step. x and hidden as in dense_i8; hidden: Q0.7 of the step before, unchanged; cell: int32 Q15.16,
  // updated in place; output: int8 Q0.7, must not overlap hidden.
  void (*lstm_step_i8)(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
  // The same where dense_i8 of `input` at x was done before: terms [4·hidden]. Not in packed layouts.
  void (*lstm_recur_i8)(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell, int8_t* output);
  // Σ exp_neg((largest - logits[i]) << up), Q.31: the terms of docs/numerics.md, 5. largest >= every logit, up <= 10.
  uint64_t (*sum_exp)(const int16_t* logits, uint32_t count, int32_t largest, unsigned up);
  // The place of the first v[i] above `limit`; count if there is none.
  uint32_t (*first_above)(const int16_t* v, uint32_t count, int32_t limit);
  // out[i] = v[i] clamped to [low, 127], low being -127 or 0, or to [low, 32767], low being -32768 or 0.
  void (*narrow_i8)(const int32_t* v, uint32_t count, int32_t low, int8_t* out);
  void (*narrow_i16)(const int32_t* v, uint32_t count, int32_t low, int16_t* out);
  // linnet/digest.h has the reference, and the one for what is short.
  uint32_t (*crc32)(const void* data, uint32_t size, uint32_t crc);
  const PackedKernels* packed = nullptr;  // null: they read Layout::kRowMajor and nothing else
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

// Forces kernels that are no variant of this computer: a board's, in tests. They must live on.
void use_kernels(const Kernels& kernels);
#endif

}  // namespace linnet
