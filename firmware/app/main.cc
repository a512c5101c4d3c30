#include "firmware/app/app.h"
#include "firmware/port.h"

namespace {

linnet::App app;

}  // namespace

int main() {
  linnet::port::init();
  app.start();
  for (;;)
    if (!app.step()) linnet::port::wait();
}
