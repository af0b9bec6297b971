/** Wires the controllers of one cluster: workloads, budgets, drains and autoscalers, and what the scenario does to them. */
import type { NodeIndex, PodIndex } from '../base/ids.ts';
import type { ScalingPolicy } from '../contracts/policy.ts';
import type { Registry } from '../contracts/registry.ts';
import type { MetricReading } from '../contracts/scaling.ts';
import { kubeOf } from '../model/kube-pods.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { ShapeTable } from '../model/shapes.ts';
import { matchesSelector } from '../policies/kubernetes/selectors.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import { KUBE_EVENT } from '../processes/kinds.ts';
import {
  type AutoscalerFacts,
  Autoscalers,
  type LoadSignal,
} from '../processes/kubernetes/controllers/autoscalers.ts';
import { Budgets } from '../processes/kubernetes/controllers/budgets.ts';
import { CronJobController } from '../processes/kubernetes/controllers/cron-job.ts';
import { DaemonSetController } from '../processes/kubernetes/controllers/daemon-set.ts';
import { DeploymentController } from '../processes/kubernetes/controllers/deployment.ts';
import { type DrainFacts, Drains } from '../processes/kubernetes/controllers/drains.ts';
import { type ControllerEnds, ControllerHost } from '../processes/kubernetes/controllers/host.ts';
import { JobController } from '../processes/kubernetes/controllers/job-controller.ts';
import { ReplicaSetController } from '../processes/kubernetes/controllers/replica-set.ts';
import { StatefulSetController } from '../processes/kubernetes/controllers/stateful-set.ts';
import type { KubeState } from '../processes/kubernetes/kube-state.ts';
import { cordon } from '../processes/kubernetes/node-taints.ts';
import type {
  Autoscaler,
  AutoscalerMetric,
  InitialPod,
  KubeEvent,
} from '../scenario/kubernetes/objects.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type ClusterPlan, nodesOfTarget } from './fleet-plan.ts';
import { EPOCH_US, type MadeController, makeController, ownerOf } from './make-controllers.ts';
import { targetOf } from './workloads.ts';

/** What the controllers of a cluster are built from. */
export interface ControllerParts {
  readonly scenario: Scenario;
  readonly plan: ClusterPlan;
  readonly run: ClusterRun;
  readonly shapes: ShapeTable;
  readonly resources: ResourceTable;
  readonly registry: Registry;
  readonly ends: ControllerEnds & { readonly drained: number };
}

/** From a call's token to its end, and from a change to its being seen, microseconds. */
const CALL_US = 20_000;
const WATCH_US = 30_000;
const US_PER_SECOND = 1_000_000;

/** The controllers of one cluster, and what is done to them later. */
export class BuiltControllers {
  readonly host: ControllerHost;
  readonly made: readonly MadeController[];
  readonly budgets: Budgets;
  readonly drains: Drains;
  readonly autoscalers: Autoscalers;
  private readonly parts: ControllerParts;
  private readonly kube: KubeState;
  private readonly events: readonly KubeEvent[];
  /** Place of each drain among the drains, by event. */
  private readonly drainOf = new Map<number, number>();

  constructor(parts: ControllerParts, kube: KubeState) {
    const { plan, run, scenario } = parts;
    const { kubernetes } = scenario;
    this.parts = parts;
    this.kube = kube;
    this.events = kubernetes?.events ?? [];
    const { api } = scenario.nodeLifecycle;
    this.host = new ControllerHost(
      run,
      { tokens: api, callUs: api === null ? 0 : CALL_US, watchUs: api === null ? 0 : WATCH_US },
      parts.ends,
    );
    const names = scenario.workloads.map(({ name }) => name);
    this.made = (kubernetes?.controllers ?? [])
      .filter(({ cluster }) => cluster === plan.cluster.name)
      .map((object) =>
        makeController(object, {
          host: this.host,
          shapes: parts.shapes,
          resources: parts.resources,
          workloadOf: (name) => names.indexOf(name),
          events: this.events,
          epochUs: EPOCH_US,
        }),
      );
    this.budgets = this.makeBudgets();
    this.drains = this.makeDrains();
    this.autoscalers = new Autoscalers(this.host, this.autoscalerFacts());
  }

  private makeBudgets(): Budgets {
    const { plan, resources, scenario } = this.parts;
    const facts = (scenario.kubernetes?.budgets ?? [])
      .filter(({ cluster }) => cluster === plan.cluster.name)
      .map(({ evictsUnready, maxUnavailable, minAvailable, namespace, selector }) => ({
        namespace,
        selector,
        rule: { maxUnavailable, minAvailable },
        evictsUnready,
      }));
    const budgets = new Budgets(this.host, {
      facts,
      owners: this.made.map(({ running }) => running),
      matches: ({ namespace, selector }, shape) => {
        const kube = kubeOf(shape, resources);
        if (selector === null || selector.length === 0) return false;
        return kube.namespace === namespace && matchesSelector(selector, kube.labels);
      },
    });
    this.kube.facts.budgets = budgets.all;
    return budgets;
  }

  private makeDrains(): Drains {
    const { ends, plan } = this.parts;
    const drains: DrainFacts[] = [];
    this.events.forEach((event, i) => {
      if (event.kind !== 'drain') return;
      const { nodes } = nodesOfTarget(plan, event.target);
      const { gracePeriodUs, parallel, timeoutUs } = event;
      this.drainOf.set(i, drains.push({ nodes, parallel, gracePeriodUs, timeoutUs }) - 1);
    });
    const daemons = new Set<number>();
    for (const { running } of this.made) {
      if (running instanceof DaemonSetController) daemons.add(running.key);
    }
    return new Drains({
      host: this.host,
      budgets: this.budgets,
      drains,
      isLeft: (p) => daemons.has(this.host.pods.find(p)?.owner ?? -1),
      evict: (p, graceUs) =>
        this.host.evict(p, () => this.kube.termination.delete(p, graceUs, ends.drained)),
    });
  }

  private autoscalerFacts(): AutoscalerFacts[] {
    const { plan, scenario } = this.parts;
    return (scenario.kubernetes?.autoscalers ?? [])
      .filter(({ cluster }) => cluster === plan.cluster.name)
      .flatMap((autoscaler) => {
        const target = this.find(autoscaler.workload)?.running;
        const canScale =
          target instanceof DeploymentController ||
          target instanceof ReplicaSetController ||
          target instanceof StatefulSetController;
        return canScale ? [this.autoscalerOf(autoscaler, target)] : [];
      });
  }

  private autoscalerOf(
    object: Autoscaler,
    target: DeploymentController | ReplicaSetController | StatefulSetController,
  ): AutoscalerFacts {
    const policy = this.parts.registry.find('scaling', 'hpa') as ScalingPolicy;
    const checked = policy.params!({ behavior: behaviorOf(object) });
    const params = 'value' in checked ? checked.value : undefined;
    return {
      target,
      minReplicas: object.minReplicas,
      maxReplicas: object.maxReplicas,
      metrics: object.metrics.map((metric) => ({
        reading: readingOf(metric),
        load: this.loadOf(object.workload, metric.name),
      })),
      scaler: policy.create(params, { workload: object.workload }),
    };
  }

  /** Null where the scenario says of no load: the autoscaler then reads nothing and changes nothing. */
  private loadOf(workload: string, metric: string): LoadSignal | null {
    const loads = this.parts.scenario.kubernetes?.loads ?? [];
    const load = loads.find((one) => one.workload === workload && one.metric === metric);
    return load === undefined ? null : targetOf(load.curve);
  }

  private find(workload: string): MadeController | undefined {
    return this.made.find(({ object }) => object.workload === workload);
  }

  /** First syncs, first looks, and the events of the scenario. */
  begin(): void {
    const { engine } = this.parts.run;
    for (const { running } of this.made) {
      this.host.request(running.key, 0);
      for (const key of running.keys()) this.host.request(key, 0);
    }
    this.autoscalers.begin();
    this.events.forEach((event, i) => {
      engine.at(event.atUs, KUBE_EVENT, i);
    });
  }

  /** An event of the scenario happens. */
  happen(i: number): void {
    const event = this.events[i]!;
    switch (event.kind) {
      case 'rollout':
      case 'rollback':
        this.roll(event);
        break;
      case 'cordon':
      case 'uncordon': {
        const { nodes } = nodesOfTarget(this.parts.plan, event.target);
        for (const n of nodes) cordon(this.parts.run, n, event.kind === 'cordon');
        break;
      }
      case 'drain':
        this.drains.begin(this.drainOf.get(i)!);
    }
  }

  private roll(event: Extract<KubeEvent, { kind: 'rollout' | 'rollback' }>): void {
    const made = this.find(event.workload);
    if (made === undefined) return;
    const { running } = made;
    // Templates of Jobs cannot change.
    const isFixed =
      running instanceof JobController ||
      running instanceof CronJobController ||
      running instanceof ReplicaSetController;
    if (isFixed) return;
    if (event.kind === 'rollback') running.rollBack(event.revision);
    else running.setTemplate(made.numberOf(event.template, event.isBroken));
  }

  /** Takes a pod that was there at the start to the controller that looks after it, if one does. */
  adopt(p: PodIndex, pod: InitialPod, node: NodeIndex | -1): void {
    const made = this.find(pod.workload);
    const owner = made === undefined ? null : ownerOf(made, pod, node);
    if (owner === null) return;
    this.host.adopt({ p, ...owner, createdAtUs: pod.createdAtUs, isBroken: false });
  }

  /** Serials of pods that were there at the start are taken. */
  reserve(workload: number, serials: number): void {
    this.host.reserveSerials(workload, serials);
  }
}

/** The parameters of the autoscaler's policy, as a scenario would write them. */
function behaviorOf({ behavior }: Autoscaler): unknown {
  if (behavior === null) return undefined;
  const rules = ({ policies, select, stabilisationUs }: NonNullable<typeof behavior>['up']) => ({
    stabilizationWindowSeconds: stabilisationUs / US_PER_SECOND,
    selectPolicy: select,
    policies: policies.map(({ periodUs, type, value }) => ({
      type,
      value,
      periodSeconds: periodUs / US_PER_SECOND,
    })),
  });
  return { scaleUp: rules(behavior.up), scaleDown: rules(behavior.down) };
}

function readingOf({ source, target }: AutoscalerMetric): MetricReading {
  const isOfPods = source === 'pods' || source === 'resource' || source === 'container-resource';
  switch (target.kind) {
    case 'utilization':
      return { kind: 'utilization', targetPercent: target.percent };
    case 'average-value': {
      if (!isOfPods) return { kind: 'value-average', targetMilli: target.milli, valueMilli: null };
      const kind = source === 'pods' ? 'pods-average' : 'resource-average';
      return { kind, targetMilli: target.milli };
    }
    case 'value':
      return { kind: 'value', targetMilli: target.milli, valueMilli: null };
  }
}
