#!/bin/sh
# Builds the firmware of the boards named, of all if none is: firmware/build.sh [--ops <op>,…] [board…]. The results
# are in build-firmware/<board>/. With --ops the firmware contains these ops only and is smaller: docs/adding-a-board.md.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
known=$(cd "$root/firmware/boards" && echo */ | tr -d /)
ops=
if [ "${1-}" = --ops ]; then
  [ $# -gt 1 ] || { echo "--ops needs names of ops, such as embedding,lstm,linear" >&2; exit 2; }
  ops=$(echo "$2" | tr , ';')
  shift 2
fi
[ $# -gt 0 ] || set -- $known
for board in "$@"; do
  if [ ! -f "$root/firmware/boards/$board/board.json" ]; then
    echo "no board \"$board\"; there are: $known" >&2
    exit 2
  fi
  cmake -S "$root/firmware" -B "$root/build-firmware/$board" -DLINNET_BOARD="$board" -DLINNET_OPS="$ops"
  cmake --build "$root/build-firmware/$board"
done
