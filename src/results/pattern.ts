/**
 * Matching of label values by pattern, in time linear in the value.
 *
 * Syntax: literals, `.`, classes `[a-z_]` and `[^..]`, `\d \w \s` and escaped punctuation, groups `( )`, alternation `|`,
 * and `* + ?`. Always anchored at both ends. Refused, each with its place: back-references, look-around, counted
 * repetition `{n,m}`, lazy and possessive quantifiers, `^` and `$`. Run as a set of states (Thompson), never backtracking.
 */

/** A compiled pattern. */
export interface Pattern {
  /** Tells whether the whole text matches. *Cost*: O(text x pattern). */
  matches(text: string): boolean;
}

/** Why a pattern was refused. */
export interface PatternError {
  /** 0-based offset in the pattern. */
  readonly at: number;
  readonly expected: string;
}

type CharTest = (code: number) => boolean;
/** One state: consumes a character and goes to `next`, or goes to all of `free` without consuming. */
interface State {
  test: CharTest | null;
  next: number;
  free: number[];
}
/** A piece of automaton with one entry and one exit (a free state without edges yet). */
interface Piece {
  readonly start: number;
  readonly end: number;
}

const PATTERN_LENGTH_MAX = 256;

/** Compiles a pattern, or tells where and why it is refused. */
export function compilePattern(source: string): Pattern | PatternError {
  if (source.length > PATTERN_LENGTH_MAX) {
    return {
      at: PATTERN_LENGTH_MAX,
      expected: `a pattern of at most ${PATTERN_LENGTH_MAX} characters`,
    };
  }
  const compiler = new Compiler(source);
  const whole = compiler.alternation();
  if (compiler.error) return compiler.error;
  if (compiler.at < source.length)
    return { at: compiler.at, expected: 'an opening "(" before ")"' };
  const states = compiler.states;
  return { matches: (text) => run(states, whole, text) };
}

/** Tells a refusal from a compiled pattern. */
export function isPatternError(result: Pattern | PatternError): result is PatternError {
  return 'expected' in result;
}

function run(states: readonly State[], whole: Piece, text: string): boolean {
  let current = closure(states, [whole.start]);
  for (let i = 0; i < text.length && current.length > 0; i++) {
    const code = text.charCodeAt(i);
    const next: number[] = [];
    for (const s of current) if (states[s]!.test?.(code)) next.push(states[s]!.next);
    current = closure(states, next);
  }
  return current.includes(whole.end);
}

function closure(states: readonly State[], seeds: readonly number[]): number[] {
  const seen = new Set<number>();
  const stack = [...seeds];
  while (stack.length > 0) {
    const s = stack.pop()!;
    if (seen.has(s)) continue;
    seen.add(s);
    stack.push(...states[s]!.free);
  }
  return [...seen];
}

class Compiler {
  readonly states: State[] = [];
  readonly source: string;
  at = 0;
  error: PatternError | null = null;

  constructor(source: string) {
    this.source = source;
  }

  alternation(): Piece {
    const branches = [this.sequence()];
    while (this.source[this.at] === '|') {
      this.at++;
      branches.push(this.sequence());
    }
    if (branches.length === 1) return branches[0]!;
    const piece = { start: this.free(branches.map((b) => b.start)), end: this.free([]) };
    for (const b of branches) this.states[b.end]!.free.push(piece.end);
    return piece;
  }

  private sequence(): Piece {
    const start = this.free([]);
    let end = start;
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!) && !this.error) {
      const piece = this.repeated();
      this.states[end]!.free.push(piece.start);
      end = piece.end;
    }
    return { start, end };
  }

  private repeated(): Piece {
    const piece = this.atom();
    const quantifier = this.source[this.at];
    if (quantifier === '{') return this.refuse('no counted repetition, use * + or ?', piece);
    if (quantifier === undefined || !'*+?'.includes(quantifier)) return piece;
    this.at++;
    const after = this.source[this.at];
    if (after !== undefined && '*+?{'.includes(after)) {
      return this.refuse('one quantifier after an item', piece);
    }
    const start = this.free([piece.start]);
    const end = this.free([]);
    this.states[piece.end]!.free.push(end);
    if (quantifier !== '+') this.states[start]!.free.push(end);
    if (quantifier !== '?') this.states[piece.end]!.free.push(piece.start);
    return { start, end };
  }

  private atom(): Piece {
    const c = this.source[this.at]!;
    if (c === '(') return this.group();
    if (c === '[') return this.consume(this.charClass());
    if (c === '\\') return this.consume(this.escape());
    if ('*+?{'.includes(c)) return this.refuse('an item before the quantifier');
    if (c === '^' || c === '$') return this.refuse('no anchor, patterns match the whole value');
    this.at++;
    if (c === '.') return this.consume(() => true);
    const code = c.charCodeAt(0);
    return this.consume((x) => x === code);
  }

  private group(): Piece {
    this.at++;
    if (this.source[this.at] === '?') return this.refuse('a plain group "(...)"');
    const piece = this.alternation();
    if (this.source[this.at] !== ')') return this.refuse('a closing ")"', piece);
    this.at++;
    return piece;
  }

  private escape(): CharTest {
    const c = this.source[this.at + 1] ?? '';
    this.at += 2;
    if (c === 'd') return isDigit;
    if (c === 'w') return isWord;
    if (c === 's') return (x) => x === 32 || (x >= 9 && x <= 13);
    if (c === '' || isWord(c.charCodeAt(0))) {
      this.at -= 2;
      this.refuse('\\d, \\w, \\s or escaped punctuation');
      return () => false;
    }
    const code = c.charCodeAt(0);
    return (x) => x === code;
  }

  private charClass(): CharTest {
    const opened = this.at++;
    const negated = this.source[this.at] === '^';
    if (negated) this.at++;
    const tests: CharTest[] = [];
    while (this.at < this.source.length && (this.source[this.at] !== ']' || tests.length === 0)) {
      if (this.error) return () => false;
      if (this.source[this.at] === '\\') {
        tests.push(this.escape());
        continue;
      }
      const low = this.source.charCodeAt(this.at++);
      let high = low;
      if (this.source[this.at] === '-' && (this.source[this.at + 1] ?? ']') !== ']') {
        high = this.source.charCodeAt(this.at + 1);
        this.at += 2;
      }
      if (high < low) this.refuse('a range in ascending order');
      tests.push((x) => x >= low && x <= high);
    }
    if (this.source[this.at] !== ']') {
      this.at = opened;
      this.refuse('a closing "]"');
      return () => false;
    }
    this.at++;
    return (x) => tests.some((t) => t(x)) !== negated;
  }

  private consume(test: CharTest): Piece {
    const end = this.free([]);
    this.states.push({ test, next: end, free: [] });
    return { start: this.states.length - 1, end };
  }

  private free(free: number[]): number {
    this.states.push({ test: null, next: -1, free });
    return this.states.length - 1;
  }

  private refuse(expected: string, piece?: Piece): Piece {
    this.error ??= { at: this.at, expected };
    // The first refusal ends the parse; the piece only keeps the automaton well formed until then.
    this.at = this.source.length;
    if (piece) return piece;
    const s = this.free([]);
    return { start: s, end: s };
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWord(code: number): boolean {
  return isDigit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
