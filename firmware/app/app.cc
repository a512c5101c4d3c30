#include "firmware/app/app.h"

#include "firmware/port.h"

namespace linnet {

void App::start() {
  model_.open();
  console_.greet();
}

bool App::step() {
  take_input();
  return server_.step() || console_.step();
}

// As much as one message can be: a flood of input must not keep the engine from its work.
void App::take_input() {
  uint8_t bytes[64];
  for (uint32_t taken = 0; taken < 2 * kMessageBytes;) {
    const uint32_t count = port::read(bytes, sizeof(bytes));
    if (count == 0) return;
    taken += count;
    server_.received_bytes += count;
    for (uint32_t i = 0; i < count; i++) take(bytes[i]);
  }
}

void App::take(uint8_t byte) {
  switch (decoder_.push(byte)) {
    case FrameDecoder::Event::kNone: break;
    case FrameDecoder::Event::kBegins: console_.drop_line(); break;
    case FrameDecoder::Event::kMessage:
      server_.bad_frames = decoder_.bad_frames();
      server_.receive(decoder_.message(), decoder_.size(), console_.busy());
      if (server_.take_greeting()) console_.cancel();
      break;
    case FrameDecoder::Event::kText:
      for (uint32_t i = 0; i < decoder_.text_size(); i++) console_.type(decoder_.text()[i], server_.busy());
      if (console_.take_used()) server_.forget();
      break;
  }
}

}  // namespace linnet
