// UPLOAD_BEGIN, UPLOAD_DATA and UPLOAD_COMMIT (docs/link.md, Upload). Only the last one touches the live model.
#include <cstring>

#include "firmware/app/server.h"
#include "firmware/port.h"

namespace linnet {

Status Server::upload_begin(const Message& m) {
  UploadRequest request;
  if (m.size != sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (holds(request)) return upload_reply(m, request.size);
  const Status status = upload_.begin(request);
  return status == Status::kOk ? upload_reply(m, upload_.next()) : status;
}

Status Server::upload_data(const Message& m) {
  UploadData place;
  if (m.size < sizeof(place)) return Status::kBadMessage;
  std::memcpy(&place, m.payload, sizeof(place));
  const Status status = upload_.write(place, m.payload + sizeof(place), m.size - static_cast<uint32_t>(sizeof(place)));
  return status == Status::kOk ? upload_reply(m, upload_.next()) : status;
}

Status Server::upload_commit(const Message& m) {
  UploadRequest request;
  if (m.size != sizeof(request)) return Status::kBadMessage;
  std::memcpy(&request, m.payload, sizeof(request));
  if (holds(request)) return upload_reply(m, request.size);  // sent twice, done once
  if (occupied()) return Status::kBusy;
  const Status status = upload_.commit(request);
  if (status != Status::kOk) return status;
  forget();
  generation_.forget_state();
  model_.open();
  return model_.ready() ? upload_reply(m, request.size) : model_.status;
}

// The live model is this one.
bool Server::holds(const UploadRequest& request) const {
  return model_.ready() && model_.header().size == request.size &&
         std::memcmp(model_.sha256, request.sha256, sizeof(request.sha256)) == 0;
}

Status Server::upload_reply(const Message& m, uint32_t next) {
  const port::UploadSlot slot = port::upload_slot();
  answer(static_cast<ReplyType>(static_cast<uint8_t>(m.type) + kReply), m.request,
         UploadReply{next, slot.lasts, slot.deaf, 0});
  return Status::kOk;
}

}  // namespace linnet
