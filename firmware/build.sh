#!/bin/sh
# Builds the firmware of one board: firmware/build.sh <board>. The result is in build-firmware/<board>/.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ $# -ne 1 ]; then
  echo "usage: firmware/build.sh <board>, one of:" "$(ls "$root/firmware/boards" | tr '\n' ' ')" >&2
  exit 2
fi
cmake -S "$root/firmware" -B "$root/build-firmware/$1" -DLINNET_BOARD="$1"
cmake --build "$root/build-firmware/$1"
