import { describe, expect, it } from 'vitest';
import { blankMessage, copyMessage, type Message } from '../../../src/processes/messages.ts';

describe('copyMessage', () => {
  it('copies every field', () => {
    const fields = Object.keys(blankMessage());
    const from = Object.fromEntries(fields.map((field, i) => [field, i])) as unknown as Message;
    expect(copyMessage(from, blankMessage())).toEqual(from);
  });
});
