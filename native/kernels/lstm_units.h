// A step of an LSTM in blocks of units, for kernels that make the sums of many rows at a time.
#pragma once

#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"
#include "native/kernels/requantize_rows.h"

namespace linnet {

constexpr uint32_t kGates = 4;
constexpr uint32_t kBlockUnits = 16;  // of a block, a multiple of all that kernels make at once

// What a matrix adds to the pre-activations of a block: [gate][unit].
using Terms = int32_t[kGates][kBlockUnits];

// Sums of rows [first, first + count) become results; as requantize_rows.
inline bool finish(const DenseView& w, uint32_t first, uint32_t count, int32_t* sums) {
  return requantize_rows(sums, w.bias == nullptr ? nullptr : w.bias + first, w.multiplier + first, w.shift + first,
                         count);
}

// New cells and outputs of `count` units from the two halves of their pre-activations, each within ±2^29.
void update_units(const Terms& a, const Terms& b, uint32_t count, int32_t* cell, int8_t* output);

// terms(matrix, first, count, units, input, to) fills in what a matrix adds to units [first, first + count); true if
// that is within ±2^29.
template <typename MakeTerms>
void lstm_step(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output,
               const MakeTerms& terms) {
  const uint32_t units = w.hidden_size;
  for (uint32_t first = 0; first < units; first += kBlockUnits) {
    const uint32_t count = units - first < kBlockUnits ? units - first : kBlockUnits;
    Terms a, b;
    bool within = terms(w.input, first, count, units, x, a);
    within &= terms(w.recurrent, first, count, units, hidden, b);
    if (!within)
      for (uint32_t gate = 0; gate < kGates; gate++)
        for (uint32_t i = 0; i < count; i++) {
          a[gate][i] = clamp_gate_term(a[gate][i]);
          b[gate][i] = clamp_gate_term(b[gate][i]);
        }
    update_units(a, b, count, cell + first, output + first);
  }
}

}  // namespace linnet
