// Erases and writes the flash the firmware runs from, by functions of the chip's ROM. All of it that runs meanwhile is
// in RAM, with interrupts off: for a sector 45 ms, 400 at most; for a page 0.4 ms, 3 at most (W25Q16JV).
#pragma once

#include <cstdint>

namespace linnet::rp2040 {

constexpr uint32_t kSectorBytes = 4096;
constexpr uint32_t kPageBytes = 256;

// Makes a sector all ones. `address` in flash, as the core sees it. False: it is not afterwards.
bool erase_sector(uint32_t address);

// Sets bits of a page to 0: those that are 0 in `page`, in RAM. False: the page does not hold them afterwards.
bool program_page(uint32_t address, const uint32_t (&page)[kPageBytes / 4]);

// Whether `bytes`, a multiple of 4, are all ones.
bool is_erased(uint32_t address, uint32_t bytes);

}  // namespace linnet::rp2040
