/** A priority queue of merges: lowest rank first, then leftmost. */
export class MergeHeap {
  /** rank · 2³² + position, a binary min-heap. */
  private readonly keys: number[] = [];

  push(rank: number, at: number): void {
    const { keys } = this;
    const key = rank * 2 ** 32 + at;
    let i = keys.push(key) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && keys[parent]! > key; i = parent, parent = (i - 1) >> 1)
      keys[i] = keys[parent]!;
    keys[i] = key;
  }

  pop(): { rank: number; at: number } | undefined {
    const { keys } = this;
    const top = keys[0];
    const last = keys.pop();
    if (top === undefined || last === undefined) return undefined;
    if (keys.length > 0) {
      let i = 0;
      for (let child = 1; child < keys.length; i = child, child = 2 * i + 1) {
        if (child + 1 < keys.length && keys[child + 1]! < keys[child]!) child++;
        if (keys[child]! >= last) break;
        keys[i] = keys[child]!;
      }
      keys[i] = last;
    }
    return { rank: Math.floor(top / 2 ** 32), at: top % 2 ** 32 };
  }
}
