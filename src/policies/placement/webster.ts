import { divideSeats, type Parties } from './divide.ts';

/** A division by the method of Webster (Sainte-Lague). Parties are in name order. */
export interface WebsterDivision {
  readonly seats: number;
  /** Votes of each party; a party with 0 votes gets a seat only when no other may. */
  readonly votes: ArrayLike<number>;
  /** Seats that each party holds already. */
  readonly initial: ArrayLike<number>;
  /** The most new seats of each party; absent: no bound. */
  readonly caps?: ArrayLike<number>;
  /** At equal quotients and seats the last name first instead of the first. */
  readonly descending?: boolean;
}

/**
 * Gives seats one at a time to the party with the largest `votes / (2 * seats + 1)`.
 *
 * @returns the new seats of each party
 *
 * *Order*: quotient, fewer seats, then the order of the parties. *Cost*: see {@link divideSeats}.
 * *Source*: Karmada, webstermethod.
 */
export function webster(division: WebsterDivision): Float64Array {
  const { votes, initial, caps, descending } = division;
  const parties: Parties = {
    count: votes.length,
    priority: (i, given) => votes[i]! / (2 * (initial[i]! + given) + 1),
    cap: (i) => (caps === undefined ? Number.POSITIVE_INFINITY : caps[i]!),
    tie: (a, b, given) =>
      initial[a]! + given[a]! - (initial[b]! + given[b]!) || (descending ? b - a : a - b),
  };
  const given = new Float64Array(votes.length);
  divideSeats(division.seats, parties, given);
  return given;
}

/**
 * Takes seats back one at a time: the seat that {@link webster} would have given last goes first.
 *
 * @param seats at most the sum of `held`
 * @returns the seats that each party gives back
 */
export function websterWithdraw(
  seats: number,
  votes: ArrayLike<number>,
  held: ArrayLike<number>,
): Float64Array {
  const parties: Parties = {
    count: votes.length,
    priority: (i, given) => -votes[i]! / (2 * (held[i]! - given) - 1),
    cap: (i) => held[i]!,
    tie: (a, b, given) => held[b]! - given[b]! - (held[a]! - given[a]!) || b - a,
  };
  const given = new Float64Array(votes.length);
  divideSeats(seats, parties, given);
  return given;
}
