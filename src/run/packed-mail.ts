/** Messages as numbers in one array: how they cross between threads without a copy of objects. */
import { assert } from '../base/assert.ts';
import type { Inbox, Message } from '../processes/messages.ts';

/** Numbers of a message; those of its payload follow. */
const ROW = 15;
const PAYLOAD_LENGTH = ROW - 1;
/** Stands for no payload, which is not an empty one. */
const NO_PAYLOAD = -1;

/** Messages in a row, in a buffer that two threads may share. */
export class PackedMail {
  /** Its first {@link length} numbers are messages. */
  data: Float64Array;
  length = 0;
  private readonly allocate: (numbers: number) => Float64Array;

  /**
   * @param allocate makes an array of at least so many numbers
   * @param numbers how many there is room for at first
   */
  constructor(allocate: (numbers: number) => Float64Array, numbers: number) {
    this.allocate = allocate;
    this.data = allocate(numbers);
  }

  /** Appends all messages of a queue and empties it. *Order*: first to last. */
  take(from: Inbox): void {
    while (from.length > 0) this.append(from.shift());
  }

  private append(message: Message): void {
    const { payload } = message;
    this.reserve(ROW + (payload === null ? 0 : payload.length));
    const { data } = this;
    let i = this.length;
    data[i++] = message.kind;
    data[i++] = message.atUs;
    data[i++] = message.cluster;
    data[i++] = message.workload;
    data[i++] = message.serial;
    data[i++] = message.count;
    data[i++] = message.shape;
    data[i++] = message.gang ? 1 : 0;
    data[i++] = message.jobSerial;
    data[i++] = message.durationUs;
    data[i++] = message.estimateUs;
    data[i++] = message.sinceUs;
    data[i++] = message.cause;
    data[i++] = message.retries;
    data[i++] = payload === null ? NO_PAYLOAD : payload.length;
    if (payload !== null) {
      data.set(payload, i);
      i += payload.length;
    }
    this.length = i;
  }

  private reserve(numbers: number): void {
    const needed = this.length + numbers;
    if (needed <= this.data.length) return;
    const wider = this.allocate(Math.max(needed, 2 * this.data.length));
    wider.set(this.data.subarray(0, this.length));
    this.data = wider;
  }
}

/**
 * Puts packed messages behind those that queues hold.
 *
 * @param length numbers of `data` that are messages
 * @param queueOf by index of the cluster in a message
 */
export function unpackMail(
  data: Float64Array,
  length: number,
  queueOf: (cluster: number) => Inbox,
): void {
  let i = 0;
  while (i < length) {
    const message = queueOf(data[i + 2]!).push();
    const size = data[i + PAYLOAD_LENGTH]!;
    message.kind = data[i++]!;
    message.atUs = data[i++]!;
    message.cluster = data[i++]!;
    message.workload = data[i++]!;
    message.serial = data[i++]!;
    message.count = data[i++]!;
    message.shape = data[i++]!;
    message.gang = data[i++] === 1;
    message.jobSerial = data[i++]!;
    message.durationUs = data[i++]!;
    message.estimateUs = data[i++]!;
    message.sinceUs = data[i++]!;
    message.cause = data[i++]!;
    message.retries = data[i++]!;
    i++;
    if (size === NO_PAYLOAD) continue;
    message.payload = data.slice(i, i + size);
    i += size;
  }
  assert(i === length, 'packed messages end where they should');
}
