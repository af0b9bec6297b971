import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/reports/html.ts';
import { SCRIPT, SCRIPT_SHA256 } from '../../../src/reports/html-script.ts';
import type { Bundle } from '../../../src/results/bundle.ts';
import { syntheticBundle } from '../../builders/bundle.ts';
import { parseXml } from '../../builders/xml.ts';

function svgsOf(html: string): string[] {
  return html.match(/<svg [\s\S]*?<\/svg>/g) ?? [];
}

describe('the HTML report', () => {
  const html = reportHtml(syntheticBundle());

  it('needs nothing else and allows nothing else', () => {
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(html).not.toMatch(/<link|<img|<iframe|@import|url\((?!#)| on\w+=/i);
    const addresses = html.match(/https?:\/\/[^"\s]*/g) ?? [];
    expect(new Set(addresses)).toEqual(new Set(['http://www.w3.org/2000/svg']));
  });

  it('lets only its own script run', () => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain(`<script>${SCRIPT}</script>`);
    expect(createHash('sha256').update(SCRIPT).digest('base64')).toBe(SCRIPT_SHA256);
  });

  it('has every page, each under its heading', () => {
    for (const page of [
      'Summary',
      'Capacity',
      'Service',
      'Cost',
      'Packing',
      'Failures',
      'Methods',
    ]) {
      const id = page.toLowerCase();
      expect(html).toContain(`<a href="#${id}">${page}</a>`);
      expect(html).toContain(`<h2 id="${id}-h">${page}</h2>`);
    }
  });

  it('states findings, verdicts and numbers with their unit', () => {
    expect(html).toContain('1 of 4 thresholds failed, 1 warning');
    expect(html).toContain('28.7 % of $512,300 pays for idle capacity');
    expect(html).toMatch(/Requested memory reaches \d\d(\.\d)? % of allocatable at day 1/);
    expect(html).toMatch(/At worst [\d,]+ nodes are down/);
    expect(html).toContain('n = 40,000');
  });

  it('draws well-formed charts, each with a table and unique ids', () => {
    const svgs = svgsOf(html);
    expect(svgs.length).toBeGreaterThanOrEqual(18);
    for (const svg of svgs) parseXml(svg);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
    expect(ids).toEqual([...new Set(ids)]);
    expect(html.match(/<details>/g)).toHaveLength(svgs.length);
  });

  it('is the same text for the same bundle', () => {
    expect(reportHtml(syntheticBundle())).toBe(html);
  });

  it('stays under 3 MB with 1,000 clusters', () => {
    const html = reportHtml(syntheticBundle({ clusters: 1000 }));
    expect(Buffer.byteLength(html)).toBeLessThan(3e6);
  });

  it('shows hostile names as text', () => {
    const hostile = reportHtml(
      syntheticBundle({ prefix: `</title><script>alert(1)</script>"'><img src=x onerror=y>&` }),
    );
    expect(hostile.match(/<script/gi)).toHaveLength(1);
    expect(hostile).not.toMatch(/<img/i);
    expect(hostile).toContain('&lt;script&gt;');
    for (const svg of svgsOf(hostile)) parseXml(svg);
  });

  it('survives a run without series, samples, prices, thresholds or an end', () => {
    const full = syntheticBundle({ clusters: 1, buckets: 1 });
    const bare: Bundle = {
      manifest: { ...full.manifest, complete: false, stopped: 'interrupted', policies: [] },
      result: {
        ...full.result,
        complete: false,
        reachedSeconds: 0,
        metrics: [],
        thresholds: [],
        conservation: {
          ok: true,
          pods: { arrived: 0, completed: 0, running: 0, pending: 0, lost: 0 },
          nodeSeconds: { byState: {}, total: 0 },
          cost: { total: 0, workload: 0, idle: 0, overhead: 0 },
          checks: 0,
          littlesLaw: null,
        },
      },
      series: { bucketSeconds: 300, buckets: 0, endSeconds: 0, series: [] },
      distributions: { ...full.distributions, entries: [] },
    };
    for (const bundle of [full, bare]) {
      const text = reportHtml(bundle);
      // Booleans, so that a failure does not print the whole report.
      expect(/NaN|undefined|Infinity/.test(text.replace(SCRIPT, ''))).toBe(false);
      for (const svg of svgsOf(text)) parseXml(svg);
    }
    expect(reportHtml(bare)).toContain('all numbers are partial');
  });
});
