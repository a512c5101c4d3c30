// Kernels that make the sums of several row-major rows at once, so that an input is loaded once for all of them.
// Form says how:
//
//   Form::kRows                                          rows of a block
//   Form::dot(first, blocks, x, columns, sums)           sums of so many blocks of rows that follow one another
//   Form::kUnits                                         units of an LSTM whose gates make a block
//   Form::dot_gates(first, far, x, columns, terms)       terms[gate · kBlockUnits + j] of the row at
//                                                        first + gate · far + j · columns, for j < kUnits
#pragma once

#include "linnet/kernels.h"
#include "native/kernels/lstm_units.h"

namespace linnet::row_blocks {

inline const int8_t* row_at(const DenseView& w, uint32_t row) {
  return w.weight + static_cast<uint64_t>(row) * w.columns;
}

inline int32_t dot(const int8_t* row, const int8_t* x, uint32_t columns) {
  int32_t sum = 0;
  for (uint32_t k = 0; k < columns; k++) sum += row[k] * x[k];
  return sum;
}

template <typename Form>
void dense_i8(const DenseView& w, const int8_t* x, uint32_t first, uint32_t count, int32_t* out) {
  const uint32_t whole = count - count % Form::kRows;
  if (whole != 0) Form::dot(row_at(w, first), whole / Form::kRows, x, w.columns, out);
  if (whole != count && whole != 0) {  // a last block; some of its rows for the second time
    const uint32_t from = count - Form::kRows;
    Form::dot(row_at(w, first + from), 1, x, w.columns, out + from);
  } else {
    for (uint32_t i = whole; i < count; i++) out[i] = dot(row_at(w, first + i), x, w.columns);
  }
  finish(w, first, count, out);
}

template <typename Form>
void dense_many_i8(const DenseView& w, const int8_t* x, uint32_t stride, uint32_t positions, uint32_t first,
                   uint32_t count, int32_t* out) {
  for (uint32_t p = 0; p < positions; p++, x += stride, out += count) dense_i8<Form>(w, x, first, count, out);
}

// As lstm_step() has it.
template <typename Form>
bool gate_terms(const DenseView& w, uint32_t first, uint32_t count, uint32_t units, const int8_t* x, Terms& terms) {
  const uint32_t whole = count - count % Form::kUnits;
  for (uint32_t i = 0; i < whole; i += Form::kUnits)
    Form::dot_gates(row_at(w, first + i), units * w.columns, x, w.columns, &terms[0][i]);
  for (uint32_t i = whole; i < count; i++)
    for (uint32_t gate = 0; gate < kGates; gate++)
      terms[gate][i] = dot(row_at(w, gate * units + first + i), x, w.columns);
  bool within = true;
  for (uint32_t gate = 0; gate < kGates; gate++) within &= finish(w, gate * units + first, count, terms[gate]);
  return within;
}

template <typename Form>
void lstm_step_i8(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  lstm_step(w, x, hidden, cell, output, gate_terms<Form>);
}

}  // namespace linnet::row_blocks
