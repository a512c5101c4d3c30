// The firmware's loop: the serial line on one side, the engine on the other.
#pragma once

#include "firmware/app/console.h"
#include "firmware/app/frame.h"
#include "firmware/app/server.h"

namespace linnet {

class App {
 public:
  // After port::init().
  void start();
  // Takes input that has come, then does one step of work. False: nothing to do until more input comes.
  bool step();

 private:
  void take_input();
  void take(uint8_t byte);

  Model model_;
  Generation generation_{model_};
  FrameDecoder decoder_;
  Server server_{model_, generation_};
  // Text and messages take turns on the line, so they share memory.
  static_assert(FrameDecoder::kSpareBytes > kLineBytes);
  Console console_{model_, generation_, decoder_.spare()};
};

}  // namespace linnet
