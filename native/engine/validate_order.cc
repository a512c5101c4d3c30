// Data flow: who writes and reads what when, and what comes out at the end.
#include "native/engine/validate.h"

namespace linnet {
namespace {

bool reads(const OpView& op, uint16_t id) {
  for (uint32_t i = 0; i < op.input_count; i++)
    if (op.inputs[i] == id) return true;
  return false;
}

bool uses_state(const OpView& op, uint16_t id) {
  for (uint32_t i = 0; i < op.state_count; i++)
    if (op.states[i] == id) return true;
  return false;
}

// Whether the op at `from` or a later one reads the tensor.
bool read_from_here(OpCursor from, uint16_t id) {
  for (; !from.done(); from.next())
    if (reads(from.view(), id)) return true;
  return false;
}

bool overlap_in_scratch(const Image& image, uint16_t a, uint16_t b) {
  const Tensor &x = image.tensor(a), &y = image.tensor(b);
  if (is_streamed(image, x) || is_streamed(image, y)) return false;
  return ranges_overlap(x.offset, tensor_bytes(x), y.offset, tensor_bytes(y));
}

bool order_ok(const Image& image, const OpCursor& here) {
  const OpView op = here.view();
  for (uint32_t i = 0; i < op.input_count; i++) {
    bool written = false;
    for (OpCursor before(image); before.index() < here.index(); before.next())
      written |= before.view().output == op.inputs[i];
    if (!written) return false;
  }
  for (uint32_t i = 0; i < op.state_count; i++)
    for (OpCursor before(image); before.index() < here.index(); before.next())
      if (uses_state(before.view(), op.states[i])) return false;
  const bool gathers = op.window != kNoId;
  if (gathers && overlap_in_scratch(image, op.window, op.output)) return false;
  for (OpCursor before(image); before.index() < here.index(); before.next()) {
    const uint16_t other = before.view().output;
    if (other == op.output) return false;
    const bool overwritten =
        overlap_in_scratch(image, op.output, other) || (gathers && overlap_in_scratch(image, op.window, other));
    if (overwritten && read_from_here(here, other)) return false;
  }
  return true;
}

bool is_wide_linear(const Image& image, const OpView& op) {
  return op.type == OpType::kLinear && image.tensor(op.output).dtype == static_cast<uint8_t>(DType::kI16);
}

bool place_ok(const Image& image, const OpCursor& here) {
  const OpView op = here.view();
  const uint32_t after = image.header->op_count - 1u - here.index();
  const bool lm = image.is_language_model();
  if ((op.type == OpType::kEmbedding) != (here.index() == 0)) return false;
  if (op.type == OpType::kSoftmax && (lm || after != 0)) return false;
  if (is_wide_linear(image, op) && after != (lm ? 0u : 1u)) return false;
  return true;
}

bool end_ok(const Image& image, const OpView& before, const OpView& last) {
  const Tensor& out = image.tensor(last.output);
  if (image.is_language_model())
    return is_wide_linear(image, last) && out.rank == 2 && out.dims[1] == image.header->vocab_size;
  return last.type == OpType::kSoftmax && out.dims[0] == image.header->label_count && is_wide_linear(image, before) &&
         last.inputs[0] == before.output;
}

}  // namespace

Verdict validate_order(const Image& image) {
  for (OpCursor op(image); !op.done(); op.next())
    if (!order_ok(image, op)) return {Status::kBadOrder, op.where()};
  uint32_t last_where = 0;
  OpView before = {}, last = {};
  for (OpCursor op(image); !op.done(); op.next()) {
    if (!place_ok(image, op)) return {Status::kBadResult, op.where()};
    before = last;
    last = op.view();
    last_where = op.where();
  }
  if (image.header->op_count < 2 || !end_ok(image, before, last)) return {Status::kBadResult, last_where};
  return {};
}

}  // namespace linnet
