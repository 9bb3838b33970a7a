import type { Counter } from '../../shared/runtime/metrics.ts';

/** A counter that keeps what it counted. */
export function aCounter(): Counter<string> & { counted: Record<string, number> } {
  const counted: Record<string, number> = {};
  return {
    counted,
    count: (name, value = 1) => {
      counted[name] = (counted[name] ?? 0) + value;
    },
    flush: () => {},
  };
}
