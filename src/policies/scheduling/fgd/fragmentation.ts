import type { NodeIndex } from '../../../base/ids.ts';
import { CPU } from '../../../base/ids.ts';
import type { ClusterView } from '../../../model/view.ts';
import type { TypicalPod } from './typical-pods.ts';

/**
 * The fragmentation F(n) of a node in GPU thousandths: how much of its free GPU the typical pods cannot use, on average.
 *
 * With T = sum left and, for class m, enough = at least `gpuCount` devices have `gpuMilli` left:
 * cpu-only class: T (bin xl if its cpu fits, else xr); model not allowed: T (no access); enough and cpu fits: what is left on
 * devices below `gpuMilli` (q2); enough, cpu short: T (q4); not enough, cpu fits: T (q2); neither: T (q1).
 * F = q1 + q2 + q4 + xl + xr + no access, each bin summed in class order, then the bins in that order: another order moves F
 * by 1e-13, which flips integer scores.
 *
 * *Guarantees*: no allocation after construction; F does not depend on the order of devices (their sums are integers).
 * *Cost*: `read` O(thresholds x devices), then O(classes) a hypothesis.
 * *Source*: FGD (ATC'23), section 4.
 */
export class Fragmentation {
  private readonly cpu: Float64Array;
  private readonly gpuCount: Int32Array;
  private readonly weight: Float64Array;
  /** Index into `thresholds` of each class. */
  private readonly threshold: Int32Array;
  /** Distinct thousandths per device that classes ask for, ascending. */
  private readonly thresholds: Int32Array;
  /** 1 where class m may use model g: `allowed[m * models + g]`. */
  private readonly allowed: Uint8Array;
  private readonly models: number;
  private readonly cpuGrain: number;
  /** Of the node read last: devices with at least the threshold left, and the sum left on the others. */
  private readonly enough: Int32Array;
  private readonly below: Int32Array;
  private cpuLeft = 0;
  private gpuLeft = 0;
  private model = -1;

  /** @param classes typical pods, in the order of summing; their models are looked up in the cluster's */
  constructor(classes: readonly TypicalPod[], cluster: ClusterView) {
    this.cpu = Float64Array.from(classes, (m) => m.cpuMillicores);
    this.gpuCount = Int32Array.from(classes, (m) => m.gpuCount);
    this.weight = Float64Array.from(classes, (m) => m.weight);
    this.thresholds = Int32Array.from(new Set(classes.map((m) => m.gpuMilli))).sort();
    this.threshold = Int32Array.from(classes, (m) => this.thresholds.indexOf(m.gpuMilli));
    this.models = cluster.gpuModels.length;
    this.allowed = Uint8Array.from(
      classes.flatMap((m) =>
        cluster.gpuModels.map((g) => Number(m.gpuModels.length === 0 || m.gpuModels.includes(g))),
      ),
    );
    this.cpuGrain = cluster.resources.all[CPU]!.grain;
    this.enough = new Int32Array(this.thresholds.length);
    this.below = new Int32Array(this.thresholds.length);
  }

  /** Takes up the state of a node for the calls that follow. */
  read(n: NodeIndex, cluster: ClusterView): void {
    const { nodes } = cluster;
    const { thresholds, enough, below } = this;
    this.cpuLeft = nodes.free[CPU]![n]! * this.cpuGrain;
    this.gpuLeft = nodes.gpuFreeMilli[n]!;
    this.model = nodes.gpuModel[n]!;
    const { deviceFreeMilli } = nodes;
    const start = nodes.gpuOffset[n]!;
    const end = start + nodes.gpuCount[n]!;
    for (let t = 0; t < thresholds.length; t++) {
      const wanted = thresholds[t]!;
      let devices = 0;
      let small = 0;
      for (let d = start; d < end; d++) {
        const left = deviceFreeMilli[d]!;
        if (left >= wanted) devices++;
        else small += left;
      }
      enough[t] = devices;
      below[t] = small;
    }
  }

  /** The fragmentation of the node as it was read, in GPU thousandths. */
  now(): number {
    return this.after(0, 0, 0, 0);
  }

  /**
   * The fragmentation as if `devices` of its devices went from `from` to `to` thousandths left and `cpu` millicores were
   * taken.
   */
  after(cpu: number, devices: number, from: number, to: number): number {
    const left = this.gpuLeft - devices * (from - to);
    // Without free devices every bin is zero.
    if (left === 0) return 0;
    const { gpuCount, weight, threshold, thresholds, allowed, models, model, enough, below } = this;
    const cpuLeft = this.cpuLeft - cpu;
    let q1 = 0;
    let q2 = 0;
    let q4 = 0;
    let xl = 0;
    let xr = 0;
    let noAccess = 0;
    for (let m = 0; m < weight.length; m++) {
      const share = weight[m]!;
      const cpuFits = cpuLeft >= this.cpu[m]!;
      if (gpuCount[m] === 0) {
        if (cpuFits) xl += share * left;
        else xr += share * left;
      } else if (allowed[m * models + model] === 0) {
        noAccess += share * left;
      } else {
        const t = threshold[m]!;
        const wanted = thresholds[t]!;
        let fitting = enough[t]!;
        let small = below[t]!;
        if (wanted > to) {
          // The changed devices end below this threshold.
          small += devices * to;
          if (wanted <= from) fitting -= devices;
          else small -= devices * from;
        }
        if (fitting >= gpuCount[m]!) {
          if (cpuFits) q2 += share * small;
          else q4 += share * left;
        } else if (cpuFits) q2 += share * left;
        else q1 += share * left;
      }
    }
    return q1 + q2 + q4 + xl + xr + noAccess;
  }
}
