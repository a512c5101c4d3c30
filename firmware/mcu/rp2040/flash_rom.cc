#include "firmware/mcu/rp2040/flash_rom.h"

#include "firmware/mcu/rp2040/boot2/boot2.h"
#include "firmware/mcu/rp2040/registers.h"

namespace linnet::rp2040 {
namespace {

// RP2040 Datasheet, 2.8.3.1.3
struct Rom {
  void (*connect_internal_flash)();
  void (*flash_exit_xip)();
  void (*flash_range_erase)(uint32_t offset, uint32_t count, uint32_t block_bytes, uint8_t block_command);
  void (*flash_range_program)(uint32_t offset, const uint8_t* data, uint32_t count);
  void (*flash_flush_cache)();
};
constexpr uint32_t kBlockBytes = 65536;  // erased at once, where so many are to be
constexpr uint8_t kBlockErase = 0xD8;

// At fixed addresses of the ROM are 16-bit pointers. The compiler must not see that an address is this small: it would
// take it for an error.
uint32_t rom_pointer(uint32_t address) {
  asm("" : "+r"(address));
  return at<const volatile uint16_t>(address);
}

template <typename Function>
void look_up(char first, char second, Function*& function) {
  const auto table_lookup = reinterpret_cast<void* (*)(uint32_t table, uint32_t code)>(rom_pointer(0x18));
  const uint32_t code = static_cast<uint8_t>(first) | static_cast<uint32_t>(second) << 8;
  function = reinterpret_cast<Function*>(table_lookup(rom_pointer(0x14), code));
}

Rom look_up_rom() {
  Rom rom;
  look_up('I', 'F', rom.connect_internal_flash);
  look_up('E', 'X', rom.flash_exit_xip);
  look_up('R', 'E', rom.flash_range_erase);
  look_up('R', 'P', rom.flash_range_program);
  look_up('F', 'C', rom.flash_flush_cache);
  return rom;
}

// Erases the sector, or programs the page if there is one. Until the last line flash cannot be read.
[[gnu::section(".ram_code"), gnu::noinline, gnu::long_call]] void change_flash(const Rom& rom, void (*start_xip)(),
                                                                               uint32_t offset, const uint32_t* page) {
  rom.connect_internal_flash();
  rom.flash_exit_xip();
  if (page != nullptr)
    rom.flash_range_program(offset, reinterpret_cast<const uint8_t*>(page), kPageBytes);
  else
    rom.flash_range_erase(offset, kSectorBytes, kBlockBytes, kBlockErase);
  rom.flash_flush_cache();
  start_xip();
}

void change(uint32_t address, const uint32_t* page) {
  // boot2 makes flash readable again; the ROM's own way would be the slow one.
  uint32_t boot2[kBoot2Bytes / 4];
  for (uint32_t i = 0; i < kBoot2Bytes / 4; i++) boot2[i] = reinterpret_cast<const volatile uint32_t*>(linnet_boot2)[i];
  const auto start_xip = reinterpret_cast<void (*)()>(reinterpret_cast<uint32_t>(boot2) | 1);
  const Rom rom = look_up_rom();
  cortex_m::disable_interrupts();
  change_flash(rom, start_xip, address - kFlash, page);
  cortex_m::enable_interrupts();
}

}  // namespace

bool erase_sector(uint32_t address) {
  change(address, nullptr);
  return is_erased(address, kSectorBytes);
}

bool program_page(uint32_t address, const uint32_t (&page)[kPageBytes / 4]) {
  change(address, page);
  const auto* written = reinterpret_cast<const volatile uint32_t*>(address);
  for (uint32_t i = 0; i < kPageBytes / 4; i++)
    if ((written[i] & ~page[i]) != 0) return false;
  return true;
}

bool is_erased(uint32_t address, uint32_t bytes) {
  const auto* words = reinterpret_cast<const volatile uint32_t*>(address);
  for (uint32_t i = 0; i < bytes / 4; i++)
    if (words[i] != 0xffffffff) return false;
  return true;
}

}  // namespace linnet::rp2040
