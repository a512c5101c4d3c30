#include "firmware/app/text.h"

#include <cstring>

#include "firmware/port.h"

namespace linnet {

void print(const char* text) { port::write(text, static_cast<uint32_t>(std::strlen(text))); }

void print(const char* bytes, uint32_t size) {
  uint32_t start = 0;
  for (uint32_t i = 0; i < size; i++) {
    if (bytes[i] != '\n') continue;
    port::write(bytes + start, i - start);
    print("\r\n");
    start = i + 1;
  }
  port::write(bytes + start, size - start);
}

void print_number(uint32_t value) { print_decimal(value, 0); }

void print_decimal(uint32_t value, unsigned places) {
  char digits[12];
  char* const end = digits + sizeof(digits);
  char* at = end;
  for (unsigned n = 0; value != 0 || n <= places; n++) {
    if (places != 0 && n == places) *--at = '.';
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  port::write(at, static_cast<uint32_t>(end - at));
}

bool parse_decimal(const char* digits, unsigned places, uint32_t* value) {
  uint64_t sum = 0;
  bool any = false, fraction = false;
  unsigned left = places;
  for (; *digits != '\0'; digits++) {
    if (*digits == '.' && !fraction && places > 0) {
      fraction = true;
      continue;
    }
    if (*digits < '0' || *digits > '9') return false;
    any = true;
    if (fraction && left == 0) continue;
    sum = sum * 10 + static_cast<unsigned>(*digits - '0');
    if (fraction) left--;
    if (sum > UINT32_MAX) return false;
  }
  for (; left > 0; left--) sum *= 10;
  if (!any || sum > UINT32_MAX) return false;
  *value = static_cast<uint32_t>(sum);
  return true;
}

}  // namespace linnet
