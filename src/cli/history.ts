/**
 * The course of a value over the run so far in a bounded number of cells of equal simulated time. When they are full, two
 * become one; a cell keeps the largest of its values, so that no peak is lost. Cells without a sample repeat the one before.
 */
export class History {
  private readonly capacity: number;
  private values: (number | null)[] = [];
  private cellShare: number;

  /** @param capacity cells at most, an even number */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.cellShare = 1 / 4096;
  }

  /** Adds the value at a share of the horizon, which never goes back; null is no value. */
  add(share: number, value: number | null): void {
    let cell = Math.floor(share / this.cellShare);
    while (cell >= this.capacity) {
      this.halve();
      cell = Math.floor(share / this.cellShare);
    }
    const { values } = this;
    while (values.length < cell) values.push(values.at(-1) ?? null);
    values[cell] = largest(values[cell] ?? null, value);
  }

  /** The cells so far, oldest first. */
  cells(): readonly (number | null)[] {
    return this.values;
  }

  private halve(): void {
    this.cellShare *= 2;
    const { values } = this;
    const half = Math.ceil(values.length / 2);
    this.values = Array.from({ length: half }, (_, i) =>
      largest(values[2 * i] ?? null, values[2 * i + 1] ?? null),
    );
  }
}

function largest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
