/**
 * Horizontal pod autoscalers of a cluster, over a fluid load: a pod uses its share of what the workload is asked for.
 *
 * *Source*: Kubernetes v1.34, podautoscaler; the age of samples is one number instead of a chain of scrapes.
 */
import type {
  Autoscaler,
  MeasuredPods,
  MetricReading,
  ScalingMoment,
} from '../../../contracts/scaling.ts';
import { RUNNING } from '../../../model/pods.ts';
import { AUTOSCALE } from '../../kinds.ts';
import type { ControllerHost } from './host.ts';
import type { OwnedPod } from './pods.ts';

/** Demand of a workload over time, thousandths of the metric's unit, over all its pods. */
export interface LoadSignal {
  at(nowUs: number): number;
}

/** What an autoscaler scales. */
export interface ScaleTarget {
  replicas: number;
  scale(replicas: number): void;
  /** Keys whose pods are its own. */
  keys(): readonly number[];
}

/** One autoscaler. */
export interface AutoscalerFacts {
  readonly target: ScaleTarget;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Each metric with the load that it measures, null where nothing measures it; a value metric reads the load itself. */
  readonly metrics: readonly {
    readonly reading: MetricReading;
    readonly load: LoadSignal | null;
  }[];
  readonly scaler: Autoscaler;
}

/** Age of the sample that a decision sees. */
const SAMPLE_AGE_US = 30_000_000;
/** Time from a pod's start in which its cpu sample counts only once it is ready, and a pod's first readiness. */
const CPU_INITIALISATION_US = 300_000_000;

/** The autoscalers of one cluster. */
export class Autoscalers {
  private readonly host: ControllerHost;
  private readonly facts: readonly AutoscalerFacts[];

  constructor(host: ControllerHost, facts: readonly AutoscalerFacts[]) {
    this.host = host;
    this.facts = facts;
  }

  /** Each looks for the first time one period after the start. */
  begin(): void {
    this.facts.forEach(({ scaler }, i) => {
      this.host.run.engine.at(this.host.nowUs + scaler.everyUs, AUTOSCALE, i);
    });
  }

  /** The event of one autoscaler. */
  decide(i: number): void {
    const { engine, isDark } = this.host.run;
    const { maxReplicas, metrics, minReplicas, scaler, target } = this.facts[i]!;
    engine.at(this.host.nowUs + scaler.everyUs, AUTOSCALE, i);
    if (isDark) return;
    const moment: ScalingMoment = {
      nowUs: this.host.nowUs,
      replicas: target.replicas,
      minReplicas,
      maxReplicas,
      metrics: metrics.map(({ load, reading }) => this.read(reading, load)),
      pods: (metric) => this.measure(target, metrics[metric]!.load),
    };
    const { replicas } = scaler.decide(moment);
    if (replicas !== target.replicas) target.scale(replicas);
  }

  private get sampledUs(): number {
    return Math.max(0, this.host.nowUs - SAMPLE_AGE_US);
  }

  private read(reading: MetricReading, load: LoadSignal | null): MetricReading {
    const isValue = reading.kind === 'value' || reading.kind === 'value-average';
    return isValue ? { ...reading, valueMilli: load?.at(this.sampledUs) ?? null } : reading;
  }

  /** Pods of the target by what an autoscaler tells apart; the load is shared by those that are ready. */
  private measure(target: ScaleTarget, load: LoadSignal | null): MeasuredPods[] {
    const { host } = this;
    const pods: OwnedPod[] = [];
    for (const key of target.keys()) pods.push(...host.pods.of(key));
    const ready = pods.filter((pod) => !pod.isTerminating && pod.readySinceUs >= 0).length;
    const demand = load?.at(this.sampledUs) ?? null;
    const share = demand === null || ready === 0 ? null : Math.round(demand / ready);
    return pods.map((pod): MeasuredPods => {
      const isReady = pod.readySinceUs >= 0;
      const isRunning = host.run.cluster.pods.state(pod.p) === RUNNING;
      const age = host.nowUs - pod.createdAtUs;
      const hasSample = isReady && pod.readySinceUs <= this.sampledUs;
      return {
        count: 1,
        usageMilli: hasSample ? share : null,
        requestMilli: this.requestOf(pod),
        phase: isRunning ? 'Running' : 'Pending',
        isDeleting: pod.isTerminating,
        isReady,
        isCpuSampleIgnored: !isReady && age < CPU_INITIALISATION_US,
      };
    });
  }

  /** Millicores. */
  private requestOf(pod: OwnedPod): number {
    const { cluster } = this.host.run;
    return this.host.run.shapeOf(pod.p).requests[0]! * cluster.resources.all[0]!.grain;
  }
}
