/** Makes names from scenarios and data harmless in each output: HTML, terminal, CSV. */

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
