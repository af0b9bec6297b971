import { defineScaling } from '../../contracts/policy.ts';
import type {
  Autoscaler,
  ScalingDecision,
  ScalingMoment,
  ScalingProposal,
} from '../../contracts/scaling.ts';
import { FieldReader, isRecord, paramsOf } from '../params.ts';
import { proposeReplicas, type Tolerance } from './hpa-metrics.ts';
import {
  type Behavior,
  type RateBounds,
  type RatePolicy,
  rememberChange,
  type ScalingMemory,
  type ScalingRules,
  withBehavior,
  withoutBehavior,
} from './hpa-rates.ts';

interface HpaParams {
  readonly everyUs: number;
  readonly tolerance: Tolerance;
  /** Null: the rules of an autoscaler without `spec.behavior`. */
  readonly behavior: Behavior | null;
}

const SECOND_US = 1_000_000;
const INT32_MAX = 2_147_483_647;

/** The default rules where `behavior` is given in part. */
const UP_RULES: ScalingRules = {
  stabilizationWindowUs: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodUs: 15 * SECOND_US },
    { type: 'Percent', value: 100, periodUs: 15 * SECOND_US },
  ],
};
const DOWN_RULES: ScalingRules = {
  stabilizationWindowUs: 300 * SECOND_US,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodUs: 15 * SECOND_US }],
};

/**
 * Kubernetes' horizontal pod autoscaler, `autoscaling/v2`.
 *
 * *Guarantees*: the present number if nothing can be read, or if what can be read asks for less while something cannot.
 * *Source*: Kubernetes v1.34, pkg/controller/podautoscaler.
 */
export const hpa = defineScaling<HpaParams>({
  name: 'hpa',
  summary: "Kubernetes' horizontal pod autoscaler: the largest of what its metrics propose.",
  formula: 'ceil(replicas * observed / target), within tolerance unchanged; stabilised and bounded',
  paramsHelp: {
    syncPeriodSeconds: 'time between two decisions; default 15',
    tolerance: 'distance of observed / target from 1 without consequence; default 0.1',
    behavior:
      'scaleUp and scaleDown: stabilizationWindowSeconds, selectPolicy, policies; default none',
  },
  params: paramsOf(readParams),
  create: (params) => new HorizontalPodAutoscaler(params),
});

function readParams(fields: FieldReader): HpaParams {
  const tolerance = fields.number('tolerance', 0.1, 0, 1);
  const behavior = fields.any('behavior');
  if (behavior !== undefined && behavior !== null && !isRecord(behavior)) {
    fields.fail('behavior', 'an object with scaleUp and scaleDown');
  }
  return {
    everyUs: fields.number('syncPeriodSeconds', 15, 1, 86_400) * SECOND_US,
    tolerance: { up: tolerance, down: tolerance },
    behavior: isRecord(behavior) ? readBehavior(behavior, fields) : null,
  };
}

function readBehavior(raw: Readonly<Record<string, unknown>>, outer: FieldReader): Behavior {
  const fields = new FieldReader(raw, outer.pathOf('behavior'));
  const behavior = {
    scaleUp: readRules(fields, 'scaleUp', UP_RULES),
    scaleDown: readRules(fields, 'scaleDown', DOWN_RULES),
  };
  outer.adopt(fields.finish());
  return behavior;
}

function readRules(outer: FieldReader, name: string, defaults: ScalingRules): ScalingRules {
  const raw = outer.any(name);
  if (raw === undefined || raw === null) return defaults;
  const fields = new FieldReader(raw, outer.pathOf(name));
  const rules = {
    stabilizationWindowUs:
      fields.integer(
        'stabilizationWindowSeconds',
        defaults.stabilizationWindowUs / SECOND_US,
        0,
        3600,
      ) * SECOND_US,
    selectPolicy: fields.choice('selectPolicy', ['Max', 'Min', 'Disabled'], defaults.selectPolicy),
    policies: readPolicies(fields, defaults.policies),
  };
  outer.adopt(fields.finish());
  return rules;
}

function readPolicies(outer: FieldReader, defaults: readonly RatePolicy[]): readonly RatePolicy[] {
  const raw = outer.any('policies');
  if (raw === undefined || raw === null) return defaults;
  if (!Array.isArray(raw) || raw.length === 0) {
    outer.fail('policies', 'a list of at least one of {type, value, periodSeconds}');
    return defaults;
  }
  return raw.map((entry: unknown, i) => {
    const fields = new FieldReader(entry, outer.pathOf(`policies[${i}]`));
    const policy: RatePolicy = {
      type: fields.choice('type', ['Pods', 'Percent'], 'Pods'),
      value: fields.integer('value', 1, 1, INT32_MAX),
      periodUs: fields.integer('periodSeconds', 15, 1, 1800) * SECOND_US,
    };
    outer.adopt(fields.finish());
    return policy;
  });
}

class HorizontalPodAutoscaler implements Autoscaler {
  readonly everyUs: number;
  private readonly params: HpaParams;
  private memory: ScalingMemory = { recommendations: [], ups: [], downs: [] };

  constructor(params: HpaParams) {
    this.params = params;
    this.everyUs = params.everyUs;
  }

  decide(moment: ScalingMoment): ScalingDecision {
    const { maxReplicas, metrics, minReplicas, nowUs, replicas } = moment;
    const { memory } = this;
    if (memory.recommendations.length === 0) {
      memory.recommendations.push({ atUs: nowUs, replicas });
    }
    const bare = (to: number, reason: ScalingDecision['reason']): ScalingDecision => {
      this.changed(moment, to);
      return { replicas: to, proposals: metrics.map(() => null), reason };
    };
    if (replicas === 0 && minReplicas !== 0) return bare(0, 'disabled');
    if (replicas > maxReplicas) return bare(maxReplicas, 'above-max');
    if (replicas < minReplicas) return bare(minReplicas, 'below-min');
    const proposals = metrics.map((reading, i) =>
      proposeReplicas(reading, moment, moment.pods(i), this.params.tolerance),
    );
    const proposed = largest(proposals);
    const isPartial = proposals.includes(null);
    if (proposed === null || (isPartial && proposed < replicas)) {
      return { replicas, proposals, reason: 'no-metrics' };
    }
    const bounds: RateBounds = { nowUs, current: replicas, minReplicas, maxReplicas };
    const { behavior } = this.params;
    const to =
      behavior === null
        ? withoutBehavior(proposed, bounds, memory)
        : withBehavior(proposed, bounds, memory, behavior);
    this.changed(moment, to);
    return {
      replicas: to,
      proposals,
      reason: to > replicas ? 'up' : to < replicas ? 'down' : 'steady',
    };
  }

  private changed({ nowUs, replicas }: ScalingMoment, to: number): void {
    const { behavior } = this.params;
    if (behavior !== null && to !== replicas) {
      rememberChange(this.memory, { nowUs, from: replicas, to }, behavior);
    }
  }

  save(): ScalingMemory {
    return structuredCopy(this.memory);
  }

  restore(saved: unknown): void {
    this.memory = structuredCopy(saved as ScalingMemory);
  }
}

function structuredCopy(memory: ScalingMemory): ScalingMemory {
  return {
    recommendations: [...memory.recommendations],
    ups: [...memory.ups],
    downs: [...memory.downs],
  };
}

function largest(proposals: readonly (ScalingProposal | null)[]): number | null {
  let most: number | null = null;
  for (const proposal of proposals) {
    if (proposal !== null && (most === null || proposal.replicas > most)) most = proposal.replicas;
  }
  return most;
}
