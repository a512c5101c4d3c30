// The console: any terminal program can type a line and read an answer (docs/link.md, Console).
#pragma once

#include "firmware/app/generation.h"

namespace linnet {

class Console {
 public:
  // `line`: kLineBytes + 1 bytes, the console's from the first byte typed to the end of the line or drop_line().
  Console(Model& model, Generation& generation, char* line) : model_(model), generation_(generation), line_(line) {}

  // Says who is there.
  void greet();
  // Takes one byte that came outside frames. `link_busy`: a request of the link has the model.
  void type(uint8_t byte, bool link_busy);
  // A message begins, so a program is at the other end: what stands in the line is what a damaged frame left.
  void drop_line();
  // Ends what runs.
  void cancel();
  // True once after a line that used the model.
  bool take_used();
  // Writes the next token. False if there is nothing to do.
  bool step();
  bool busy() const { return generating_; }

 private:
  void erase();
  void end_line(bool link_busy);
  void command();
  void answer();
  void generate();
  [[gnu::noinline]] void classify();  // or its scores would lie on the stack while others run
  void info();
  void set_number(const char* digits, uint32_t lowest, uint32_t highest, uint32_t* value);
  void set_temperature(const char* digits);
  void prompt();

  Model& model_;
  Generation& generation_;
  char* const line_;
  uint32_t size_ = 0;
  bool rubbish_ = false;       // the line holds control characters: no person typed it
  bool after_return_ = false;  // a line feed now belongs to the carriage return before it
  bool generating_ = false;
  bool used_ = false;

  uint32_t seed_ = 1;
  uint32_t max_tokens_ = 64;
  uint32_t top_k_ = 40;
  uint32_t temperature_q12_ = 3277;  // 0.8
};

}  // namespace linnet
