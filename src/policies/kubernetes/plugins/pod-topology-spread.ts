import type { NodeIndex } from '../../../base/ids.ts';
import {
  type FilterPoint,
  type FrameworkNodes,
  type FrameworkPod,
  PASS,
  type PlacedPod,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { FieldReader } from '../../params.ts';
import { argsOf, readObjects, readText } from '../args.ts';
import { PodSums } from '../pod-sums.ts';
import { HOSTNAME, matchesSelector } from '../selectors.ts';
import {
  type CountedConstraint,
  constraintsOf,
  countingKey,
  type DefaultConstraint,
  SpreadCounts,
  SYSTEM_DEFAULTS,
} from '../spread-counts.ts';
import { spreadHints } from '../spread-hints.ts';
import { type SoftTables, spreadScore } from '../spread-score.ts';
import { NO_DOMAIN } from '../topology.ts';

interface Args {
  readonly defaultingType: 'System' | 'List';
  readonly defaultConstraints: readonly DefaultConstraint[];
}

/** Keeps pods spread over domains as their constraints say, and draws them to where fewer are. */
export const podTopologySpread = defineFramework<Args>({
  name: 'kubernetes/pod-topology-spread',
  summary: 'Kubernetes PodTopologySpread: hard constraints filter, soft and default ones score.',
  formula:
    'floor(100 * (max + min - s) / max), s = round(sum of count * ln(domains + 2) + maxSkew - 1)',
  paramsHelp: {
    defaultingType: 'System (default: hostname 3, zone 5, soft) or List',
    defaultConstraints:
      '[{maxSkew, topologyKey, whenUnsatisfiable}] for pods without constraints; with List only',
  },
  params: argsOf('PodTopologySpreadArgs', (fields) => {
    const defaultingType = fields.choice('defaultingType', ['System', 'List'], 'System');
    const defaultConstraints = readObjects(fields, 'defaultConstraints', readConstraint);
    if (defaultingType === 'System' && defaultConstraints.length > 0) {
      fields.fail('defaultConstraints', 'nothing with defaultingType System');
    }
    return { defaultingType, defaultConstraints };
  }),
  create: ({ defaultingType, defaultConstraints }, { nodes }) => {
    const defaults = defaultingType === 'System' ? SYSTEM_DEFAULTS : defaultConstraints;
    const sums = new PodSums(nodes);
    const hard = new HardTable(defaults, sums, nodes);
    const soft: SoftTables = { byShape: [], byKey: new Map() };
    return {
      name: 'PodTopologySpread',
      filter: filterOf(hard),
      score: spreadScore({ defaults, isList: defaultingType === 'List', sums, nodes, soft }),
      hints: spreadHints((kube) => constraintsOf(kube, defaults, true)),
      memory: [hard, soft],
    };
  },
});

function readConstraint(fields: FieldReader): DefaultConstraint {
  const maxSkew = fields.integer('maxSkew', 0, 1, 0x7fffffff);
  if (maxSkew === 0) fields.fail('maxSkew', 'a whole number of at least 1');
  const choices = ['DoNotSchedule', 'ScheduleAnyway', ''] as const;
  const when = fields.choice('whenUnsatisfiable', choices, '');
  if (when === '') fields.fail('whenUnsatisfiable', 'DoNotSchedule or ScheduleAnyway');
  const minDomains = fields.integer('minDomains', 0, 1, 0x7fffffff);
  return {
    maxSkew,
    topologyKey: readText(fields, 'topologyKey'),
    isHard: when === 'DoNotSchedule',
    minDomains: minDomains === 0 ? null : minDomains,
    nodeAffinityPolicy: fields.choice('nodeAffinityPolicy', ['Honor', 'Ignore'], 'Honor'),
    nodeTaintsPolicy: fields.choice('nodeTaintsPolicy', ['Honor', 'Ignore'], 'Ignore'),
  };
}

/** A hard constraint of a shape: its counts, and 1 if pods of the shape count themselves. */
interface HardConstraint extends CountedConstraint {
  readonly self: 0 | 1;
}

/** The hard constraints of a shape. */
interface Hard {
  readonly constraints: readonly HardConstraint[];
  readonly counts: SpreadCounts;
  readonly readsHostname: boolean;
}

/** Cycle state: in a dry run, with what it changes by domain, per constraint. */
interface HardState {
  readonly hard: Hard;
  readonly changes: readonly Map<number, number>[] | null;
}

type HardResult = { readonly kind: 'skip' } | { readonly kind: 'run'; readonly state: HardState };

/** Hard constraints by shape; tables are shared by shapes that count alike. */
class HardTable {
  private readonly defaults: readonly DefaultConstraint[];
  private readonly sums: PodSums;
  private readonly nodes: FrameworkNodes;
  private readonly byShape: (HardResult | undefined)[] = [];
  private readonly byKey = new Map<string, SpreadCounts>();

  constructor(defaults: readonly DefaultConstraint[], sums: PodSums, nodes: FrameworkNodes) {
    this.defaults = defaults;
    this.sums = sums;
    this.nodes = nodes;
  }

  /** What PreFilter says of a pod; the counts are up to date. */
  of(pod: FrameworkPod): HardResult {
    const known = this.byShape[pod.shape.index];
    if (known?.kind === 'skip') return known;
    this.sums.sync();
    if (known !== undefined) return known;
    const made = this.make(pod);
    this.byShape[pod.shape.index] = made;
    return made;
  }

  /** Index of a node's class as the counts have it. */
  classIndexOf(n: NodeIndex): number {
    return this.sums.classIndexOf(n);
  }

  private make({ kube, shape }: FrameworkPod): HardResult {
    const constraints = constraintsOf(kube, this.defaults, true);
    if (constraints.length === 0) return { kind: 'skip' };
    const spec = { shape, kube, constraints, isHard: true, requiresAllKeys: true };
    const key = countingKey(spec);
    let counts = this.byKey.get(key);
    if (counts === undefined) {
      counts = new SpreadCounts(spec, this.nodes, this.sums.topology);
      this.byKey.set(key, counts);
      this.sums.add(counts);
    }
    const hard: Hard = {
      counts,
      constraints: counts.constraints.map((c) => ({
        ...c,
        self: matchesSelector(c.spread.selector, kube.labels) ? 1 : 0,
      })),
      readsHostname: constraints.some(({ topologyKey }) => topologyKey === HOSTNAME),
    };
    return { kind: 'run', state: { hard, changes: null } };
  }
}

const MISMATCH = "node(s) didn't match pod topology spread constraints";

function filterOf(table: HardTable): FilterPoint<HardState> {
  /** The first constraint that refuses the node, as a status. */
  const judge = ({ hard, changes }: HardState, n: NodeIndex) => {
    const { constraints } = hard;
    for (let i = 0; i < constraints.length; i++) {
      const { column, self, spread, table: counts } = constraints[i]!;
      const domain = column.domainOf[n]!;
      if (domain === NO_DOMAIN) return UNRESOLVABLE;
      const changed = changes === null ? null : changes[i]!;
      const count = counts.at(domain) + (changed?.get(domain) ?? 0);
      const isShort = counts.domains < (spread.minDomains ?? 1);
      const least = isShort ? 0 : counts.minimum(changed);
      if (count + self - least > spread.maxSkew) return UNSCHEDULABLE;
    }
    return PASS;
  };
  /** A dry run's pod counts where the node has all keys and the policies admit it, terminating or not. */
  const change = (
    state: HardState,
    pod: FrameworkPod,
    other: PlacedPod,
    at: NodeIndex,
    by: number,
  ) => {
    if (other.kube.namespace !== pod.kube.namespace) return;
    const classIndex = table.classIndexOf(at);
    state.hard.constraints.forEach(({ spread, table: counts }, i) => {
      if (!matchesSelector(spread.selector, other.kube.labels)) return;
      const domain = counts.domain(at, classIndex);
      if (domain === NO_DOMAIN) return;
      const changed = state.changes![i]!;
      changed.set(domain, (changed.get(domain) ?? 0) + by);
    });
  };
  return {
    dependsOn: (_pod, state) =>
      (state as HardState).hard.readsHostname ? 'cluster' : 'cluster-class',
    preFilter: (pod) => table.of(pod),
    test: (_pod, n, _nodes, state) => judge(state, n),
    reasons: (_pod, n, _nodes, state) =>
      judge(state, n) === UNRESOLVABLE ? [`${MISMATCH} (missing required label)`] : [MISMATCH],
    cloneState: ({ hard, changes }) => ({
      hard,
      changes: hard.constraints.map((_, i) => new Map(changes?.[i] ?? [])),
    }),
    addPod: (state, pod, added, { node }) => change(state, pod, added, node, 1),
    removePod: (state, pod, removed, { node }) => change(state, pod, removed, node, -1),
  };
}
