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

// A quantized matrix. Only its weights are packed; row r has bias[r], multiplier[r] and shift[r].
struct DenseView {
  const int8_t* weight;       // [rows, columns] in [-127, 127]
  const int32_t* bias;        // [rows], or null
  const int32_t* multiplier;  // [rows], 0 or in [2^30, 2^31)
  const uint8_t* shift;       // [rows], 17 … 62
  uint32_t rows;
  uint32_t columns;
  Packing packing = Packing::kNone;
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
  // One time step. x and hidden as in dense_i8; hidden: Q0.7 of the step before, unchanged; cell: int32 Q15.16,
  // updated in place; output: int8 Q0.7, must not overlap hidden.
  void (*lstm_step_i8)(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output);
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

// Forces a variant by name; null or "auto" goes back to the fastest. False if unknown or not available here.
bool select_kernels(const char* name);

// Forces kernels that are no variant of this computer: a board's, in tests. They must live on.
void use_kernels(const Kernels& kernels);
#endif

}  // namespace linnet
