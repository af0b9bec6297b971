/** Pools that grow: looked at every 10 s while pods wait, nodes boot in 30 s, idle ones go after 60 s. */
import { describe, expect, it } from 'vitest';
import type { Pool, Provider, Scenario } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  metric,
  once,
  outage,
  podSpec,
  pool,
  provider,
  runToEnd,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

/** Pods of four cores, one a node, all in the queue at second 1. */
const fullNodes = (count: number) =>
  job({
    ...once(SECOND),
    podsPerJob: { law: 'constant', value: count },
    pod: podSpec({ cpuMillicores: 4000 }),
  });

function elastic(
  pods: number,
  over: { provider?: Partial<Provider>; pool?: Partial<Pool>; scenario?: Partial<Scenario> } = {},
): Scenario {
  const bootUs = { law: 'constant', value: 30 * SECOND } as const;
  return scenario({
    providers: [provider({ kind: 'public', bootUs, ...over.provider })],
    clusters: [cluster({ pools: [pool({ count: 0, max: 3, ...over.pool })] })],
    workloads: [fullNodes(pods)],
    ...over.scenario,
  });
}

describe('an elastic pool', () => {
  it('boots a node for a pod that waits, and gives it back when it idles', () => {
    const { lines, bundle } = tell(elastic(1));
    // Refused at 1, looked at 10 s later, booted 30 s later; it runs 100 s, the node idles 60 s.
    expect(lines).toEqual([
      '41 up a:p/0',
      '41 bind w/0 a:p/0',
      '141 complete w x1 a',
      '201 down a:p/0',
    ]);
    // Up from 41 to 201, booting from 11 to 41.
    expect(metric(bundle, 'nodes', { state: 'up' }).mean).toBeCloseTo(160 / 3600, 9);
    expect(metric(bundle, 'nodes', { state: 'booting' }).mean).toBeCloseTo(30 / 3600, 9);
  });

  it('boots what the waiting pods fill, and no more', () => {
    // Eight pods of one core fill two nodes of four.
    const { lines } = tell(
      elastic(8, {
        scenario: {
          workloads: [job({ ...once(SECOND), podsPerJob: { law: 'constant', value: 8 } })],
        },
      }),
      ['up'],
    );
    expect(lines).toEqual(['41 up a:p/0', '41 up a:p/1']);
  });

  it('starts nodes at the provider’s rate', () => {
    // One start in 10 s: at 11, 21, 31.
    const { lines } = tell(elastic(3, { provider: { bootsPerSecond: 0.1 } }), ['up']);
    expect(lines).toEqual(['41 up a:p/0', '51 up a:p/1', '61 up a:p/2']);
  });

  it('keeps within its maximum: the next pod waits for a node that is there', () => {
    const { lines } = tell(elastic(4), ['bind']);
    expect(lines.at(-1)).toBe('141 bind w/3 a:p/0');
  });

  it('keeps within the provider’s quota, which it asks for', () => {
    const { lines } = tell(elastic(3, { provider: { quotaNodes: 2 } }), ['up', 'bind']);
    // The question and the answer take the placement latency each: 11.000002.
    expect(lines).toEqual([
      '41.000002 up a:p/0',
      '41.000002 up a:p/1',
      '41.000002 bind w/0 a:p/0',
      '41.000002 bind w/1 a:p/1',
      '141.000002 bind w/2 a:p/0',
    ]);
  });

  it('gives its place in the quota back with the node: another cluster gets it', () => {
    const bootUs = { law: 'constant', value: 30 * SECOND } as const;
    const on = (name: string) =>
      job({
        name: `w${name}`,
        ...once(SECOND),
        pod: podSpec({ cpuMillicores: 4000, nodeSelector: { c: name } }),
      });
    const { lines } = tell(
      scenario({
        providers: [provider({ bootUs, quotaNodes: 1 })],
        clusters: ['a', 'b'].map((name) =>
          cluster({ name, pools: [pool({ count: 0, max: 1, labels: { c: name } })] }),
        ),
        workloads: [on('a'), on('b')],
      }),
      ['up', 'down', 'bind'],
    );
    // a asks first and gets the node until 141 + 60; b asks every 10 s and is heard at 211.
    expect(lines).toEqual([
      '41.000002 up a:p/0',
      '41.000002 bind wa/0 a:p/0',
      '201.000002 down a:p/0',
      '241.000002 up b:p/0',
      '241.000002 bind wb/0 b:p/0',
      '401.000002 down b:p/0',
    ]);
  });

  it('boots again when a boot fails', () => {
    const bundle = runToEnd(elastic(1, { provider: { bootFailureRatio: 1 } }));
    expect(metric(bundle, 'pod_wait_seconds').censored).toBe(1);
    // One node boots again and again from 11 on.
    expect(metric(bundle, 'nodes', { state: 'booting' }).mean).toBeCloseTo(3589 / 3600, 9);
  });

  it('fails about the stated share of boots', () => {
    const { lines } = tell(
      elastic(200, { provider: { bootFailureRatio: 0.5 }, pool: { max: 200 } }),
      ['up'],
    );
    const ups = (seconds: number) => lines.filter((l) => l.startsWith(`${seconds} `)).length;
    // 200 boots, half of them fail: 100 +- 4 standard deviations of sqrt(50); of the rest half at the second try.
    expect(Math.abs(ups(41) - 100)).toBeLessThan(29);
    expect(ups(41) + ups(71)).toBeGreaterThan(125);
  });

  it('keeps a node that works until it idles again', () => {
    const { lines } = tell(
      elastic(1, {
        scenario: {
          workloads: [fullNodes(1), job({ name: 'late', ...once(190 * SECOND) })],
        },
      }),
      ['down', 'bind'],
    );
    // Idle since 141; `late` comes 11 s before the end of the idle time, runs until 290; 60 s more.
    expect(lines).toEqual(['41 bind w/0 a:p/0', '190 bind late/0 a:p/0', '350 down a:p/0']);
  });

  it('boots into the dark if its domain is out: the node comes up when the power is back', () => {
    const { lines } = tell(
      elastic(1, { scenario: { failures: [outage('pool/a/p', 20 * SECOND, 100 * SECOND)] } }),
      ['up', 'down', 'bind'],
    );
    expect(lines.slice(0, 2)).toEqual(['120 up a:p/0', '120 bind w/0 a:p/0']);
  });

  it('leaves the nodes that exist from the start alone', () => {
    const { lines } = tell(elastic(2, { pool: { count: 1, max: 2 } }), ['down']);
    expect(lines).toEqual(['201 down a:p/1']);
  });
});
