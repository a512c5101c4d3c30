// Plain text to the port, for the console. Integers only.
#pragma once

#include <cstdint>

namespace linnet {

void print(const char* text);
// Line feeds become what a terminal needs.
void print(const char* bytes, uint32_t size);
void print_number(uint32_t value);
// value / 10^places, e.g. (973, 1) as 97.3
void print_decimal(uint32_t value, unsigned places);

// Reads all of `digits` as a decimal number times 10^places; further places are cut. False if it is none, or does
// not fit.
bool parse_decimal(const char* digits, unsigned places, uint32_t* value);

}  // namespace linnet
