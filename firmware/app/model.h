// The model a board holds: checked once, at start or after an upload, and given its memory.
#pragma once

#include "firmware/limits.h"
#include "linnet/session.h"
#include "linnet/tokenizer.h"

namespace linnet {

// open_image() for a model that is to run here: kOutOfMemory if the arena is too small. *ram_used: what it takes of it,
// state and scratch, bytes; 0 if the image is refused.
Status open_in_arena(const uint8_t* data, uint32_t size, Image* image, uint32_t* ram_used);

// Its session there, not reset: state, scratch and workspace side by side.
Session session_in_arena(const Image& image);

struct Model {
  Status status = Status::kNoModel;  // kOk, or why the image was refused; the rest is then unset
  Image image;
  Session session;
  uint8_t sha256[32] = {};
  uint32_t ram_used = 0;  // state, scratch and workspace, bytes
  uint16_t ids[kMaxIds];  // tokens of whatever runs: one thing at a time does

  // Opens what lies at port::image(), from the start.
  void open();

  bool ready() const { return status == Status::kOk; }
  bool is_language_model() const { return ready() && image.is_language_model(); }
  bool is_classifier() const { return ready() && !image.is_language_model(); }
  const Header& header() const { return *image.header; }
  Tokenizer tokenizer() const { return Tokenizer(image); }
};

}  // namespace linnet
