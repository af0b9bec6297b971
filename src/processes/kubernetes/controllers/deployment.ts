import type { DeploymentFacts } from './facts.ts';
import type { ControllerHost, Syncable } from './host.ts';
import { ReplicaSetController } from './replica-set.ts';
import { fenceOf, nextStep, type RolloutSet } from './rollout.ts';

/**
 * Rolls a Deployment from one template to the next, and keeps its number of replicas over all its ReplicaSets.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/deployment.
 */
export class DeploymentController implements Syncable {
  readonly key: number;
  replicas: number;
  private template = 0;
  private readonly host: ControllerHost;
  private readonly facts: DeploymentFacts;
  /** Oldest first; the set of the present template may be anywhere. */
  private readonly sets: ReplicaSetController[] = [];
  /** Writes of its own that it has not seen yet. */
  private busyUntilUs = 0;

  constructor(host: ControllerHost, facts: DeploymentFacts) {
    this.host = host;
    this.facts = facts;
    this.replicas = facts.replicas;
    this.key = host.add(this, 'deployment', facts.workload);
    for (const { replicas, template } of facts.sets) this.addSet(template, replicas);
  }

  /** Keys of its ReplicaSets, oldest first. */
  keys(): readonly number[] {
    return this.sets.map(({ key }) => key);
  }

  /** The ReplicaSet of a template, for pods that were there at the start; undefined if there is none. */
  keyOf(template: number): number | undefined {
    return this.sets.find((set) => set.template === template)?.key;
  }

  /** Another template: the next sync starts to roll. */
  setTemplate(template: number): void {
    this.template = template;
    this.host.request(this.key);
  }

  /** Goes back to the template of a revision; 0 is the one before, a revision that is gone changes nothing. */
  rollBack(revision: number): void {
    const known = this.sets.filter((set) => set.template !== this.template);
    const target =
      revision === 0
        ? known.reduce<ReplicaSetController | undefined>(
            (last, set) => (last === undefined || set.revision > last.revision ? set : last),
            undefined,
          )
        : known.find((set) => set.revision === revision);
    if (target !== undefined) this.setTemplate(target.template);
  }

  /** Another number of replicas. */
  scale(replicas: number): void {
    this.replicas = replicas;
    this.host.request(this.key);
  }

  /** Pods that should be there, for budgets and autoscalers. */
  get wanted(): number {
    return this.replicas;
  }

  sync(): void {
    const { host } = this;
    if (host.nowUs < this.busyUntilUs) {
      host.request(this.key, this.busyUntilUs);
      return;
    }
    const fresh = this.freshSet();
    if (fresh !== null) this.renumber(fresh);
    const old = this.sets.filter((set) => set !== fresh);
    const { isPaused, strategy } = this.facts;
    const rollout = {
      replicas: this.replicas,
      strategy,
      isPaused,
      fresh: fresh === null ? null : seen(fresh),
      old: old.map(seen),
    };
    const step = nextStep(rollout);
    host.settle(this.facts.workload, Math.max(0, this.replicas - this.activePods()));
    if (step.kind === 'rest') return;
    const most = this.replicas + fenceOf(rollout).surge;
    if (step.kind === 'create') host.request(this.addSet(this.template, step.replicas, most).key);
    else {
      old.forEach((set, i) => {
        this.write(set, step.old[i]!, most);
      });
      if (fresh !== null) this.write(fresh, step.fresh ?? fresh.spec, most);
    }
    // The write, then its own status.
    this.busyUntilUs = host.write(this.key, 2);
    host.request(this.key);
  }

  private activePods(): number {
    return this.sets.reduce((sum, set) => sum + this.host.pods.active(set.key).length, 0);
  }

  private freshSet(): ReplicaSetController | null {
    // Equal templates have one number: an old set of it is taken up again.
    return this.sets.find((set) => set.template === this.template) ?? null;
  }

  /** An old set that is the present one again gets the next number. */
  private renumber(fresh: ReplicaSetController): void {
    const last = Math.max(...this.sets.map((set) => set.revision));
    if (fresh.revision < last) fresh.revision = last + 1;
  }

  private write(set: ReplicaSetController, replicas: number, most: number): void {
    const isSame = set.spec === replicas;
    set.desiredBefore = this.replicas;
    set.mostBefore = most;
    if (isSame) return;
    set.spec = replicas;
    this.host.request(set.key);
  }

  private addSet(template: number, replicas: number, most = replicas): ReplicaSetController {
    const { facts, host, sets } = this;
    const set = new ReplicaSetController(host, {
      workload: facts.workload,
      templates: facts.templates,
      template,
      replicas,
      desired: this.replicas,
      most,
      revision: 1 + Math.max(0, ...sets.map(({ revision }) => revision)),
      minReadyUs: facts.minReadyUs,
      owner: this,
    });
    sets.push(set);
    return set;
  }
}

function seen(set: ReplicaSetController): RolloutSet {
  const { available, desiredBefore, mostBefore, present, spec } = set;
  return { available, desiredBefore, mostBefore, present, spec };
}
