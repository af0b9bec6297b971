import type { NodeIndex } from '../../base/ids.ts';
import {
  type FrameworkPlugin,
  type FrameworkPod,
  type FrameworkProfile,
  type NodeStatus,
  PASS,
  type PreFilterResult,
  UNRESOLVABLE,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { TentativePod } from '../../model/kube-tentative.ts';
import type { Nominator } from './nominator.ts';
import type { PreFilterRejection } from './scheduling-cycle.ts';

/** What a run of filters works on. */
export interface FilterRunParts {
  readonly profile: FrameworkProfile;
  readonly nodes: KubeNodes;
  readonly nominator: Nominator;
}

/** A refusal as a number: index of the filter times four plus status; 0 is a pass. */
export const codeOf = (filter: number, status: NodeStatus): number => filter * 4 + status;
/** The filter of a refusal. */
export const filterOf = (code: number): number => code >> 2;
/** The status of a refusal or pass. */
export const statusOf = (code: number): NodeStatus => (code & 3) as NodeStatus;

/**
 * PreFilter and Filter of one profile for one pod: the states of a cycle, and one node asked after the other.
 *
 * *Source*: Kubernetes v1.34 scheduler, RunPreFilterPlugins and RunFilterPluginsWithNominatedPods.
 */
export class FilterRun {
  /** Why the pod is refused before any node is asked. */
  rejection: PreFilterRejection | null = null;
  /** Names that PreFilter narrows the search to; null does not. */
  names: readonly string[] | null = null;
  /** Plug-ins that narrowed it. */
  readonly narrowers: FrameworkPlugin[] = [];
  /** By filter of the profile: 1 unless it is skipped; its state. */
  readonly isOn: Uint8Array;
  readonly states: unknown[];
  private readonly parts: FilterRunParts;
  /** By PreFilter of the profile: its filter's index or -1, whether it is asked in every cycle, its last answer. */
  private readonly filterIndex: number[];
  private isFresh: readonly boolean[];
  /** PreFilters to go through in a cycle: those that are asked, and those whose kept answer rejects or narrows. */
  private telling: readonly number[];
  private readonly answers: (PreFilterResult<unknown> | null)[];

  /** Asks every PreFilter in every cycle, until `keep` says otherwise. */
  constructor(parts: FilterRunParts) {
    const { filters, preFilters } = parts.profile;
    this.parts = parts;
    this.filterIndex = preFilters.map((plugin) => filters.indexOf(plugin));
    this.isFresh = preFilters.map(() => true);
    this.telling = preFilters.map((_, i) => i);
    this.answers = preFilters.map(() => null);
    this.isOn = new Uint8Array(filters.length).fill(1);
    this.states = filters.map(() => undefined);
  }

  /** Keeps the answers of PreFilter plug-ins that are functions of the shape alone; those not asked yet stay fresh. */
  keep(isKept: (plugin: FrameworkPlugin) => boolean): void {
    const { preFilters } = this.parts.profile;
    this.isFresh = preFilters.map((plugin, i) => this.answers[i] === null || !isKept(plugin));
    this.telling = this.telling.filter((i) => {
      const answer = this.answers[i]!;
      if (this.isFresh[i] || answer === null || answer.kind === 'reject') return true;
      return answer.kind === 'run' && answer.nodes !== undefined;
    });
  }

  /** True if the filter's PreFilter was asked and did not skip. */
  hasRun(f: number): boolean {
    const i = this.filterIndex.indexOf(f);
    return i >= 0 && this.answers[i]?.kind === 'run';
  }

  /** Runs PreFilter. */
  begin(pod: FrameworkPod): void {
    const { preFilters } = this.parts.profile;
    this.rejection = null;
    this.names = null;
    if (this.narrowers.length > 0) this.narrowers.length = 0;
    for (let k = 0; k < this.telling.length; k++) {
      const i = this.telling[k]!;
      const plugin = preFilters[i]!;
      const known = this.isFresh[i] ? null : this.answers[i]!;
      const answer = known ?? this.ask(i, plugin, pod);
      if (answer === null) continue;
      const f = this.filterIndex[i]!;
      if (f >= 0) {
        this.isOn[f] = answer.kind === 'skip' ? 0 : 1;
        this.states[f] = answer.kind === 'run' ? answer.state : undefined;
      }
      if (answer.kind === 'skip') continue;
      if (answer.kind === 'reject') {
        this.rejection = { plugin, status: answer.status, reason: answer.reason };
        if (answer.status !== UNRESOLVABLE) continue;
        this.narrowers.length = 0;
        return;
      }
      if (answer.nodes !== undefined && !this.narrow(plugin, answer.nodes)) return;
    }
  }

  private ask(
    i: number,
    plugin: FrameworkPlugin,
    pod: FrameworkPod,
  ): PreFilterResult<unknown> | null {
    const answer = plugin.filter?.preFilter?.(pod, this.parts.nodes) ?? null;
    this.answers[i] = answer;
    return answer;
  }

  /** @returns false if no name is left */
  private narrow(plugin: FrameworkPlugin, names: readonly string[]): boolean {
    this.narrowers.push(plugin);
    this.names = this.names === null ? names : this.names.filter((name) => names.includes(name));
    if (this.names.length > 0) return true;
    const who = this.narrowers.map((p) => p.name).sort();
    this.rejection = {
      plugin: null,
      status: UNRESOLVABLE,
      reason:
        who.length === 1
          ? `node(s) didn't satisfy plugin ${who[0]}`
          : `node(s) didn't satisfy plugin(s) [${who.join(' ')}] simultaneously`,
    };
    return false;
  }

  /**
   * The nodes to search, in list order, if PreFilter narrowed them; null searches all.
   *
   * @param into takes their list positions
   */
  positions(into: number[]): number[] | null {
    if (this.names === null) return null;
    const { nodes } = this.parts;
    into.length = 0;
    for (const name of new Set(this.names)) {
      const n = nodes.find(name);
      if (n !== -1) into.push(nodes.positionOf[n]!);
    }
    return into.sort((a, b) => a - b);
  }

  /** Asks the filters of one node as it is, in order; the code of the first refusal, or 0. */
  test(pod: FrameworkPod, n: NodeIndex, states: readonly unknown[] = this.states): number {
    const { nodes, profile } = this.parts;
    for (let f = 0; f < profile.filters.length; f++) {
      if (this.isOn[f] === 0) continue;
      const status = profile.filters[f]!.filter!.test(pod, n, nodes, states[f]);
      if (status !== PASS) return codeOf(f, status);
    }
    return 0;
  }

  /**
   * As `test`, with the pods that are nominated to the node: if some are of the pod's priority or more, the filters must
   * pass with them and without.
   *
   * @param reasons takes the reasons of a refusal, if they are asked for
   */
  testNominated(
    pod: FrameworkPod,
    n: NodeIndex,
    states: readonly unknown[] = this.states,
    reasons: string[] | null = null,
  ): number {
    const { nominator } = this.parts;
    if (nominator.count > 0 && nominator.concerns(n, pod.id, pod.shape.priority)) {
      const code = this.testWithNominated(pod, n, states, reasons);
      if (code !== 0) return code;
    }
    const code = this.test(pod, n, states);
    if (code !== 0 && reasons !== null) this.tell(pod, n, { code, states }, reasons);
    return code;
  }

  private testWithNominated(
    pod: FrameworkPod,
    n: NodeIndex,
    states: readonly unknown[],
    reasons: string[] | null,
  ): number {
    const { nodes, nominator } = this.parts;
    const isTrying = nodes.tentative.node === n;
    const node = isTrying ? nodes.tentative : nodes.tryOn(n);
    const withThem = this.cloneStates(states);
    const added: number[] = [];
    for (const { id, shape } of nominator.on(n)) {
      if (id === pod.id || shape.priority < pod.shape.priority) continue;
      const kube = nodes.kubeOf(shape);
      const nominated = { id, shape, kube, isTerminating: false, devices: -1 };
      node.add(nominated);
      this.podAdded(pod, n, nominated, withThem);
      added.push(id);
    }
    const code = this.test(pod, n, withThem);
    if (code !== 0 && reasons !== null) this.tell(pod, n, { code, states: withThem }, reasons);
    if (isTrying) for (const id of added.reverse()) node.remove(id);
    else nodes.endTry();
    return code;
  }

  private tell(
    pod: FrameworkPod,
    n: NodeIndex,
    refusal: { readonly code: number; readonly states: readonly unknown[] },
    reasons: string[],
  ): void {
    const { nodes, profile } = this.parts;
    const f = filterOf(refusal.code);
    reasons.push(...profile.filters[f]!.filter!.reasons(pod, n, nodes, refusal.states[f]));
  }

  /** Copies the states that know pods; others are shared. */
  cloneStates(states: readonly unknown[] = this.states): unknown[] {
    const { filters } = this.parts.profile;
    return states.map((state, f) => {
      const point = filters[f]!.filter!;
      return this.isOn[f] === 1 && point.cloneState ? point.cloneState(state) : state;
    });
  }

  /** Tells the states that a pod came to a node. */
  podAdded(pod: FrameworkPod, n: NodeIndex, added: TentativePod, states: readonly unknown[]): void {
    const { nodes, profile } = this.parts;
    for (let f = 0; f < profile.filters.length; f++) {
      if (this.isOn[f] === 1) {
        profile.filters[f]!.filter!.addPod?.(states[f], pod, added, { node: n, nodes });
      }
    }
  }

  /** Tells the states that a pod left a node. */
  podRemoved(
    pod: FrameworkPod,
    n: NodeIndex,
    removed: TentativePod,
    states: readonly unknown[],
  ): void {
    const { nodes, profile } = this.parts;
    for (let f = 0; f < profile.filters.length; f++) {
      if (this.isOn[f] === 1) {
        profile.filters[f]!.filter!.removePod?.(states[f], pod, removed, { node: n, nodes });
      }
    }
  }
}
