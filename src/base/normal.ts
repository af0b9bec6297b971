/** The quantile of the normal law, for draws and for intervals, from log and sqrt alone. */
import { InvariantError } from './errors.ts';

/**
 * Gives the quantile of the standard normal law, z with Phi(z) = u: rational functions of u near the middle and of
 * sqrt(-log(min(u, 1 - u))) in the tails, relative error about 1e-16.
 *
 * @param u a double in (0, 1)
 * @returns z in [-38.5, 8.3] standard deviations: below 1 there is no double closer than 1 - 2^-53
 * @throws InvariantError if u is not in (0, 1)
 *
 * *Source*: M. Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477-484.
 */
export function normalQuantile(u: number): number {
  // Not assert(): its message would be built on every call.
  if (!(u > 0 && u < 1)) {
    throw new InvariantError(`a uniform draw must be in (0, 1), got ${u}`);
  }
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(MIDDLE_OVER, r)) / polynomial(MIDDLE_UNDER, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? u : 1 - u));
  const z =
    r <= 5
      ? polynomial(TAIL_OVER, r - 1.6) / polynomial(TAIL_UNDER, r - 1.6)
      : polynomial(FAR_OVER, r - 5) / polynomial(FAR_UNDER, r - 5);
  return q < 0 ? -z : z;
}

/** Coefficients a, b (|u - 0.5| <= 0.425), c, d (r <= 5) and e, f (beyond) of AS 241, constant term first. */
const MIDDLE_OVER = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
  67265.7709270087, 33430.57558358813, 2509.0809287301227,
];
const MIDDLE_UNDER = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
  28729.085735721943, 5226.495278852854,
];
const TAIL_OVER = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
];
const TAIL_UNDER = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008,
  0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_OVER = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487,
  0.026532189526576124, 0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
];
const FAR_UNDER = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
  0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
];

/** Horner's scheme for eight coefficients, constant term first. */
function polynomial(c: readonly number[], x: number): number {
  return (
    ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0]
  );
}
