import { InvariantError } from './errors.ts';

/**
 * Stops the run when something that must hold does not. Always on in cold code; hot loops call it only in check mode.
 *
 * @throws InvariantError with the message
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
