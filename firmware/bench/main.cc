// Firmware that measures: runs every op of the board's model once and prints, a line each, what it cost.
//
//   op <index> <OpType> <ticks> <multiply-accumulates>
//   token <ticks>                  one more token, fed and greedily chosen (language models)
//   ram <bytes>                    state, scratch and workspace
//   digest <hexadecimal>           the self-test's, which must be that of any other engine
//   done
//
// or only "error <Status>". Where a tick is an instruction (board.json, ticks), these are instructions.
#include "firmware/app/model.h"
#include "firmware/app/text.h"
#include "firmware/port.h"
#include "linnet/digest.h"
#include "linnet/generate.h"
#include "native/engine/run.h"
#include "native/engine/validate.h"

namespace linnet {
namespace {

constexpr uint32_t kTokens = 20;  // of a classifier's input, at most

void print_field(const char* before, uint32_t number) {
  print(before);
  print_number(number);
}

// How often a matrix of so many rows is used.
uint32_t positions(const Run& run, const OpCursor& op, uint32_t rows) {
  const OpView view = op.view();
  if (view.type != OpType::kConv) return run.time(view.output);
  const auto& conv = *reinterpret_cast<const ConvOp*>(op.record());
  return conv_steps(run, conv) * run.features(conv.output) / rows;
}

uint32_t macs(const Run& run, const OpCursor& cursor) {
  const OpView op = cursor.view();
  uint32_t sum = 0;
  for (uint32_t i = 0; i < op.matrix_count; i++) {
    const Tensor& w = run.image.tensor(op.matrices[i].weight);
    sum += positions(run, cursor, w.dims[0]) * w.dims[0] * w.dims[1];
  }
  return sum;
}

void print_op(const Run& run, const OpCursor& op, uint32_t ticks) {
  print_field("op ", op.index());
  print_field(" ", static_cast<uint32_t>(op.view().type));
  print_field(" ", ticks);
  print_field(" ", macs(run, op));
  print("\n");
}

void measure_ops(Session& session) {
  const Image& image = *session.image;
  const Header& header = *image.header;
  uint16_t ids[kTokens];
  for (uint32_t i = 0; i < kTokens; i++) ids[i] = static_cast<uint16_t>(i % header.vocab_size);
  uint32_t count = image.is_language_model() ? 1 : kTokens;
  if (count > header.max_tokens && !image.is_language_model()) count = header.max_tokens;
  if (count < header.min_tokens) count = header.min_tokens;
  const Run run = {image, session.state, session.scratch, ids, count, session.workspace};
  reset(session);
  for (OpCursor op(image); !op.done(); op.next()) {
    const bool streamed = image.is_language_model() && op.index() + 1u == header.op_count;
    const uint32_t start = port::ticks();
    if (streamed)
      stream_logits(
          session, [](void*, uint32_t, const int16_t*, uint32_t) {}, nullptr);
    else
      run_record(run, *reinterpret_cast<const OpRecord*>(op.record()));
    print_op(run, op, port::ticks() - start);
  }
}

void measure_token(Session& session) {
  Sampler sampler;
  sampler.start({}, session.image->header->logit_frac);
  const uint32_t start = port::ticks();
  feed(session, sampler.choose(session));
  print_field("token ", port::ticks() - start);
  print("\n");
}

void print_digest(Session& session) {
  uint8_t digest[32];
  self_test(session, digest);
  print("digest ");
  for (const uint8_t byte : digest) {
    const char text[] = {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15], 0};
    print(text);
  }
  print("\n");
}

Status measure() {
  const port::Flash flash = port::image();
  Image image;
  const auto* header = reinterpret_cast<const Header*>(flash.data);
  if (flash.size < sizeof(Header) || header->magic != kImageMagic) return Status::kNoModel;
  const uint32_t size = header->size <= flash.size ? header->size : flash.size;
  uint32_t ram_used;
  const Status status = open_in_arena(flash.data, size, &image, &ram_used);
  if (status != Status::kOk) return status;
  Session session = session_in_arena(image);
  measure_ops(session);
  if (image.is_language_model()) measure_token(session);
  print_field("ram ", ram_used);
  print("\n");
  print_digest(session);
  return Status::kOk;
}

}  // namespace
}  // namespace linnet

int main() {
  linnet::port::init();
  const linnet::Status status = linnet::measure();
  if (status == linnet::Status::kOk)
    linnet::print("done\n");
  else
    linnet::print_field("error ", static_cast<uint32_t>(status)), linnet::print("\n");
  for (;;) linnet::port::wait();
}
