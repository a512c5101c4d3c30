// Two places for models in flash: one is live, the other takes uploads. Which one is live is the last record of a
// sector that records are appended to, one a commit; without any it is the first, where `linnet flash` puts models.
//
// A record counts while its place holds the image it was written for: by its size and CRC, which the header of an image
// has. So a record is never taken for one of what was stored there later, and the sector can be erased when it is full.
// Whatever a loss of power leaves of the records, the last that counts names a whole image: the live one, whose record
// is not touched while the other place is written, or the one that is being committed, which was checked before.
#include <cstring>

#include "firmware/mcu/rp2040/flash_rom.h"
#include "firmware/port.h"
#include "linnet/digest.h"
#include "linnet/schema/image.h"

namespace linnet::port {
namespace {

using rp2040::kPageBytes;
using rp2040::kSectorBytes;

constexpr uint32_t kPlaces[] = {LINNET_IMAGE_ADDRESS, LINNET_UPLOAD_ADDRESS};
constexpr uint32_t kRecords = LINNET_IMAGE_ADDRESS - kSectorBytes;
static_assert(kPlaces[0] % kSectorBytes == 0 && kPlaces[1] % kSectorBytes == 0 && kRecords % kSectorBytes == 0,
              "board.json: places begin with a sector");
static_assert(LINNET_IMAGE_BYTES % kSectorBytes == 0 && kPlaces[1] >= kPlaces[0] + LINNET_IMAGE_BYTES,
              "board.json: the second place lies behind the first");

struct Record {
  uint32_t magic;
  uint32_t place;  // index in kPlaces
  uint32_t size;   // of the image, as its header says
  uint32_t image_crc32;
  uint8_t sha256[32];
  uint32_t reserved[3];  // 0
  uint32_t crc32;        // of what is before
};
constexpr uint32_t kMagic = 0x564c4e4c;  // "LNLV"
constexpr uint32_t kRecordCount = kSectorBytes / sizeof(Record);
static_assert(kPageBytes % sizeof(Record) == 0, "a record lies in one page");

uint32_t crc_of(const Record& record) { return crc32(&record, offsetof(Record, crc32)); }
uint32_t address_of(uint32_t index) { return kRecords + index * sizeof(Record); }
const Record& record_at(uint32_t index) { return *reinterpret_cast<const Record*>(address_of(index)); }
const Header& header_at(uint32_t place) { return *reinterpret_cast<const Header*>(kPlaces[place]); }

bool counts(const Record& record) {
  if (record.magic != kMagic || record.place > 1 || record.crc32 != crc_of(record)) return false;
  const Header& header = header_at(record.place);
  return header.size == record.size && header.crc32 == record.image_crc32;
}

// Index of the last record that counts; kRecordCount: there is none.
uint32_t find_last() {
  for (uint32_t i = kRecordCount; i > 0; i--)
    if (counts(record_at(i - 1))) return i - 1;
  return kRecordCount;
}

uint32_t find_live() {
  const uint32_t last = find_last();
  return last == kRecordCount ? 0 : record_at(last).place;
}

// The place of the live model.
uint32_t& live() {
  static uint32_t place = find_live();
  return place;
}

// Index of the first record that can be written; kRecordCount: there is none.
uint32_t find_free() {
  uint32_t free = kRecordCount;
  while (free > 0 && rp2040::is_erased(address_of(free - 1), sizeof(Record))) free--;
  return free;
}

bool write_record(uint32_t index, const Record& record) {
  uint32_t page[kPageBytes / 4];
  std::memset(page, 0xff, sizeof(page));
  const uint32_t offset = address_of(index) % kPageBytes;
  std::memcpy(page + offset / 4, &record, sizeof(record));
  return rp2040::program_page(address_of(index) - offset, page) && counts(record_at(index));
}

// What write_upload() gathers.
uint32_t page[kPageBytes / 4];
uint32_t upload_size = 0;

bool store_page(uint32_t address) {
  if (address % kSectorBytes == 0 && !rp2040::is_erased(address, kSectorBytes) && !rp2040::erase_sector(address))
    return false;
  const bool stored = rp2040::program_page(address, page);
  std::memset(page, 0xff, sizeof(page));
  return stored;
}

}  // namespace

Flash image() { return {reinterpret_cast<const uint8_t*>(kPlaces[live()]), LINNET_IMAGE_BYTES}; }

UploadSlot upload_slot() {
  return {reinterpret_cast<const uint8_t*>(kPlaces[1 - live()]), LINNET_IMAGE_BYTES, true, true};
}

bool begin_upload(uint32_t size) {
  std::memset(page, 0xff, sizeof(page));
  upload_size = size;
  // Records whose images somebody wrote over, not us. None must begin to count when its image comes again, in part.
  if (find_last() == kRecordCount && !rp2040::is_erased(kRecords, kSectorBytes)) return rp2040::erase_sector(kRecords);
  return true;
}

bool write_upload(uint32_t offset, const uint8_t* bytes, uint32_t size) {
  const uint32_t place = kPlaces[1 - live()];
  for (uint32_t i = 0; i < size; i++, offset++) {
    reinterpret_cast<uint8_t*>(page)[offset % kPageBytes] = bytes[i];
    const bool ends = offset % kPageBytes == kPageBytes - 1 || offset + 1 == upload_size;
    if (ends && !store_page(place + offset - offset % kPageBytes)) return false;
  }
  return true;
}

bool commit_upload(uint32_t, const uint8_t sha256[32]) {
  const uint32_t place = 1 - live();
  const Header& header = header_at(place);
  Record record = {kMagic, place, header.size, header.crc32, {}, {}, 0};
  std::memcpy(record.sha256, sha256, sizeof(record.sha256));
  record.crc32 = crc_of(record);
  uint32_t index = find_free();
  if (index == kRecordCount) {
    index = 0;
    if (!rp2040::erase_sector(kRecords)) return false;
  }
  if (!write_record(index, record)) return false;
  live() = place;
  return true;
}

}  // namespace linnet::port
