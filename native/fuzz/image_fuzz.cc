// An image from anywhere: it may be refused, but must never crash the validator, and what passes must run.
// The CRC is repaired first, for a damaged image with a right CRC is what an attacker would send; the driver's
// unrepaired inputs still reach the CRC check through the test suite.
#include <cstring>
#include <vector>

#include "linnet/digest.h"
#include "linnet/generate.h"
#include "linnet/tokenizer.h"
#include "native/test/data.h"

using namespace linnet;

namespace {

// RAM a fuzzed image may ask for; larger ones are only validated.
constexpr uint32_t kMostMemory = 1 << 20;

void run_model(const Image& image) {
  const Header& h = *image.header;
  if (h.state_bytes > kMostMemory || h.scratch_bytes > kMostMemory) return;
  test::AlignedBytes state(std::vector<uint8_t>(h.state_bytes)), scratch(std::vector<uint8_t>(h.scratch_bytes));
  Session session;
  session.image = &image;
  session.state = state.data();
  session.scratch = scratch.data();
  reset(session);
  const char text[] = "Once upon\xc3\xa9 a  time, \xff\xf0 said\n the fox's tail";
  uint16_t ids[sizeof(text) * kMaxWordNgrams];
  uint32_t count = 0;
  const Tokenizer tokenizer(image);
  if (tokenizer.encode(text, sizeof(text) - 1, ids, sizeof(text) * kMaxWordNgrams, &count) != Status::kOk) return;
  for (uint32_t i = 0; i < count; i++) tokenizer.text(ids[i]);
  if (image.is_language_model()) {
    for (uint32_t i = 0; i < count; i++) feed(session, ids[i]);
    Sampler sampler;
    GenerateOptions options;
    options.temperature_q12 = 3277;
    options.top_k = 5;
    sampler.start(options, h.logit_frac);
    for (int i = 0; i < 4; i++) feed(session, sampler.choose(session));
    negative_log_likelihood(session, 0);
  } else {
    uint16_t scores[kMaxLabels];
    classify(session, ids, count, scores);
    volatile size_t length = std::strlen(image.label(h.label_count - 1u));
    (void)length;
  }
}

// Where a random record of the tensor table or the op list lies, and how long it is; size 0 if the image is too
// damaged.
struct Record {
  size_t at, size;
};

Record random_record(test::Random& random, const uint8_t* data, size_t size) {
  Header h;
  if (size < sizeof h) return {0, 0};
  std::memcpy(&h, data, sizeof h);
  Record record = {h.tensors.offset, sizeof(Tensor)};
  if (random.next() % 4 == 0) {
    record.at += sizeof(Tensor) * (random.next() % (h.tensor_count + 1u));
  } else {
    record.at = h.ops.offset;
    for (uint32_t skip = random.next() % (h.op_count + 1u);; skip--) {
      OpRecord op;
      if (record.at + sizeof op > size) return {0, 0};
      std::memcpy(&op, data + record.at, sizeof op);
      record.size = op.size;
      if (skip == 0 || op.size == 0) break;
      record.at += op.size;
    }
  }
  return record.at + record.size <= size ? record : Record{0, 0};
}

}  // namespace

// Changes one number of a record, or takes from one what it gives to another, so that padding moves and sums stay.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t, unsigned seed) {
  test::Random random(seed);
  const Record record = random_record(random, data, size);
  if (record.size < 4) return size;
  const auto field = [&] { return data + record.at + 2 * (random.next() % (record.size / 2)); };
  const auto change = [](uint8_t* at, int32_t by) {
    uint16_t value;
    std::memcpy(&value, at, 2);
    value = static_cast<uint16_t>(value + by);
    std::memcpy(at, &value, 2);
  };
  uint8_t* const at = field();
  const auto small = static_cast<uint16_t>(random.next() % 9);
  switch (random.next() % 4) {
    case 0: std::memcpy(at, &small, 2); break;
    case 1: change(at, random.in(-2, 2)); break;
    case 2: {
      change(at, -small);
      change(random.next() % 2 == 0 && at + 6 <= data + record.at + record.size ? at + 4 : field(), small);
      break;
    }
    case 3: at[random.next() % 2] = static_cast<uint8_t>(random.next()); break;
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  if (size >= sizeof(Header)) {
    auto* header = reinterpret_cast<Header*>(bytes.data());
    header->magic = kImageMagic;
    header->version = kImageVersion;
    header->layout = 0;
    header->size = static_cast<uint32_t>(size);
    header->crc32 = crc32(bytes.data() + 16, static_cast<uint32_t>(size) - 16);
  }
  test::AlignedBytes aligned(bytes);
  Image image;
  if (open_image(aligned.data(), aligned.size(), &image) == Status::kOk) run_model(image);
  return 0;
}
