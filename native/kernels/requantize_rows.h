// Requantizes sums of rows that follow one another.
#pragma once

#include <cstdint>

namespace linnet {

// sums[i] = requantize(sums[i] + bias[i], multiplier[i], shift[i]); bias may be null. True if all results are within
// ±2^29 because their shifts are 33 at least, as they nearly always are.
bool requantize_rows(int32_t* sums, const int32_t* bias, const int32_t* multiplier, const uint8_t* shift,
                     uint32_t count);

}  // namespace linnet
