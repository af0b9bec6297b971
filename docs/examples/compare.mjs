// Compares two scheduling policies on the same ten days: node compare.mjs SCENARIO POLICY POLICY
import { simulate } from 'orrery';

const [scenario, ...policies] = process.argv.slice(2);
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Mean wait of large pods in seconds. */
async function waitUnder(policy, seed) {
  const { result } = await simulate(scenario, {
    seed,
    overrides: [`policies.scheduling=${policy}`],
  });
  const wanted = (m) => m.name === 'pod_wait_seconds' && m.labels.workload === 'large';
  return result.metrics.find(wanted).mean;
}

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
const differences = [];
for (const seed of SEEDS) {
  const [a, b] = [await waitUnder(policies[0], seed), await waitUnder(policies[1], seed)];
  differences.push(b - a);
  console.log(
    `seed ${String(seed).padStart(2)}  ${a.toFixed(1).padStart(7)} s  ${b.toFixed(1).padStart(7)} s`,
  );
}
const center = mean(differences);
const variance =
  differences.reduce((sum, d) => sum + (d - center) * (d - center), 0) / (SEEDS.length - 1);
// Student's t for 95 % and 9 degrees of freedom.
const half = 2.262 * Math.sqrt(variance / SEEDS.length);
console.log(
  `${policies[1]} - ${policies[0]}: ${center.toFixed(1)} s, 95 % [${(center - half).toFixed(1)}, ${(center + half).toFixed(1)}]`,
);
