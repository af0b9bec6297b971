import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankMessage, Inbox, type Message } from '../../../src/processes/messages.ts';
import { PackedMail, unpackMail } from '../../../src/run/packed-mail.ts';

const numbers = fc.oneof(fc.integer(), fc.double(), fc.constant(Number.NaN), fc.constant(-0));

/** Anything that a field may hold; three clusters. */
const messages: fc.Arbitrary<Message> = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  atUs: fc.maxSafeNat(),
  cluster: fc.integer({ min: 0, max: 2 }),
  workload: fc.nat(),
  serial: fc.maxSafeNat(),
  count: fc.nat(),
  shape: fc.nat(),
  gang: fc.boolean(),
  jobSerial: fc.maxSafeNat(),
  durationUs: numbers,
  estimateUs: numbers,
  sinceUs: numbers,
  cause: fc.nat(2),
  retries: fc.nat(),
  payload: fc.option(fc.array(numbers, { maxLength: 40 }).map((all) => Float64Array.from(all))),
});

function contents(inbox: Inbox): Message[] {
  const all: Message[] = [];
  inbox.forEach((message) => {
    all.push({ ...message });
  });
  return all;
}

describe('packed mail', () => {
  it('comes out as it went in, behind what was there, whatever room there was at first', () => {
    fc.assert(
      fc.property(fc.array(messages, { maxLength: 30 }), fc.nat(64), (sent, room) => {
        const mail = new PackedMail((count) => new Float64Array(count), room);
        const from = new Inbox();
        for (const message of sent) Object.assign(from.push(), message);
        mail.take(from);
        expect(from.length).toBe(0);
        const queues = [0, 1, 2].map(() => new Inbox());
        for (const queue of queues) queue.push().kind = 5;
        unpackMail(mail.data, mail.length, (cluster) => queues[cluster]!);
        queues.forEach((queue, c) => {
          expect(contents(queue).slice(1)).toEqual(sent.filter(({ cluster }) => cluster === c));
        });
      }),
      { seed: 1 },
    );
  });

  it('carries every field that a message has', () => {
    // The arbitrary above would not fill a field that is new.
    const [drawn] = fc.sample(messages, { numRuns: 1, seed: 1 });
    expect(Object.keys(drawn!)).toEqual(Object.keys(blankMessage()));
  });

  it('refuses to end in the middle of a message', () => {
    const mail = new PackedMail((count) => new Float64Array(count), 64);
    const from = new Inbox();
    from.push().payload = Float64Array.of(1, 2, 3);
    mail.take(from);
    const read = () => unpackMail(mail.data, mail.length - 1, () => new Inbox());
    expect(read).toThrow(/end where they should/);
  });
});
