#include "native/addon/model.h"

#include "linnet/tokenizer.h"
#include "native/addon/addon_data.h"
#include "native/addon/classify.h"
#include "native/addon/errors.h"
#include "native/addon/workers.h"

namespace linnet::addon {

Napi::Function Model::define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceAccessor<&Model::info>("info"), InstanceMethod<&Model::bytes>("bytes"),
       InstanceMethod<&Model::encode>("encode"), InstanceMethod<&Model::token_text>("tokenText"),
       InstanceMethod<&Model::classify>("classify"), InstanceMethod<&Model::classify_batch>("classifyBatch"),
       InstanceMethod<&Model::self_test>("selfTest"), InstanceMethod<&Model::close>("close")});
}

Model* Model::from(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  if (value.IsObject()) {
    const Napi::Object object = value.As<Napi::Object>();
    if (object.InstanceOf(env.GetInstanceData<AddonData>()->model.Value())) return Unwrap(object);
  }
  throw Napi::TypeError::New(env, "expected a Model");
}

Model::Model(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Model>(info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray() || info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    throw Napi::TypeError::New(env, "expected a Uint8Array");
  const auto bytes = info[0].As<Napi::Uint8Array>();
  uint32_t where = 0;
  const size_t size = bytes.ByteLength();
  const auto lent = env.GetInstanceData<AddonData>()->lent;
  const auto ours = lent->find(bytes.Data());
  Status status;
  if (ours != lent->end() && size == bytes.ArrayBuffer().ByteLength()) {
    AlignedBytes memory = std::move(*ours->second);
    lent->erase(ours);
    bytes.ArrayBuffer().Detach();
    status = SharedImage::open(std::move(memory), size, &image_, &where);
  } else {
    status = SharedImage::open(bytes.Data(), size, &image_, &where);
  }
  if (status != Status::kOk) throw image_error(env, status, where);
  Napi::MemoryManagement::AdjustExternalMemory(env, image_->header().size);
}

Model::~Model() {
  if (image_) image_->closed = true;
}

std::shared_ptr<const SharedImage> Model::image(Napi::Env env) const {
  if (!image_) throw Napi::Error::New(env, "the model is closed");
  return image_;
}

void Model::keep(std::unique_ptr<OwnedSession> session) {
  if (image_ && session->fed) kept_ = std::move(session);
}

Napi::Value Model::info(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto shared = image(env);
  const Image& image = shared->image();
  const Header& header = *image.header;
  Napi::Array labels = Napi::Array::New(env, header.label_count);
  for (uint32_t i = 0; i < header.label_count; i++) labels.Set(i, image.label(i));
  Napi::Object result = Napi::Object::New(env);
  result.Set("name", image.name());
  result.Set("kind", image.is_language_model() ? "language_model" : "classifier");
  result.Set("vocabSize", header.vocab_size);
  result.Set("labels", labels);
  result.Set("imageBytes", header.size);
  result.Set("stateBytes", header.state_bytes);
  result.Set("scratchBytes", header.scratch_bytes);
  result.Set("joinsWithSpace", Tokenizer(image).joins_with_space());
  return result;
}

// bytes(): Buffer, a copy of the image
Napi::Value Model::bytes(const Napi::CallbackInfo& info) {
  const auto shared = image(info.Env());
  return Napi::Buffer<uint8_t>::Copy(info.Env(), shared->image().data, shared->header().size);
}

// encode(text: string): Uint16Array
Napi::Value Model::encode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string text = info[0].As<Napi::String>();
  const auto shared = image(env);
  const Tokenizer tokenizer(shared->image());
  const auto bytes = static_cast<uint32_t>(text.size());
  std::vector<uint16_t> ids(tokenizer.max_ids(bytes));
  uint32_t count = 0;
  const Status status = tokenizer.encode(text.data(), bytes, ids.data(), static_cast<uint32_t>(ids.size()), &count);
  if (status != Status::kOk) throw status_error(env, status);
  Napi::Uint16Array result = Napi::Uint16Array::New(env, count);
  std::copy_n(ids.begin(), count, result.Data());
  return result;
}

// tokenText(id: number): Buffer, which may be part of a UTF-8 character
Napi::Value Model::token_text(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto shared = image(env);
  const uint32_t id = info[0].As<Napi::Number>();
  if (id >= shared->header().vocab_size) throw status_error(env, Status::kBadToken);
  const TokenText text = Tokenizer(shared->image()).text(static_cast<uint16_t>(id));
  return Napi::Buffer<char>::Copy(env, text.bytes, text.size);
}

// classify(text: string | Uint16Array of ids, scores: Uint16Array [label_count]): number, the label
Napi::Value Model::classify(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto shared = image(env);
  auto scores = info[1].As<Napi::Uint16Array>();
  if (scores.ElementLength() != shared->header().label_count)
    throw Napi::TypeError::New(env, "scores has another length than there are labels");
  if (!classifier_) classifier_ = OwnedSession::create(shared);
  if (!classifier_) throw status_error(env, Status::kOutOfMemory);
  uint16_t label = 0;
  Status status;
  if (info[0].IsTypedArray()) {
    const auto ids = info[0].As<Napi::Uint16Array>();
    status = classify_ids(*classifier_, ids.Data(), static_cast<uint32_t>(ids.ElementLength()), &label, scores.Data());
  } else {
    status = classify_text(*classifier_, info[0].As<Napi::String>(), &label, scores.Data());
  }
  if (status != Status::kOk) throw status_error(env, status);
  return Napi::Number::New(env, label);
}

Napi::Value Model::classify_batch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto array = info[0].As<Napi::Array>();
  std::vector<std::string> texts(array.Length());
  for (uint32_t i = 0; i < texts.size(); i++) texts[i] = array.Get(i).As<Napi::String>();
  return start_classify_batch(env, image(env), std::move(texts));
}

Napi::Value Model::self_test(const Napi::CallbackInfo& info) { return start_self_test(info.Env(), image(info.Env())); }

// Running calls hold on to the image until they have seen that it is closed.
void Model::close(const Napi::CallbackInfo& info) {
  if (!image_) return;
  Napi::MemoryManagement::AdjustExternalMemory(info.Env(), -static_cast<int64_t>(image_->header().size));
  image_->closed = true;
  kept_.reset();
  classifier_.reset();
  image_.reset();
}

}  // namespace linnet::addon
