// Runs the op list of a validated image. Every size and offset was proven by open_image(), so nothing is
// checked again here but the caller's tokens.
#include "linnet/session.h"
#include "native/engine/activation.h"
#include "native/engine/fixed_point.h"
#include "native/engine/ops.h"
#include "native/engine/run.h"
#include "native/engine/validate.h"

namespace linnet {
namespace {

void run_op(const Run& run, const EmbeddingOp& op) {
  const uint32_t size = run.features(op.output);
  auto* out = run.activation<int8_t>(op.output);
  const RowReader table(run.image, op.table);
  const auto* multiplier = run.image.constant<int32_t>(op.multiplier);
  const auto* shift = run.image.constant<uint8_t>(op.shift);
  for (uint32_t t = 0; t < run.steps; t++) {
    const uint16_t id = run.ids[t];
    const int8_t* row = table.read(id, 0, size, out);
    if (multiplier != nullptr)
      for (uint32_t j = 0; j < size; j++)
        out[j] = static_cast<int8_t>(sat8(requantize(row[j], multiplier[id], shift[id])));
    else if (row != out)
      __builtin_memcpy(out, row, size);
    out += size;
  }
}

void run_op(const Run& run, const LastStepOp& op) {
  const uint32_t channels = run.features(op.input);
  const uint32_t step = is_reverse(op.direction) ? 0 : run.time(op.input) - 1;
  const auto* x = run.activation<const int8_t>(op.input) + step * channels;
  auto* out = run.activation<int8_t>(op.output);
  for (uint32_t c = 0; c < channels; c++) out[c] = x[c];
}

void run_op(const Run& run, const ConcatOp& op) {
  auto* out = run.activation<int8_t>(op.output);
  for (uint32_t t = 0; t < run.time(op.output); t++)
    for (uint32_t i = 0; i < op.count; i++) {
      const uint32_t channels = run.features(op.inputs[i]);
      const auto* x = run.activation<const int8_t>(op.inputs[i]) + t * channels;
      for (uint32_t c = 0; c < channels; c++) *out++ = x[c];
    }
}

template <typename T>
void run_linear(const Run& run, const LinearOp& op) {
  const DenseView w = run.dense(op.weights);
  const auto* x = run.activation<const int8_t>(op.input);
  auto* out = run.activation<T>(op.output);
  for (uint32_t t = run.time(op.output); t > 0; t--, x += w.columns, out += w.rows)
    dense_rows(w, prepared(run, x, w.columns), 0, w.rows, op.activation, out);
}

void run_op(const Run& run, const LinearOp& op) {
  if (run.image.tensor(op.output).dtype == static_cast<uint8_t>(DType::kI16))
    run_linear<int16_t>(run, op);
  else
    run_linear<int8_t>(run, op);
}

void run_op(const Run& run, const SoftmaxOp& op) {
  const uint32_t labels = run.features(op.input);
  const auto* logits = run.activation<const int16_t>(op.input);
  auto* out = run.activation<uint16_t>(op.output);
  const unsigned up = 10 - run.image.header->logit_frac;
  int32_t largest = logits[0];
  for (uint32_t j = 1; j < labels; j++)
    if (logits[j] > largest) largest = logits[j];
  uint64_t sum = 0;
  for (uint32_t j = 0; j < labels; j++) sum += exp_neg(static_cast<uint32_t>(largest - logits[j]) << up);
  for (uint32_t j = 0; j < labels; j++) {
    const uint64_t e = exp_neg(static_cast<uint32_t>(largest - logits[j]) << up);
    out[j] = static_cast<uint16_t>(((e << 15) + sum / 2) / sum);
  }
}

void run_op(const Run& run, const LstmOp& op) { run_lstm(run, op); }
void run_op(const Run& run, const GruOp& op) { run_gru(run, op); }
void run_op(const Run& run, const RnnOp& op) { run_rnn(run, op); }
void run_op(const Run& run, const ConvOp& op) { run_conv(run, op); }
void run_op(const Run& run, const PoolOp& op) { run_pool(run, op); }
void run_op(const Run& run, const AddOp& op) { run_add(run, op); }
void run_op(const Run& run, const MulOp& op) { run_mul(run, op); }

template <OpType kType, typename Op>
void run_as(const Run& run, const OpRecord& record) {
  if (contains(kType)) run_op(run, reinterpret_cast<const Op&>(record));
}

// Runs ops [0, count).
void run_ops(const Run& run, uint32_t count) {
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; i++) {
    const auto& record = *reinterpret_cast<const OpRecord*>(run.image.op_at(at));
    run_record(run, record);
    at += record.size;
  }
}

template <typename Op>
const Op& last_op(const Image& image) {
  return *reinterpret_cast<const Op*>(image.op_at(image.header->ops.size - static_cast<uint32_t>(sizeof(Op))));
}

}  // namespace

void run_record(const Run& run, const OpRecord& record) {
  switch (record.type) {
    case OpType::kEmbedding: run_as<OpType::kEmbedding, EmbeddingOp>(run, record); break;
    case OpType::kLstm: run_as<OpType::kLstm, LstmOp>(run, record); break;
    case OpType::kConv: run_as<OpType::kConv, ConvOp>(run, record); break;
    case OpType::kPool: run_as<OpType::kPool, PoolOp>(run, record); break;
    case OpType::kConcat: run_as<OpType::kConcat, ConcatOp>(run, record); break;
    case OpType::kLinear: run_as<OpType::kLinear, LinearOp>(run, record); break;
    case OpType::kSoftmax: run_as<OpType::kSoftmax, SoftmaxOp>(run, record); break;
    case OpType::kGru: run_as<OpType::kGru, GruOp>(run, record); break;
    case OpType::kRnn: run_as<OpType::kRnn, RnnOp>(run, record); break;
    case OpType::kLastStep: run_as<OpType::kLastStep, LastStepOp>(run, record); break;
    case OpType::kAdd: run_as<OpType::kAdd, AddOp>(run, record); break;
    case OpType::kMul: run_as<OpType::kMul, MulOp>(run, record); break;
  }
}

uint32_t workspace_bytes(const Image& image) {
  if (kernels().packed == nullptr) return 0;
  uint32_t most = 0;
  for (OpCursor op(image); !op.done(); op.next()) {
    const OpView view = op.view();
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < view.matrix_count; i++)
      bytes += prepared_bytes(image.tensor(view.matrices[i].weight).dims[1]);
    // Two windows at a time; and what a reset gate leaves of h, beside h.
    if (view.type == OpType::kConv) bytes *= 2;
    if (view.type == OpType::kGru) bytes += prepared_bytes(image.tensor(view.matrices[1].weight).dims[1]);
    if (bytes > most) most = bytes;
  }
  return most;
}

void reset(Session& session) {
  for (uint32_t i = 0; i < session.image->header->state_bytes; i++) session.state[i] = 0;
}

Status feed(Session& session, uint16_t token) { return feed_steps(session, &token, 1); }

Status feed_steps(Session& session, const uint16_t* ids, uint32_t count) {
  const Image& image = *session.image;
  if (!image.is_language_model()) return Status::kWrongKind;
  for (uint32_t t = 0; t < count; t++)
    if (ids[t] >= image.header->vocab_size) return Status::kBadToken;
  run_ops({image, session.state, session.scratch, ids, count, session.workspace}, image.header->op_count - 1u);
  return Status::kOk;
}

OutputLayer output_layer(const Image& image) {
  const auto& head = last_op<LinearOp>(image);
  const Run run = {image, nullptr, nullptr, nullptr, 1};
  return {run.dense(head.weights), head.activation, head.output};
}

int8_t* output_layer_input(const Session& session) {
  const Run run = {*session.image, session.state, session.scratch, nullptr, 1};
  return run.activation<int8_t>(last_op<LinearOp>(*session.image).input);
}

void stream_logits(const Session& session, LogitSink sink, void* context) {
  const Image& image = *session.image;
  const OutputLayer head = output_layer(image);
  const Run run = {image, session.state, session.scratch, nullptr, 1, session.workspace};
  const int8_t* x = prepared(run, output_layer_input(session), head.weights.columns);
  for_blocks(head.weights.rows, [&](uint32_t first, uint32_t count) {
    int16_t logits[kRowBlock];
    dense_rows(head.weights, x, first, count, head.activation, logits);
    sink(context, first, logits, count);
  });
}

Status classify(Session& session, const uint16_t* ids, uint32_t count, uint16_t* scores, int16_t* logits) {
  const Image& image = *session.image;
  const Header& header = *image.header;
  if (image.is_language_model()) return Status::kWrongKind;
  if (count == 0) return Status::kInputEmpty;
  if (count > header.max_tokens) return Status::kInputTooLong;
  for (uint32_t t = 0; t < count; t++)
    if (ids[t] >= header.vocab_size) return Status::kBadToken;
  // Short inputs: the only ids the engine makes up itself, so they need a place. min_tokens <= 64.
  uint16_t padded[kMaxWidth];
  if (count < header.min_tokens) {
    for (uint32_t t = 0; t < header.min_tokens; t++) padded[t] = t < count ? ids[t] : header.pad_id;
    ids = padded;
    count = header.min_tokens;
  }
  reset(session);
  const Run run = {image, session.state, session.scratch, ids, count, session.workspace};
  run_ops(run, header.op_count);
  const auto& softmax = last_op<SoftmaxOp>(image);
  for (uint32_t j = 0; j < header.label_count; j++) {
    scores[j] = run.activation<uint16_t>(softmax.output)[j];
    if (logits != nullptr) logits[j] = run.activation<int16_t>(softmax.input)[j];
  }
  return Status::kOk;
}

}  // namespace linnet
