// What the kernels of packed layouts share: which rows make a group, and everything around the dot products of one.
// Form is a layout: packed_pairs.cc, packed_quads.cc.
//
//   Form::Element                                      what a prepared input is made of
//   Form::weight(group, columns, lane, column)         one weight of a group's four rows ("lanes")
//   Form::dot(group, x, columns, groups, sums)         the four sums of each of so many groups
#pragma once

#include "linnet/kernels.h"
#include "native/engine/fixed_point.h"
#include "native/kernels/lstm_units.h"
#include "native/kernels/requantize_rows.h"

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
  for (uint32_t row = first; row < end;) {
    int32_t* const to = out + (row - first);
    const uint32_t lane = row % kLanes, left = (end < grouped ? end : grouped) - row;
    if (row >= grouped) {
      *to = plain_dot<Form>(row_at(w, row), x, w.columns);
      row++;
    } else if (lane == 0 && left >= kLanes) {
      Form::dot(group_at(w, row / kLanes), x, w.columns, left / kLanes, to);
      row += left - left % kLanes;
    } else {  // some rows of a group
      int32_t sums[kLanes];
      Form::dot(group_at(w, row / kLanes), x, w.columns, 1, sums);
      const uint32_t some = left < kLanes - lane ? left : kLanes - lane;
      for (uint32_t i = 0; i < some; i++) to[i] = sums[lane + i];
      row += some;
    }
  }
  finish(w, first, count, out);
}

// What a matrix adds to the pre-activations of units [first, first + count): terms[gate][i] of unit first + i. As
// requantize_rows.
template <typename Form>
bool gate_terms(const DenseView& w, uint32_t first, uint32_t count, uint32_t units, const int8_t* input, Terms& terms) {
  const auto* x = prepared<Form>(input);
  if (w.packing == Packing::kGates) {
    int32_t sums[kBlockUnits * kLanes];
    Form::dot(group_at(w, first), x, w.columns, count, sums);
    for (uint32_t i = 0; i < count; i++) {
#pragma GCC unroll 4
      for (uint32_t gate = 0; gate < kLanes; gate++) terms[gate][i] = sums[i * kLanes + gate];
    }
  } else {
    for (uint32_t gate = 0; gate < kLanes; gate++)
      for (uint32_t i = 0; i < count; i++)
        terms[gate][i] = plain_dot<Form>(row_at(w, gate * units + first + i), x, w.columns);
  }
  bool within = true;
  for (uint32_t gate = 0; gate < kLanes; gate++) within &= finish(w, gate * units + first, count, terms[gate]);
  return within;
}

template <typename Form>
void lstm_step_i8(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  lstm_step(w, x, hidden, cell, output, gate_terms<Form>);
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
