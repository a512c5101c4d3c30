// libuv in small: work on the threads of a pool, and what follows it on the thread of the loop.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace linnet::test {

class SmallLoop {
 public:
  explicit SmallLoop(unsigned threads);
  ~SmallLoop();

  // `work` on the pool, in the order of the calls; then `after` on the thread of run().
  void queue(std::function<void()> work, std::function<void()> after);
  // From any thread: `event` on the thread of run().
  void post(std::function<void()> event);
  // Until nothing is queued or posted any more.
  void run();

 private:
  struct Job {
    std::function<void()> work, after;
  };
  void work();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::deque<std::function<void()>> events_;
  unsigned busy_ = 0;
  bool ends_ = false;

  std::vector<std::thread> threads_;
};

}  // namespace linnet::test
