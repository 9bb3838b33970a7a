/**
 * The largest whole number from `low` to `high` for which `fits` holds, if what fits at one number fits at every
 * smaller one; undefined if none does. Asks about `high` first: mostly everything fits.
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
