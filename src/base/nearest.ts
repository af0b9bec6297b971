/** The nearest valid name, for hints in messages. */

/**
 * Finds the candidate that a mistyped name most likely meant.
 *
 * @param name what the user wrote
 * @param candidates valid names
 * @returns the candidate with the fewest edits (insert, delete, replace, swap of neighbours; letter case is free), if it
 *   needs at most a third of its length in edits, at least one; else undefined
 *
 * *Order*: fewest edits, then the order of `candidates`. *Cost*: O(candidates * length^2).
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestEdits = Number.POSITIVE_INFINITY;
  const wanted = name.slice(0, LENGTH_MAX).toLowerCase();
  for (const candidate of candidates) {
    const edits = editDistance(wanted, candidate.slice(0, LENGTH_MAX).toLowerCase());
    if (edits <= Math.max(1, Math.floor(candidate.length / 3)) && edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Longer names are compared by their start. */
const LENGTH_MAX = 64;

/** Edits from `a` to `b` where neighbours may swap once (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, replace);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
