// The board's side of the link (docs/link.md): takes messages, answers them, works a step at a time.
#pragma once

#include "firmware/app/frame.h"
#include "firmware/app/generation.h"
#include "firmware/app/score.h"
#include "firmware/app/upload.h"

namespace linnet {

class Server {
 public:
  Server(Model& model, Generation& generation) : model_(model), generation_(generation), scoring_(model) {}

  // Handles one message, `size` bytes. `elsewhere`: the console has the model.
  void receive(const uint8_t* message, uint32_t size, bool elsewhere);
  // A HELLO came since the last call: whatever ran before it is to end.
  bool take_greeting();
  // Sends or computes one thing. False if there is nothing to do until a message comes.
  bool step();
  // A request has the model.
  bool busy() const { return (generation_id_ != 0 && !ended_) || scoring_.running(); }
  // The console used the model.
  void forget();

  // Counters that others keep.
  uint32_t received_bytes = 0;
  uint32_t bad_frames = 0;

 private:
  struct Message {
    MessageType type;
    uint16_t request;
    const uint8_t* payload;
    uint32_t size;
  };

  Status dispatch(const Message& m);
  Status hello(const Message& m);
  Status generate(const Message& m);
  Status pull(const Message& m);
  Status cancel(const Message& m);
  // Not inlined: their scores and tokens would lie on the stack while others run.
  [[gnu::noinline]] Status classify(const Message& m);
  [[gnu::noinline]] Status score(const Message& m);
  Status self_test(const Message& m);
  Status stats(const Message& m);
  Status upload_begin(const Message& m);
  Status upload_data(const Message& m);
  Status upload_commit(const Message& m);
  Status ping(const Message& m);

  Status rewind(uint32_t next, uint32_t credit);
  bool occupied() const { return elsewhere_ || busy(); }
  void send_token(uint32_t sequence);
  void send_done();
  void send_score();
  bool advance();
  void finish_generation();
  void begin_other(uint32_t ticks, uint32_t tokens);
  bool holds(const UploadRequest& request) const;
  Status upload_reply(const Message& m, uint32_t next);

  Model& model_;
  Generation& generation_;
  Scoring scoring_;
  Upload upload_;

  uint16_t generation_id_ = 0;  // the running generation, or the last one while it is remembered; 0: none
  bool ended_ = false;          // it has run to its end
  bool done_sent_ = false;
  uint32_t made_ = 0;              // tokens generated
  uint32_t cursor_ = 0;            // sequence number to send next
  uint32_t granted_ = 0;           // sequence numbers below it may be sent
  uint16_t window_[kTokenWindow];  // token s is window_[s % kTokenWindow]
  uint16_t score_id_ = 0;

  bool elsewhere_ = false;
  bool greeted_ = false;
  uint32_t requests_ = 0;
  uint32_t last_ticks_ = 0;
  uint32_t last_tokens_ = 0;
};

}  // namespace linnet
