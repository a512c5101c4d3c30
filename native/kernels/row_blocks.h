// Kernels that make the sums of several row-major rows at once, so that an input is loaded once for all of them.
// Form says how:
//
//   Form::kEach                                          rows of a block are 4 · kEach
//   Form::dot(first, near, far, x, columns, sums)        sums[i · kEach + j] of the row at first + i · far + j · near
#pragma once

#include "linnet/kernels.h"
#include "native/kernels/lstm_units.h"

namespace linnet::row_blocks {

inline const int8_t* row_at(const DenseView& w, uint32_t row) {
  return w.weight + static_cast<uint64_t>(row) * w.columns;
}

template <typename Form>
void dense_i8(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out) {
  constexpr uint32_t kRows = 4 * Form::kEach;
  const auto make = [&](uint32_t from) {
    Form::dot(row_at(w, first + from), w.columns, Form::kEach * w.columns, x, w.columns, out + from);
  };
  uint32_t done = 0;
  for (; done + kRows <= count; done += kRows) make(done);
  if (done < count && count >= kRows) {
    make(count - kRows);  // some of them for the second time
  } else {
    for (; done < count; done++) {
      int32_t sum = 0;
      for (uint32_t k = 0; k < w.columns; k++) sum += row_at(w, first + done)[k] * x[k];
      out[done] = sum;
    }
  }
  finish(w, first, count, out);
}

// What a matrix adds to the pre-activations of units [first, first + count): terms[gate][i] of unit first + i. As
// requantize_rows.
template <typename Form>
bool gate_terms(const DenseView& w, uint32_t first, uint32_t count, uint32_t units, const int8_t* x, Terms& terms) {
  for (uint32_t i = 0; i < count; i += Form::kEach) {
    int32_t sums[kGates * Form::kEach];
    const bool whole = i + Form::kEach <= count;
    Form::dot(row_at(w, first + i), whole ? w.columns : 0, units * w.columns, x, w.columns, sums);
    // Where there is no other unit, its place is not read.
    for (uint32_t gate = 0; gate < kGates; gate++)
      for (uint32_t j = 0; j < Form::kEach; j++) terms[gate][i + j] = sums[gate * Form::kEach + j];
  }
  bool within = true;
  for (uint32_t gate = 0; gate < kGates; gate++) within &= finish(w, gate * units + first, count, terms[gate]);
  return within;
}

template <typename Form>
void lstm_step_i8(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  lstm_step(w, x, hidden, cell, output, gate_terms<Form>);
}

}  // namespace linnet::row_blocks
