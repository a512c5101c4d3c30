// Frames: what comes out of the decoder is what was framed, or nothing (docs/link.md, Frames).
#include "firmware/app/frame.h"
#include "native/test/link_board.h"

using namespace linnet;
using namespace linnet::test;

namespace {

using Bytes = std::vector<uint8_t>;

struct Decoded {
  std::vector<Bytes> messages;
  std::string text;
  uint32_t bad_frames = 0;
};

Decoded decode(const Bytes& stream) {
  FrameDecoder decoder;
  Decoded out;
  for (const uint8_t byte : stream) switch (decoder.push(byte)) {
      case FrameDecoder::Event::kNone:
      case FrameDecoder::Event::kBegins: break;
      case FrameDecoder::Event::kMessage:
        out.messages.emplace_back(decoder.message(), decoder.message() + decoder.size());
        break;
      case FrameDecoder::Event::kText:
        out.text.append(reinterpret_cast<const char*>(decoder.text()), decoder.text_size());
        break;
    }
  out.bad_frames = decoder.bad_frames();
  return out;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes text_bytes(const std::string& text) { return {text.begin(), text.end()}; }

// Starts with a message type, then anything, flags and escapes more often than by chance.
Bytes random_message(Random& random, uint32_t size) {
  Bytes bytes = {static_cast<uint8_t>(MessageType::kPing)};
  while (bytes.size() < size) {
    const uint32_t kind = random.next() % 4;
    bytes.push_back(kind == 0 ? 0x7e : kind == 1 ? 0x7d : static_cast<uint8_t>(random.next()));
  }
  return bytes;
}

const Bytes kSample = {0x0e, 0x00, 0x7e, 0x7d, 0x5e, 0x5d, 0xff, 0x03};
const Bytes kNext = {0x01, 0x00, 0x34, 0x12};

}  // namespace

TEST("a frame is the bytes docs/link.md shows") {
  const Bytes ping = {0x7e, 0x0e, 0x00, 0x01, 0x00, 0x7d, 0x5e, 0x70, 0x7f, 0x6d, 0xcf, 0x7e};
  CHECK(framed({0x0e, 0x00, 0x01, 0x00, 0x7e}) == ping);
  CHECK(decode(ping).messages == std::vector<Bytes>({{0x0e, 0x00, 0x01, 0x00, 0x7e}}));
}

TEST("the writer escapes flags and escapes, in the message and in the FCS, and nothing else") {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    Random random(seed);
    const Bytes payload = random_message(random, 1 + random.next() % 64);
    wire() = Wire();
    FrameWriter writer(ReplyType::kPing, 0x7e7d);
    writer.add(payload.data(), static_cast<uint32_t>(payload.size()));
    writer.end();
    CHECK(wire().from_board == framed(joined({{0x1e, 0, 0x7d, 0x7e}, payload})));
  }
}

TEST("messages of every length come through, whatever bytes they hold") {
  Random random(1);
  for (uint32_t size = 1; size <= kMaxMessage; size += size < 40 ? 1 : 41) {
    const Bytes sent = random_message(random, size);
    const Decoded got = decode(framed(sent));
    CHECK(got.messages == std::vector<Bytes>({sent}));
    CHECK(got.text.empty());
    CHECK_EQ(got.bad_frames, 0u);
  }
}

TEST("the longest message comes through with every byte escaped, and one byte more is dropped and counted") {
  Bytes longest(kMaxMessage, 0x7d);
  longest[0] = 0x0e;
  CHECK(decode(framed(longest)).messages == std::vector<Bytes>({longest}));
  Bytes too_long = longest;
  too_long.push_back(0x7e);
  const Decoded got = decode(joined({framed(too_long), framed(kNext)}));
  CHECK(got.messages == std::vector<Bytes>({kNext}));
  CHECK_EQ(got.bad_frames, 1u);
}

TEST("a frame without end is dropped, and the frame after it comes through") {
  Bytes endless(100'000, 0x01);
  endless[0] = 0x7e;
  const Decoded got = decode(joined({endless, framed(kSample)}));
  CHECK(got.messages == std::vector<Bytes>({kSample}));
  CHECK_EQ(got.bad_frames, 1u);
}

TEST("every bit flipped, at every place, is noticed, and the frame after next comes through") {
  const Bytes good = framed(kSample);
  for (size_t at = 0; at < good.size(); at++)
    for (unsigned bit = 0; bit < 8; bit++) {
      Bytes damaged = good;
      damaged[at] ^= static_cast<uint8_t>(1u << bit);
      const Decoded got = decode(joined({damaged, framed(kNext), framed(kNext)}));
      CHECK(!got.messages.empty());
      for (const Bytes& m : got.messages) CHECK(m == kNext);
      if (at != 0 && at != good.size() - 1) CHECK_EQ(got.messages.size(), 2u);
    }
}

TEST("a byte lost at any place costs that frame and at most the next one") {
  const Bytes good = framed(kSample);
  for (size_t at = 0; at < good.size(); at++) {
    Bytes cut = good;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(at));
    const Decoded got = decode(joined({cut, framed(kNext), framed(kNext)}));
    CHECK(!got.messages.empty());
    // A lost flag at the end is replaced by the one that begins the next frame, which then is text.
    const Bytes& first = at == good.size() - 1 ? kSample : kNext;
    CHECK(got.messages.front() == first);
    CHECK(got.messages.back() == kNext);
  }
}

TEST("a byte too many at any place costs that frame and at most the next one") {
  const Bytes good = framed(kSample);
  for (size_t at = 1; at < good.size(); at++)
    for (unsigned extra = 0; extra < 256; extra++) {
      Bytes longer = good;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(at), static_cast<uint8_t>(extra));
      const Decoded got = decode(joined({longer, framed(kNext), framed(kNext)}));
      CHECK(got.messages.back() == kNext);
      for (const Bytes& m : got.messages) CHECK(m == kNext || m == kSample);
    }
}

TEST("a frame that comes twice is two messages") {
  CHECK_EQ(decode(joined({framed(kSample), framed(kSample)})).messages.size(), 2u);
}

TEST("repeated flags are empty frames: ignored, and not counted as bad") {
  const Bytes flags(5, 0x7e);
  const Decoded got = decode(joined({flags, framed(kSample), flags, framed(kNext), flags}));
  CHECK(got.messages == std::vector<Bytes>({kSample, kNext}));
  CHECK_EQ(got.bad_frames, 0u);
}

TEST("frames shorter than an FCS, or with an escape before the flag, are bad") {
  for (const Bytes& bad : {Bytes{0x7e, 0x01, 0x7e}, Bytes{0x7e, 1, 2, 3, 4, 0x7e}, Bytes{0x7e, 0x01, 0x7d, 0x7e}}) {
    const Decoded got = decode(joined({bad, framed(kNext)}));
    CHECK(got.messages == std::vector<Bytes>({kNext}));
    CHECK_EQ(got.bad_frames, 1u);
  }
}

TEST("bytes between frames are console text") {
  const Decoded got = decode(joined({text_bytes("boot\r\n"), framed(kSample), text_bytes("log"), framed(kNext)}));
  CHECK(got.text == "boot\r\nlog");
  CHECK_EQ(got.messages.size(), 2u);
}

TEST("a person can type a tilde, and even two") {
  CHECK(decode(text_bytes("about ~50 \r")).text == "about ~50 \r");
  CHECK(decode(text_bytes("x~\r")).text == "x~\r");
  CHECK(decode(text_bytes("~~ok")).text == "ok");  // the price: an empty frame
  CHECK_EQ(decode(text_bytes("~50 ~60\r")).bad_frames, 0u);
}

TEST("random streams with frames in them: no frame is made up, and bounds hold") {
  for (uint64_t seed = 1; seed <= 500; seed++) {
    Random random(seed);
    Bytes stream;
    for (uint32_t i = 0; i < 3000; i++)
      stream.push_back(static_cast<uint8_t>(random.next() % 5 == 0 ? 0x7e : random.next()));
    // 32 bits of FCS: among some 300,000 tries none passes by chance with these seeds.
    const Decoded got = decode(joined({stream, {0x7e}, framed(kNext), framed(kNext)}));
    CHECK(!got.messages.empty());
    for (const Bytes& m : got.messages) CHECK(m == kNext);
  }
}
