// The least that generates text: a line comes, its continuation goes. Here to be read, for it shows how the engine is
// put into a program of one's own, and to be measured, for it holds the ops of an LSTM language model, tokenizer and
// sampler, and nothing else (docs/performance.md).
//
// "> " asks for a line, "error <Status>" says that the board's model is none that it can run, or the line none it can
// continue.
#include "firmware/app/model.h"
#include "firmware/app/text.h"
#include "firmware/port.h"
#include "linnet/generate.h"

namespace linnet {
namespace {

constexpr uint32_t kTokens = 64;
constexpr GenerateOptions kOptions = {1, 3277, 40};  // seed, temperature 0.8, top-k

char line[kLineBytes];
uint16_t ids[kLineBytes + 2];  // a byte is a token at most; then BOS, and an end token

Status open(Image* image, Session* session) {
  const port::Flash flash = port::image();
  const auto* header = reinterpret_cast<const Header*>(flash.data);
  if (header->magic != kImageMagic || header->size > flash.size) return Status::kNoModel;
  uint32_t ram_used;
  const Status status = open_in_arena(flash.data, header->size, image, &ram_used);
  if (status != Status::kOk) return status;
  if (!image->is_language_model()) return Status::kWrongKind;
  *session = session_in_arena(*image);
  return Status::kOk;
}

// What the line holds once it has ended.
uint32_t read_line() {
  for (uint32_t size = 0;;) {
    uint8_t byte;
    if (port::read(&byte, 1) == 0)
      port::wait();
    else if (byte == '\r' || byte == '\n')
      return size;
    else if (size < kLineBytes)
      line[size++] = static_cast<char>(byte);
  }
}

Status go_on(Session& session, uint32_t size) {
  const Header& header = *session.image->header;
  const Tokenizer tokenizer(*session.image);
  uint32_t count = 0;
  const Status status = tokenizer.encode(line, size, ids, sizeof(ids) / sizeof(ids[0]), &count);
  if (status != Status::kOk) return status;
  if (header.bos_id == kNoId && count == 0) return Status::kInputEmpty;
  reset(session);
  if (header.bos_id != kNoId) feed(session, header.bos_id);
  for (uint32_t i = 0; i < count; i++) feed(session, ids[i]);
  Sampler sampler;
  sampler.start(kOptions, header.logit_frac);
  bool after_word = count > 0 && tokenizer.joins_with_space();
  for (uint32_t i = 0; i < kTokens; i++) {
    const uint16_t id = sampler.choose(session);
    if (id == header.eos_id) break;
    const TokenText text = tokenizer.text(id);
    if (text.size > 0 && after_word) print(" ");
    after_word |= text.size > 0 && tokenizer.joins_with_space();
    print(text.bytes, text.size);
    feed(session, id);
  }
  return Status::kOk;
}

void print_error(Status status) {
  print("error ");
  print_number(static_cast<uint32_t>(status));
}

}  // namespace
}  // namespace linnet

int main() {
  using namespace linnet;
  port::init();
  Image image;
  Session session;
  const Status status = open(&image, &session);
  for (;;) {
    print("> ");
    const uint32_t size = read_line();
    const Status result = status == Status::kOk ? go_on(session, size) : status;
    if (result != Status::kOk) print_error(result);
    print("\r\n");
  }
}
