#include "firmware/app/console.h"

#include <cstring>

#include "firmware/app/text.h"
#include "firmware/port.h"

namespace linnet {
namespace {

constexpr uint8_t kCtrlC = 0x03, kBackspace = 0x08, kCtrlU = 0x15, kDelete = 0x7f;

}  // namespace

void Console::type(uint8_t byte, bool link_busy) {
  const bool second_half = byte == '\n' && after_return_;
  after_return_ = byte == '\r';
  if (second_half) return;
  if (byte == kCtrlC) {
    if (generating_) return cancel();
    print("^C\r\n");
    return prompt();
  }
  if (generating_) return;  // one answer at a time
  if (byte == '\r' || byte == '\n') return end_line(link_busy);
  if (byte == kBackspace || byte == kDelete) return erase();
  if (byte == kCtrlU) {
    while (size_ > 0) erase();
    return;
  }
  if (byte < 0x20 && byte != '\t') {
    rubbish_ = true;
    return;
  }
  if (size_ == kLineBytes) return print("\a");
  line_[size_++] = static_cast<char>(byte);
  port::write(&byte, 1);
}

// Takes back one character, which may be several bytes of UTF-8.
void Console::erase() {
  if (size_ == 0) return;
  do size_--;
  while (size_ > 0 && (static_cast<uint8_t>(line_[size_]) & 0xc0) == 0x80);
  print("\b \b");
}

void Console::prompt() {
  drop_line();
  print("> ");
}

void Console::drop_line() {
  size_ = 0;
  rubbish_ = false;
}

void Console::end_line(bool link_busy) {
  if (rubbish_) return drop_line();
  print("\r\n");
  line_[size_] = '\0';
  if (line_[0] == '/') {
    command();
  } else if (size_ > 0) {
    if (link_busy)
      print("busy: a program is using the link\r\n");
    else
      answer();
  }
  if (!generating_) prompt();
}

void Console::answer() {
  if (model_.is_language_model()) return generate();
  if (model_.is_classifier()) return classify();
  print("no model: flash one with \"linnet flash\"\r\n");
}

void Console::generate() {
  GenerationRequest request;
  request.prompt = line_;
  request.prompt_bytes = size_;
  request.max_tokens = max_tokens_;
  request.options.seed = seed_;
  request.options.temperature_q12 = static_cast<uint16_t>(temperature_q12_);
  request.options.top_k = static_cast<uint16_t>(top_k_);
  request.keep_state = false;
  used_ = true;
  if (generation_.start(request) != Status::kOk) return print("cannot start from that\r\n");
  generating_ = true;
  print(line_, size_);
}

bool Console::step() {
  if (!generating_) return false;
  switch (generation_.step()) {
    case Generation::Step::kPrompt: break;
    case Generation::Step::kToken: {
      const TokenText text = model_.tokenizer().text(generation_.token());
      if (text.size > 0 && generation_.space_before(generation_.tokens() - 1)) print(" ");
      print(text.bytes, text.size);
      break;
    }
    case Generation::Step::kDone:
      generating_ = false;
      print("\r\n");
      prompt();
  }
  return true;
}

void Console::cancel() {
  if (!generating_) return;
  generation_.cancel();
  generating_ = false;
  print("^C\r\n");
  prompt();
}

bool Console::take_used() {
  const bool used = used_;
  used_ = false;
  return used;
}

// Labels with their probabilities, likeliest first, as "positive 97.3 %  negative 2.7 %".
void Console::classify() {
  constexpr uint32_t kShown = 5;
  uint32_t count = 0;
  uint16_t scores[kMaxLabels];
  used_ = true;
  Status status = model_.tokenizer().encode(line_, size_, model_.ids, kMaxIds, &count);
  if (status == Status::kOk) status = linnet::classify(model_.session, model_.ids, count, scores);
  if (status == Status::kInputTooLong) return print("too long for this model\r\n");
  if (status != Status::kOk) return print("nothing to label\r\n");
  const uint32_t labels = model_.header().label_count;
  for (uint32_t shown = 0; shown < kShown && shown < labels; shown++) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < labels; i++)
      if (scores[i] != UINT16_MAX && (scores[best] == UINT16_MAX || scores[i] > scores[best])) best = i;
    if (shown > 0) print("  ");
    print(model_.image.label(best));
    print(" ");
    print_decimal((scores[best] * 1000u + (1u << 14)) >> 15, 1);
    print(" %");
    scores[best] = UINT16_MAX;  // no Q0.15 probability: printed
  }
  print("\r\n");
}

}  // namespace linnet
