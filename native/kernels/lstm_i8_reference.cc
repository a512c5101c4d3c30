// The definition of an LSTM step: docs/numerics.md, 3. Contract in linnet/kernels.h.
#include "native/engine/fixed_point.h"
#include "native/kernels/variants.h"

namespace linnet {

void lstm_step_i8_reference(const LstmView& w, const int8_t* x, const int8_t* hidden, int32_t* cell, int8_t* output) {
  for (uint32_t unit = 0; unit < w.hidden_size; unit++) {
    int32_t pre[4];
    for (uint32_t gate = 0; gate < 4; gate++) {
      const uint32_t row = gate * w.hidden_size + unit;
      int32_t from_input, from_hidden;
      dense_i8_reference(w.input, x, row, 1, &from_input);
      dense_i8_reference(w.recurrent, hidden, row, 1, &from_hidden);
      pre[gate] = gate_sum(from_input, from_hidden);
    }
    output[unit] = lstm_cell(pre[0], pre[1], pre[2], pre[3], &cell[unit]);
  }
}

}  // namespace linnet
