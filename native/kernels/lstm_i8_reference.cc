// The definition of an LSTM step: docs/numerics.md, 3. Contract in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {
namespace {

// from_input(row) gives the requantized input term of a gate row.
template <typename FromInput>
void step(const LstmView& w, const int8_t* hidden, int32_t* cell, int8_t* output, const FromInput& from_input) {
  for (uint32_t unit = 0; unit < w.hidden_size; unit++) {
    int32_t pre[4];
    for (uint32_t gate = 0; gate < 4; gate++) {
      const uint32_t row = gate * w.hidden_size + unit;
      int32_t from_hidden;
      dense_i8_reference(w.recurrent, hidden, row, 1, &from_hidden);
      pre[gate] = gate_sum(from_input(row), from_hidden);
    }
    output[unit] = lstm_cell(pre[0], pre[1], pre[2], pre[3], &cell[unit]);
  }
}

}  // namespace

void lstm_step_i8_reference(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  step(w, hidden, cell, output, [&](uint32_t row) {
    int32_t term;
    dense_i8_reference(w.input, x, row, 1, &term);
    return term;
  });
}

void lstm_recur_i8_reference(const LstmView& w, const int32_t* terms, const int8_t* hidden, int32_t* cell,
                             int8_t* output) {
  step(w, hidden, cell, output, [terms](uint32_t row) { return terms[row]; });
}

}  // namespace linnet
