// What the kernels of packed layouts share: which rows make a group, and everything around the dot products of one.
// Form is a layout: packed_pairs.cc, packed_quads.cc.
//
//   Form::Element                                      what a prepared input is made of
//   Form::weight(group, columns, lane, column)         one weight of a group's four rows ("lanes")
//   Form::dot(group, x, columns, sums)                 the four sums of a group
#pragma once

#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"

namespace linnet::packed {

constexpr uint32_t kLanes = 4;

// Rows that lie in groups; those after them lie as in Layout::kRowMajor.
inline uint32_t grouped_rows(const DenseView& w) { return w.packing == Packing::kNone ? 0 : w.rows - w.rows % kLanes; }

inline const int8_t* group_at(const DenseView& w, uint32_t index) {
  return w.weight + static_cast<uint64_t>(index) * kLanes * w.columns;
}

inline const int8_t* row_at(const DenseView& w, uint32_t row) {
  return w.weight + static_cast<uint64_t>(row) * w.columns;
}

inline int32_t finish(const DenseView& w, uint32_t row, int32_t sum) {
  return requantize(w.bias == nullptr ? sum : sum + w.bias[row], w.multiplier[row], w.shift[row]);
}

template <typename Form>
const typename Form::Element* prepared(const int8_t* x) {
  return reinterpret_cast<const typename Form::Element*>(x);
}

// Of a row that is in no group.
template <typename Form>
int32_t plain_dot(const int8_t* row, const typename Form::Element* x, uint32_t columns) {
  int32_t sum = 0;
  for (uint32_t k = 0; k < columns; k++) sum += row[k] * x[k];
  return sum;
}

template <typename Form>
void dense_i8(const DenseView& w, const int8_t* input, uint32_t first, uint32_t count, int32_t* out) {
  const auto* x = prepared<Form>(input);
  const uint32_t grouped = grouped_rows(w), end = first + count;
  uint32_t row = first;
  while (row < end && row < grouped) {
    int32_t sums[kLanes];
    Form::dot(group_at(w, row / kLanes), x, w.columns, sums);
    for (uint32_t lane = row % kLanes; lane < kLanes && row < end; lane++, row++) *out++ = finish(w, row, sums[lane]);
  }
  for (; row < end; row++) *out++ = finish(w, row, plain_dot<Form>(row_at(w, row), x, w.columns));
}

// Sums of the gates i, f, g, o of one unit.
template <typename Form>
void gate_sums(const DenseView& w, uint32_t unit, uint32_t units, const typename Form::Element* x, int32_t* sums) {
  if (w.packing == Packing::kGates) return Form::dot(group_at(w, unit), x, w.columns, sums);
  for (uint32_t gate = 0; gate < kLanes; gate++)
    sums[gate] = plain_dot<Form>(row_at(w, gate * units + unit), x, w.columns);
}

template <typename Form>
void lstm_step_i8(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  const uint32_t units = w.hidden_size;
  for (uint32_t unit = 0; unit < units; unit++) {
    int32_t pre[kLanes], from_hidden[kLanes];
    gate_sums<Form>(w.input, unit, units, prepared<Form>(x), pre);
    gate_sums<Form>(w.recurrent, unit, units, prepared<Form>(hidden), from_hidden);
    for (uint32_t gate = 0, row = unit; gate < kLanes; gate++, row += units)
      pre[gate] = gate_sum(finish(w.input, row, pre[gate]), finish(w.recurrent, row, from_hidden[gate]));
    output[unit] = lstm_cell(pre[0], pre[1], pre[2], pre[3], &cell[unit]);
  }
}

template <typename Form>
void read_row(const DenseView& w, uint32_t row, uint32_t first, uint32_t count, int8_t* out) {
  if (row >= grouped_rows(w)) {
    for (uint32_t k = 0; k < count; k++) out[k] = row_at(w, row)[first + k];
    return;
  }
  const uint32_t units = w.rows / kLanes;
  const bool gates = w.packing == Packing::kGates;
  const int8_t* group = group_at(w, gates ? row % units : row / kLanes);
  const uint32_t lane = gates ? row / units : row % kLanes;
  for (uint32_t k = 0; k < count; k++) out[k] = Form::weight(group, w.columns, lane, first + k);
}

}  // namespace linnet::packed
