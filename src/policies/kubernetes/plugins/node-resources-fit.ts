import { CPU, MEMORY, type NodeIndex, PODS, type ResourceIndex } from '../../../base/ids.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type FilterPoint,
  type FrameworkNodes,
  type FrameworkPod,
  type NodeStatus,
  PASS,
  type QueueingHint,
  UNRESOLVABLE,
  UNSCHEDULABLE,
  UPDATE_NODE_ALLOCATABLE,
  UPDATE_POD_SCALE_DOWN,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { FieldReader } from '../../params.ts';
import {
  argsOf,
  CPU_AND_MEMORY,
  type ResourceWeight,
  readObject,
  readObjects,
  readResourceWeights,
  readTexts,
} from '../args.ts';
import { type FitStrategy, fitTerm, makeFitScorer } from '../fit-strategies.ts';
import { findResources, GPU_RESOURCE } from '../node-use.ts';

interface Args {
  readonly ignoredResources: readonly string[];
  readonly ignoredResourceGroups: readonly string[];
  readonly strategy: FitStrategy;
  readonly resources: readonly ResourceWeight[];
}

/** A resource that a pod asks for. */
interface Want {
  readonly name: string;
  /** Null for devices. */
  readonly index: ResourceIndex | null;
  /** In grains, or devices. */
  readonly request: number;
}

const RESOURCE_WEIGHT_MAX = 100;
const SHAPE_SCORE_MAX = 10;
const FIRST = ['cpu', 'memory', 'ephemeral-storage'];

/** Keeps pods off nodes without room for their requests, and scores by what is allocated. */
export const nodeResourcesFit = defineFramework<Args>({
  name: 'kubernetes/node-resources-fit',
  summary: 'Kubernetes NodeResourcesFit: requests must fit; scores by the share allocated.',
  formula:
    'LeastAllocated: floor(sum(w * floor((allocatable - requested) * 100 / allocatable)) / sum(w)), w = cpu 1, memory 1',
  paramsHelp: {
    scoringStrategy:
      '{type, resources: [{name, weight}], requestedToCapacityRatio: {shape: [{utilization, score}]}}; type LeastAllocated (default), MostAllocated or RequestedToCapacityRatio',
    ignoredResources: 'extended resources that the filter leaves out; default none',
    ignoredResourceGroups: 'prefixes of such, before the slash; default none',
  },
  params: argsOf('NodeResourcesFitArgs', (fields) => ({
    ignoredResources: readTexts(fields, 'ignoredResources'),
    ignoredResourceGroups: readTexts(fields, 'ignoredResourceGroups'),
    ...(readObject(fields, 'scoringStrategy', readStrategy) ?? {
      strategy: { type: 'LeastAllocated' },
      resources: CPU_AND_MEMORY,
    }),
  })),
  create: (args, { nodes: cluster }) => {
    const wants = new WantTable(args, cluster);
    const scored = findResources(args.resources, cluster);
    return {
      name: 'NodeResourcesFit',
      filter: filterOf(wants),
      score: {
        dependsOn: 'own-node',
        score: makeFitScorer(args.strategy, scored),
        termFor: (pod) => fitTerm(args.strategy, scored, pod, cluster),
        normalise: 'none',
      },
      hints: hintsOf(wants),
      memory: [wants],
    };
  },
});

function readStrategy(fields: FieldReader): Pick<Args, 'strategy' | 'resources'> {
  const type = fields.choice(
    'type',
    ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'],
    'LeastAllocated',
  );
  const resources = readResourceWeights(fields, CPU_AND_MEMORY, RESOURCE_WEIGHT_MAX);
  const ratio = readObject(fields, 'requestedToCapacityRatio', readShape);
  if (type !== 'RequestedToCapacityRatio') {
    if (ratio !== null) fields.fail('requestedToCapacityRatio', `nothing for type ${type}`);
    return { strategy: { type }, resources };
  }
  if (ratio === null) fields.fail('requestedToCapacityRatio', '{shape: [{utilization, score}]}');
  return { strategy: { type, shape: ratio ?? [] }, resources };
}

function readShape(fields: FieldReader) {
  const shape = readObjects(fields, 'shape', (item) => ({
    utilization: item.integer('utilization', 0, 0, 100),
    score: item.integer('score', 0, 0, SHAPE_SCORE_MAX) * (100 / SHAPE_SCORE_MAX),
  }));
  const rises = shape.every((p, i) => i === 0 || p.utilization > shape[i - 1]!.utilization);
  if (shape.length === 0 || !rises) fields.fail('shape', 'at least one point, utilization rising');
  return shape;
}

/** What shapes want of nodes, ignored resources left out, made once per shape. */
class WantTable {
  private readonly args: Args;
  private readonly nodes: FrameworkNodes;
  private readonly byShape: (readonly Want[] | undefined)[] = [];

  constructor(args: Args, nodes: FrameworkNodes) {
    this.args = args;
    this.nodes = nodes;
  }

  /** *Order*: cpu, memory, ephemeral storage, then the table's, devices last. */
  of(shape: PodShape): readonly Want[] {
    let wants = this.byShape[shape.index];
    if (wants === undefined) {
      wants = this.make(shape);
      this.byShape[shape.index] = wants;
    }
    return wants;
  }

  private make(shape: PodShape): readonly Want[] {
    const wants: Want[] = [];
    for (const { index, name } of this.nodes.resources.all) {
      const request = shape.requests[index] ?? 0;
      if (request > 0 && index !== PODS && !this.isIgnored(name)) {
        wants.push({ name, index, request });
      }
    }
    const rank = ({ name }: Want): number => {
      const first = FIRST.indexOf(name);
      return first < 0 ? FIRST.length : first;
    };
    wants.sort((a, b) => rank(a) - rank(b) || a.index! - b.index!);
    if (shape.gpuCount > 0 && !this.isIgnored(GPU_RESOURCE)) {
      wants.push({ name: GPU_RESOURCE, index: null, request: shape.gpuCount });
    }
    return wants;
  }

  /** Only extended resources can be ignored. */
  private isIgnored(name: string): boolean {
    const slash = name.indexOf('/');
    if (slash < 0) return false;
    const prefix = name.slice(0, slash);
    const isNative = prefix === 'kubernetes.io' || prefix.endsWith('.kubernetes.io');
    if (isNative || name.startsWith('requests.')) return false;
    const { ignoredResources, ignoredResourceGroups } = this.args;
    return ignoredResources.includes(name) || ignoredResourceGroups.includes(prefix);
  }
}

function freeFor(want: Want, shape: PodShape, nodes: FrameworkNodes, n: NodeIndex): number {
  return want.index === null ? nodes.freeDevices(n, shape) : nodes.free(n, want.index);
}

function offeredFor(want: Want, shape: PodShape, nodes: FrameworkNodes, n: NodeIndex): number {
  return want.index === null ? nodes.devices(n, shape) : nodes.allocatable[want.index]![n]!;
}

function filterOf(table: WantTable): FilterPoint {
  return {
    dependsOn: 'own-node',
    test: ({ shape }, n, nodes) => {
      let status: NodeStatus = nodes.free(n, PODS) < 1 ? UNSCHEDULABLE : PASS;
      const wants = table.of(shape);
      for (let i = 0; i < wants.length; i++) {
        const want = wants[i]!;
        if (want.request <= freeFor(want, shape, nodes, n)) continue;
        if (want.request > offeredFor(want, shape, nodes, n)) return UNRESOLVABLE;
        status = UNSCHEDULABLE;
      }
      return status;
    },
    termFor: ({ shape }) => {
      const wants = table.of(shape);
      const isPlain = wants.every(({ index }) => index === CPU || index === MEMORY);
      if (!isPlain) return null;
      const of = (r: ResourceIndex): number => wants.find(({ index }) => index === r)?.request ?? 0;
      return { kind: 'room', cpu: of(CPU), memory: of(MEMORY) };
    },
    reasons: ({ shape }, n, nodes) => {
      const isFull = nodes.podCount(n) + 1 > nodes.allocatable[PODS]![n]!;
      const missing = table
        .of(shape)
        .filter((want) => want.request > freeFor(want, shape, nodes, n))
        .map(({ name }) => `Insufficient ${name}`);
      return isFull ? ['Too many pods', ...missing] : missing;
    },
  };
}

function hintsOf(table: WantTable): readonly QueueingHint[] {
  return [
    {
      resource: 'Node',
      actions: ADD | UPDATE_NODE_ALLOCATABLE,
      queue: (pod, event, nodes) => isHelpfulNode(table, pod, event, nodes),
    },
    { resource: 'Pod', actions: DELETE, queue: (_pod, { node }) => node >= 0 },
    {
      resource: 'Pod',
      actions: UPDATE_POD_SCALE_DOWN,
      queue: (pod, { node, pod: changed, podBefore }) => {
        if (changed === undefined) return false;
        if (changed.id === pod.id) return true;
        if (node < 0 || podBefore === undefined) return false;
        const now = changed.shape.requests;
        const before = podBefore.shape.requests;
        return table
          .of(pod.shape)
          .some(({ index }) => index !== null && (now[index] ?? 0) < (before[index] ?? 0));
      },
    },
  ];
}

/** The node, were it empty, fits the pod; and it is new, or takes more pods, or has more of what the pod wants. */
function isHelpfulNode(
  table: WantTable,
  { shape }: FrameworkPod,
  { allocatableBefore, node }: ClusterEvent,
  nodes: FrameworkNodes,
): boolean {
  const n = node as NodeIndex;
  const wants = table.of(shape);
  const fits =
    nodes.allocatable[PODS]![n]! >= 1 &&
    wants.every((want) => want.request <= offeredFor(want, shape, nodes, n));
  if (!fits || allocatableBefore === undefined) return fits;
  const rose = (r: ResourceIndex): boolean =>
    nodes.allocatable[r]![n]! > (allocatableBefore[r] ?? 0);
  return rose(PODS) || wants.some(({ index }) => index !== null && rose(index));
}
