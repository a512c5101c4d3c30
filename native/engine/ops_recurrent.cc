// Recurrent layers: docs/numerics.md, 3. An LSTM's step is a kernel of its own; GRU and RNN work on blocks of units
// through dense_i8.
#include "native/engine/fixed_point.h"
#include "native/engine/run.h"

namespace linnet {
namespace {

// Units whose gates are computed at a time: what bounds the stack.
constexpr uint32_t kUnitBlock = 32;

// Input terms of an LSTM computed ahead for several steps, so that the input matrix is read once for all of them. Not
// on a board, which has neither the stack nor several steps.
#ifdef LINNET_HOST
constexpr uint32_t kTermsAhead = 16 * 1024, kStepsAhead = 16;
#else
constexpr uint32_t kTermsAhead = 0, kStepsAhead = 1;
#endif

// Matrices of a layer and its walk through time: every step's input and output row, in the layer's direction.
class Layer {
 public:
  template <typename Op>
  Layer(const Run& run, const Op& op, uint32_t gates)
      : input(run.dense(op.input_weights, gates)),
        recurrent(run.dense(op.recurrent_weights, gates)),
        size(run.features(op.output)),
        hidden(run.stored<int8_t>(op.hidden)),
        run_(run),
        x_(run.activation<const int8_t>(op.input)),
        out_(run.activation<int8_t>(op.output)),
        steps_(run.time(op.output)),
        reverse_(is_reverse(op.direction)) {}

  // step(x, h, out), x and h as the kernels want them, must write all of out, which becomes the next h.
  template <typename Step>
  void walk(const Step& step) const {
    for (uint32_t i = 0; i < steps_; i++) {
      const uint32_t t = reverse_ ? steps_ - 1 - i : i;
      int8_t* out = out_ + t * size;
      step(prepared(run_, x_ + t * input.columns, input.columns), prepared_hidden(hidden, 0), out);
      for (uint32_t u = 0; u < size; u++) hidden[u] = out[u];
    }
  }

  // What the recurrent matrix reads; one of two places for it, so that a step can have two.
  const int8_t* prepared_hidden(const int8_t* h, uint32_t place) const {
    return prepared(run_, h, size, prepared_bytes(input.columns) + place * prepared_bytes(size));
  }

  // The same, `most` steps at a time: input_terms(x, n) first, of n steps in the order of memory, then step(t, out) of
  // each of them, 0 <= t < n.
  template <typename Input, typename Step>
  void walk_ahead(uint32_t most, const Input& input_terms, const Step& step) const {
    for (uint32_t i = 0, n; i < steps_; i += n) {
      n = steps_ - i < most ? steps_ - i : most;
      const uint32_t lowest = reverse_ ? steps_ - i - n : i;
      input_terms(x_ + lowest * input.columns, n);
      for (uint32_t j = 0; j < n; j++) {
        const uint32_t t = reverse_ ? n - 1 - j : j;
        int8_t* out = out_ + (lowest + t) * size;
        step(t, out);
        for (uint32_t u = 0; u < size; u++) hidden[u] = out[u];
      }
    }
  }
  uint32_t steps() const { return steps_; }

  // step(first, count) for blocks of units.
  template <typename Step>
  void blocks(const Step& step) const {
    for (uint32_t first = 0; first < size; first += kUnitBlock)
      step(first, size - first < kUnitBlock ? size - first : kUnitBlock);
  }

  // Rows of one gate for units [first, first + count).
  void input_terms(uint32_t gate, uint32_t first, uint32_t count, const int8_t* x, int32_t* terms) const {
    kernels().dense_i8(input, x, gate * size + first, count, terms);
  }
  void recurrent_terms(uint32_t gate, uint32_t first, uint32_t count, const int8_t* h, int32_t* terms) const {
    kernels().dense_i8(recurrent, h, gate * size + first, count, terms);
  }

  // pre[u] of one gate, Q3.12.
  void gate(uint32_t gate, uint32_t first, uint32_t count, const int8_t* x, const int8_t* h, int32_t* pre) const {
    int32_t from_hidden[kUnitBlock];
    input_terms(gate, first, count, x, pre);
    recurrent_terms(gate, first, count, h, from_hidden);
    for (uint32_t u = 0; u < count; u++) pre[u] = gate_sum(pre[u], from_hidden[u]);
  }

  const DenseView input, recurrent;
  const uint32_t size;
  int8_t* const hidden;

 private:
  const Run& run_;
  const int8_t* const x_;
  int8_t* const out_;
  const uint32_t steps_;
  const bool reverse_;
};

enum GruGate : uint32_t { kResetGate, kUpdateGate, kCandidate };

// One step, units of a block: n, z, the next wide state and h.
void gru_units_reset_after(const Layer& layer, const int8_t* x, const int8_t* h, uint32_t first, uint32_t count,
                           int32_t* wide, int8_t* out) {
  int32_t r[kUnitBlock], z[kUnitBlock], n[kUnitBlock], from_hidden[kUnitBlock];
  layer.gate(kResetGate, first, count, x, h, r);
  layer.gate(kUpdateGate, first, count, x, h, z);
  layer.input_terms(kCandidate, first, count, x, n);
  layer.recurrent_terms(kCandidate, first, count, h, from_hidden);
  for (uint32_t u = 0; u < count; u++) {
    const int32_t candidate = gru_candidate_reset_after(sigmoid_q15(r[u]), n[u], from_hidden[u]);
    wide[first + u] = gru_blend(sigmoid_q15(z[u]), candidate, wide[first + u]);
    out[first + u] = to_hidden(wide[first + u], 23);
  }
}

void gru_step_reset_after(const Layer& layer, const int8_t* x, const int8_t* h, int32_t* wide, int8_t* out) {
  layer.blocks([&](uint32_t first, uint32_t count) { gru_units_reset_after(layer, x, h, first, count, wide, out); });
}

// Every n needs r and h of all units, so there are passes over them; `out` holds v = r · a between the first two.
void gru_step_reset_before(const Layer& layer, const int8_t* x, const int8_t* h, int32_t* wide, int8_t* out) {
  layer.blocks([&](uint32_t first, uint32_t count) {
    int32_t r[kUnitBlock];
    layer.gate(kResetGate, first, count, x, h, r);
    for (uint32_t u = first; u < first + count; u++)
      out[u] = to_hidden(int64_t{sigmoid_q15(r[u - first])} * wide[u], 38);
  });
  const int8_t* v = layer.prepared_hidden(out, 1);
  layer.blocks([&](uint32_t first, uint32_t count) {
    int32_t z[kUnitBlock], n[kUnitBlock];
    layer.gate(kUpdateGate, first, count, x, h, z);
    layer.gate(kCandidate, first, count, x, v, n);
    for (uint32_t u = 0; u < count; u++)
      wide[first + u] = gru_blend(sigmoid_q15(z[u]), tanh_q15(n[u]), wide[first + u]);
  });
  for (uint32_t u = 0; u < layer.size; u++) out[u] = to_hidden(wide[u], 23);
}

// `most` steps at a time.
void lstm_ahead(const Layer& layer, const LstmView& view, int32_t* cell, uint32_t most) {
  int32_t terms[kTermsAhead + 1];
  const uint32_t rows = view.input.rows;
  layer.walk_ahead(
      most,
      [&](const int8_t* x, uint32_t steps) {
        kernels().dense_many_i8(view.input, x, view.input.columns, steps, 0, rows, terms);
      },
      [&](uint32_t step, int8_t* out) { kernels().lstm_recur_i8(view, terms + step * rows, layer.hidden, cell, out); });
}

}  // namespace

void run_lstm(const Run& run, const LstmOp& op) {
  const Layer layer(run, op, 4);
  const LstmView view = {layer.input, layer.recurrent, layer.size};
  auto* cell = run.stored<int32_t>(op.cell);
  const uint32_t ahead = kTermsAhead / layer.input.rows;
  if (kernels().packed == nullptr && layer.steps() > 1 && ahead > 1)
    return lstm_ahead(layer, view, cell, ahead < kStepsAhead ? ahead : kStepsAhead);
  layer.walk([&](const int8_t* x, const int8_t* h, int8_t* out) { kernels().lstm_step_i8(view, x, h, cell, out); });
}

void run_gru(const Run& run, const GruOp& op) {
  const Layer layer(run, op, 3);
  auto* wide = run.stored<int32_t>(op.wide);
  const auto step = op.reset == static_cast<uint8_t>(GruReset::kAfter) ? gru_step_reset_after : gru_step_reset_before;
  layer.walk([&](const int8_t* x, const int8_t* h, int8_t* out) { step(layer, x, h, wide, out); });
}

void run_rnn(const Run& run, const RnnOp& op) {
  const Layer layer(run, op, 1);
  layer.walk([&](const int8_t* x, const int8_t* h, int8_t* out) {
    layer.blocks([&](uint32_t first, uint32_t count) {
      int32_t pre[kUnitBlock];
      layer.gate(0, first, count, x, h, pre);
      for (uint32_t u = 0; u < count; u++) out[first + u] = to_hidden(tanh_q15(pre[u]), 8);
    });
  });
}

}  // namespace linnet
