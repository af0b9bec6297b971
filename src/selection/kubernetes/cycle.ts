import { PolicyError } from '../../base/errors.ts';
import { asNode, type NodeIndex } from '../../base/ids.ts';
import type { FrameworkPod, FrameworkProfile } from '../../contracts/framework.ts';
import { explainCycle } from './explain.ts';
import { FastCycle } from './fast.ts';
import { type CycleRunner, type Outcome, PlainCycle, type RunnerParts } from './plain.ts';
import { findVictims } from './preemption.ts';
import type {
  CycleExplanation,
  CycleFailure,
  CycleParts,
  CycleResult,
  PreemptionResult,
  SchedulingCycle,
} from './scheduling-cycle.ts';

/** Draws of one attempt: 0 the tie, 1 preemption's offset. */
const DRAWS_PER_ATTEMPT = 2;

/** How one profile is run. */
interface Runner {
  readonly profile: FrameworkProfile;
  readonly parts: RunnerParts;
  readonly runner: CycleRunner;
  /** In check mode the plain cycle, which must give the same. */
  readonly oracle: PlainCycle | null;
}

/**
 * The scheduling cycle of one cluster: its profiles share one start index.
 *
 * *Guarantees*: one pod at a time, exactly the plain cycle's decisions. *Draws*: by pod and attempt, one for a tie of several
 * best nodes, one where preemption starts. *Price*: see `FastCycle`.
 */
export class KubeCycle implements SchedulingCycle {
  startIndex = 0;
  private readonly parts: CycleParts;
  private readonly runners = new Map<string, Runner>();
  private last: { runner: Runner; failure: CycleFailure } | null = null;
  private readonly result: { -readonly [K in keyof CycleResult]: CycleResult[K] } = {
    kind: 'empty',
    node: -1,
    examined: 0,
    feasible: 0,
    failure: null,
  };

  constructor(parts: CycleParts) {
    this.parts = parts;
    const { nodes, nominator, policy, scheduler, stream } = parts;
    for (const profile of scheduler.profiles) {
      const runnerParts: RunnerParts = {
        policy,
        profile,
        nodes,
        nominator,
        drawTie: (pod) => stream.uniform(pod.key, pod.attempt * DRAWS_PER_ATTEMPT),
      };
      this.runners.set(profile.schedulerName, {
        profile,
        parts: runnerParts,
        runner: new FastCycle(runnerParts),
        oracle: parts.check ? new PlainCycle(runnerParts) : null,
      });
    }
  }

  schedule(pod: FrameworkPod): CycleResult {
    const { result } = this;
    const runner = this.runnerOf(pod);
    this.parts.nodes.refresh();
    // The cluster may have shrunk since: upstream's remainder does the same.
    const start = this.parts.nodes.listed === 0 ? 0 : this.startIndex % this.parts.nodes.listed;
    const outcome = runner.runner.decide(pod, start);
    if (runner.oracle !== null) this.compare(pod, outcome, runner.oracle.decide(pod, start));
    if (outcome.kind !== 'empty') this.startIndex = outcome.startIndex;
    result.kind = outcome.kind;
    result.node = outcome.node;
    result.examined = outcome.examined;
    result.feasible = outcome.feasible;
    result.failure = outcome.refusal;
    this.last = outcome.refusal === null ? null : { runner, failure: outcome.refusal };
    return result;
  }

  findVictims(pod: FrameworkPod): PreemptionResult {
    const { facts, nodes, nominator, policy, stream } = this.parts;
    if (this.last === null) {
      throw new PolicyError(policy, 'preemption follows a refused cycle of the same pod');
    }
    const { failure, runner } = this.last;
    const args = runner.profile.preemption;
    if (args === null) return { kind: 'not-eligible', message: '' };
    return findVictims(pod, {
      nodes,
      nominator,
      facts,
      args,
      filters: runner.runner.filters,
      failure,
      offset: stream.uniform(pod.key, pod.attempt * DRAWS_PER_ATTEMPT + 1),
    });
  }

  explain(pod: FrameworkPod): CycleExplanation {
    const { nodes } = this.parts;
    nodes.refresh();
    const start = nodes.listed === 0 ? 0 : this.startIndex % nodes.listed;
    return explainCycle(pod, this.runnerOf(pod).parts, start);
  }

  private runnerOf(pod: FrameworkPod): Runner {
    const runner = this.runners.get(pod.kube.schedulerName);
    if (runner !== undefined) return runner;
    throw new PolicyError(
      this.parts.policy,
      `no profile is called ${pod.kube.schedulerName}, as a pod asks for`,
    );
  }

  /** @throws PolicyError where the kept answers are not those of the plug-ins */
  private compare(pod: FrameworkPod, fast: Outcome, plain: Outcome): void {
    const differs = (what: string, a: unknown, b: unknown): never => {
      throw new PolicyError(
        this.parts.policy,
        `the fast cycle gives ${what} ${a}, the plain one ${b}, for shape ${pod.shape.index}: a ` +
          'plug-in answers by more than it declares to depend on',
      );
    };
    for (const what of ['kind', 'node', 'examined', 'feasible', 'startIndex'] as const) {
      if (fast[what] !== plain[what]) differs(what, fast[what], plain[what]);
    }
    if (fast.refusal === null) return;
    const { list, listed } = this.parts.nodes;
    for (let i = 0; i < listed; i++) {
      const n: NodeIndex = asNode(list[i]!);
      const found = fast.refusal.statusOf(n);
      const expected = plain.refusal!.statusOf(n);
      if (found !== expected) differs(`node ${n} the status`, found, expected);
      const refuser = fast.refusal.rejectorOf(n)?.name;
      const refuses = plain.refusal!.rejectorOf(n)?.name;
      if (refuser !== refuses) differs(`node ${n} the refusal of`, refuser, refuses);
    }
  }
}
