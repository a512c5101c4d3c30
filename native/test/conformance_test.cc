// Everything in test/conformance/vectors.txt, which the TypeScript engine made: the two engines agree bit for bit, and
// refuse the same images for the same reason. The lines' forms are in test/conformance/vectors.ts.
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "linnet/digest.h"
#include "linnet/generate.h"
#include "linnet/kernels.h"
#include "linnet/tokenizer.h"
#include "native/engine/fixed_point.h"
#include "native/engine/integer_root.h"
#include "native/host/batch_scorer.h"
#include "native/host/packed_image.h"
#include "native/test/host_variants.h"
#include "native/test/test.h"

using namespace linnet;

namespace {

const std::string kFolder = "test/conformance/";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

int64_t number(const std::string& text) { return std::stoll(text); }

template <typename T = uint16_t>
std::vector<T> numbers(const std::string& text) {
  std::vector<T> list;
  if (text != "-")
    for (const auto& part : split(text, ',')) list.push_back(static_cast<T>(number(part)));
  return list;
}

std::vector<uint8_t> unhex(const std::string& text) {
  std::vector<uint8_t> bytes;
  if (text != "-")
    for (size_t i = 0; i + 1 < text.size(); i += 2)
      bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string hex(const uint8_t* data, size_t size) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < size; i++) {
    text += digits[data[i] >> 4];
    text += digits[data[i] & 15];
  }
  return text.empty() ? "-" : text;
}

template <typename T>
std::string joined(const std::vector<T>& list) {
  std::string text;
  for (const T v : list) text += (text.empty() ? "" : ",") + std::to_string(v);
  return text.empty() ? "-" : text;
}

// A model and one session of it.
struct Model {
  test::AlignedBytes bytes;
  PackedImage packed;
  Image image;
  std::unique_ptr<test::AlignedBytes> state, scratch;
  Session session;

  explicit Model(const std::vector<uint8_t>& file) : bytes(file) {
    uint32_t where = 0;
    const Status status = open_image(bytes.data(), bytes.size(), &image, &where);
    if (status == Status::kOk) packed.pack(&image);
    CHECK_EQ(static_cast<int>(status), 0);
    state = std::make_unique<test::AlignedBytes>(std::vector<uint8_t>(image.header->state_bytes));
    scratch = std::make_unique<test::AlignedBytes>(std::vector<uint8_t>(image.header->scratch_bytes));
    session = {&image, state->data(), scratch->data()};
  }
  void start(const std::vector<uint16_t>& prompt) {
    reset(session);
    for (const uint16_t id : prompt) CHECK(feed(session, id) == Status::kOk);
  }
};

Model& model(const std::string& name) {
  static std::map<std::string, std::unique_ptr<Model>> all;
  auto& entry = all[name];
  if (!entry) entry = std::make_unique<Model>(test::read_file(kFolder + name + ".linnet"));
  return *entry;
}

using Fields = std::vector<std::string>;  // of a line; [0] is the type

std::string arithmetic(const Fields& f) {
  if (f[0] == "requantize")
    return std::to_string(requantize(static_cast<int32_t>(number(f[1])), static_cast<int32_t>(number(f[2])),
                                     static_cast<unsigned>(number(f[3]))));
  const int64_t v = number(f[1]);
  if (f[0] == "lp_root") return std::to_string(lp_root(static_cast<uint64_t>(v), static_cast<uint32_t>(number(f[2]))));
  const auto word = static_cast<uint32_t>(v);
  if (f[0] == "mul31") return std::to_string(mul31(static_cast<uint64_t>(v), static_cast<uint64_t>(number(f[2]))));
  if (f[0] == "sigmoid") return std::to_string(sigmoid_q15(static_cast<int32_t>(v)));
  if (f[0] == "tanh") return std::to_string(tanh_q15(static_cast<int32_t>(v)));
  if (f[0] == "exp_neg") return std::to_string(exp_neg(word));
  if (f[0] == "log2_q24") return std::to_string(log2_q24(static_cast<uint64_t>(v)));
  if (f[0] == "ln_q24") return std::to_string(ln_q24(static_cast<uint64_t>(v)));
  if (f[0] == "gumbel") return std::to_string(gumbel(word));
  if (f[0] == "pcg32") {
    Pcg32 random;
    random.seed(word);
    std::vector<uint32_t> words(8);
    for (auto& w : words) w = random.next();
    return joined(words);
  }
  return "unknown type";
}

std::string encode(const Fields& f) {
  const std::vector<uint8_t> text = unhex(f[2]);
  const auto bytes = static_cast<uint32_t>(text.size());
  const Tokenizer tokenizer(model(f[1]).image);
  std::vector<uint16_t> ids(tokenizer.max_ids(bytes));
  uint32_t count = 0;
  CHECK(tokenizer.encode(reinterpret_cast<const char*>(text.data()), bytes, ids.data(),
                         static_cast<uint32_t>(ids.size()), &count) == Status::kOk);
  ids.resize(count);
  return joined(ids);
}

std::string decode(const Fields& f) {
  const Tokenizer tokenizer(model(f[1]).image);
  std::string text;
  for (const uint16_t id : numbers(f[2])) {
    const TokenText t = tokenizer.text(id);
    if (t.size != 0 && !text.empty() && tokenizer.joins_with_space()) text += ' ';
    text.append(t.bytes, t.size);
  }
  return hex(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

std::string logits(const Fields& f) {
  Model& m = model(f[1]);
  Sha256 hash;
  hash.start();
  reset(m.session);
  for (const uint16_t id : numbers(f[2])) {
    feed(m.session, id);
    stream_logits(
        m.session,
        [](void* h, uint32_t, const int16_t* values, uint32_t count) {
          static_cast<Sha256*>(h)->update(values, 2 * count);
        },
        &hash);
  }
  uint8_t digest[32];
  hash.finish(digest);
  return hex(digest, 32);
}

std::string generate(const Fields& f) {
  Model& m = model(f[1]);
  m.start(numbers(f[2]));
  Sampler sampler;
  GenerateOptions options;
  options.seed = static_cast<uint32_t>(number(f[3]));
  options.temperature_q12 = static_cast<uint16_t>(number(f[4]));
  options.top_k = static_cast<uint16_t>(number(f[5]));
  CHECK(sampler.start(options, m.image.header->logit_frac) == Status::kOk);
  std::vector<uint16_t> chosen(numbers(f[6]).size());
  for (auto& id : chosen) {
    id = sampler.choose(m.session);
    feed(m.session, id);
  }
  return joined(chosen);
}

// As score(), several tokens at a time; what follows the text must be the same too.
std::string batch_score(const Fields& f) {
  Model& m = model(f[1]);
  m.start(numbers(f[2]));
  const auto ids = numbers(f[3]);
  for (const uint16_t id : ids) feed(m.session, id);
  const uint64_t after = negative_log_likelihood(m.session, ids[0]);
  std::string result;
  for (const uint32_t most : {1u, 2u, 7u, BatchScorer::kMost}) {
    m.start(numbers(f[2]));
    BatchScorer scorer(m.image);
    uint64_t sum = 0;
    for (uint32_t at = 0, count; at < ids.size(); at += count) {
      count = std::min(most, static_cast<uint32_t>(ids.size()) - at);
      CHECK(scorer.score(m.session, &ids[at], count, &sum) == Status::kOk);
    }
    CHECK_EQ(negative_log_likelihood(m.session, ids[0]), after);
    if (result.empty()) result = std::to_string(sum);
    CHECK(result == std::to_string(sum));
  }
  return result;
}

std::string score(const Fields& f) {
  Model& m = model(f[1]);
  m.start(numbers(f[2]));
  uint64_t sum = 0;
  for (const uint16_t id : numbers(f[3])) {
    sum += negative_log_likelihood(m.session, id);
    feed(m.session, id);
  }
  CHECK(batch_score(f) == std::to_string(sum));
  return std::to_string(sum);
}

std::string classify_line(const Fields& f) {
  Model& m = model(f[1]);
  const auto ids = numbers(f[2]);
  const uint16_t labels = m.image.header->label_count;
  std::vector<uint16_t> scores(labels);
  std::vector<int16_t> values(labels);
  CHECK(classify(m.session, ids.data(), static_cast<uint32_t>(ids.size()), scores.data(), values.data()) ==
        Status::kOk);
  return joined(scores) + " " + joined(values);
}

std::string self_test_line(const Fields& f) {
  uint8_t digest[32];
  CHECK(self_test(model(f[1]).session, digest) == Status::kOk);
  return hex(digest, 32);
}

std::string refuse(const Fields& f) {
  std::vector<uint8_t> bytes = test::read_file(kFolder + f[1] + ".linnet");
  bytes.resize(static_cast<size_t>(number(f[2])));
  if (f[4] != "-")
    for (const auto& edit : split(f[4], ';')) {
      const auto parts = split(edit, ':');
      const std::vector<uint8_t> values = unhex(parts[1]);
      std::copy(values.begin(), values.end(), bytes.begin() + number(parts[0]));
    }
  if (f[3] == "1" && bytes.size() >= sizeof(Header)) {
    const uint32_t crc = crc32(bytes.data() + 16, static_cast<uint32_t>(bytes.size()) - 16);
    std::memcpy(bytes.data() + offsetof(Header, crc32), &crc, 4);
  }
  test::AlignedBytes aligned(bytes);
  Image image;
  uint32_t where = 0;
  const Status status = open_image(aligned.data(), aligned.size(), &image, &where);
  return std::to_string(static_cast<int>(status)) + " " + std::to_string(where);
}

struct Form {
  const char* type;
  std::string (*run)(const Fields&);
  size_t inputs;  // fields of the line before the output
};
const Form kForms[] = {
    {"requantize", arithmetic, 4},
    {"mul31", arithmetic, 3},
    {"sigmoid", arithmetic, 2},
    {"tanh", arithmetic, 2},
    {"exp_neg", arithmetic, 2},
    {"log2_q24", arithmetic, 2},
    {"ln_q24", arithmetic, 2},
    {"gumbel", arithmetic, 2},
    {"pcg32", arithmetic, 2},
    {"lp_root", arithmetic, 3},
    {"encode", encode, 3},
    {"decode", decode, 3},
    {"logits", logits, 3},
    {"generate", generate, 6},
    {"score", score, 4},
    {"classify", classify_line, 3},
    {"self_test", self_test_line, 2},
    {"refuse", refuse, 5},
};

// Runs all lines of some types; every type must occur.
void run_vectors(const std::vector<std::string>& types) {
  std::map<std::string, int> seen;
  const std::vector<uint8_t> file = test::read_file(kFolder + "vectors.txt");
  for (const auto& line : split(std::string(file.begin(), file.end()), '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const Fields fields = split(line, ' ');
    for (const Form& form : kForms) {
      if (fields[0] != form.type || std::find(types.begin(), types.end(), fields[0]) == types.end()) continue;
      seen[fields[0]]++;
      std::string expected;
      for (size_t i = form.inputs; i < fields.size(); i++) expected += (expected.empty() ? "" : " ") + fields[i];
      const std::string got = form.run(fields);
      if (got != expected)
        test::fail(line.substr(0, 120).c_str(), 0,
                   "expected " + expected.substr(0, 200) + ", got " + got.substr(0, 200));
    }
  }
  for (const auto& type : types) CHECK(seen[type] > 0);
}

}  // namespace

TEST("conformance: arithmetic gives the vectors' bits") {
  run_vectors(
      {"requantize", "mul31", "sigmoid", "tanh", "exp_neg", "log2_q24", "ln_q24", "gumbel", "pcg32", "lp_root"});
}

TEST("conformance: the tokenizers give the vectors' ids and text") { run_vectors({"encode", "decode"}); }

TEST("conformance: models give the vectors' logits, tokens, scores and digests with every kernel variant") {
  for (const KernelVariant& variant : test::host_variants()) {
    if (!variant.available) continue;
    const test::UsedKernels used(*variant.kernels);
    run_vectors({"logits", "generate", "score", "classify", "self_test"});
  }
}

TEST("conformance: damaged images are refused with the vectors' status at the vectors' place") {
  run_vectors({"refuse"});
}
