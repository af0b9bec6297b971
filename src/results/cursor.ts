/** A place in a text that is being read, and what was found wrong with it. */
import type { SyntaxIssue } from './selector.ts';

/** Reads a text from left to right; issues carry the offset at which they were found. */
export class Cursor {
  readonly issues: SyntaxIssue[] = [];
  readonly text: string;
  /** 0-based offset of what comes next. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get rest(): string {
    return this.text.slice(this.at);
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  /** Passes over white space. */
  skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  /** Passes over what a pattern, anchored by `^`, matches here; null where it does not. */
  take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.rest);
    if (match) this.at += match[0].length;
    return match;
  }

  /** Notes an issue here, or at another offset. @returns null, for the caller to hand on */
  fail(expected: string, hint?: string, at = this.at): null {
    this.issues.push({ at, expected, ...(hint ? { hint } : {}) });
    return null;
  }
}
