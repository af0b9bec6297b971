/** Wires a cluster that Kubernetes' framework schedules: its nodes as Kubernetes sees them, plug-ins, cycle, queue, process. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { asPod } from '../base/ids.ts';
import type { FrameworkPlugin, FrameworkScheduler } from '../contracts/framework.ts';
import {
  EVICTED_BY_DRAIN,
  EVICTED_BY_NODE_FAILURE,
  EVICTED_BY_PREEMPTION,
} from '../contracts/observer.ts';
import type { AnyPolicy, FrameworkPolicy, PolicyStream } from '../contracts/policy.ts';
import { KubeNodes } from '../model/kube-nodes.ts';
import { kubeOf } from '../model/kube-pods.ts';
import type { StorageObjects } from '../model/kube-storage.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import type { ControlPlane } from '../processes/control-plane.ts';
import { ImagePulls } from '../processes/kubernetes/image-pulls.ts';
import type { KubeState } from '../processes/kubernetes/kube-state.ts';
import { pendingGroups } from '../processes/kubernetes/pending.ts';
import { PodFacts } from '../processes/kubernetes/pod-facts.ts';
import { KubeQueue } from '../processes/kubernetes/queue.ts';
import { KubeScheduling } from '../processes/kubernetes/scheduling.ts';
import { type End, Termination } from '../processes/kubernetes/termination.ts';
import type { KubernetesObjects } from '../scenario/kubernetes/objects.ts';
import { KubeCycle } from '../selection/kubernetes/cycle.ts';
import { Nominator } from '../selection/kubernetes/nominator.ts';
import { BuiltControllers } from './build-controllers.ts';
import type { MadeScheduler } from './build-scheduler.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { kubeNodesOf, nodeOrderOf } from './fleet-plan.ts';

/** Places of the controllers' ends among all ends of `state`. */
const CONTROLLER_ENDS = { deleted: 1, evicted: 2, drained: 3 };

/** Builds the Kubernetes side of one cluster; costs nothing until somebody asks for it. */
export class KubernetesBuilder {
  private readonly parts: ClusterParts;
  private readonly run: ClusterRun;
  private made: KubeNodes | null = null;

  constructor(parts: ClusterParts, run: ClusterRun) {
    this.parts = parts;
    this.run = run;
  }

  /** The cluster's nodes as Kubernetes sees them. */
  get nodes(): KubeNodes {
    this.made ??= this.makeNodes();
    return this.made;
  }

  private makeNodes(): KubeNodes {
    const { plan, scenario } = this.parts;
    const described = kubeNodesOf(plan);
    const namespaces = new Map(
      (scenario.kubernetes?.namespaces ?? [])
        .filter(({ cluster }) => cluster === null || cluster === plan.cluster.name)
        .map(({ name, labels }) => [name, labels]),
    );
    return new KubeNodes({
      cluster: this.run.cluster,
      describe: (n) => described[n]!,
      order: nodeOrderOf(plan),
      namespaces,
      ...(scenario.kubernetes === undefined
        ? {}
        : { storage: this.storageOf(scenario.kubernetes) }),
    });
  }

  /** The storage objects of this cluster. What drivers publish of free capacity is not read. */
  private storageOf({ volumes }: KubernetesObjects): StorageObjects {
    const isHere = ({ cluster }: { readonly cluster: string }): boolean =>
      cluster === this.parts.plan.cluster.name;
    return {
      claims: volumes.claims.filter(isHere),
      volumes: volumes.persistent.filter(isHere),
      classes: volumes.classes.filter(isHere).map((c) => ({ ...c, capacities: null })),
    };
  }

  /**
   * Makes a plug-in of the framework.
   *
   * @throws ScenarioError for a name that is not registered, or arguments that the plug-in refuses
   */
  plugin(name: string, args: unknown): FrameworkPlugin {
    const { registry } = this.parts.options;
    const policy = registry.find('framework', name);
    if (policy === undefined) {
      const near = registry.nearest('framework', name);
      const hint = near === undefined ? 'load it with --plugin' : `did you mean ${near}?`;
      const expected = 'a plug-in of the framework that is registered';
      throw new ScenarioError([{ path: this.path, value: name, expected, hint }]);
    }
    const params = this.argsOf(policy, args);
    return (policy as FrameworkPolicy).create(params, { nodes: this.nodes });
  }

  private get path(): string {
    return `policies.scheduling of ${this.parts.plan.cluster.name}`;
  }

  private argsOf(policy: AnyPolicy, args: unknown): unknown {
    const path = `${this.path}: pluginConfig of ${policy.name}`;
    if (policy.params === undefined) {
      if (args === undefined || Object.keys(args as object).length === 0) return undefined;
      throw new ScenarioError([{ path, expected: `none: ${policy.name} takes no arguments` }]);
    }
    const checked = policy.params(args ?? {});
    if ('value' in checked) return checked.value;
    throw new ScenarioError(
      checked.issues.map((issue) => ({
        ...issue,
        path: issue.path === '' ? path : `${path}.${issue.path}`,
      })),
    );
  }

  /** Puts the queue, the cycle and the process together. */
  make(
    scheduler: FrameworkScheduler,
    what: { readonly stream: PolicyStream; readonly controlPlane: ControlPlane },
  ): MadeScheduler {
    const { run } = this;
    const { options, scenario, scheduling } = this.parts;
    const policy = scheduling.policy.name;
    this.checkSchedulerNames(scheduler);
    const kube = this.state();
    run.kube = kube;
    const queue = new KubeQueue(run, {
      scheduler,
      nodes: kube.nodes,
      profileOf: (shape) =>
        KubeScheduling.profileOf(policy, scheduler, kube.nodes.kubeOf(shape).schedulerName),
      isNominated: (p) => kube.nominator.nodeOf(p) !== -1,
      timersChanged: () => deciding.request(),
    });
    const cycle = new KubeCycle({
      policy,
      scheduler,
      nodes: kube.nodes,
      nominator: kube.nominator,
      facts: kube.facts,
      stream: what.stream,
      check: options.check,
    });
    const deciding = new KubeScheduling(run, {
      policy,
      scheduler,
      cycle,
      queue,
      kube,
      controlPlane: what.controlPlane,
      returnsHopeless: scenario.clusters.length > 1,
      check: options.check,
    });
    run.queue = queue;
    run.deciding = deciding;
    const controllers = this.controllers(kube);
    return {
      controllers,
      tier: 'framework',
      wiring: [cycle],
      decide: () => deciding.decide(),
      bind: (pod) => deciding.bind(asPod(pod)),
      queueTimer: () => deciding.timed(),
      deletePod: (job) => deciding.preemption.delete(job),
      pending: () => pendingGroups(run, queue, cycle),
    };
  }

  /** Controllers of workloads; null if the scenario has nothing of the kind. */
  private controllers(kube: KubeState): BuiltControllers | null {
    const { options, plan, resources, scenario, shapes } = this.parts;
    if (scenario.kubernetes === undefined) return null;
    const { registry } = options;
    const { run } = this;
    const built = new BuiltControllers(
      { scenario, plan, run, shapes, resources, registry, ends: CONTROLLER_ENDS },
      kube,
    );
    kube.controllers = built.host;
    return built;
  }

  private state(): KubeState {
    const { run } = this;
    const ends: End[] = [
      (p) => run.evictions.evict(p, EVICTED_BY_PREEMPTION),
      (p) => run.kube!.controllers!.ended(p),
      (p) => run.evictions.evict(p, EVICTED_BY_NODE_FAILURE),
      (p) => run.evictions.evict(p, EVICTED_BY_DRAIN),
    ];
    const pulls = this.parts.scenario.kubernetes?.imagePulls;
    return {
      nodes: this.nodes,
      ...(pulls && {
        pulls: new ImagePulls(this.nodes, {
          bytes: new Map(Object.entries(pulls.bytes)),
          bytesPerSecond: pulls.bytesPerSecond,
        }),
      }),
      nominator: new Nominator(),
      facts: new PodFacts(),
      termination: new Termination(run, ends),
    };
  }

  /** A pod whose `schedulerName` no profile has would wait for ever. */
  private checkSchedulerNames(scheduler: FrameworkScheduler): void {
    const { plan, resources, scenario, workloads } = this.parts;
    const names = scheduler.profiles.map(({ schedulerName }) => schedulerName);
    const issues: Issue[] = [];
    scenario.workloads.forEach(({ name }, i) => {
      const { schedulerName } = kubeOf(workloads.shapes[i]!, resources);
      if (names.includes(schedulerName)) return;
      issues.push({
        path: `workloads.${name}.pod.schedulerName`,
        value: schedulerName,
        expected: `the schedulerName of a profile of ${plan.cluster.name}: ${names.join(', ')}`,
      });
    });
    if (issues.length > 0) throw new ScenarioError(issues);
  }
}
