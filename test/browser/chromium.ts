/** Debian's Chromium, driven headless: where it is, and pages that note everything they should not do. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Finds the browser: `$CHROMIUM`, else Debian's; null where there is none. */
export function findChromium(): string | null {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') return named;
  return (
    ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? null
  );
}

/** Starts the browser at a path. */
export function startChromium(executablePath: string): Promise<Browser> {
  // No sandbox: in containers the tests run as root, where it cannot start; pages are our own files.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page, what went wrong on it, and what it asked the network for. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, messages on the console, dialogs, requests for anything but the page itself. */
  readonly faults: string[];
}

/** Opens a file in a context of its own. */
export async function openFile(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => faults.push(`console ${message.type()}: ${message.text()}`));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url() !== address) faults.push(`request: ${request.url()}`);
  });
  await page.goto(address, { waitUntil: 'load' });
  return { page, faults };
}
