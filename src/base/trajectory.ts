const INVERSE_TWO_32 = 1 / 4294967296;

/**
 * The hash of a cluster's decisions: a 64-bit fold in two 32-bit lanes over (time, kind, workload key, pod ordinal, node
 * key). Equal trajectories mean equal decisions in equal order; it is no secret-keeping hash.
 *
 * *Cost*: about ten integer multiplications a decision.
 */
export class Trajectory {
  private x = 0x243f6a88;
  private y = 0x85a308d3 | 0;

  /** Reads back what {@link hex} wrote. */
  static fromHex(hex: string): Trajectory {
    const read = new Trajectory();
    read.x = Number.parseInt(hex.slice(0, 8), 16) | 0;
    read.y = Number.parseInt(hex.slice(8, 16), 16) | 0;
    return read;
  }

  /** Folds whole numbers below 2^53 into the hash, in order. */
  fold(atUs: number, kind: number, workloadKey: number, serial: number, nodeKey: number): void {
    this.word(atUs, kind);
    this.word(workloadKey, serial);
    this.word(nodeKey, 0);
  }

  private word(value: number, extra: number): void {
    const low = value | 0;
    // A power of two: this is the quotient, bit for bit.
    const high = (value * INVERSE_TWO_32) | 0;
    let { x, y } = this;
    x = Math.imul(x ^ low ^ (x >>> 15), 0x2c1b3c6d);
    y = Math.imul(y ^ high ^ Math.imul(extra | 0, 0x9e3779b1) ^ (y >>> 13), 0x297a2d39);
    x = (x + ((y << 11) | (y >>> 21))) | 0;
    y ^= x ^ (x >>> 16);
    this.x = x;
    this.y = y;
  }

  /** Folds another trajectory's state: clusters are folded in name order, replications by their number. */
  absorb(other: Trajectory): void {
    this.word((other.x >>> 0) + 0, 1);
    this.word((other.y >>> 0) + 0, 2);
  }

  /** Sixteen hexadecimal digits. */
  hex(): string {
    const part = (v: number): string => (v >>> 0).toString(16).padStart(8, '0');
    return part(this.x) + part(this.y);
  }
}
