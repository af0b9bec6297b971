/** Methods: what was run, which laws were checked, where the inputs come from, and how far the numbers can be trusted. */
import { formatCount, formatDollars, formatDuration, formatRatio } from '../base/units.ts';
import type { Bundle, ManifestFile } from '../results/bundle.ts';
import { findMetric } from '../results/catalog.ts';
import { column } from './charts/table.ts';
import { escapeHtml } from './escape.ts';
import { batchRows, effortFigures, preciseRows } from './figures/effort.ts';
import { figureHtml, type Section, scrolled, tableHtml } from './html-parts.ts';
import { littlesText } from './text.ts';

/** Writes the methods page. */
export function methodsSection(bundle: Bundle): Section {
  const body = [
    `<h3>Run</h3>${pairs(runFacts(bundle))}`,
    replicationsHtml(bundle),
    `<h3>Laws that were checked</h3>${pairs(lawFacts(bundle))}`,
    `<h3>Provenance</h3>${pairs(provenance(bundle.manifest))}`,
    `<h3>Policies</h3>${policyTable(bundle.manifest)}`,
    `<h3>Limits of validity</h3><ul>${limits(bundle)
      .map((text) => `<li>${escapeHtml(text)}</li>`)
      .join('')}</ul>`,
  ];
  return { id: 'methods', title: 'Methods', body: body.join('') };
}

/** One long run in place of replications: what its batches say of each gauge. */
function batchesHtml(bundle: Bundle): string {
  const fleet = bundle.result.metrics.filter((m) => {
    const inherent = findMetric(m.name)?.inherent ?? [];
    return Object.keys(m.labels).every((label) => inherent.includes(label));
  });
  const rows = batchRows({ ...bundle, result: { ...bundle.result, metrics: fleet } });
  const intro =
    rows.length === 0
      ? 'Too short for batch means: 20 batches need at least 40 buckets of series.every after the warm-up. Without replications no mean has an interval.'
      : 'One long run: intervals come from the means of 20 batches after the warm-up. They hold where neighbouring batches do not correlate.';
  const columns = ['gauge', 'batches', 'mean', 'low', 'high', 'lag-1', 'independent'].map((name) =>
    column(name),
  );
  const table = rows.length === 0 ? '' : scrolled('Batch means', tableHtml({ columns, rows }));
  return `<h3>Batch means</h3><p>${intro}</p>${table}`;
}

/** How many replications, why so many, how precise they are; nothing for a single run. */
function replicationsHtml(bundle: Bundle): string {
  const { result, manifest } = bundle;
  if (result.replications < 2) return manifest.study === 'steady' ? batchesHtml(bundle) : '';
  const { effort, study } = manifest;
  const facts: [string, string][] = [
    [
      'Study',
      study === 'steady'
        ? 'steady: how it goes on once its start is forgotten'
        : 'terminating: how the horizon goes from its start',
    ],
    [
      'Replications',
      `${result.replications}, each with its own luck, in the order of their numbers`,
    ],
    ['Intervals', '95 %, Student’s, of the mean over replications'],
  ];
  if (effort !== undefined) {
    facts.push(['Warm-up', WARMUPS[effort.warmup]]);
    if (effort.precision !== null) {
      const { goal, relative, isReached, replicationsNeeded } = effort.precision;
      const now = relative === null ? 'unknown' : `±${formatRatio(relative)}`;
      const needed =
        isReached || replicationsNeeded === null ? '' : `, about ${replicationsNeeded} needed`;
      facts.push([
        'Precision',
        `${goal}: ${now}, ${isReached ? 'reached' : 'not reached'}${needed}`,
      ]);
    }
  }
  const fleet = result.metrics.filter((m) => {
    const inherent = findMetric(m.name)?.inherent ?? [];
    return Object.keys(m.labels).every((label) => inherent.includes(label));
  });
  const columns = ['metric', 'n', 'mean', 'low', 'high', 'deviation', 'half-width'].map((name) =>
    column(name),
  );
  const table = tableHtml({ columns, rows: preciseRows(fleet) });
  const figures = effortFigures(bundle).map(figureHtml).join('');
  return `<h3>Replications</h3>${pairs(facts)}${figures}<h3>How precise each mean is</h3>${scrolled('Precision of each mean', table)}`;
}

const WARMUPS = {
  scenario: 'as the scenario has it',
  given: 'given on the command line',
  mser5: 'found by MSER-5 in a pilot, over the mean of all replications',
} as const;

type Facts = readonly (readonly [string, string])[];

function runFacts({ result, manifest, series }: Bundle): Facts {
  const { clusters, nodes, regions, zones } = manifest.fleet;
  return [
    ['Seed', String(result.seed)],
    ['Replications', String(result.replications)],
    ['Horizon', `${formatDuration(result.horizonSeconds * 1e6)} simulated`],
    [
      'Reached',
      `${formatDuration(result.reachedSeconds * 1e6)}, ${result.complete ? 'complete' : 'incomplete'}`,
    ],
    [
      'Warm-up',
      `${formatDuration(result.warmupSeconds * 1e6)}: statistics start here, conservation and cost count from 0`,
    ],
    [
      'Fleet',
      `${formatCount(clusters)} clusters, ${formatCount(nodes)} nodes, ${formatCount(regions)} regions, ${formatCount(zones)} zones`,
    ],
    [
      'Series',
      `${formatCount(series.buckets)} buckets of ${formatDuration(series.bucketSeconds * 1e6)}, each with minimum, mean and maximum`,
    ],
    ['Trajectory', result.trajectory],
  ];
}

function lawFacts({ result }: Bundle): Facts {
  const { pods, nodeSeconds, cost, checks, ok, littlesLaw } = result.conservation;
  const sums = result.replications === 1 ? '' : ` (sums of ${result.replications} replications)`;
  const states = Object.keys(nodeSeconds.byState)
    .sort()
    .map((s) => `${s} ${hours(nodeSeconds.byState[s]!)}`);
  const facts: [string, string][] = [
    ['Verdict', ok ? `✓ all laws held at each of ${formatCount(checks)} checks` : '✗ a law broke'],
    [
      'Pods',
      `${formatCount(pods.arrived)} arrived = ${formatCount(pods.completed)} completed + ${formatCount(pods.running)} running + ${formatCount(pods.pending)} pending + ${formatCount(pods.lost)} lost${sums}`,
    ],
    ['Node-time', `${hours(nodeSeconds.total)} = ${states.join(' + ')}${sums}`],
    [
      'Cost',
      `${formatDollars(cost.total)} = workload ${formatDollars(cost.workload)} + idle ${formatDollars(cost.idle)} + overhead ${formatDollars(cost.overhead)}${sums}`,
    ],
  ];
  if (littlesLaw) {
    const sides = `L = ${formatCount(littlesLaw.l)}, λW = ${formatCount(littlesLaw.lambdaW)} pods`;
    facts.push(['Little', `${littlesText(littlesLaw)}: ${sides}`]);
  }
  return facts;
}

function provenance(manifest: ManifestFile): Facts {
  const list = (items: readonly string[]): string =>
    items.length === 0 ? 'none' : items.join('; ');
  return [
    ['Orrery', manifest.orrery],
    ['Scenario', `${manifest.scenario.name}, SHA-256 ${manifest.scenario.sha256}`],
    ['Overrides', list(manifest.overrides)],
    ['Inputs', list(manifest.inputs.map((i) => `${i.name}, SHA-256 ${i.sha256}`))],
    ['Catalogues', list(manifest.catalogs.map((c) => `${c.name} of ${c.date} (${c.source})`))],
    ['Plug-ins', list(manifest.plugins.map((p) => `${p.name}, SHA-256 ${p.sha256}`))],
    ['Placement', manifest.placement],
  ];
}

/** Clusters with the same policies share a row. */
function policyTable(manifest: ManifestFile): string {
  const groups = new Map<string, { row: string[]; clusters: number; first: string }>();
  for (const p of manifest.policies) {
    const row = [p.scheduling, p.queueing, p.tier];
    const key = JSON.stringify(row);
    const group = groups.get(key);
    if (group) group.clusters++;
    else groups.set(key, { row, clusters: 1, first: p.cluster });
  }
  const rows = [...groups.values()].map((g) => [
    g.clusters === 1 ? g.first : `${formatCount(g.clusters)} clusters, such as ${g.first}`,
    ...g.row,
  ]);
  const columns = ['where', 'scheduling', 'queueing', 'tier'].map((name) => column(name));
  return scrolled('policies', tableHtml({ columns, rows }));
}

function limits({ result, distributions, manifest }: Bundle): string[] {
  const out = [
    `Quantiles are within ${formatRatio(distributions.relativeError)} of the sample at their rank.`,
    'Prices are list prices of the catalogues above; discounts, taxes, storage and network are not in the bill.',
    'What pods use inside their requests is not modelled: requests are what is counted and charged.',
    'Curves of several clusters add up their means of each stretch: clusters do not peak at one instant, and the sum of their peaks would be too high.',
    'What is not modelled is told in the project’s SCOPE file.',
  ];
  if (result.replications === 1) {
    out.unshift(
      'One replication: numbers carry no confidence interval, and a verdict near its bound may turn with another seed.',
    );
  }
  if (!result.complete) {
    out.unshift(
      `The run did not reach its horizon${manifest.stopped === null ? '' : ` (${manifest.stopped})`}.`,
    );
  }
  return out;
}

function hours(seconds: number): string {
  return `${formatCount(seconds / 3600)} node-h`;
}

function pairs(facts: Facts): string {
  const items = facts.map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return `<dl>${items.join('')}</dl>`;
}
