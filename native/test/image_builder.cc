#include "native/test/image_builder.h"

#include "linnet/digest.h"

namespace linnet::test {
namespace {

size_t aligned(size_t size) { return (size + kImageAlignment - 1) / kImageAlignment * kImageAlignment; }

// Appends a section.
Section put(std::vector<uint8_t>* image, const void* data, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  const Section section = {static_cast<uint32_t>(image->size()), static_cast<uint32_t>(size)};
  image->insert(image->end(), bytes, bytes + size);
  image->resize(aligned(image->size()));
  return section;
}

// Word-level, of tokens that have no text.
std::vector<uint8_t> wordless_tokenizer(uint32_t vocab) {
  TokenizerHeader h = {};
  h.kind = static_cast<uint8_t>(TokenizerKind::kWordLevel);
  h.token_count = vocab;
  h.token_offsets = h.token_bytes = h.sorted_ids = sizeof h;
  h.word_ngrams = 1;
  std::vector<uint8_t> section(sizeof h + 4 * (vocab + 1));
  std::memcpy(section.data(), &h, sizeof h);
  return section;
}

}  // namespace

ImageBuilder::ImageBuilder(uint32_t vocab, uint16_t min_tokens, uint16_t max_tokens) {
  header_.magic = kImageMagic;
  header_.version = kImageVersion;
  header_.kind = static_cast<uint8_t>(ModelKind::kClassifier);
  header_.label_count = kLabels;
  header_.vocab_size = vocab;
  header_.min_tokens = min_tokens;
  header_.max_tokens = max_tokens;
  header_.bos_id = header_.eos_id = kNoId;
}

uint16_t ImageBuilder::activation(Tensor t) {
  t.kind = static_cast<uint8_t>(TensorKind::kActivation);
  t.offset = header_.scratch_bytes;
  const uint32_t element = t.dtype == static_cast<uint8_t>(DType::kI8) ? 1 : 2;
  header_.scratch_bytes += static_cast<uint32_t>(aligned(size_t{t.dims[0]} * t.dims[1] * element));
  tensors.push_back(t);
  return static_cast<uint16_t>(tensors.size() - 1);
}

uint16_t ImageBuilder::sequence(uint32_t steps, uint32_t features, const TimeForm& form) {
  Tensor t = {};
  t.dtype = static_cast<uint8_t>(DType::kI8);
  t.rank = 2;
  t.time = 1;
  t.dims[0] = steps;
  t.dims[1] = features;
  t.dims[2] = t.dims[3] = 1;
  t.time_factor = static_cast<uint16_t>(form.factor);
  t.time_divisor = static_cast<uint16_t>(form.divisor);
  t.time_offset = static_cast<int32_t>(form.offset);
  return activation(t);
}

uint16_t ImageBuilder::vector(uint32_t features, DType dtype) {
  Tensor t = {};
  t.dtype = static_cast<uint8_t>(dtype);
  t.rank = 1;
  t.dims[0] = features;
  t.dims[1] = t.dims[2] = t.dims[3] = 1;
  return activation(t);
}

uint16_t ImageBuilder::constant(DType dtype, const std::vector<uint32_t>& dims, const uint8_t* bytes, size_t size) {
  Tensor t = {};
  t.dtype = static_cast<uint8_t>(dtype);
  t.kind = static_cast<uint8_t>(TensorKind::kConstant);
  t.rank = static_cast<uint8_t>(dims.size());
  for (size_t i = 0; i < 4; i++) t.dims[i] = i < dims.size() ? dims[i] : 1;
  t.offset = put(&constants_, bytes, size).offset;  // bytes() adds where the constants start
  tensors.push_back(t);
  return static_cast<uint16_t>(tensors.size() - 1);
}

Dense ImageBuilder::matrix(uint32_t rows, uint32_t columns, const std::vector<int8_t>& weights,
                           const std::vector<int32_t>& bias, int32_t multiplier, uint8_t shift) {
  Dense d = {};
  d.weight = constant<int8_t>({rows, columns}, weights);
  d.bias = bias.empty() ? kNoId : constant<int32_t>({rows}, bias);
  d.multiplier = constant<int32_t>({rows}, std::vector<int32_t>(rows, multiplier));
  d.shift = constant<uint8_t>({rows}, std::vector<uint8_t>(rows, shift));
  return d;
}

void ImageBuilder::append(const void* record, size_t size) {
  const auto* bytes = static_cast<const uint8_t*>(record);
  ops_.insert(ops_.end(), bytes, bytes + size);
  header_.op_count++;
}

uint16_t ImageBuilder::embedding(uint32_t features, const std::vector<int8_t>& table) {
  EmbeddingOp record = {};
  record.output = sequence(header_.max_tokens, features, {1, 1, 0});
  record.table = constant<int8_t>({header_.vocab_size, features}, table);
  record.multiplier = record.shift = kNoId;
  op(OpType::kEmbedding, record);
  return record.output;
}

void ImageBuilder::finish(uint16_t last) {
  if (tensors[last].rank == 2) {
    LastStepOp pooled = {};
    pooled.input = last;
    pooled.output = vector(tensors[last].dims[1]);
    op(OpType::kLastStep, pooled);
    last = pooled.output;
  }
  const uint32_t features = tensors[last].dims[0];
  LinearOp linear = {};
  linear.input = last;
  linear.output = vector(kLabels, DType::kI16);
  linear.weights = matrix(kLabels, features, std::vector<int8_t>(kLabels * features, 1), {}, 1 << 30, 30);
  op(OpType::kLinear, linear);
  SoftmaxOp softmax = {};
  softmax.input = linear.output;
  softmax.output = vector(kLabels, DType::kU16);
  op(OpType::kSoftmax, softmax);
}

std::vector<uint8_t> ImageBuilder::bytes() const {
  Header h = header_;
  h.tensor_count = static_cast<uint16_t>(tensors.size());
  std::vector<uint8_t> image(aligned(sizeof h));
  h.ops = put(&image, ops_.data(), ops_.size());
  const std::vector<uint8_t> tokenizer = wordless_tokenizer(h.vocab_size);
  h.tokenizer = put(&image, tokenizer.data(), tokenizer.size());
  static const char kStrings[] = "test\0no\0yes";
  h.strings = put(&image, kStrings, sizeof kStrings);
  const auto base = static_cast<uint32_t>(put(&image, constants_.data(), constants_.size()).offset);
  std::vector<Tensor> table = tensors;
  for (Tensor& t : table)
    if (t.kind == static_cast<uint8_t>(TensorKind::kConstant)) t.offset += base;
  h.tensors = put(&image, table.data(), table.size() * sizeof(Tensor));
  h.size = static_cast<uint32_t>(image.size());
  std::memcpy(image.data(), &h, sizeof h);
  h.crc32 = crc32(image.data() + 16, h.size - 16);
  std::memcpy(image.data(), &h, sizeof h);
  return image;
}

}  // namespace linnet::test
