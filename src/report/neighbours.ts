/** Who is near whom in a space of vectors, by the angle between them. */

export interface Vectors {
  /** [count, size], row-major */
  readonly data: Float32Array;
  readonly count: number;
  readonly size: number;
}

/** Rows scaled to length 1; a row of zeros stays as it is. */
export function normalize({ data, count, size }: Vectors): Vectors {
  const unit = new Float32Array(data.length);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * size, (i + 1) * size);
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    if (length > 0) for (let k = 0; k < size; k++) unit[i * size + k] = row[k]! / length;
  }
  return { data: unit, count, size };
}

/** [count, count] cosines of the angles between rows of length 1. */
export function cosines({ data, count, size }: Vectors): Float64Array {
  const cosine = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = i; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += data[i * size + k]! * data[j * size + k]!;
      cosine[i * count + j] = cosine[j * count + i] = sum;
    }
  return cosine;
}

/**
 * @param cosine [count, count]
 * @returns for every row the `k` others of largest cosine, nearest first, of equals the first
 */
export function nearest(cosine: Float64Array, count: number, k: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const row = cosine.subarray(i * count, (i + 1) * count);
    const others = Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
    return others.sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k);
  });
}

/** Mean number of members that two lists of the same row share. */
export function meanOverlap(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  const shared = a.map((list, i) => list.filter((member) => b[i]!.includes(member)).length);
  return shared.reduce((sum, n) => sum + n, 0) / shared.length;
}
