/**
 * Returns the largest whole number from `low` to `high` for which `fits` is true, or undefined. If a number fits, every
 * smaller one must fit too. Tries `high` first, because mostly everything fits.
 */
export function largestThatFits(
  low: number,
  high: number,
  fits: (value: number) => boolean,
): number | undefined {
  if (high < low) return undefined;
  if (fits(high)) return high;
  let known: number | undefined;
  let from = low;
  let to = high - 1;
  while (from <= to) {
    const middle = Math.floor((from + to) / 2);
    if (fits(middle)) {
      known = middle;
      from = middle + 1;
    } else {
      to = middle - 1;
    }
  }
  return known;
}
