/** The part of jstat that the tests use as an oracle; the package has no types. */
declare module 'jstat' {
  interface OneParameter {
    inv(p: number, a: number): number;
    cdf(x: number, a: number): number;
  }
  interface TwoParameters {
    inv(p: number, a: number, b: number): number;
    cdf(x: number, a: number, b: number): number;
    mean(a: number, b: number): number;
  }
  export const jStat: {
    exponential: { inv(p: number, rate: number): number };
    lognormal: TwoParameters;
    /** Scale first, then shape. */
    weibull: TwoParameters;
    normal: TwoParameters;
    beta: TwoParameters;
    studentt: OneParameter;
    chisquare: OneParameter;
    gammaln(x: number): number;
  };
}
