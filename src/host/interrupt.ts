/** SIGINT and SIGTERM: the first asks a run to stop and write what it has, the second ends the process. */

/** The exit code of each signal that is watched. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** A signal that asks a run to stop. */
export type StopSignal = keyof typeof SIGNAL_EXIT_CODES;

/** A watch over the signals of this process. */
export interface Interrupts {
  /** The first signal that came, or null. */
  readonly received: StopSignal | null;
  /** Gives the signals back to whoever had them. */
  dispose(): void;
}

/**
 * Watches SIGINT and SIGTERM until disposed.
 *
 * @param onFirst is told of the first signal, to say what happens next; the second exits with its code at once
 */
export function watchInterrupts(onFirst: (signal: StopSignal) => void): Interrupts {
  let received: StopSignal | null = null;
  const handle = (signal: NodeJS.Signals) => {
    const stop = signal as StopSignal;
    if (received !== null) process.exit(SIGNAL_EXIT_CODES[stop]);
    received = stop;
    onFirst(stop);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    get received() {
      return received;
    },
    dispose() {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
