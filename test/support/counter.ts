import type { Counter, MetricName } from '../../shared/runtime/metrics.ts';

/** Keeps what was counted. */
export function aCounter(): Counter & { counted: Partial<Record<MetricName, number>> } {
  const counted: Partial<Record<MetricName, number>> = {};
  return {
    counted,
    count: (name, value = 1) => {
      counted[name] = (counted[name] ?? 0) + value;
    },
    flush: () => {},
  };
}
