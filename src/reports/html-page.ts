/** The frame of every page that Orrery writes: one file, no request to anywhere, visible without its script. */
import { escapeHtml } from './escape.ts';
import type { Section } from './html-parts.ts';
import { SCRIPT, SCRIPT_SHA256 } from './html-script.ts';
import { STYLE } from './html-style.ts';

/** Nothing may be loaded; styles are inline, and one script is known by its hash. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'`;

/**
 * Writes a complete HTML document.
 *
 * @param title any text: it is escaped here
 * @param sections the first is where the skip link leads
 */
export function pageHtml(title: string, sections: readonly Section[]): string {
  const name = escapeHtml(title);
  const first = sections[0]!;
  const links = sections.map((s) => `<a href="#${s.id}">${s.title}</a>`).join('');
  const body = sections
    .map(
      (s) =>
        `<section id="${s.id}" aria-labelledby="${s.id}-h"><h2 id="${s.id}-h">${s.title}</h2>${s.body}</section>`,
    )
    .join('\n');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${name} · Orrery</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<a class="skip" href="#${first.id}">Skip to the ${first.title.toLowerCase()}</a>`,
    `<header><h1>${name}</h1><nav aria-label="Pages">${links}</nav></header>`,
    `<main>${body}</main>`,
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
