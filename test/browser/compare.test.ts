/** The pages of comparisons and studies, and the methods of replications, in a real browser. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { simulate } from '../../src/index.ts';
import { comparisonHtml } from '../../src/reports/compare-html.ts';
import { reportHtml } from '../../src/reports/html.ts';
import { studyHtml } from '../../src/reports/study-html.ts';
import type { Bundle } from '../../src/results/bundle.ts';
import { compareBundles } from '../../src/results/compare.ts';
import type { NamedBundle } from '../../src/results/compare-rows.ts';
import { mergeReplications } from '../../src/results/replications.ts';
import { compareStudy } from '../../src/results/study-comparison.ts';
import { studyTable } from '../../src/results/study-table.ts';
import { findChromium, openFile, startChromium } from './chromium.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const path = findChromium();
if (path === null) {
  const message = 'No Chromium: install it (apt-get install chromium) or name it in $CHROMIUM.';
  const isCi = process.env.CI === 'true';
  if (!isCi) console.warn(`SKIPPED, all tests of comparisons in a browser. ${message}`);
  it.runIf(isCi)('finds a browser', () => expect.fail(message));
}

/** Small pods, and large ones that need almost a whole node free: where the small ones go matters. */
const DUEL = {
  orrery: 1,
  name: 'duel',
  question: 'Who keeps room for large pods?',
  horizon: '1h',
  series: { every: '1m' },
  fleet: {
    machineTypes: [{ name: 'm', cpu: 8, memory: '32Gi', prices: { owned: '$0.10/h' } }],
    clusters: [{ name: 'one', pools: [{ machineType: 'm', count: 4 }] }],
  },
  workloads: [
    {
      name: 'small',
      kind: 'job',
      arrivals: { poisson: '0.25/s' },
      duration: { exponential: { mean: '1m' } },
      pod: { cpu: 1, memory: '1Gi' },
    },
    {
      name: 'large',
      kind: 'job',
      arrivals: { poisson: '0.01/s' },
      duration: { exponential: { mean: '1m' } },
      pod: { cpu: 7, memory: '1Gi' },
    },
  ],
};
const POLICIES = ['most-allocated', 'least-allocated', 'first-fit'];
const HOSTILE = `</title><script>alert(1)</script>"'><img src=x onerror=alert(2)>${'long'.repeat(40)}`;
const REPLICATIONS = 4;

/** Replications by way of seeds of their own: the pages do not know the difference. */
async function replicated(policy: string, label: string): Promise<NamedBundle> {
  const overrides = [`policies.scheduling=${policy}`];
  const bundles: Bundle[] = [];
  for (let r = 0; r < REPLICATIONS; r++) {
    bundles.push(await simulate(DUEL, { seed: 7 + r, overrides }));
  }
  const merged = mergeReplications(bundles);
  const scenario = { name: 'duel', sha256: 'ab'.repeat(32) };
  return { ...merged, manifest: { ...merged.manifest, scenario }, label };
}

async function violations(page: Page, rule?: string): Promise<string[]> {
  await page.evaluate(axe.source);
  const only = rule === undefined ? '' : `runOnly: ['${rule}'], `;
  return page.evaluate<string[]>(
    `axe.run(document, { ${only}resultTypes: ['violations'] }).then((r) => r.violations.flatMap((v) =>
      v.nodes.slice(0, 3).map((n) => v.id + ': ' + n.target.join(' ') + ' ' + n.html.slice(0, 120))))`,
  );
}

describe.skipIf(path === null)('the page of a comparison in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'orrery-compare-page-'));
  const pages = new Map<string, string>();
  let browser: Browser;

  const write = (name: string, html: string): void => {
    expect(Buffer.byteLength(html)).toBeLessThan(3e6);
    const file = join(directory, `${name}.html`);
    writeFileSync(file, html);
    pages.set(name, pathToFileURL(file).href);
  };

  beforeAll(async () => {
    browser = await startChromium(path!);
    const bundles: NamedBundle[] = [];
    for (const policy of POLICIES) bundles.push(await replicated(policy, policy));
    const comparison = compareBundles(bundles);
    write('comparison', comparisonHtml(comparison, bundles));
    const hostile = bundles.map((bundle, i) => ({ ...bundle, label: `${i}${HOSTILE}` }));
    write('hostile', comparisonHtml(compareBundles(hostile), hostile));
    write('run', reportHtml(bundles[1]!));
    const points = POLICIES.map((policy, i) => ({
      name: policy,
      at: { policy },
      bundle: bundles[i]!,
    }));
    const how = { choices: null, level: 0.95 };
    const studied = compareStudy(points, {
      ...how,
      study: 'duel-study',
      axis: 'policy',
      baseline: POLICIES[0]!,
      allowsDifferent: false,
    });
    const table = studyTable(points, { ...how, axes: ['policy'] });
    const head = { name: 'duel-study', question: 'Who?', seed: 7, replications: REPLICATIONS };
    write('study', studyHtml(head, table, { points, comparison: studied }));
  });

  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(['comparison', 'study', 'run'])(
    'of a %s is quiet, asks for nothing and has no fault that axe-core finds',
    async (name) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, faults } = await openFile(browser, pages.get(name)!, { colorScheme });
        await page.evaluate('for (const d of document.querySelectorAll("details")) d.open = true');
        expect(
          await violations(page, colorScheme === 'dark' ? 'color-contrast' : undefined),
        ).toEqual([]);
        expect(faults).toEqual([]);
        await page.context().close();
      }
    },
  );

  it('has figures that state their finding, with the numbers behind them', async () => {
    const { page } = await openFile(browser, pages.get('comparison')!);
    for (const id of ['summary', 'compare', 'verdicts', 'methods']) {
      await page.click(`nav a[href="#${id}"]`);
      expect(await page.locator(`#${id} h2`).isVisible()).toBe(true);
    }
    const figures = page.locator('figure');
    // Differences of two challengers, quantiles, slopes.
    expect(await figures.count()).toBe(4);
    for (let i = 0; i < 4; i++) {
      const svg = figures.nth(i).locator('svg');
      expect(await svg.locator('title').textContent()).not.toBe('');
      expect(await svg.locator('desc').textContent()).not.toBe('');
      expect(await figures.nth(i).locator('table tbody tr').count()).toBeGreaterThan(1);
      expect((await svg.boundingBox())!.height).toBeGreaterThan(100);
    }
    const verdicts = await page.locator('#verdicts table').first().textContent();
    expect(verdicts).toMatch(/[✓✗~=] /);
    await page.locator('#f-fdifferences-1 .plot').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('#f-fdifferences-1 .says').textContent()).toContain('difference');
    await page.context().close();
  });

  it('has the warm-up and the precision among the methods of replications', async () => {
    const { page, faults } = await openFile(browser, pages.get('run')!);
    for (const name of ['welch-pods-running', 'settling']) {
      expect(await page.locator(`#methods #f-${name} svg`).isVisible()).toBe(true);
    }
    expect(await page.locator('#methods').textContent()).toContain('How precise each mean is');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it('does nothing that a hostile name asks for, wide and narrow, and prints', async () => {
    for (const width of [1200, 400]) {
      const { page, faults } = await openFile(browser, pages.get('hostile')!, {
        viewport: { width, height: 900 },
      });
      expect(await page.locator('script').count()).toBe(1);
      expect(await page.locator('img').count()).toBe(0);
      const over = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(over).toBe(0);
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('nav').isVisible()).toBe(false);
      expect(faults).toEqual([]);
      await page.context().close();
    }
  });

  it('shows verdicts, tables and charts without script', async () => {
    const { page } = await openFile(browser, pages.get('study')!, { javaScriptEnabled: false });
    expect(await page.locator('#summary table').first().isVisible()).toBe(true);
    expect(await page.locator('#verdicts table').first().isVisible()).toBe(true);
    expect(await page.locator('#compare svg').first().isVisible()).toBe(true);
    await page.context().close();
  });
});
