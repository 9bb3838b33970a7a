import type { Counter } from '../../shared/runtime/metrics.ts';

/** A counter that keeps what it counted: by the name of the metric, and by `name:value` of its dimension. */
export function aCounter(): Counter & { counted: Record<string, number> } {
  const counted: Record<string, number> = {};
  const add = (name: string, value: number) => {
    counted[name] = (counted[name] ?? 0) + value;
  };
  return {
    counted,
    count: (name, value = 1) => add(name, value),
    countBy(name, by) {
      add(name, 1);
      add(`${name}:${by}`, 1);
    },
    flush() {},
  };
}
