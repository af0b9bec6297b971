/** Creates a cluster's scheduler: the policy, the selector that answers it, and the process that asks. */
import { assert } from '../base/assert.ts';
import { ScenarioError } from '../base/errors.ts';
import { asPod } from '../base/ids.ts';
import type { PolicyStream } from '../contracts/policy.ts';
import type { Queueing } from '../contracts/queueing.ts';
import type { BatchScheduler, Scheduler, SchedulingProfile } from '../contracts/scheduling.ts';
import { BatchScheduling, JobQueue } from '../processes/batch-scheduling.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import type { ControlPlane } from '../processes/control-plane.ts';
import type { PendingGroup } from '../processes/kubernetes/pending.ts';
import { PendingQueue } from '../processes/pending-queue.ts';
import { PodScheduling } from '../processes/scheduling.ts';
import { KeyedDraws } from '../random/draw.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { guardProfile } from '../selection/guard.ts';
import { selectFor } from '../selection/select.ts';
import type { NodeSelector, Tier } from '../selection/selector.ts';
import type { BuiltControllers } from './build-controllers.ts';
import { KubernetesBuilder } from './build-kubernetes.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { refuseKubernetesOnly } from './kubernetes-demands.ts';

/** A cluster's scheduler as the engine calls it. */
export interface MadeScheduler {
  readonly tier: Tier;
  /** Who looks ahead at nodes that will change; absent if nobody does. */
  readonly selector?: NodeSelector;
  readonly decide: () => void;
  readonly bind: (pod: number) => void;
  /** Timers of the queue, and deletions of pods by the scheduler; absent where there are none. */
  readonly queueTimer?: () => void;
  readonly deletePod?: (job: number) => void;
  /** Who waits why at the end; absent where no message says so. */
  readonly pending?: () => PendingGroup[];
  /** Absent or null unless the cluster is Kubernetes' and the scenario has objects for it. */
  readonly controllers?: BuiltControllers | null;
  /** What only the functions above hold. */
  readonly wiring: readonly object[];
}

/** Creates the scheduling policy of a cluster and the process that asks it. */
export function makeScheduler(
  parts: ClusterParts,
  run: ClusterRun,
  controlPlane: ControlPlane,
): MadeScheduler {
  const { options, plan, scheduling } = parts;
  const { cluster } = run;
  const name = scheduling.policy.name;
  const stream = new KeyedDraws(
    options.seed,
    options.replication,
    `policy/${name}/${plan.cluster.name}`,
  );
  const kubernetes = new KubernetesBuilder(parts, run);
  const create = (): Scheduler =>
    scheduling.policy.create(
      scheduling.params as never,
      {
        cluster,
        stream,
        shapes: parts.workloads.shapes,
        get shapeCounts() {
          return parts.tracePods();
        },
        framework: (plugin: string, args: unknown) => kubernetes.plugin(plugin, args),
      } as never,
    ) as Scheduler;
  const made = create();
  if (made.kind !== 'framework') refuseKubernetesOnly(parts.scenario, plan.cluster.name, name);
  if (made.kind === 'batch') return makeBatch(parts, run, { scheduler: made, stream });
  if (made.kind === 'framework') return kubernetes.make(made, { stream, controlPlane });
  const guard = options.check
    ? guardProfile(() => create() as SchedulingProfile, cluster, name)
    : null;
  const profile = guard?.profile ?? made;
  const isCharged = controlPlane.chargesExamined;
  const selection = selectFor({ policy: name, cluster, profile, stream, check: guard, isCharged });
  const queue = new PendingQueue(run, makeQueueing(parts));
  const deciding = new PodScheduling(run, {
    policy: name,
    profile,
    selection,
    devices: profile.devices,
    queue,
    controlPlane,
    returnsHopeless: parts.scenario.clusters.length > 1,
    // A check goes the long way: so both ways are held equal. A watch looks at attempts from the queue.
    isDirect: !controlPlane.isTimed && !options.check && run.watch === null,
  });
  run.queue = queue;
  run.deciding = deciding;
  return {
    tier: selection.selector.tier,
    selector: selection.selector,
    wiring: [],
    decide: () => deciding.decide(),
    bind: (pod) => deciding.bind(asPod(pod)),
  };
}

function makeBatch(
  parts: ClusterParts,
  run: ClusterRun,
  what: { readonly scheduler: BatchScheduler; readonly stream: PolicyStream },
): MadeScheduler {
  const { name } = parts.scheduling.policy;
  refuseLosses(parts.scenario, name);
  run.cluster.pods.keepEstimates();
  const jobs = new JobQueue(run);
  const { selector, feasibility } = selectFor({
    policy: name,
    cluster: run.cluster,
    profile: { kind: 'profile', ties: 'index' },
    stream: what.stream,
    check: null,
  });
  const { scheduler } = what;
  const deciding = new BatchScheduling(run, {
    policy: name,
    scheduler,
    jobs,
    selector,
    feasibility,
  });
  run.queue = jobs;
  run.deciding = deciding;
  return { tier: 'batch', wiring: [], decide: () => deciding.decide(), bind: unreachableBind };
}

/** A batch scheduler keeps its queue: it refuses nobody, so that nobody could be lost for it. */
function refuseLosses(scenario: Scenario, policy: string): void {
  const issues = scenario.workloads
    .filter((workload) => workload.kind !== 'service' && workload.onRefusal === 'lose')
    .map(({ name }) => ({
      path: `workloads.${name}.onRefusal`,
      value: 'lose',
      expected: `wait with scheduling ${policy}, which decides for the whole queue`,
    }));
  if (issues.length > 0) throw new ScenarioError(issues);
}

function unreachableBind(): void {
  assert(false, 'a batch scheduler binds at once');
}

function makeQueueing(parts: ClusterParts): Queueing {
  const { policy, params } = parts.queueing;
  return policy.create(params as never, { cluster: parts.plan.cluster.name } as never) as Queueing;
}
