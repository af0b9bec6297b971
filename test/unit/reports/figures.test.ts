import { D3Node } from 'd3-node';
import { describe, expect, it } from 'vitest';
import { figures } from '../../../src/reports/figures.ts';
import { syntheticBundle } from '../../builders/bundle.ts';
import { parseXml } from '../../builders/xml.ts';

describe('the figures of a bundle', () => {
  const bundle = syntheticBundle({ buckets: 96 });
  const all = figures(bundle);

  it('have unique names that fit for files', () => {
    const names = all.map((f) => f.name);
    expect(names).toEqual([
      'allocated-cpu',
      'allocated-memory',
      'headroom',
      'headroom-ranks',
      'wait',
      'wait-over-time',
      'pending',
      'cost-parts',
      'cost-price',
      'cost-team',
      'cost-cluster',
      'fragmentation',
      'stranded-cpu',
      'stranded-memory',
      'stranded-clusters',
      'balance',
      'nodes',
      'node-states',
      'recovery',
      'evictions',
    ]);
  });

  it('state a finding and carry their numbers', () => {
    for (const { name, title, csv } of all) {
      expect(title.length, name).toBeGreaterThan(10);
      const lines = csv.trimEnd().split('\n');
      expect(lines.length, name).toBeGreaterThan(1);
      expect(csv, name).not.toMatch(/NaN|undefined|Infinity/);
    }
    // 146,900 of 512,300 dollars are idle: 28.7 %
    const parts = all.find((f) => f.name === 'cost-parts')!;
    expect(parts.title).toBe('28.7 % of $512,300 pays for idle capacity');
    expect(parts.csv).toContain('idle (not requested),146900,0.28674604723794');
  });

  it('find the outage, its length and the way back', () => {
    const recovery = all.find((f) => f.name === 'recovery')!;
    expect(recovery.title).toMatch(
      /^2\d,\d{3} pods wait after the outage at day 1 10:15; the queue/,
    );
    // 6 h of darkness in buckets of 15 min with a margin of half of that on both sides: 24 + 2 * 12 = 48 rows
    expect(recovery.csv.trimEnd().split('\n')).toHaveLength(1 + 48);
  });

  it('are alone in the world as SVG: d3-node takes them and gives valid XML back', () => {
    for (const { name, svg } of all) {
      const elements = parseXml(svg);
      const page = new D3Node();
      const body = page.d3.select(page.document.body);
      body.html(svg);
      expect(body.selectAll('svg, svg *').size(), name).toBe(elements);
      // The serializer of XML, as that of HTML would write &nbsp;, which is no entity of XML.
      const text = new page.window.XMLSerializer().serializeToString(body.select('svg').node());
      expect(parseXml(text), name).toBe(elements);
    }
  });
});
