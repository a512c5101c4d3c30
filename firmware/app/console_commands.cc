// Lines that begin with a slash.
#include <cstring>

#include "firmware/app/console.h"
#include "firmware/app/text.h"
#include "firmware/port.h"
#include "firmware/version.h"

namespace linnet {
namespace {

constexpr char kHelp[] =
    "type a line to have it continued or labelled; Ctrl-C stops\r\n"
    "/info       this board and its model\r\n"
    "/tokens N   length of an answer\r\n"
    "/temp X     temperature, 0: always the likeliest token\r\n"
    "/topk N     choose among the N likeliest tokens, 0: all\r\n"
    "/seed N     the same seed, the same text\r\n"
    "/reset      restart the board\r\n";

// The argument if `line` is this command, else null. "" where there is none.
const char* argument(const char* line, const char* name) {
  const size_t size = std::strlen(name);
  if (std::strncmp(line, name, size) != 0 || (line[size] != ' ' && line[size] != '\0')) return nullptr;
  line += size;
  while (*line == ' ') line++;
  return line;
}

}  // namespace

void Console::greet() {
  print("\r\nlinnet ");
  print(kFirmwareVersion);
  print(" on ");
  print(port::board_name());
  print(", ");
  print(model_.ready() ? model_.image.name() : "no model");
  print(". Type a line, or /help\r\n");
  prompt();
}

void Console::command() {
  const char* rest;
  if (argument(line_, "/help") != nullptr) {
    print(kHelp);
  } else if (argument(line_, "/info") != nullptr) {
    info();
  } else if (argument(line_, "/reset") != nullptr) {
    port::reset();
  } else if ((rest = argument(line_, "/tokens")) != nullptr) {
    set_number(rest, 1, kMostTokens, &max_tokens_);
  } else if ((rest = argument(line_, "/topk")) != nullptr) {
    set_number(rest, 0, kMaxTopK, &top_k_);
  } else if ((rest = argument(line_, "/seed")) != nullptr) {
    set_number(rest, 0, UINT32_MAX, &seed_);
  } else if ((rest = argument(line_, "/temp")) != nullptr) {
    set_temperature(rest);
  } else {
    print("no such command: see /help\r\n");
  }
}

void Console::set_number(const char* digits, uint32_t lowest, uint32_t highest, uint32_t* value) {
  uint32_t number = 0;
  if (!parse_decimal(digits, 0, &number) || number < lowest || number > highest) {
    print("give a number from ");
    print_number(lowest);
    print(" to ");
    print_number(highest);
    print("\r\n");
    return;
  }
  *value = number;
}

void Console::set_temperature(const char* digits) {
  uint32_t tenthousandths = 0;
  const bool number = parse_decimal(digits, 4, &tenthousandths);
  const uint64_t q12 = (static_cast<uint64_t>(tenthousandths) * 4096 + 5000) / 10000;
  if (!number || q12 > UINT16_MAX) return print("give a number from 0 to 15.99\r\n");
  temperature_q12_ = static_cast<uint32_t>(q12);
}

void Console::info() {
  print("board ");
  print(port::board_name());
  print(", firmware ");
  print(kFirmwareVersion);
  print("\r\n");
  if (!model_.ready()) {
    print("no model, status ");
    print_number(static_cast<uint32_t>(model_.status));
    print("\r\n");
    return;
  }
  print("model ");
  print(model_.image.name());
  print(model_.is_language_model() ? " (language model), " : " (classifier), ");
  print_number(model_.header().size);
  print(" bytes of flash, ");
  print_number(model_.ram_used);
  print(" of ");
  print_number(port::arena().size);
  print(" bytes of RAM\r\n");
  if (!model_.is_language_model()) return;
  print("tokens ");
  print_number(max_tokens_);
  print(", temperature ");
  print_decimal((temperature_q12_ * 100 + 2048) >> 12, 2);
  print(", top-k ");
  print_number(top_k_);
  print(", seed ");
  print_number(seed_);
  print("\r\n");
}

}  // namespace linnet
