#!/bin/sh
# Builds the firmware of the boards named, of all if none is: firmware/build.sh [board…]. The results are in
# build-firmware/<board>/.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
known=$(cd "$root/firmware/boards" && echo */ | tr -d /)
[ $# -gt 0 ] || set -- $known
for board in "$@"; do
  if [ ! -f "$root/firmware/boards/$board/board.json" ]; then
    echo "no board \"$board\"; there are: $known" >&2
    exit 2
  fi
  cmake -S "$root/firmware" -B "$root/build-firmware/$board" -DLINNET_BOARD="$board"
  cmake --build "$root/build-firmware/$board"
done
