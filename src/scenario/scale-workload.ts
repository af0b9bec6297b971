/** The load of a part of a world: fewer jobs and replicas, each of them as it was. */
import type { Distribution } from '../base/distribution.ts';
import { leastScale, type Refuse } from '../base/scale.ts';
import type { Arrivals, Replicas, Workload } from './scenario.ts';

/** Scales the arrivals, replicas and initial pods of a workload; pods of a job and run times stay. */
export function scaleWorkload(workload: Workload, factor: number, refuse: Refuse): Workload {
  const path = `workloads.${workload.name}`;
  if (workload.kind === 'service') {
    return { ...workload, replicas: scaleReplicas(workload.replicas, factor, path, refuse) };
  }
  const arrivals = scaleArrivals(workload.arrivals, factor, path, refuse);
  if (workload.initial === undefined) return { ...workload, arrivals };
  const { initial, ...rest } = workload;
  const pods = Math.round(initial.pods * factor);
  return { ...rest, arrivals, ...(pods === 0 ? {} : { initial: { ...initial, pods } }) };
}

function scaleReplicas(replicas: Replicas, factor: number, path: string, refuse: Refuse): Replicas {
  const scaled = (count: number): number => {
    const whole = Math.round(count * factor);
    if (whole === 0 && count > 0) {
      refuse(`${path}.replicas`, `${leastScale(count)}, or no replica is left`);
    }
    return whole;
  };
  switch (replicas.kind) {
    case 'constant':
      return { ...replicas, count: scaled(replicas.count) };
    case 'steps':
      return {
        ...replicas,
        steps: replicas.steps.map(({ atUs, count }) => ({ atUs, count: scaled(count) })),
      };
    case 'diurnal':
      return { ...replicas, mean: replicas.mean * factor };
  }
}

function scaleArrivals(arrivals: Arrivals, factor: number, path: string, refuse: Refuse): Arrivals {
  switch (arrivals.kind) {
    case 'poisson':
    case 'diurnal':
      return { ...arrivals, perSecond: arrivals.perSecond * factor };
    case 'regular':
      return { ...arrivals, everyUs: Math.round(arrivals.everyUs / factor) };
    case 'renewal':
      return { ...arrivals, gapUs: stretch(arrivals.gapUs, 1 / factor) };
    case 'trace':
      refuse(`${path}.arrivals`, 'no trace: its jobs are what they are; limit takes the first');
      return arrivals;
    case 'none':
      return arrivals;
  }
}

/** A law of values `by` times as large. */
function stretch(law: Distribution, by: number): Distribution {
  switch (law.law) {
    case 'constant':
      return { ...law, value: law.value * by };
    case 'exponential':
      return { ...law, mean: law.mean * by };
    case 'lognormal':
      return { ...law, median: law.median * by };
    case 'weibull':
      return { ...law, scale: law.scale * by };
    case 'truncated-pareto':
      return { ...law, min: law.min * by, max: law.max * by };
    case 'hyperexponential':
      return { ...law, means: law.means.map((mean) => mean * by) };
    case 'empirical':
      return { ...law, points: law.points.map(([quantile, value]) => [quantile, value * by]) };
  }
}
