/** Makes names from scenarios and data harmless in each output: HTML, terminal, CSV, Markdown, LaTeX. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for HTML and XML content and quoted attributes; control characters that XML forbids become U+FFFD. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}

/** Replaces control characters, so that a name cannot steer a terminal; bidirectional overrides too. */
export function visible(text: string): string {
  let out = '';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    const isControl =
      code < 32 || (code >= 127 && code < 160) || code === 0xfffe || code === 0xffff;
    const isBidi = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    const isLoneSurrogate = code >= 0xd800 && code <= 0xdfff;
    out += isControl || isBidi || isLoneSurrogate ? '\ufffd' : c;
  }
  return out;
}

/**
 * Quotes a text cell of a CSV file as RFC 4180 says; a first character that spreadsheets take for a formula gets an
 * apostrophe before it.
 */
export function csvText(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What GitHub's Markdown could take for markup, HTML, mathematics, a link, a mention or the end of a cell. */
const MARKUP = /[&<>`|@*~[\]\\#$]|:(?=[A-Za-z/])|(?<=www)\.|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/gi;

/**
 * Escapes a text for a cell or a line of GitHub's Markdown: what could be markup becomes a numeric entity, which Markdown
 * never reads as structure; an empty comment behind `@` keeps it from calling people.
 */
export function escapeMarkdown(text: string): string {
  return visible(text).replace(MARKUP, (c) => {
    const entity = `&#${c.charCodeAt(0)};`;
    return c === '@' ? `${entity}<!-- -->` : entity;
  });
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\char34}',
  '`': '\\`{}',
  '[': '{[}',
  ']': '{]}',
  '–': '--',
  '≥': '$\\geq$',
  '≠': '$\\neq$',
  '×': '$\\times$',
  '→': '$\\to$',
  '·': '$\\cdot$',
  '’': "'",
  '\ufffd': '?',
};

/** Escapes a text for LaTeX's text mode; brackets are braced, so that none is taken for an option of `\\\\`. */
export function escapeLatex(text: string): string {
  return visible(text).replace(/[\\{}$&#%_^~<>|"`[\]–≥≠×→·’\ufffd]/g, (c) => LATEX[c]!);
}
