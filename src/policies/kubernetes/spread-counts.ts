/** Pods by topology domain for spread constraints: which nodes count, and tables that follow the pod log. */
import type { NodeIndex } from '../../base/ids.ts';
import type { KubePod, LabelSelector, SpreadConstraint } from '../../base/kube.ts';
import type { FrameworkNodes } from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { Counter, Link } from './pod-sums.ts';
import {
  HOSTNAME,
  matchesRequiredAffinity,
  matchesSelector,
  requiredReadsNodeName,
} from './selectors.ts';
import { Admission, type NodeTest, SumTable } from './sum-table.ts';
import { firstUntolerated } from './tolerations.ts';
import type { Topology, TopologyColumn } from './topology.ts';

/** A constraint with the columns that it needs. */
export interface CountedConstraint {
  readonly spread: SpreadConstraint;
  readonly column: TopologyColumn;
  readonly table: SumTable;
}

/** Whose constraints, and how they count. */
export interface SpreadSpec {
  readonly shape: PodShape;
  readonly kube: KubePod;
  readonly constraints: readonly SpreadConstraint[];
  /** Hard constraints look at the smallest domain; soft ones count the hostname node by node, whatever the policies say. */
  readonly isHard: boolean;
  /** Nodes that lack a key of any constraint do not count; else the missing value is a domain. */
  readonly requiresAllKeys: boolean;
}

/** The tables of one set of constraints; shared by all shapes that count alike. */
export class SpreadCounts implements Counter {
  readonly constraints: readonly CountedConstraint[];
  readonly tables: readonly SumTable[];
  private readonly namespace: string;

  constructor(spec: SpreadSpec, nodes: FrameworkNodes, topology: Topology) {
    this.namespace = spec.kube.namespace;
    const columns = spec.constraints.map(({ topologyKey }) => topology.column(topologyKey));
    const keys = spec.requiresAllKeys ? columns : [];
    this.constraints = spec.constraints.map((spread, i) => {
      const column = columns[i]!;
      const table =
        !spec.isHard && spread.topologyKey === HOSTNAME
          ? new SumTable({ column: null, countsTerminating: false })
          : new SumTable({
              column,
              countsTerminating: false,
              admission: admissionOf(spread, spec, keys, nodes),
              missingIsEmpty: !spec.requiresAllKeys,
              tracksMinimum: spec.isHard,
            });
      return { spread, column, table };
    });
    this.tables = this.constraints.map(({ table }) => table);
  }

  /** The empty selector counts nothing here, though it matches everything. */
  weigh(_shape: PodShape, kube: KubePod, links: Link[]): void {
    if (kube.namespace !== this.namespace) return;
    for (const { spread, table } of this.constraints) {
      if (spread.selector === null || spread.selector.length === 0) continue;
      if (matchesSelector(spread.selector, kube.labels)) links.push({ table, weight: 1 });
    }
  }
}

/** Which nodes count by the policies of a constraint. */
function admissionOf(
  spread: SpreadConstraint,
  { kube, shape }: SpreadSpec,
  keys: readonly TopologyColumn[],
  nodes: FrameworkNodes,
): Admission {
  const honoursAffinity = spread.nodeAffinityPolicy === 'Honor';
  const test = new PolicyTest({ spread, kube, shape, nodes });
  return new Admission(keys, test, honoursAffinity && requiredReadsNodeName(shape, kube));
}

/** The two policies of a constraint. */
export class PolicyTest implements NodeTest {
  private readonly parts: PolicyTestParts;

  constructor(parts: PolicyTestParts) {
    this.parts = parts;
  }

  holds(n: NodeIndex): boolean {
    const { kube, nodes, shape, spread } = this.parts;
    const honoursAffinity = spread.nodeAffinityPolicy === 'Honor';
    if (honoursAffinity && !matchesRequiredAffinity(shape, kube, nodes, n)) return false;
    if (spread.nodeTaintsPolicy !== 'Honor') return true;
    return firstUntolerated(nodes.classOf(n).taints, shape.tolerations, false) === null;
  }
}

/** What the policies of a constraint read. */
export interface PolicyTestParts extends Pick<SpreadSpec, 'kube' | 'shape'> {
  readonly spread: SpreadConstraint;
  readonly nodes: FrameworkNodes;
}

/** A text that is equal for sets of constraints that count alike. */
export function countingKey({ shape, kube, constraints, requiresAllKeys }: SpreadSpec): string {
  const honoursTaints = constraints.some((c) => c.nodeTaintsPolicy === 'Honor');
  return JSON.stringify([
    kube.namespace,
    requiresAllKeys,
    constraints,
    shape.nodeSelector,
    kube.nodeAffinity?.required ?? null,
    honoursTaints ? shape.tolerations : null,
  ]);
}

/** Constraints that a profile gives to pods without any of their own; their selector is the pod's. */
export type DefaultConstraint = Omit<SpreadConstraint, 'selector'>;

function systemDefault(topologyKey: string, maxSkew: number): DefaultConstraint {
  return {
    maxSkew,
    topologyKey,
    isHard: false,
    minDomains: null,
    nodeAffinityPolicy: 'Honor',
    nodeTaintsPolicy: 'Ignore',
  };
}

/** What Kubernetes gives by default. */
export const SYSTEM_DEFAULTS: readonly DefaultConstraint[] = [
  systemDefault(HOSTNAME, 3),
  systemDefault('topology.kubernetes.io/zone', 5),
];

/** The constraints of one kind that hold for a pod: its own, or the defaults if it has none at all. */
export function constraintsOf(
  kube: KubePod,
  defaults: readonly DefaultConstraint[],
  isHard: boolean,
): readonly SpreadConstraint[] {
  if (kube.spread.length > 0) return kube.spread.filter((c) => c.isHard === isHard);
  const selector: LabelSelector = kube.defaultSpreadSelector;
  if (selector === null || selector.length === 0) return [];
  return defaults.filter((c) => c.isHard === isHard).map((c) => ({ ...c, selector }));
}
