/** How much memory a process may take on this machine. */
import { totalmem } from 'node:os';

/** Gives the machine's memory, or the limit of the container around this process if that is lower; bytes. */
export function machineMemoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit !== undefined && limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
