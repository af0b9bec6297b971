/**
 * A user's policy under guard: what it makes and what it returns is held to its contract, and what it throws is told with its
 * name. Built-ins are not guarded: the contract suites hold them.
 */
import { InvariantError, PolicyError, ScenarioError } from '../base/errors.ts';
import type { FailureModel } from '../contracts/failures.ts';
import type { FrameworkPlugin } from '../contracts/framework.ts';
import type { Placer } from '../contracts/placement.ts';
import type { AnyPolicy, ParamsCheck } from '../contracts/policy.ts';
import type { Queueing } from '../contracts/queueing.ts';
import type { Autoscaler } from '../contracts/scaling.ts';
import type {
  BatchScheduler,
  NodeFilter,
  NodeScore,
  Scheduler,
  SchedulingProfile,
} from '../contracts/scheduling.ts';

const TIES = ['index', 'rank', 'uniform', 'capacity', 'rotate'];
const DEPENDS_ON = ['static', 'own-node', 'cluster'];
const WAKES = ['capacity-freed', 'node-added'];

/**
 * Puts a policy under guard.
 *
 * @returns a policy of the same name whose instances throw {@link PolicyError} where the contract is broken; an entry that
 *   is no policy at all comes back as it is, for the registry to refuse
 *
 * *Cost*: one more call per filter, score or rank, and a look at each score.
 */
export function guardPolicy(policy: AnyPolicy): AnyPolicy {
  if (policy === null || typeof policy !== 'object' || typeof policy.create !== 'function') {
    return policy;
  }
  const guard = new Guard(policy.name);
  const make = policy.create.bind(policy) as (params: unknown, setup: unknown) => unknown;
  const create = (params: unknown, setup: unknown): unknown =>
    guard.product(
      policy.contract,
      guard.call('create', () => make(params, setup)),
    );
  const { params } = policy;
  const checked = typeof params === 'function' ? { params: guard.params(params) } : {};
  return { ...policy, ...checked, create } as unknown as AnyPolicy;
}

class Guard {
  private readonly policy: string;

  constructor(policy: string) {
    this.policy = policy;
  }

  /** Calls a part of the policy; errors of our own families pass, all others are the policy's. */
  call<T>(what: string, part: () => T): T {
    try {
      return part();
    } catch (error) {
      const isOurs =
        error instanceof PolicyError ||
        error instanceof ScenarioError ||
        error instanceof InvariantError;
      if (isOurs) throw error;
      return this.fail(`${what} threw ${String(error)}`);
    }
  }

  private fail(message: string): never {
    throw new PolicyError(this.policy, message);
  }

  private expect(isRight: boolean, what: string, value: unknown, expected: string): void {
    if (isRight) return;
    const shown = typeof value === 'function' ? 'a function' : String(value).slice(0, 60);
    this.fail(`${what} is ${shown}: the contract asks for ${expected}`);
  }

  private object(what: string, value: unknown): void {
    this.expect(typeof value === 'object' && value !== null, what, value, 'an object');
  }

  private method(what: string, value: unknown): void {
    this.expect(typeof value === 'function', what, value, 'a function');
  }

  private oneOf(what: string, value: unknown, words: readonly string[]): void {
    this.expect(words.includes(value as string), what, value, words.join(', '));
  }

  /** Guards the check of parameters. */
  params(check: ParamsCheck<unknown>): ParamsCheck<unknown> {
    return (raw) => {
      const result = this.call('params', () => check(raw));
      this.object('the result of params', result);
      const isRight = 'value' in result || Array.isArray(result.issues);
      this.expect(isRight, 'the result of params', 'neither', '{ value } or { issues: [...] }');
      return result;
    };
  }

  /** Guards what `create` made. */
  product(contract: AnyPolicy['contract'], made: unknown): unknown {
    this.object('what create made', made);
    switch (contract) {
      case 'scheduling':
        return this.scheduler(made as Scheduler);
      case 'queueing':
        return this.queueing(made as Queueing);
      case 'placement':
        return this.placer(made as Placer);
      case 'failures':
        return this.failures(made as FailureModel);
      case 'framework':
        return this.plugin(made as FrameworkPlugin);
      case 'scaling':
        return this.scaler(made as Autoscaler);
    }
  }

  private scheduler(made: Scheduler): Scheduler {
    this.oneOf('kind', made.kind, ['profile', 'batch', 'framework']);
    if (made.kind === 'framework') return made;
    return made.kind === 'batch' ? this.batch(made) : this.profile(made);
  }

  private scaler(made: Autoscaler): Autoscaler {
    this.method('decide', made.decide);
    const decide: Autoscaler['decide'] = (moment) => {
      const decision = this.call('decide', () => made.decide(moment));
      const { replicas } = decision;
      const isCount = Number.isSafeInteger(replicas) && replicas >= 0;
      this.expect(isCount, 'replicas', replicas, 'a whole number of at least 0');
      return decision;
    };
    return Object.create(made, { decide: { value: decide } }) as Autoscaler;
  }

  private plugin(made: FrameworkPlugin): FrameworkPlugin {
    this.expect(Array.isArray(made.hints), 'hints', made.hints, 'a list');
    return made;
  }

  private batch(made: BatchScheduler): BatchScheduler {
    this.method('decide', made.decide);
    const decide: BatchScheduler['decide'] = (session) =>
      this.call('decide', () => made.decide(session));
    return Object.create(made, { decide: { value: decide } }) as BatchScheduler;
  }

  private profile(made: SchedulingProfile): SchedulingProfile {
    const { devices, filters = [], ranks, sample, scores = [], ties } = made;
    this.oneOf('ties', ties, TIES);
    this.expect(Array.isArray(filters), 'filters', filters, 'a list');
    this.expect(Array.isArray(scores), 'scores', scores, 'a list');
    if (ranks !== undefined) this.ranks(ranks);
    if (sample !== undefined) {
      this.object('sample', sample);
      for (const field of ['size', 'tries'] as const) {
        const value = sample[field];
        const isRight = Number.isSafeInteger(value) && value >= 1;
        this.expect(isRight, `sample.${field}`, value, 'a whole number of at least 1');
      }
    }
    return {
      ...made,
      filters: filters.map((filter) => this.filter(filter)),
      scores: scores.map((entry) => {
        this.object('an entry of scores', entry);
        const { score, weight } = entry;
        this.expect(Number.isFinite(weight), 'weight', weight, 'a finite number');
        return { score: this.score(score), weight };
      }),
      ...(devices === undefined ? {} : { devices: this.devices(devices) }),
      ...behind(made),
    };
  }

  private ranks(ranks: readonly number[]): void {
    this.expect(Array.isArray(ranks), 'ranks', ranks, 'a list');
    const isPermutation = ranks
      .slice()
      .sort((a, b) => a - b)
      .every((rank, i) => rank === i);
    this.expect(isPermutation, 'ranks', ranks.join(', '), 'a permutation of 0 to nodes - 1');
  }

  private filter(made: NodeFilter): NodeFilter {
    this.object('a filter', made);
    const { dependsOn, name, reason, wakes } = made;
    const what = `filter ${name}`;
    for (const text of [name, reason]) {
      this.expect(typeof text === 'string' && text !== '', what, text, 'a name and a reason');
    }
    this.oneOf(`dependsOn of ${what}`, dependsOn, DEPENDS_ON);
    this.expect(Array.isArray(wakes), `wakes of ${what}`, wakes, 'a list');
    for (const event of wakes) this.oneOf(`wakes of ${what}`, event, WAKES);
    this.method(`keep of ${what}`, made.keep);
    return {
      name,
      reason,
      dependsOn,
      wakes,
      keep: (pod, candidates, count, cluster) => {
        const kept = this.call(what, () => made.keep(pod, candidates, count, cluster));
        const isRight = Number.isInteger(kept) && kept >= 0 && kept <= count;
        if (!isRight) this.fail(`${what} kept ${kept} of ${count} nodes`);
        return kept;
      },
    };
  }

  private score(made: NodeScore): NodeScore {
    this.object('a score', made);
    const { dependsOn, name, risesWithFree } = made;
    const what = `score ${name}`;
    this.expect(typeof name === 'string' && name !== '', 'the name of a score', name, 'a text');
    this.oneOf(`dependsOn of ${what}`, dependsOn, DEPENDS_ON);
    this.method(`add of ${what}`, made.add);
    return {
      name,
      dependsOn,
      ...(risesWithFree === undefined ? {} : { risesWithFree }),
      add: (pod, candidates, count, cluster, scores, weight) => {
        this.call(what, () => made.add(pod, candidates, count, cluster, scores, weight));
        for (let i = 0; i < count; i++) {
          if (!Number.isFinite(scores[i]!)) {
            this.fail(`${what} made ${scores[i]} of node ${candidates[i]}: scores are finite`);
          }
        }
      },
    };
  }

  private devices(made: NonNullable<SchedulingProfile['devices']>) {
    this.object('devices', made);
    this.method('choose of devices', made.choose);
    const choose: typeof made.choose = (pod, node, cluster) => {
      const mask = this.call('devices', () => made.choose(pod, node, cluster));
      if (!Number.isInteger(mask)) this.fail(`devices chose ${mask}, which is no bit mask`);
      return mask;
    };
    return { choose };
  }

  private queueing(made: Queueing): Queueing {
    const { blocking } = made;
    this.expect(typeof blocking === 'boolean', 'blocking', blocking, 'true or false');
    this.method('rank', made.rank);
    const rank: Queueing['rank'] = (pod) => {
      const value = this.call('rank', () => made.rank(pod));
      if (typeof value !== 'number' || Number.isNaN(value)) this.fail(`rank gave ${value}`);
      return value;
    };
    return Object.create(made, { rank: { value: rank } }) as Queueing;
  }

  private placer(made: Placer): Placer {
    this.method('divide', made.divide);
    const divide: Placer['divide'] = (request, fleet, counts) =>
      this.call('divide', () => made.divide(request, fleet, counts));
    const guarded: PropertyDescriptorMap = { divide: { value: divide } };
    if (made.choose !== undefined) {
      this.method('choose', made.choose);
      const choose: Placer['choose'] = (request, fleet) =>
        this.call('choose', () => made.choose!(request, fleet));
      guarded.choose = { value: choose };
    }
    if (made.withdraw !== undefined) {
      this.method('withdraw', made.withdraw);
      const withdraw: Placer['withdraw'] = (request, fleet, counts) =>
        this.call('withdraw', () => made.withdraw!(request, fleet, counts));
      guarded.withdraw = { value: withdraw };
    }
    return Object.create(made, guarded) as Placer;
  }

  private failures(made: FailureModel): FailureModel {
    return {
      upUs: this.spell(made, 'upUs', true),
      downUs: this.spell(made, 'downUs', false),
      ...behind(made),
    };
  }

  private spell(made: FailureModel, what: 'upUs' | 'downUs', mayLastForever: boolean) {
    this.method(what, made[what]);
    return (nodeKey: number, cycle: number): number => {
      const us = this.call(what, () => made[what](nodeKey, cycle));
      const isForever = mayLastForever && us === Number.POSITIVE_INFINITY;
      if (!isForever && !(Number.isSafeInteger(us) && us >= 1)) {
        this.fail(`${what} gave ${us}: the contract asks for whole microseconds of at least 1`);
      }
      return us;
    };
  }
}

/** What is behind a guard, as a field: what a policy keeps in its own fields goes into checkpoints. */
function behind(made: object): object {
  return { behind: made };
}
