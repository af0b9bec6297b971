import { ScenarioError } from '../../../base/errors.ts';
import type { NodeIndex, NodeList } from '../../../base/ids.ts';
import { defineScheduling } from '../../../contracts/policy.ts';
import type {
  DeviceChooser,
  NodeScore,
  PodAttempt,
  SchedulingSetup,
} from '../../../contracts/scheduling.ts';
import type { ClusterView } from '../../../model/view.ts';
import { FieldReader, isRecord, paramsOf } from '../../params.ts';
import { wholeDevices } from '../devices.ts';
import { Fragmentation } from './fragmentation.ts';
import { cpuOf, type FgdParams, isShare, RANKS_HELP, rankTies, readRanks } from './params.ts';
import { classOfShape, type PodClassCount, typicalPods } from './typical-pods.ts';

/** The score and the choice of a device: both come from the same evaluation of a node. */
class FgdScore implements NodeScore, DeviceChooser {
  readonly name = 'fgd';
  readonly dependsOn = 'own-node';
  /** Made at the first decision: a trace that is read whole knows its pods by then. */
  private made: Fragmentation | null = null;
  private readonly make: () => Fragmentation;
  /** Scratch: the score that `bestDevice` found with its device. */
  private bestScore = 0;

  constructor(make: () => Fragmentation) {
    this.make = make;
  }

  private get fragmentation(): Fragmentation {
    this.made ??= this.make();
    return this.made;
  }

  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void {
    const { fragmentation } = this;
    const cpu = cpuOf(pod.shape, cluster);
    if (isShare(pod.shape)) {
      for (let i = 0; i < count; i++) {
        this.bestDevice(pod, candidates[i]!, cluster);
        scores[i]! += weight * this.bestScore;
      }
      return;
    }
    const devices = pod.shape.gpuCount;
    for (let i = 0; i < count; i++) {
      fragmentation.read(candidates[i]!, cluster);
      const drop = fragmentation.now() - fragmentation.after(cpu, devices, 1000, 0);
      scores[i]! += weight * scoreOfDrop(drop);
    }
  }

  choose(pod: PodAttempt, node: NodeIndex, cluster: ClusterView): number {
    if (!isShare(pod.shape)) return wholeDevices(pod.shape.gpuCount, node, cluster);
    return 1 << this.bestDevice(pod, node, cluster);
  }

  /** The fitting device with the highest integer score, the first of equals; writes `bestScore`. */
  private bestDevice(pod: PodAttempt, n: NodeIndex, cluster: ClusterView): number {
    const { nodes } = cluster;
    const { deviceFreeMilli } = nodes;
    const start = nodes.gpuOffset[n]!;
    const count = nodes.gpuCount[n]!;
    const milli = pod.shape.gpuMilliPerDevice;
    const { fragmentation } = this;
    const cpu = cpuOf(pod.shape, cluster);
    fragmentation.read(n, cluster);
    const before = fragmentation.now();
    let best = -1;
    let bestScore = -1;
    for (let i = 0; i < count; i++) {
      const left = deviceFreeMilli[start + i]!;
      if (left < milli || isRepeated(deviceFreeMilli, start, i)) continue;
      const score = scoreOfDrop(before - fragmentation.after(cpu, 1, left, left - milli));
      if (score > bestScore) {
        best = i;
        bestScore = score;
      }
    }
    this.bestScore = bestScore;
    return best;
  }
}

/** True if an earlier device has as much left: it gives the same score and comes first. */
function isRepeated(
  left: ClusterView['nodes']['deviceFreeMilli'],
  start: number,
  i: number,
): boolean {
  for (let j = start; j < start + i; j++) if (left[j] === left[start + i]) return true;
  return false;
}

/** `int(100 * sigmoid(drop / 1000))` for a drop of fragmentation in GPU thousandths. */
function scoreOfDrop(drop: number): number {
  return Math.trunc(100 * (1 / (1 + Math.exp(-drop / 1000))));
}

interface FgdFullParams extends FgdParams {
  readonly typicalPods: readonly PodClassCount[] | null;
  readonly coverage: number;
}

/**
 * Takes the node (and for a share the device) whose fragmentation falls most, or grows least:
 * `int(100 * sigmoid((F(n) - F(n after placing)) / 1000))`. Shares are scored on each fitting device, the best counts.
 *
 * Typical pods: the parameter, else the pods of the trace, else every declared shape once.
 * *Order*: tie rank; first of equally good devices. *Cost*: a node about 35 classes x (1 + devices with distinct free).
 * *Source*: FGD (ATC'23), sections 4 and 5.
 */
export const fgd = defineScheduling<FgdFullParams>({
  name: 'fgd/fgd',
  summary: 'FGD: the node and device whose fragmentation grows least for the typical pods.',
  formula:
    'int(100 * sigmoid((F(n) - F(n after placing)) / 1000)), F = unusable free GPU thousandths',
  paramsHelp: {
    ranks: RANKS_HELP,
    typicalPods:
      'list of {cpuMillicores, gpuMilli, gpuCount, gpuModels, count}; default: the pods of the trace, else every declared shape once',
    coverage: 'share of the pods that the typical ones cover; default 0.95',
  },
  params: paramsOf((fields) => ({
    ranks: readRanks(fields),
    typicalPods: readTypicalPods(fields),
    coverage: fields.number('coverage', 0.95, 0.01, 1),
  })),
  create: (params, setup) => {
    const score = new FgdScore(() => {
      const classes = typicalPods(params.typicalPods ?? podsOf(setup), params.coverage);
      return new Fragmentation(classes, setup.cluster);
    });
    return {
      kind: 'profile',
      scores: [{ score, weight: 1 }],
      devices: score,
      ...rankTies(params.ranks),
    };
  },
});

function podsOf(setup: SchedulingSetup): readonly PodClassCount[] {
  const { cluster, shapeCounts, shapes } = setup;
  const counted = [...shapeCounts]
    .sort(([a], [b]) => a - b)
    .map(([shape, count]) => classOfShape(cluster.shape(shape), count, cluster));
  const pods =
    counted.length > 0 ? counted : shapes.map((shape) => classOfShape(shape, 1, cluster));
  if (pods.length > 0) return pods;
  throw new ScenarioError([
    {
      path: 'policies.scheduling.params.typicalPods',
      expected: 'the typical pods, because no pod is known before the run starts',
      hint: 'give fgd/fgd typicalPods: [{cpuMillicores, gpuMilli, gpuCount, gpuModels, count}]',
    },
  ]);
}

function readTypicalPods(fields: FieldReader): readonly PodClassCount[] | null {
  const raw = fields.any('typicalPods');
  if (raw === undefined) return null;
  if (!Array.isArray(raw) || raw.length === 0) {
    fields.fail('typicalPods', 'a list of at least one class of pods');
    return null;
  }
  return raw.map((entry: unknown, i) => {
    const path = `typicalPods[${i}]`;
    if (!isRecord(entry)) fields.fail(path, 'an object {cpuMillicores, gpuMilli, gpuCount, count}');
    const own = new FieldReader(isRecord(entry) ? entry : {}, fields.pathOf(path));
    const models = own.any('gpuModels') ?? [];
    if (!Array.isArray(models) || models.some((model) => typeof model !== 'string')) {
      own.fail('gpuModels', 'a list of GPU model names');
    }
    const gpuCount = own.integer('gpuCount', 0, 0, 32);
    const value = {
      cpuMillicores: own.integer('cpuMillicores', 0, 0, 1e9),
      gpuMilli: own.integer('gpuMilli', gpuCount > 0 ? 1000 : 0, gpuCount > 0 ? 1 : 0, 1000),
      gpuCount,
      gpuModels: models as readonly string[],
      count: own.integer('count', 1, 1, 1e9),
    };
    fields.adopt(own.finish());
    return value;
  });
}
